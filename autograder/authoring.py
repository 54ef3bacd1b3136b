"""What an author can get wrong outside the text: solutions, misconceptions, exercises.

Every mistake is one sentence with file and line; the build stops at the first.
"""

import ast
import inspect
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from autograder import keys
from autograder.asking import Answer, ask
from autograder.course import lesson_paths, stem_of
from autograder.exercise import AuthorError, Check, Exercise, Misconception, Puzzle, Quiz
from autograder.judge import judge
from autograder.lesson import Lesson, LessonCell
from autograder.reference import definitions, import_lines, imported_names, names_needed, parse
from autograder.wire import encode

GUESSES = 300
MOST_COMMON = 0.05
QUIZ_SHARE = 0.10

Loaded = TypeVar("Loaded")


def verify(lesson: Lesson) -> dict[str, Exercise]:
    """Check everything that belongs to a lesson, and return its exercises.

    Raises:
        AuthorError: the first mistake.
    """
    exercises = _exercises(lesson)
    _load(keys.load_solutions, lesson.stem, keys.solution_path(lesson.stem))
    _verify_points(lesson, exercises)
    for exercise in exercises.values():
        _verify_definition(lesson, exercise)
    _verify_cells(lesson, exercises)
    for exercise in exercises.values():
        _verify_reference(lesson, exercise)
        _verify_hints(lesson, exercise)
        if not isinstance(exercise, (Quiz, Puzzle)):
            _verify_unguessable(lesson, exercise)
    _verify_misconceptions(lesson, exercises)
    return exercises


def _load(load: Callable[[str], Loaded], stem: str, path: Path) -> Loaded:
    """`load(stem)`, which imports the module at `path`; what it raises becomes a sentence."""
    parse(path)
    try:
        return load(stem)
    except Exception as error:
        frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename) == path]
        says = str(error) if isinstance(error, AuthorError) else f"{type(error).__name__}: {error}"
        raise AuthorError(f"{path}:{frames[-1].lineno if frames else 1}: {says}") from error


def _exercises(lesson: Lesson) -> dict[str, Exercise]:
    path = keys.EXERCISES / f"{lesson.stem}.py"
    lines = _exercise_lines(path)
    exercises = _load(keys.exercises, lesson.stem, path)
    for exercise in exercises.values():
        if not exercise.checks:
            raise AuthorError(f"{_at(lesson, exercise)}: exercise `{exercise.name}` has no check")
    for other in keys.stems():
        if other != lesson.stem:
            for name in _exercise_lines(keys.EXERCISES / f"{other}.py").keys() & lines.keys():
                raise AuthorError(f"{path}:{lines[name]}: lesson {other} has an exercise named `{name}` too")
    return exercises


def _exercise_lines(path: Path) -> dict[str, int]:
    """Where each exercise of a module is made."""
    lines: dict[str, int] = {}
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in ("Exercise", "Quiz", "Puzzle"):
            name = ast.unparse(node.args[0]).strip("'\"")
            if name in lines:
                raise AuthorError(f"{path}:{node.lineno}: two exercises are named `{name}`")
            lines[name] = node.lineno
    return lines


def _at(lesson: Lesson, exercise: Exercise, check: Check | None = None) -> str:
    """File and line of an exercise or one of its checks."""
    path = keys.EXERCISES / f"{lesson.stem}.py"
    code = (check.accepts or check.question).__code__ if check else None
    if code is not None and code.co_filename == str(path):
        return f"{path}:{code.co_firstlineno}"
    return f"{path}:{_exercise_lines(path).get(exercise.name, 1)}"


