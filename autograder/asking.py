"""Put a check's question to some code, and keep what came back.

The same `ask` runs in the learner's notebook, in the grader's sandbox, and for the reference.
"""

import inspect
import linecache
import os
import sys
import sysconfig
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.exercise import Check, Exercise, Puzzle, Quiz
from autograder.wire import Tree, canonical

HERE = Path(__file__).resolve().parent
OURS = (f"{HERE}{os.sep}", f"{HERE.parent / 'course' / 'spotlight'}{os.sep}")
# What torch itself turns some operations into: here the forbidden word is not in the name.
PARTS = {
    "softmax": ("scaled_dot_product",),
    "scaled_dot_product_attention": ("scaled_dot_product", "_safe_softmax"),
}
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})

Asked = tuple[str, str, int]  # exercise, check, seed: one question to the process that runs a submission


@dataclass(frozen=True)
class Failure:
    """Why there is no value.

    `kind`: "error" (the code raised), "not_started" (the stub is still there), "missing" (no such name),
    "not_callable", "forbidden" (an operation that the exercise rules out), "time" or "died".
    `where` is the name of the function that raised, `line` the learner's own line.
    """

    kind: str
    type_name: str = ""
    message: str = ""
    where: str = ""
    line_number: int = 0
    line: str = ""


@dataclass
class Call:
    """One call of the learner's code: the arguments as they were before it, and what it returned.

    `keywords`: which of the arguments were given by name. Of a class's `forward`, `made` is the module and
    `made_with` the arguments it was made with.
    """

    arguments: dict[str, Any]
    result: Tree = None
    keywords: tuple[str, ...] = ()
    made: Any = None
    made_with: dict[str, Any] = field(default_factory=dict)
    is_list: bool = False  # the result, or one of several, is a Python list where an array could be
    is_one_of_several: bool = False  # that list stands among several returned values
    is_array: bool = False  # the result, or one of several, is an array


@dataclass
class Answer:
    """What came back from one check with one seed."""

    value: Tree = None
    failure: Failure | None = None
    calls: list[Call] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # names of arguments that the code changed in place


def ask(exercise: Exercise, check: Check, code: Any, seed: int) -> Answer:
    """Ask one check's question.

    Args:
        code: the function or class, or for a quiz or puzzle the value.
        seed: of the inputs; equal seeds draw equal inputs on every machine.
    """
    if isinstance(exercise, (Quiz, Puzzle)):
        return Answer(canonical(code))
    if not callable(code):
        return Answer(failure=Failure("not_callable", type(code).__name__))
    torch_was_there = "torch" in sys.modules
    answer = _ask_once(exercise, check, code, seed)
    if exercise.forbidden and not torch_was_there and "torch" in sys.modules:
        answer = _ask_once(exercise, check, code, seed)  # now the forbidden operations can be seen
    return answer


def _ask_once(exercise: Exercise, check: Check, code: Any, seed: int) -> Answer:
    answer = Answer()
    watch = _watch_for(exercise.forbidden)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with watch or nullcontext():
                value = check.question(_recorded(code, answer), np.random.RandomState(seed))
            answer.value = canonical(value)
        except (Exception, SystemExit) as error:
            answer.failure = failure_of(error)
    if watch is not None and watch.seen:
        answer.failure = Failure("forbidden", watch.seen[0])
    return answer


def failure_of(error: BaseException) -> Failure:
    """A learner's exception as their own line and the cause."""
    frames = []
    step = error.__traceback__
    while step is not None:
        frames.append((step.tb_frame.f_code, step.tb_lineno))
        step = step.tb_next
    own = [(code, line) for code, line in frames if not code.co_filename.startswith((*OURS, *LIBRARIES))]
    last_is_own = bool(frames) and bool(own) and frames[-1] == own[-1]
    kind = "not_started" if isinstance(error, NotImplementedError) and last_is_own else "error"
    try:
        message = str(error)[:2000]
    except Exception:
        message = ""
    if not own:
        return Failure(kind, type(error).__name__, message)
    code, number = own[-1]
    line = linecache.getline(code.co_filename, number).strip()[:200]
    return Failure(kind, type(error).__name__, message, code.co_name, number, line)


