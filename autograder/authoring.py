"""What an author can get wrong outside the text: solutions, misconceptions, exercises.

Every mistake is one sentence with file and line; the build stops at the first.
"""

import builtins
import importlib
import inspect
import re
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder import keys
from autograder.asking import ask
from autograder.exercise import AuthorError, Check, Exercise, Misconception, Puzzle, Quiz, misconceptions_of
from autograder.judge import OUR_FAULT, judge
from autograder.lesson import Lesson
from autograder.wire import encode

GUESSES = 300
MOST_COMMON = 0.05
QUIZ_SHARE = 0.10


def verify(lesson: Lesson) -> dict[str, Exercise]:
    """Check everything that belongs to a lesson, and return its exercises.

    Raises:
        AuthorError: the first mistake.
    """
    exercises = _exercises(lesson)
    solutions = _load(f"{keys._solutions_package()}.{lesson.stem}", keys.SOLUTIONS / f"{lesson.stem}.py")
    _verify_cells(lesson, exercises)
    _verify_points(lesson, exercises)
    for exercise in exercises.values():
        _verify_solution(lesson, exercise, solutions, exercises)
        _verify_hints(lesson, exercise)
        if not isinstance(exercise, (Quiz, Puzzle)):
            _verify_unguessable(exercise, getattr(solutions, exercise.name), _line_of(exercise))
    _verify_misconceptions(lesson, exercises, solutions)
    return exercises