def _verify_points(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    total = sum(exercise.points for exercise in exercises.values())
    quizzes = [exercise for exercise in exercises.values() if isinstance(exercise, Quiz)]
    if sum(quiz.points for quiz in quizzes) > QUIZ_SHARE * total:
        at = _at(lesson, quizzes[0])
        raise AuthorError(f"{at}: quizzes hold more than 10 % of the lesson's {total:g} points")


def _verify_definition(lesson: Lesson, exercise: Exercise) -> None:
    """The solution is written out, in the form from which a stub can be made."""
    path = keys.solution_path(lesson.stem)
    node = definitions(path).get(exercise.name)
    if node is None:
        raise AuthorError(f"{_at(lesson, exercise)}: exercise `{exercise.name}` has no solution in {path}")
    is_value = isinstance(exercise, (Quiz, Puzzle))
    if is_value == isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        wanted = "a value" if is_value else "a function or class, written out"
        raise AuthorError(f"{path}:{node.lineno}: the solution of `{exercise.name}` must be {wanted}")


def _verify_cells(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    """Each exercise has one cell, and whatever a filled-in cell uses stands above it."""
    path = keys.solution_path(lesson.stem)
    known = imported_names(import_lines(lesson.stem))
    seen: set[str] = set()
    for cell in lesson.cells:
        name = cell.exercise or cell.given
        if name is None:
            continue
        if name in seen:
            raise lesson.mistake(cell.line, f"`{name}` has a cell already")
        if cell.given:
            _verify_given(lesson, cell, known | seen)
        elif name not in exercises:
            raise lesson.mistake(cell.line, f"no exercise `{name}` in autograder/exercises/{lesson.stem}.py")
        else:
            node = definitions(path)[name]
            for needed in sorted(names_needed(node) - known - seen - {name}):
                at = f"{path}:{node.lineno}"
                raise AuthorError(f"{at}: `{name}` uses `{needed}`, which the notebook will not have")
        seen.add(name)
    for exercise in exercises.values():
        if exercise.name not in seen:
            at = _at(lesson, exercise)
            raise AuthorError(f"{at}: exercise `{exercise.name}` has no cell in {lesson.path}")


def _verify_given(lesson: Lesson, cell: LessonCell, known: set[str]) -> None:
    name = cell.given
    assert name is not None
    earlier = [stem_of(path) for path in lesson_paths() if path.stem < lesson.name]
    stem, _ = keys.find_exercise(name) or ("", None)
    if not stem:
        raise lesson.mistake(cell.line, f"no exercise `{name}` to give")
    if stem not in earlier:
        raise lesson.mistake(cell.line, f"`{name}` belongs to lesson {stem}, which is not an earlier one")
    node = definitions(keys.solution_path(stem))[name]
    missing = names_needed(node) - known - imported_names(import_lines(stem)) - {name}
    for needed in sorted(missing):
        raise lesson.mistake(cell.line, f"`{name}` uses `{needed}`, which must be given before it")


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
            _answered(answer, f"{_at(lesson, exercise, check)}: the reference fails check {check.name}")
    for result in judge(exercise, answers, key).results:
        if result.problem is not None:
            at = _at(lesson, exercise, result.check)
            why = result.problem.says or f"it changes `{result.problem.changed}` in place"
            raise AuthorError(f"{at}: the reference does not pass check {result.check.name}: {why}")


def _answered(answer: Answer, otherwise: str) -> Answer:
    if answer.failure is not None:
        why = answer.failure
        line = why.line or "the check"
        raise AuthorError(f"{otherwise}: {why.type_name or why.kind}: {why.message} (in: {line})")
    return answer


def _verify_hints(lesson: Lesson, exercise: Exercise) -> None:
    text = "\n".join(cell.source for cell in lesson.cells)
    titles = set(re.findall(r"<summary>Hint: (.*?)</summary>", text))
    for check in exercise.checks:
        for title in re.findall(r'Open the hint "([^"]+)"', check.next_step):
            if title not in titles:
                at = _at(lesson, exercise, check)
                raise AuthorError(f'{at}: check {check.name} names the hint "{title}", not in {lesson.path}')


def _verify_unguessable(lesson: Lesson, exercise: Exercise) -> None:
    reference = getattr(keys.load_solutions(lesson.stem), exercise.name)
    for check in exercise.checks:
        at = _at(lesson, exercise, check)
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
