"""What a learner reads: what was asked, the first call that differs, both answers, and one next step."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.asking import Answer, Call, Failure
from autograder.call_code import MOST_NUMBERS, WIDTH, call_code, shapes_of
from autograder.compare import Difference
from autograder.exercise import PARAMETERS, Exercise, Puzzle, Quiz
from autograder.judge import RIGHT, CheckResult, Problem, Verdict
from autograder.wire import Tree


@dataclass(frozen=True)
class Message:
    """The parts of one message; empty parts are left out. `pair` holds two matrices worth a picture."""

    headline: str
    asks: str = ""
    call: str = ""
    shapes: str = ""  # of the call's arguments, to stand for a call too long to read
    yours: str = ""
    expected: str = ""
    note: str = ""
    next_step: str = ""
    pair: tuple[np.ndarray, np.ndarray] | None = None
    passed: bool = False
    judged: bool = True  # False: nothing was compared (not started, not defined, cannot be checked)

    def as_text(self) -> str:
        if self.passed:
            return "\n".join([f"✓ {self.headline}", *([f"  {self.note}"] if self.note else [])])
        lines = [f"✗ {self.headline}"]
        lines += [f"  {self.asks}", ""] if self.asks else []
        lines += _indented(self.call)
        if self.yours:
            lines += _labelled("yours", self.yours) + _labelled("expected", self.expected)
        lines += _indented(self.note)
        lines += ["", f"  → {self.next_step}"] if self.next_step else []
        return "\n".join(lines)


def explain(
    verdict: Verdict, answers: dict[str, list[Answer]], reference: dict[str, list[Answer]]
) -> Message:
    """Say what became of an exercise.

    Args:
        answers: the learner's, by check; where they hold no arguments (they came from the sandbox), the
            arguments are taken from `reference`.
    """
    exercise, total = verdict.exercise, len(verdict.results)
    bad = verdict.first_problem
    if bad is None and not verdict.passed:
        return Message(
            f"{exercise.name}: cannot be checked here",
            note="The course's own answer failed on this machine; yours may be right.",
            next_step="Install the versions that came with the course (requirements.txt) and try again.",
            judged=False,
        )
    if bad is None:
        what = f"all {total} checks pass" if total > 1 else "right"
        note = _after_passing(exercise, answers, reference)
        return Message(f"{exercise.name}: {what} · {_points(exercise.points)}", note=note, passed=True)
    assert bad.problem is not None
    if verdict.misconception is not None and bad.check.name not in verdict.misconception.explains:
        verdict = replace(verdict, misconception=None)  # it explains another check than the one shown
    if bad.problem.failure is not None and bad.problem.failure.kind in _UNREADY:
        return replace(
            _unready(exercise, bad.problem.failure), judged=bad.problem.failure.kind == "forbidden"
        )
    open_checks = sum(result.outcome != "right" for result in verdict.results)
    headline = f"{bad.check.title} · {exercise.name}"
    if isinstance(exercise, Quiz):
        headline = f"{exercise.name}: not right yet"
    elif total > 1:
        headline += f": {open_checks} of {total} checks to go"
    if not bad.problem.says:  # a quiz or a puzzle speaks for itself
        return _explain_problem(verdict, bad, bad.problem, headline, answers, reference)
    asks = bad.check.asks if bad.check.accepts else ""
    next_step = "" if bad.problem.unread else bad.check.next_step
    return Message(headline, asks, note=bad.problem.says, next_step=next_step)


def _after_passing(
    exercise: Exercise, answers: dict[str, list[Answer]], reference: dict[str, list[Answer]]
) -> str:
    """A word to a right answer: why a quiz's letter is right, or that a list will not do later on."""
    if isinstance(exercise, Quiz):
        right = [each.value for own in reference.values() for each in own]
        return exercise.options[right[0]] if right else ""
    if not any(call.is_array for own in reference.values() for each in own for call in each.calls):
        return ""
    lists = [call for own in answers.values() for each in own for call in each.calls if call.is_list]
    if any(call.is_one_of_several for call in lists):
        return "The numbers are right, but in a Python list. Make each value that you return an array: np.array(...)."
    if lists:
        return "The numbers are right, in a Python list. Cells below need an array: return np.array(...)."
    return ""


