"""`check("softmax")`: ask the learner's code in their own notebook, and say what came of it."""

import ast
import difflib
import inspect
import sys
from dataclasses import replace
from typing import Any

from autograder.asking import Answer, Failure, ask
from autograder.exercise import Exercise, Puzzle, Quiz
from autograder.judge import Verdict, judge
from autograder.keys import PublishedKey, exercises, find_exercise, key_for, public_seeds, stems
from autograder.message import Message, explain
from autograder.panel import Panel
from autograder.prints import few_prints
from spotlight import memory


class CheckFailed(AssertionError):
    """Raised after the panel is shown, so that "Run all" and `nbgrader validate` stop honestly."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this line instead of a traceback
        return [str(self)]


def check(name: str) -> None:
    """Check the exercise `name` that this notebook defines, and show the result.

    Args:
        name: a string, so that "not defined yet" can be said in a sentence.

    Raises:
        CheckFailed: the answer is not right yet, or not started; the panel above it says why.
    """
    namespace, cells = _notebook(sys._getframe(1).f_globals)
    found = find_exercise(name) if isinstance(name, str) else None
    if found is None:
        raise CheckFailed(_unknown(name))
    stem, exercise = found
    source = definition(cells, name)
    try:
        with few_prints():
            verdict, message = check_in(namespace, stem, exercise, source)
    except FileNotFoundError as error:
        raise CheckFailed(str(error)) from None
    _show(Panel(message))
    try:
        memory.remember_attempt(name, verdict.passed, source)
    except OSError as error:
        print(f"This try could not be noted: {error}.")
    if not verdict.passed:
        raise CheckFailed(f"{name}: not right yet" if message.judged else message.headline)


def check_in(
    namespace: dict[str, Any], stem: str, exercise: Exercise, source: str | None
) -> tuple[Verdict, Message]:
    """Ask the code in `namespace` the public questions and judge the answers.

    Args:
        source: the text that defines the exercise, to see what else it calls; None if unknown.
    """
    key = key_for(stem, exercise)
    answers = _answers(exercise, namespace)
    verdict = judge(exercise, answers, key)
    if not verdict.passed and isinstance(key, PublishedKey):
        for one in exercise.checks:
            if not key.same_inputs(one, answers[one.name]):
                return verdict, _other_numbers(exercise)
    if not verdict.passed:
        broken = _failing_parts(namespace, exercise, source)
        verdict = replace(verdict, misconception=None, mend_first=broken) if broken else verdict
    reference = {one.name: key.reference(one) for one in exercise.checks}
    return verdict, explain(verdict, answers, reference)


def example(name: str, check: str, number: int = 0, *, call: int = 0) -> Any:
    """The arguments of a call that a check makes: `softmax(**example("softmax", "…"))`.

    Args:
        name: the exercise.
        check: one of its checks, by name.
        number: which of the public examples, from 0.
        call: which of the calls that the check makes, from 0.

    Returns:
        A dict of arguments. For a class, a pair: the module with the check's weights, and the dict of
        arguments of its `forward`.

    Raises:
        KeyError: no such exercise or check.
    """
    found = find_exercise(name)
    if found is None:
        raise KeyError(_unknown(name))
    _, exercise = found
    wanted = next((one for one in exercise.checks if one.name == check), None)
    if wanted is None:
        raise KeyError(f"{name} has the checks: {', '.join(one.name for one in exercise.checks)}")
    namespace, _ = _notebook(sys._getframe(1).f_globals)
    answer = ask(exercise, wanted, namespace.get(name), wanted.public_seed(number))
    if call >= len(answer.calls):
        raise KeyError(f"{check} calls {name} only {len(answer.calls)} times")
    asked = answer.calls[call]
    return asked.arguments if asked.made is None else (asked.made, asked.arguments)


def _answers(exercise: Exercise, namespace: dict[str, Any]) -> dict[str, list[Answer]]:
    seeds = public_seeds(exercise)
    if exercise.name not in namespace:
        missing = Answer(failure=Failure("missing", where=_nearly(exercise, namespace)))
        return {one.name: [missing] * len(seeds[one.name]) for one in exercise.checks}
    code = namespace[exercise.name]
    return {one.name: [ask(exercise, one, code, seed) for seed in seeds[one.name]] for one in exercise.checks}


def _nearly(exercise: Exercise, namespace: dict[str, Any]) -> str:
    """A function of the learner's whose name is almost the exercise's, or ""."""
    if isinstance(exercise, (Quiz, Puzzle)):
        return ""
    own = [
        name
        for name, value in namespace.items()
        if callable(value)
        and getattr(value, "__module__", None) == "__main__"
        and find_exercise(name) is None
    ]
    return next(iter(difflib.get_close_matches(exercise.name, own, 1, 0.75)), "")


def _failing_parts(namespace: dict[str, Any], exercise: Exercise, source: str | None) -> str | None:
    """An exercise that this one's code calls and that is itself not right."""
    for name in sorted(names_in(source) - {exercise.name}):
        found = find_exercise(name) if name in namespace else None
        if found is None or isinstance(found[1], (Quiz, Puzzle)):
            continue
        stem, part = found
        if not judge(part, _answers(part, namespace), key_for(stem, part)).passed:
            return name
    return None


def names_in(source: str | None) -> set[str]:
    """The names that a piece of source reads; empty if it does not parse."""
    try:
        tree = ast.parse(source or "")
    except (SyntaxError, ValueError, RecursionError):
        return set()
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def definition(cells: list[str], name: str) -> str | None:
    """The text that last defined `name` among the cells that were run, or None."""
    for cell in reversed(cells):
        if name not in cell:
            continue
        try:
            tree = ast.parse(cell)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in reversed(tree.body):
            if name in _defined_by(node):
                lines = cell.split("\n")
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
                return "\n".join(lines[first - 1 : node.end_lineno])
    return None


def _defined_by(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def _notebook(caller: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The namespace to look in, and the cells run so far."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        try:
            main = inspect.getsource(sys.modules["__main__"])
        except (OSError, TypeError):
            main = ""
        return caller, [main]
    return shell.user_ns, [str(cell) for cell in shell.user_ns.get("In", [])]


def _show(panel: Panel) -> None:
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from IPython.display import display

        display(panel)
    else:
        print(panel)


def _unknown(name: Any) -> str:
    if not isinstance(name, str):
        called = getattr(name, "__name__", None)
        hint = f': check("{called}")' if called and find_exercise(called) else ': check("softmax")'
        return f"check takes the exercise's name in quotes{hint}."
    known = [each for stem in stems() for each in exercises(stem)]
    near = difflib.get_close_matches(name, known, 1)
    return f"There is no exercise named {name!r}." + (f' Did you mean check("{near[0]}")?' if near else "")


def _other_numbers(exercise: Exercise) -> Message:
    return Message(
        f"{exercise.name}: cannot be checked here",
        note="This machine's NumPy draws other numbers than the examples were made with; your answer may be right.",
        next_step="Install the versions that came with the course (requirements.txt) and try again.",
        judged=False,
    )
