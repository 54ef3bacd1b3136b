"""Where the right answers come from: `solutions/` beside this package, or the published examples.

A clone has both; a learner's wheel has the published examples only. This is the one module that knows
where `solutions` are, and it loads them by path, so that no other `solutions` can take their place.
"""

import base64
import functools
import hashlib
import importlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.asking import Answer, Call, ask
from autograder.exercise import (
    PUBLIC_SEEDS,
    AuthorError,
    Check,
    Exercise,
    Misconception,
    Puzzle,
    Quiz,
    exercises_of,
    misconceptions_of,
)
from autograder.judge import KnownMistake
from autograder.wire import Unreadable, canonical, decode, encode

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"
EXERCISES = Path(__file__).resolve().parent / "exercises"
PUBLISHED = Path(__file__).resolve().parent / "published"


def stems() -> list[str]:
    """The lessons that have exercises, by stem."""
    return sorted(path.stem for path in EXERCISES.glob("[!_]*.py"))


@functools.cache
def exercises(stem: str) -> dict[str, Exercise]:
    """The exercises of one lesson."""
    return exercises_of(importlib.import_module(f"autograder.exercises.{stem}"))


def find_exercise(name: str) -> tuple[str, Exercise] | None:
    """The lesson's stem and the exercise of that name, or None."""
    written = f'"{name}"'
    for stem in stems():
        if written in (EXERCISES / f"{stem}.py").read_text("utf-8") and name in exercises(stem):
            return stem, exercises(stem)[name]
    return None