def _load(name: str, path: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            raise AuthorError(f"{path}: there is no such file") from None
        raise AuthorError(f"{path}: {error}") from error
    except AuthorError as error:
        raise AuthorError(f"{_innermost(error, path)}: {error}") from None
    except Exception as error:
        raise AuthorError(f"{_innermost(error, path)}: {type(error).__name__}: {error}") from error


def _innermost(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f"{path}:{frames[-1].lineno if frames else 1}"


def _exercises(lesson: Lesson) -> dict[str, Exercise]:
    path = keys.EXERCISES / f"{lesson.stem}.py"
    _load(f"autograder.exercises.{lesson.stem}", path)
    try:
        exercises = keys.exercises(lesson.stem)
    except AuthorError as error:
        raise AuthorError(_with_line(str(error), path)) from None
    for other in keys.stems():
        if other != lesson.stem:
            for name in keys.exercises(other).keys() & exercises.keys():
                raise AuthorError(
                    f"{_line_of(exercises[name])}: lesson {other} has an exercise named {name} already"
                )
    return exercises


def _with_line(message: str, path: Path) -> str:
    """Put the line into a message about an exercise that is named in it."""
    name = message.split()[-1] if "named" in message else (message.split("exercise ")[-1].split() or [""])[0]
    lines = [n for n, line in enumerate(path.read_text("utf-8").split("\n"), 1) if f'("{name}"' in line]
    return message.replace(f"{path}:", f"{path}:{lines[-1] if lines else 1}:", 1)


def _line_of(exercise: Exercise) -> str:
    for path in sorted(keys.EXERCISES.glob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if re.search(rf'(Exercise|Quiz|Puzzle)\(\s*"{exercise.name}"', line):
                return f"{path}:{number}"
    return str(keys.EXERCISES)


def _verify_cells(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    seen: set[str] = set()
    for cell in lesson.cells:
        name = cell.exercise
        if name is not None and name not in exercises:
            raise lesson.mistake(cell.line, f"no exercise `{name}` in autograder/exercises/{lesson.stem}.py")
        if name is not None and name in seen:
            raise lesson.mistake(cell.line, f"exercise `{name}` has a cell already")
        seen |= {name} if name else set()
        if cell.given and (found := keys.find_exercise(cell.given)) is None:
            raise lesson.mistake(cell.line, f"no exercise `{cell.given}` to give")
        elif cell.given and found and found[0] == lesson.stem:
            raise lesson.mistake(cell.line, f"`{cell.given}` is this lesson's own exercise; it cannot be given")
    for exercise in exercises.values():
        if exercise.name not in seen:
            raise AuthorError(f"{_line_of(exercise)}: exercise `{exercise.name}` has no cell in {lesson.path}")


def _verify_points(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    total = sum(exercise.points for exercise in exercises.values())
    quizzes = [exercise for exercise in exercises.values() if isinstance(exercise, Quiz)]
    if sum(quiz.points for quiz in quizzes) > QUIZ_SHARE * total:
        raise AuthorError(f"{_line_of(quizzes[0])}: quizzes hold more than 10 % of the lesson's {total:g} points")


def _verify_solution(
    lesson: Lesson, exercise: Exercise, solutions: ModuleType, exercises: dict[str, Exercise]
) -> None:
    if not hasattr(solutions, exercise.name):
        raise AuthorError(f"{_line_of(exercise)}: exercise `{exercise.name}` has no solution in {solutions.__file__}")
    code = getattr(solutions, exercise.name)
    if isinstance(exercise, Quiz):
        if code not in exercise.options:
            raise AuthorError(f"{solutions.__file__}:{_assigned_at(solutions, exercise.name)}: "
                              f"`{exercise.name}` is none of the quiz's options")  # fmt: skip
        return
    if not isinstance(exercise, Puzzle):
        at = f"{solutions.__file__}:{inspect.getsourcelines(code)[1]}"
        given = {cell.given for cell in lesson.cells}
        own = getattr(code, "__code__", None)
        for name in sorted(_global_names(own)) if own else []:
            value = vars(solutions).get(name)
            imported = isinstance(value, ModuleType) or getattr(value, "__module__", "") != solutions.__name__
            known = name in exercises or name in given or (imported and keys.find_exercise(name) is None)
            if name in vars(solutions) and not known:
                raise AuthorError(f"{at}: `{exercise.name}` uses `{name}`, which the notebook will not have")
    key = keys.LiveKey(lesson.stem, exercise, keys.public_seeds(exercise))
    answers = {check.name: key.reference(check) for check in exercise.checks}
    for result in judge(exercise, answers, key).results:
        if result.outcome == OUR_FAULT:
            failure = answers[result.check.name][0].failure
            raise AuthorError(f"{_line_of(exercise)}: the reference fails check {result.check.name}: {failure}")
        if result.problem is not None:
            raise AuthorError(
                f"{_line_of(exercise)}: the reference does not pass check {result.check.name}: "
                f"{result.problem.says or result.problem.changed}"
            )


def _assigned_at(module: ModuleType, name: str) -> int:
    lines = Path(str(module.__file__)).read_text("utf-8").split("\n")
    return next((n for n, line in enumerate(lines, 1) if re.match(rf"{name}\s*=", line)), 1)


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names) - set(dir(builtins))
    return names.union(*(_global_names(part) for part in code.co_consts if isinstance(part, CodeType)))


def _verify_hints(lesson: Lesson, exercise: Exercise) -> None:
    text = "\n".join(cell.source for cell in lesson.cells)
    titles = set(re.findall(r"<summary>Hint: (.*?)</summary>", text))
    for check in exercise.checks:
        for title in re.findall(r'Open the hint "([^"]+)"', check.next_step):
            if title not in titles:
                raise AuthorError(f'{_line_of(exercise)}: check {check.name} names the hint "{title}", '
                                  f"which {lesson.path} does not have")  # fmt: skip


def _verify_unguessable(exercise: Exercise, reference: Any, at: str) -> None:
    for check in exercise.checks:
        answers = Counter(_fingerprint(exercise, check, reference, seed) for seed in range(GUESSES))
        _, count = answers.most_common(1)[0]
        if count > MOST_COMMON * GUESSES:
            raise AuthorError(
                f"{at}: check {check.name} can be guessed: one answer is right for {count} of {GUESSES} seeds"
            )


def _fingerprint(exercise: Exercise, check: Check, reference: Any, seed: int) -> str:
    node, buffers = encode(ask(exercise, check, reference, seed).value)
    return f"{node} {buffers}"


def _verify_misconceptions(lesson: Lesson, exercises: dict[str, Exercise], solutions: ModuleType) -> None:
    path = keys.SOLUTIONS / "misconceptions" / f"{lesson.stem}.py"
    module = _load(f"{keys._solutions_package()}.misconceptions.{lesson.stem}", path)
    all_keys = {
        name: keys.LiveKey(lesson.stem, exercise, keys.public_seeds(exercise))
        for name, exercise in exercises.items()
    }
    for mistake in misconceptions_of(module):
        at = f"{path}:{inspect.getsourcelines(mistake.code)[1]}"
        exercise = exercises.get(mistake.exercise)
        if exercise is None:
            raise AuthorError(f"{at}: misconception {mistake.name} is of `{mistake.exercise}`, which does not exist")
        reference = getattr(solutions, exercise.name)
        if list(_signatures(reference)) != list(_signatures(mistake.code)):
            raise AuthorError(
                f"{at}: misconception {mistake.name} has another signature than `{exercise.name}`: "
                f"{next(_signatures(mistake.code))}, not {next(_signatures(reference))}"
            )
        _verify_wrong(exercise, mistake, all_keys[exercise.name], at)


def _signatures(code: Any) -> Iterator[str]:
    """Parameter names and defaults; of a class, those of its constructor and of `forward`."""
    for one in [code.__init__, code.forward] if inspect.isclass(code) else [code]:
        parameters = inspect.signature(one).parameters.values()
        yield "(" + ", ".join(str(p.replace(annotation=p.empty)) for p in parameters) + ")"


def _verify_wrong(exercise: Exercise, mistake: Misconception, key: keys.LiveKey, at: str) -> None:
    seeds = keys.public_seeds(exercise)
    answers = {
        check.name: [ask(exercise, check, mistake.code, seed) for seed in seeds[check.name]]
        for check in exercise.checks
    }
    for check, replies in answers.items():
        for answer in replies:
            if answer.failure is not None:
                raise AuthorError(f"{at}: misconception {mistake.name} raises in check {check}: "
                                  f"{answer.failure.type_name} {answer.failure.message}")  # fmt: skip
    if judge(exercise, answers, key).passed:
        raise AuthorError(f"{at}: misconception {mistake.name} equals the reference in every check")
