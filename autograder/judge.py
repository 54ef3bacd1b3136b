"""Right or wrong, how many points, and which misconception.

The notebook's `check` and the grader's examiner both come here, each with the answers it collected and a
`Key`: what the reference and the misconceptions answered to the same questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from autograder.asking import Answer, Failure
from autograder.compare import Difference, first_difference
from autograder.exercise import Check, Exercise, Quiz
from autograder.wire import Tree, Unreadable

RIGHT, WRONG, OUR_FAULT = "right", "wrong", "our_fault"


@dataclass(frozen=True)
class KnownMistake:
    """A misconception as the judge sees it: its answers, and no code."""

    name: str
    says: str
    produces_nan: bool
    answers: Mapping[str, list[Tree]]  # check -> its answer for each seed
    explains: tuple[str, ...] = ()  # once recognised: the checks that it answers as the learner does


class Key(Protocol):
    """The reference's answers to an exercise's checks, seed by seed."""

    def reference(self, check: Check) -> list[Answer]:
        """One answer for each seed of the check."""

    def mistakes(self) -> list[KnownMistake]:
        """The misconceptions' answers, for the same seeds; empty if there are none."""


@dataclass(frozen=True)
class Problem:
    """The first thing wrong with a check's answers.

    Exactly one of `failure`, `difference`, `says` and `changed` speaks: the code failed, its answer
    differs, a quiz or puzzle has its own sentence, or an argument was changed in place.
    """

    seed_number: int
    failure: Failure | None = None
    difference: Difference | None = None
    call_number: int | None = None
    says: str = ""
    unread: bool = False  # a quiz's or puzzle's answer has the wrong form, so nothing was decided about it
    changed: str = ""


@dataclass(frozen=True)
class CheckResult:
    check: Check
    outcome: str
    problem: Problem | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of one exercise."""

    exercise: Exercise
    results: tuple[CheckResult, ...]
    misconception: KnownMistake | None = None
    mend_first: str | None = None  # another exercise that this one calls and that failed

    @property
    def score(self) -> float | None:
        """Points earned; None where a check could not be decided for a reason of ours."""
        if any(result.outcome == OUR_FAULT for result in self.results):
            return None
        if self.results[0].outcome != RIGHT:
            return 0.0
        right = sum(result.outcome == RIGHT for result in self.results)
        return round(self.exercise.points * right / len(self.results), 4)

    @property
    def passed(self) -> bool:
        return all(result.outcome == RIGHT for result in self.results)

    @property
    def first_problem(self) -> CheckResult | None:
        return next((result for result in self.results if result.problem is not None), None)


def judge(exercise: Exercise, answers: Mapping[str, list[Answer]], key: Key) -> Verdict:
    """Decide about one exercise.

    Args:
        answers: check name -> one answer for each seed, in the order of the key's.
    """
    results = tuple(_decide(exercise, check, answers[check.name], key) for check in exercise.checks)
    wrong = [result.check for result in results if result.outcome == WRONG]
    return Verdict(exercise, results, _recognise(exercise, answers, wrong, key) if wrong else None)


def _decide(exercise: Exercise, check: Check, answers: list[Answer], key: Key) -> CheckResult:
    reference = key.reference(check)
    if any(answer.failure for answer in reference):
        return CheckResult(check, OUR_FAULT)
    for number, (yours, expected) in enumerate(zip(answers, reference, strict=True)):
        try:
            problem = _problem(exercise, check, number, yours, expected)
        except _CannotDecide:
            return CheckResult(check, OUR_FAULT)
        if problem is not None:
            return CheckResult(check, WRONG, problem)
    return CheckResult(check, RIGHT)


class _CannotDecide(Exception):
    """A puzzle's `accepts` raised."""


def _problem(
    exercise: Exercise, check: Check, number: int, yours: Answer, expected: Answer
) -> Problem | None:
    if yours.failure is not None:
        return Problem(number, failure=yours.failure)
    if isinstance(exercise, Quiz):
        return _quiz_problem(exercise, number, yours.value, expected.value)
    if check.accepts is not None:
        return _puzzle_problem(check, number, yours.value, expected.value)
    difference = first_difference(yours.value, expected.value)
    if difference is not None:
        text = isinstance(difference.expected, str)  # a module's parameters: no call explains them
        call = None if text else _first_differing_call(yours, expected)
        if call and yours.changed:  # a later call was given what an earlier one had changed
            return Problem(number, changed=yours.changed[0])
        if call is not None:
            difference = first_difference(yours.calls[call].result, expected.calls[call].result) or difference
        return Problem(number, difference=difference, call_number=call)
    if yours.changed:
        return Problem(number, changed=yours.changed[0])
    return None