@functools.cache
def _solutions_package() -> str:
    name = "spotlight_solutions"
    spec = importlib.util.spec_from_file_location(
        name, SOLUTIONS / "__init__.py", submodule_search_locations=[str(SOLUTIONS)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    if (SOLUTIONS / "__init__.py").exists():
        spec.loader.exec_module(package)
    return name


def have_solutions() -> bool:
    """Is this the instructor's side?"""
    return SOLUTIONS.is_dir()


def exercises_path(stem: str) -> Path:
    """The file with a lesson's exercises."""
    return EXERCISES / f"{stem}.py"


def solution_path(stem: str) -> Path:
    """The file with a lesson's reference answers."""
    return SOLUTIONS / f"{stem}.py"


def misconceptions_path(stem: str) -> Path:
    """The file with a lesson's known wrong answers."""
    return SOLUTIONS / "misconceptions" / f"{stem}.py"


def load_solutions(stem: str) -> ModuleType:
    """The module with a lesson's reference answers."""
    return importlib.import_module(f"{_solutions_package()}.{stem}")


@functools.cache
def load_misconceptions(stem: str) -> dict[str, list[Misconception]]:
    """The misconceptions of a lesson, by exercise."""
    module = importlib.import_module(f"{_solutions_package()}.misconceptions.{stem}")
    found: dict[str, list[Misconception]] = {}
    for mistake in misconceptions_of(module):
        found.setdefault(mistake.exercise, []).append(mistake)
    return found


class LiveKey:
    """Asks the reference and the misconceptions themselves.

    Args:
        seeds: check name -> the seeds to ask with.
    """

    def __init__(self, stem: str, exercise: Exercise, seeds: Mapping[str, list[int]]) -> None:
        self._stem, self._exercise, self._seeds = stem, exercise, seeds
        self._asked: dict[str, list[Answer]] = {}

    def reference(self, check: Check) -> list[Answer]:
        if check.name not in self._asked:
            code = getattr(load_solutions(self._stem), self._exercise.name)
            self._asked[check.name] = self._ask(check, code)
        return self._asked[check.name]

    @functools.cached_property
    def _known(self) -> list[KnownMistake]:
        return [
            KnownMistake(
                mistake.name,
                mistake.says,
                mistake.produces_nan,
                {
                    check.name: [
                        Unreadable("an error") if answer.failure else answer.value
                        for answer in self._ask(check, mistake.code)
                    ]
                    for check in self._exercise.checks
                },
            )
            for mistake in load_misconceptions(self._stem).get(self._exercise.name, [])
        ]

    def mistakes(self) -> list[KnownMistake]:
        return [] if isinstance(self._exercise, (Quiz, Puzzle)) else self._known

    def _ask(self, check: Check, code: Any) -> list[Answer]:
        return [ask(self._exercise, check, code, seed) for seed in self._seeds[check.name]]


def public_seeds(exercise: Exercise) -> dict[str, list[int]]:
    """check name -> the seeds that `check` uses in the notebook."""
    return {
        check.name: [check.public_seed(number) for number in range(PUBLIC_SEEDS)] for check in exercise.checks
    }


class PublishedKey:
    """Reads what the build wrote down: both sides' answers to the public seeds."""

    def __init__(self, exercise: Exercise, record: dict[str, Any]) -> None:
        self._exercise, self._record = exercise, record

    def reference(self, check: Check) -> list[Answer]:
        answers = []
        for example in self._record["checks"][check.name]:
            results = [_unpack(result) for result in example["results"]]
            value = _unpack(example["value"]) if "value" in example else results[0]
            is_array = example.get("is_array", False)
            answers.append(Answer(value, calls=[Call({}, result, is_array=is_array) for result in results]))
        return answers

    def mistakes(self) -> list[KnownMistake]:
        return [
            KnownMistake(
                mistake["name"],
                mistake["says"],
                mistake["produces_nan"],
                {check: [_unpack(value) for value in values] for check, values in mistake["answers"].items()},
            )
            for mistake in self._record["mistakes"]
        ]

    def same_inputs(self, check: Check, answers: list[Answer]) -> bool:
        """Did this machine's NumPy draw the inputs that the examples were made with?"""
        return all(
            example["inputs"] == inputs_hash(answer)
            for example, answer in zip(self._record["checks"][check.name], answers, strict=True)
            if answer.calls
        )


def key_for(
    stem: str, exercise: Exercise, seeds: Mapping[str, list[int]] | None = None
) -> LiveKey | PublishedKey:
    """The key for some seeds (the public ones if none are given).

    From `solutions/` where they are, else from the published examples, which know the public seeds only.

    Raises:
        FileNotFoundError: neither is here.
    """
    if have_solutions():
        return LiveKey(stem, exercise, seeds) if seeds else _public_key(stem, exercise)
    assert seeds is None or seeds == public_seeds(exercise)
    return PublishedKey(exercise, _published(stem)[exercise.name])


@functools.cache
def _public_key(stem: str, exercise: Exercise) -> LiveKey:
    """Kept: the next try, or the next submission, asks the same; all misconceptions may take 80 ms."""
    return LiveKey(stem, exercise, public_seeds(exercise))


@functools.cache
def _published(stem: str) -> dict[str, Any]:
    path = PUBLISHED / f"{stem}.json"
    if not path.exists():
        raise FileNotFoundError(
            f"the examples for lesson {stem} are missing ({path}); install Spotlight again"
        )
    return json.loads(path.read_text("utf-8"))


def publish(stem: str) -> str:
    """The published examples of a lesson, as JSON text: answers and messages, no code.

    Raises:
        AuthorError: a reference fails.
    """
    lesson = {}
    for exercise in exercises(stem).values():
        key = LiveKey(stem, exercise, public_seeds(exercise))
        for check in exercise.checks:
            for answer in key.reference(check):
                if answer.failure is not None:
                    raise AuthorError(
                        f"the reference of {exercise.name} fails check {check.name}: {answer.failure}"
                    )
        lesson[exercise.name] = {
            "checks": {
                check.name: [_example(answer) for answer in key.reference(check)] for check in exercise.checks
            },
            "mistakes": [
                {
                    "name": mistake.name,
                    "says": mistake.says,
                    "produces_nan": mistake.produces_nan,
                    "answers": {check: list(map(_pack, values)) for check, values in mistake.answers.items()},
                }
                for mistake in key.mistakes()
            ],
        }
    return json.dumps(lesson, indent=1, sort_keys=True) + "\n"


def _example(answer: Answer) -> dict[str, Any]:
    results = [_pack(call.result) for call in answer.calls]
    value = _pack(answer.value)
    example: dict[str, Any] = {"inputs": inputs_hash(answer), "results": results}
    if any(call.is_array for call in answer.calls):
        example["is_array"] = True
    return example if results and value == results[0] else example | {"value": value}


def inputs_hash(answer: Answer) -> str:
    """A fingerprint of the first call's arguments, blind to differences that rounding makes."""
    if not answer.calls:
        return ""
    digest = hashlib.sha256()
    _feed(digest, [canonical(value) for value in answer.calls[0].arguments.values()])
    return digest.hexdigest()[:16]


def _feed(digest: Any, trees: Iterable[Any]) -> None:
    for tree in trees:
        if isinstance(tree, list):
            _feed(digest, tree)
        elif isinstance(tree, np.ndarray):
            rounded = np.round(tree.astype(np.float64), 6) + 0.0 if tree.dtype.kind != "c" else tree
            digest.update(repr(tree.shape).encode() + np.ascontiguousarray(rounded).tobytes())
        else:
            digest.update(repr(tree).encode())


def _pack(tree: Any) -> list[Any]:
    node, buffers = encode(tree)
    return [node, [base64.b64encode(raw).decode() for raw in buffers]]


def _unpack(packed: list[Any]) -> Any:
    node, buffers = packed
    return decode(node, [base64.b64decode(raw) for raw in buffers])


def source_of(stem: str, name: str) -> str:
    """The reference's source text, for `spotlight solution`."""
    return inspect.getsource(getattr(load_solutions(stem), name))
