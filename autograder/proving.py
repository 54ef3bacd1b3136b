"""What must be true of answers: the reference passes and cannot be guessed, each misconception is wrong."""

import inspect
from collections import Counter
from collections.abc import Iterator
from typing import Any

from autograder import keys
from autograder.asking import Answer, ask
from autograder.exercise import AuthorError, Exercise, Misconception, Puzzle, Quiz
from autograder.judge import judge
from autograder.lesson import Lesson
from autograder.modules import definitions, place_of
from autograder.wire import encode

GUESSES = 300
MOST_COMMON = 0.05


def _verify_reference(lesson: Lesson, exercise: Exercise) -> None:
    """The reference passes every check."""
    path = keys.solution_path(lesson.stem)
    code = getattr(keys.load_solutions(lesson.stem), exercise.name)
    if isinstance(exercise, Quiz) and str(code) not in exercise.options:
        at = f"{path}:{definitions(path)[exercise.name].lineno}"
        raise AuthorError(f"{at}: `{exercise.name}` is none of the quiz's options: {', '.join(exercise.options)}")
    key = keys.LiveKey(lesson.stem, exercise, keys.public_seeds(exercise))
    answers = {check.name: key.reference(check) for check in exercise.checks}
    for check in exercise.checks:
        for answer in answers[check.name]:
            _answered(answer, f"{place_of(lesson.stem, exercise, check)}: the reference fails check {check.name}")
    for result in judge(exercise, answers, key).results:
        if result.problem is not None:
            at = place_of(lesson.stem, exercise, result.check)
            why = result.problem.says or f"it changes `{result.problem.changed}` in place"
            raise AuthorError(f"{at}: the reference does not pass check {result.check.name}: {why}")


def _answered(answer: Answer, otherwise: str) -> Answer:
    if answer.failure is not None:
        why = answer.failure
        line = why.line or "the check"
        raise AuthorError(f"{otherwise}: {why.type_name or why.kind}: {why.message} (in: {line})")
    return answer


def _verify_unguessable(lesson: Lesson, exercise: Exercise) -> None:
    reference = getattr(keys.load_solutions(lesson.stem), exercise.name)
    for check in exercise.checks:
        at = place_of(lesson.stem, exercise, check)
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


def _verify_misconceptions(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    path = keys.misconceptions_path(lesson.stem)
    definitions(path)  # of two with one name, the first would be lost
    for of, mistakes in _load(keys.load_misconceptions, lesson.stem, path).items():
        exercise = exercises.get(of)
        for mistake in mistakes:
            at = f"{path}:{inspect.getsourcelines(mistake.code)[1]}: misconception {mistake.name}"
            if exercise is None:
                raise AuthorError(f"{at} is of `{of}`, which is no exercise of this lesson")
            if isinstance(exercise, (Quiz, Puzzle)):
                raise AuthorError(f"{at} is of `{of}`, which is asked in another way")
            _verify_misconception(lesson, exercise, mistake, at)


def _verify_misconception(lesson: Lesson, exercise: Exercise, mistake: Misconception, at: str) -> None:
    reference = getattr(keys.load_solutions(lesson.stem), exercise.name)
    own, wanted = list(_signatures(mistake.code)), list(_signatures(reference))
    if own != wanted:
        raise AuthorError(f"{at} has another signature than `{exercise.name}`: {own[-1]}, not {wanted[-1]}")
    seeds = keys.public_seeds(exercise)
    answers = {
        check.name: [
            _answered(ask(exercise, check, mistake.code, seed), f"{at} raises in check {check.name}")
            for seed in seeds[check.name]
        ]
        for check in exercise.checks
    }
    if judge(exercise, answers, keys.LiveKey(lesson.stem, exercise, seeds)).passed:
        raise AuthorError(f"{at} equals the reference in every check")


def _signatures(code: Any) -> Iterator[str]:
    """Parameter names and defaults; of a class, those of its constructor and of `forward`."""
    methods = [code.__init__, code.forward] if hasattr(code, "forward") else [code]
    for one in methods:
        parameters = inspect.signature(one).parameters.values()
        yield "(" + ", ".join(str(p.replace(annotation=p.empty)) for p in parameters) + ")"