def _explain_problem(
    verdict: Verdict,
    bad: CheckResult,
    problem: Problem,
    headline: str,
    answers: dict[str, list[Answer]],
    reference: dict[str, list[Answer]],
) -> Message:
    name = bad.check.name
    mine = answers[name][problem.seed_number]
    theirs = reference[name][problem.seed_number] if name in reference else Answer()
    number = problem.call_number or 0
    if problem.failure is not None:
        number = max(len(mine.calls) - 1, 0)
    asked = _call_with_arguments(mine, theirs, number)
    call = call_code(verdict.exercise.name, asked, name, problem.seed_number, number)
    yours = expected = note = ""
    pair = None
    if problem.failure is not None:
        note = _failure_text(problem.failure)
    elif problem.changed:
        note = f"Your code changed its argument `{problem.changed}` in place; whoever called it loses the original."
    elif problem.difference is not None:
        difference = problem.difference
        yours, expected = _printed(difference.yours), _printed(difference.expected)
        if not yours or not expected:  # one of them is too large to print
            yours = expected = ""
        note = difference.says
        if verdict.misconception is not None and _nothing(difference):  # it knows why
            note = "Your code returned None."
        if isinstance(difference.yours, str) and str(difference.expected).startswith(PARAMETERS):
            call, note = (
                "",
                "Your module's parameters have other names or shapes. Keep `__init__` as the cell gave it.",
            )
        elif note == "Some values differ." and difference.index == ():
            note = ""
        elif difference.index is not None:
            at = f"[{', '.join(map(str, difference.index))}]"
            where = f" of returned value {difference.place[0]}" if difference.place else ""
            note = (
                f"first difference at {at}{where}"
                if note == "Some values differ."
                else f"{note} First at {at}{where}"
            )
            if not yours or yours == expected:  # not printed, or alike as printed
                a, b = difference.yours[difference.index], difference.expected[difference.index]
                digits = 8 if yours else 4
                note += f": yours {_number(a, digits)}, expected {_number(b, digits)}"
                if yours and difference.yours.dtype == np.float32:
                    note += ". Yours is float32, which keeps about 7 digits."
        pair = _pair(difference.yours, difference.expected)
    shapes = shapes_of(asked) if asked else ""
    next_step = _other_order(mine, theirs) or _next_step(verdict, bad, asked)
    return Message(headline, bad.check.asks, call, shapes, yours, expected, note, next_step, pair)


def _other_order(mine: Answer, theirs: Answer) -> str:
    """What to do if the learner's parameters have the cell's names in another order, else ""."""
    if not (mine.calls and theirs.calls):
        return ""
    own, given = list(mine.calls[0].arguments), list(theirs.calls[0].arguments)
    if own == given or sorted(own) != sorted(given):
        return ""
    return f"Your parameters come in the order {', '.join(own)}. Keep the cell's order: {', '.join(given)}."


def _next_step(verdict: Verdict, bad: CheckResult, asked: Call | None) -> str:
    if verdict.mend_first:
        return f"First mend `{verdict.mend_first}`, which `{verdict.exercise.name}` calls."
    if bad.problem is not None and bad.problem.changed:
        name = bad.problem.changed
        is_tensor = asked is not None and hasattr(asked.arguments.get(name), "detach")
        return (
            f"Operators like `-=` and `/=` write into it, and so does `{name}[…] = …`. Write `{name} = {name} - …`, "
            f"or work on a copy: begin with `{name} = {name}.{'clone' if is_tensor else 'copy'}()`."
        )
    if bad.problem is not None and bad.problem.failure is not None:
        return _after_failure(bad.problem.failure, bad.check.next_step)
    if bad.problem is not None and bad.problem.difference and "rounded" in bad.problem.difference.says:
        return "Round when you print, not in what you return."
    returns = any(result.outcome == RIGHT for result in verdict.results) or verdict.misconception is not None
    if (
        bad.problem is not None
        and bad.problem.difference
        and _nothing(bad.problem.difference)
        and not returns
    ):
        return "End with `return` and the result: `print` shows a value, but hands nothing back."
    if verdict.misconception is None:
        return bad.check.next_step
    if "Open the hint" in verdict.misconception.says:  # it knows a better one than the check's
        return verdict.misconception.says
    hint = re.search(r'Open the hint "[^"]+"\.', bad.check.next_step)
    return f"{verdict.misconception.says} {hint.group()}" if hint else verdict.misconception.says


def _nothing(difference: Difference) -> bool:
    """Was there no answer at all (rather than None among several values)?"""
    return difference.yours is None and not difference.place


_UNREADY = ("missing", "not_started", "not_callable", "forbidden")


def _unready(exercise: Exercise, failure: Failure) -> Message:
    name = exercise.name
    if isinstance(exercise, (Quiz, Puzzle)) and failure.kind in ("missing", "not_started"):
        return Message(
            f"{name}: not answered yet",
            next_step=f"In the cell above, replace the line `raise NotImplementedError(...)` by `{name} = ` and "
            "your answer, run it, then this one again.",
        )
    if failure.kind == "missing":
        if failure.where:
            return Message(
                f"there is no `{name}` yet",
                note=f"You have `{failure.where}`, though. Exercises are found by their name.",
                next_step=f"Rename `{failure.where}` to `{name}`, run its cell, then this one again.",
            )
        return Message(
            f"there is no `{name}` yet",
            next_step=f"Run the cell that defines `{name}` (the one above), then this one again. If that cell showed "
            "an error, mend it first.",
        )
    if failure.kind == "not_callable":
        return Message(
            f"`{name}` is {_a(failure.type_name)} here, not a function",
            next_step=f"Something gave the name `{name}` to a value. Run the cell that defines it again.",
        )
    if failure.kind == "forbidden":
        return Message(
            f"`{name}` uses torch's own {failure.type_name}",
            note="Writing that operation is the exercise.",
            next_step="Build it from exp, sum, max, @ and the like.",
        )
    if failure.where not in ("", name, "forward", "<module>", "__init__"):
        return Message(
            f"{name}: not started yet",
            note=f"It calls `{failure.where}`, which is not written yet.",
            next_step=f"First write `{failure.where}`, then come back.",
        )
    return Message(
        f"{name}: not started yet",
        next_step="Replace the line `raise NotImplementedError(...)` by your answer, run that cell, "
        "then this one again.",
    )