def _recorded(code: Any, answer: Answer) -> Callable[..., Any]:
    """The learner's function or class; each call is written down in `answer`."""

    def call_and_record(
        call: Callable[..., Any],
        names: list[str],
        args: tuple,
        kwargs: dict[str, Any],
        made: Any = None,
        made_with: dict[str, Any] | None = None,
    ) -> Any:
        given = dict(zip(names, args, strict=False)) | kwargs
        before = {name: _copy(value) for name, value in given.items()}
        record = Call(before, keywords=tuple(kwargs), made=made, made_with=made_with or {})
        answer.calls.append(record)
        result = call(*args, **kwargs)
        record.result = canonical(result)
        record.is_list = _holds_a_list(result)
        record.is_one_of_several = record.is_list and isinstance(result, tuple)
        record.is_array = any(
            getattr(part, "ndim", 0) for part in (result if isinstance(result, tuple) else (result,))
        )
        for name, value in given.items():
            if _changed(before[name], value) and name not in answer.changed:
                answer.changed.append(name)
        return result

    if not inspect.isclass(code):
        names = _parameter_names(code)
        return lambda *args, **kwargs: call_and_record(code, names, args, kwargs)

    def build(*args: Any, **kwargs: Any) -> Any:
        module: Any = code(*args, **kwargs)
        forward = getattr(module, "forward", None)
        if callable(forward):
            names = _parameter_names(forward)
            made_with = dict(zip(_parameter_names(code), args, strict=False)) | kwargs
            module.forward = lambda *a, **k: call_and_record(forward, names, a, k, module, made_with)
        return module

    return build


def _parameter_names(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters) + [f"argument {n}" for n in range(1, 20)]
    except (TypeError, ValueError):
        return [f"argument {n}" for n in range(1, 20)]


def _holds_a_list(result: Any) -> bool:
    """Is the result, or one of several returned, a Python list? A list of unlike arrays stands for a tuple."""
    if isinstance(result, tuple):
        return any(isinstance(part, list) for part in result)
    return isinstance(result, list) and len({getattr(part, "shape", ()) for part in result}) <= 1


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in value] if isinstance(value, list) else tuple(map(_copy, value))
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value.detach().clone() if hasattr(value, "detach") else value


def _changed(before: Any, after: Any) -> bool:
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(map(_changed, before, after))
    if isinstance(before, dict):
        return list(before) != list(after) or any(_changed(before[key], after[key]) for key in before)
    if isinstance(before, np.ndarray) or hasattr(before, "detach"):
        old, new = canonical(before), canonical(after)
        if not isinstance(old, np.ndarray) or not isinstance(new, np.ndarray):
            return repr(before) != repr(after)
        if np.array_equal(old, new):
            return False
        if old.shape != new.shape:
            return True
        with np.errstate(all="ignore"):
            return not np.allclose(old, new, 1e-6, 1e-9, equal_nan=True)
    plain = isinstance(before, (bool, int, float, str, type(None)))
    return plain and before is not after and before != after


class _Watch(AbstractContextManager):
    """Sees every torch operation while it is open, whatever it was called through."""

    def __init__(self, forbidden: tuple[str, ...]) -> None:
        from torch.utils._python_dispatch import TorchDispatchMode

        seen: list[str] = []

        class Mode(TorchDispatchMode):
            def __torch_dispatch__(
                self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
            ) -> Any:
                name = operation._schema.name
                seen.extend(
                    word for word in forbidden if any(part in name for part in (word, *PARTS.get(word, ())))
                )
                return operation(*args, **(kwargs or {}))

        self.seen = seen
        self._mode = Mode()

    def __enter__(self) -> "_Watch":
        self._mode.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._mode.__exit__(*error)


def _watch_for(forbidden: tuple[str, ...]) -> _Watch | None:
    return _Watch(forbidden) if forbidden and "torch" in sys.modules else None