def _first_differing_call(yours: Answer, expected: Answer) -> int | None:
    for number, (mine, theirs) in enumerate(zip(yours.calls, expected.calls, strict=False)):
        # A function or module that was returned says nothing by itself; the check asked it further.
        if (
            not isinstance(theirs.result, Unreadable)
            and first_difference(mine.result, theirs.result) is not None
        ):
            return number
    return None


def _quiz_problem(quiz: Quiz, number: int, yours: Tree, expected: Tree) -> Problem | None:
    letter = yours.strip(" ().:").lower() if isinstance(yours, str) else yours
    if isinstance(letter, str) and letter == expected:
        return None
    if isinstance(letter, str) and letter in quiz.options:
        return Problem(number, says=quiz.options[letter])
    letters = ", ".join(f'"{option}"' for option in quiz.options)
    return Problem(number, says=f"The answer is one letter in quotes: {letters}.", unread=True)


def _puzzle_problem(check: Check, number: int, yours: Tree, expected: Tree) -> Problem | None:
    if (
        not isinstance(yours, np.ndarray)
        or yours.shape != np.shape(expected)
        or yours.dtype.kind not in "iuf"
    ):
        return Problem(number, says=_in_words(np.shape(expected)), unread=True)
    if not np.isfinite(yours).all():
        return Problem(number, says="Every number must be finite.")
    assert check.accepts is not None
    try:
        with np.errstate(all="ignore"):
            says = check.accepts(yours.astype(np.float64), np.random.RandomState(0))
    except Exception as error:
        raise _CannotDecide from error
    return None if says is None else Problem(number, says=says)


def _in_words(shape: tuple[int, ...]) -> str:
    """What a puzzle's answer must look like; never an example that would be one."""
    if shape == ():
        return "The answer is one number, without quotes."
    if len(shape) == 1:
        return f"The answer is one list of {shape[0]} numbers, without quotes and without a list inside."
    return f"The answer is an array of numbers of shape {shape}."


def _recognise(
    exercise: Exercise, answers: Mapping[str, list[Answer]], wrong: list[Check], key: Key
) -> KnownMistake | None:
    """The one misconception that explains the answers, or None.

    It alone must equal the learner on every seed of a failed check, and the learner must fail wherever it
    fails; naming on any looser match tells learners things that are not so.
    """
    answered = [check for check in wrong if not any(answer.failure for answer in answers[check.name])]
    if not answered:  # an exception equals no misconception: there is no need to ask them
        return None
    found = []
    for mistake in key.mistakes():
        fails = [check for check in exercise.checks if _fails(mistake, check, key)]
        alike = [check for check in fails if _equals(mistake, answers[check.name], check)]
        if alike and all(check in wrong for check in fails):
            recognised = replace(mistake, explains=tuple(check.name for check in alike))
            found.append((recognised, alike == wrong))
    if len(found) > 1:  # several are alike somewhere: one may explain every failed check
        found = [(mistake, everywhere) for mistake, everywhere in found if everywhere]
    return found[0][0] if len(found) == 1 else None


def _fails(mistake: KnownMistake, check: Check, key: Key) -> bool:
    pairs = zip(mistake.answers[check.name], key.reference(check), strict=True)
    return any(first_difference(his, right.value) is not None for his, right in pairs)


def _equals(mistake: KnownMistake, answers: list[Answer], check: Check) -> bool:
    return all(
        mine.failure is None
        and (mistake.produces_nan or _finite(mine.value))
        and first_difference(mine.value, his) is None
        for mine, his in zip(answers, mistake.answers[check.name], strict=True)
    )


def _finite(tree: Tree) -> bool:
    if isinstance(tree, list):
        return all(map(_finite, tree))
    if isinstance(tree, dict):
        return all(map(_finite, tree.values()))
    return not isinstance(tree, np.ndarray) or bool(np.isfinite(tree).all())
