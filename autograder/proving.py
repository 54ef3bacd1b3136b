"""What must be true of answers: the reference passes and cannot be guessed, each misconception is wrong."""

import inspect
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from autograder import keys
from autograder.asking import Answer, ask
from autograder.exercise import AuthorError, Exercise, Misconception, Puzzle, Quiz
from autograder.judge import judge
from autograder.modules import definitions, loaded, place_of
from autograder.wire import encode

GUESSES = 300
MOST_COMMON = 0.05


def prove_reference(stem: str, exercise: Exercise) -> None:
    """See that the reference passes every check, and that no check can be guessed.

    Raises:
        AuthorError: it is not so.
    """
    path = keys.solution_path(stem)
    code = getattr(keys.load_solutions(stem), exercise.name)
    if isinstance(exercise, Quiz) and str(code) not in exercise.options:
        at = f"{path}:{definitions(path)[exercise.name].lineno}"
        letters = ", ".join(exercise.options)
        raise AuthorError(f"{at}: `{exercise.name}` is none of the quiz's options: {letters}")
    key = keys.LiveKey(stem, exercise, keys.public_seeds(exercise))
    answers = {check.name: key.reference(check) for check in exercise.checks}
    for check in exercise.checks:
        at = place_of(stem, exercise, check)
        for answer in answers[check.name]:
            _answered(answer, f"{at}: the reference fails check {check.name}")
    for result in judge(exercise, answers, key).results:
        if result.problem is not None:
            at = place_of(stem, exercise, result.check)
            why = result.problem.says or f"it changes `{result.problem.changed}` in place"
            raise AuthorError(f"{at}: the reference does not pass check {result.check.name}: {why}")
    if not isinstance(exercise, (Quiz, Puzzle)):
        _prove_unguessable(stem, exercise)


def _answered(answer: Answer, otherwise: str) -> Answer:
    if answer.failure is not None:
        why = answer.failure
        line = why.line or "the check"
        raise AuthorError(f"{otherwise}: {why.type_name or why.kind}: {why.message} (in: {line})")
    return answer


def _prove_unguessable(stem: str, exercise: Exercise) -> None:
    reference = getattr(keys.load_solutions(stem), exercise.name)
    for check in exercise.checks:
        at = place_of(stem, exercise, check)
        answers: Counter[str] = Counter()
        for seed in range(GUESSES):
            answer = _answered(
                ask(exercise, check, reference, seed),
                f"{at}: the reference fails check {check.name} with seed {seed}",
            )
            answers[repr(encode(answer.value))] += 1
        count = max(answers.values())
        if count > MOST_COMMON * GUESSES:
            raise AuthorError(
                f"{at}: check {check.name} can be guessed: one answer is right for {count} of {GUESSES} seeds"
            )


def prove_misconceptions(stem: str, exercises: dict[str, Exercise]) -> None:
    """See that each misconception is of an exercise, can be asked what the reference is asked, and is wrong.

    Raises:
        AuthorError: it is not so.
    """
    path = keys.misconceptions_path(stem)
    definitions(path)  # of two with one name, the first would be lost
    asked: dict[str, keys.LiveKey] = {}  # a key asks the reference and all misconceptions: once is enough
    for of, mistakes in loaded(keys.load_misconceptions, stem, path).items():
        exercise = exercises.get(of)
        for mistake in mistakes:
            at = f"{path}:{inspect.getsourcelines(mistake.code)[1]}: misconception {mistake.name}"
            if exercise is None:
                raise AuthorError(f"{at} is of `{of}`, which is no exercise of this lesson")
            if isinstance(exercise, (Quiz, Puzzle)):
                raise AuthorError(f"{at} is of `{of}`, which is asked in another way")
            key = asked.setdefault(of, keys.LiveKey(stem, exercise, keys.public_seeds(exercise)))
            _prove_misconception(stem, exercise, mistake, at, key)


def _prove_misconception(
    stem: str, exercise: Exercise, mistake: Misconception, at: str, key: keys.LiveKey
) -> None:
    reference = getattr(keys.load_solutions(stem), exercise.name)
    for own, wanted in zip_longest(_signatures(mistake.code), _signatures(reference)):
        if own != wanted:
            raise AuthorError(f"{at} has another signature than `{exercise.name}`: {own}, not {wanted}")
    seeds = keys.public_seeds(exercise)
    answers = {
        check.name: [
            _answered(ask(exercise, check, mistake.code, seed), f"{at} raises in check {check.name}")
            for seed in seeds[check.name]
        ]
        for check in exercise.checks
    }
    if judge(exercise, answers, key).passed:
        raise AuthorError(f"{at} equals the reference in every check")


def _signatures(code: Any) -> Iterator[str]:
    """Parameter names and defaults; of a class, those of its constructor and of `forward`."""
    methods = [code.__init__, code.forward] if hasattr(code, "forward") else [code]
    for one in methods:
        parameters = inspect.signature(one).parameters.values()
        yield "(" + ", ".join(str(p.replace(annotation=p.empty)) for p in parameters) + ")"