def _failure_text(failure: Failure) -> str:
    if failure.kind == "time":
        return f"No answer within {failure.message}. Is there a loop that does not end?"
    if failure.kind == "died":
        return f"The Python process ended while your code ran ({failure.message})."
    cause = f"{failure.type_name}: {failure.message}" if failure.message else failure.type_name
    return f"line {failure.line_number} of your code:  {failure.line}\n{cause}" if failure.line else cause


_ABOUT_AXES = ("axes don't match", "subscripts", "too many indices")
_ABOUT_UNPACKING = ("not enough values to unpack", "too many values to unpack")


def _after_failure(failure: Failure, otherwise: str) -> str:
    if failure.kind == "time":
        return "Look at the loops: does each of them end for this input?"
    if failure.kind == "died":
        return "Does your code call exit, or need a lot of memory? Run the call above in a cell of its own."
    if failure.type_name == "RecursionError":
        return "Your function calls itself without end."
    if not failure.line and failure.type_name == "TypeError":
        return "Keep the parameters as the cell gave them: their names, order and defaults."
    if "truth value of an array" in failure.message or "Boolean value of Tensor" in failure.message:
        return (
            "An array holds many true or false values, and `if` needs one: "
            f"ask `is None`, `.any()` or `.all()`. {otherwise}"
        )
    if "converted to Python scalar" in failure.message:
        return (
            f"`math` and `float` take one number. NumPy's functions take arrays, such as np.tanh. {otherwise}"
        )
    if _is_about_axes(failure):
        return f"Your code counts on another number of axes. Count axes from the end: -1, -2. {otherwise}"
    if "is not subscriptable" in failure.message:
        return f"What stands before the [ holds nothing to pick from. {otherwise}"
    if failure.type_name in ("ValueError", "IndexError"):
        return f"Run the call above in a cell of its own, and print shapes just before that line. {otherwise}"
    if failure.type_name == "NameError":
        return "Define that name before you use it, or mend its spelling."
    return f"Run the call above in a cell of its own to see it. {otherwise}"


def _is_about_axes(failure: Failure) -> bool:
    if any(word in failure.message for word in _ABOUT_UNPACKING):
        return "shape" in failure.line or ".size(" in failure.line  # else a tuple or list of something
    return failure.type_name == "AxisError" or any(word in failure.message for word in _ABOUT_AXES)


def _call_with_arguments(mine: Answer, theirs: Answer, number: int) -> Call | None:
    for answer in (mine, theirs):
        if number < len(answer.calls) and answer.calls[number].arguments:
            return answer.calls[number]
    return None


def _printed(tree: Tree) -> str:
    if isinstance(tree, np.ndarray):
        if tree.size > MOST_NUMBERS:
            return ""
        return np.array2string(
            tree,
            precision=3,
            suppress_small=bool(_tame(tree)),
            separator=", ",
            threshold=1000,
            max_line_width=WIDTH,
        )
    if tree is None or isinstance(tree, str):
        return repr(tree)
    if isinstance(tree, list):
        return ", ".join(_printed(item).replace("\n", "") for item in tree[:6])[:400]
    if isinstance(tree, dict):
        return ", ".join(f"{key}: {_printed(item)}" for key, item in list(tree.items())[:6])[:400]
    return tree.what


def _tame(array: np.ndarray) -> bool:
    """Can the numbers be printed without exponents?"""
    finite = np.abs(array[np.isfinite(array)]) if array.dtype.kind == "f" else np.zeros(1)
    return not finite.size or finite.max() == 0 or finite.max() >= 5e-3


def _number(value: Any, digits: int = 4) -> str:
    return f"{value:.{digits}g}" if np.asarray(value).dtype.kind in "fiu" else str(value)


def _pair(yours: Tree, expected: Tree) -> tuple[np.ndarray, np.ndarray] | None:
    """Two matrices small enough to look at, or None."""
    if not (isinstance(yours, np.ndarray) and isinstance(expected, np.ndarray)):
        return None
    if yours.dtype.kind not in "biuf" or not 1 <= expected.ndim <= 3 or expected.size < 2:
        return None
    if yours.ndim not in (1, 2, 3) or max(yours.size, expected.size) > 160:
        return None
    return yours, expected


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def _points(points: float) -> str:
    return f"{points:g} point" if points == 1 else f"{points:g} points"


def _indented(text: str) -> list[str]:
    return ["    " + line for line in text.split("\n")] if text else []


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = text.split("\n")
    return [f"    {label:<9} {first}"] + [" " * 14 + line for line in rest]
