"""What an author can get wrong outside the text: solutions, misconceptions, exercises.

Every mistake is one sentence with file and line; the build stops at the first.
"""

import ast
import inspect
import re
from itertools import chain

from autograder import keys
from autograder.course import lesson_paths, stem_of
from autograder.exercise import AuthorError, Exercise, Puzzle, Quiz
from autograder.lesson import Lesson, LessonCell
from autograder.modules import (
    definitions,
    exercise_lines,
    import_lines,
    imported_names,
    loaded,
    names_needed,
    place_of,
)
from autograder.proving import prove_misconceptions, prove_reference

QUIZ_SHARE = 0.10


def verify(lesson: Lesson) -> dict[str, Exercise]:
    """Check everything that belongs to a lesson, and return its exercises.

    Raises:
        AuthorError: the first mistake.
    """
    exercises = _exercises(lesson)
    loaded(keys.load_solutions, lesson.stem, keys.solution_path(lesson.stem))
    _verify_points(lesson, exercises)
    for exercise in exercises.values():
        _verify_definition(lesson, exercise)
    _verify_cells(lesson, exercises)
    for exercise in exercises.values():
        _verify_hints(lesson, exercise)
        prove_reference(lesson.stem, exercise)
    prove_misconceptions(lesson.stem, exercises)
    _verify_hints_of_misconceptions(lesson)
    return exercises


def _exercises(lesson: Lesson) -> dict[str, Exercise]:
    path = keys.exercises_path(lesson.stem)
    lines = exercise_lines(lesson.stem)
    exercises = loaded(keys.exercises, lesson.stem, path)
    for exercise in exercises.values():
        if not exercise.checks:
            raise AuthorError(f"{place_of(lesson.stem, exercise)}: exercise `{exercise.name}` has no check")
    for other in keys.stems():
        if other != lesson.stem:
            for name in exercise_lines(other).keys() & lines.keys():
                raise AuthorError(f"{path}:{lines[name]}: lesson {other} has an exercise named `{name}` too")
    return exercises


def _verify_points(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    total = sum(exercise.points for exercise in exercises.values())
    quizzes = [exercise for exercise in exercises.values() if isinstance(exercise, Quiz)]
    if sum(quiz.points for quiz in quizzes) > QUIZ_SHARE * total:
        at = place_of(lesson.stem, quizzes[0])
        raise AuthorError(f"{at}: quizzes hold more than 10 % of the lesson's {total:g} points")


def _verify_definition(lesson: Lesson, exercise: Exercise) -> None:
    """The solution is written out, in the form from which a stub can be made."""
    path = keys.solution_path(lesson.stem)
    node = definitions(path).get(exercise.name)
    if node is None:
        at = place_of(lesson.stem, exercise)
        raise AuthorError(f"{at}: exercise `{exercise.name}` has no solution in {path}")
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
            at = place_of(lesson.stem, exercise)
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


def _verify_hints(lesson: Lesson, exercise: Exercise) -> None:
    for check in exercise.checks:
        for title in _unknown_hints(lesson, check.next_step):
            at = place_of(lesson.stem, exercise, check)
            raise AuthorError(f'{at}: check {check.name} names the hint "{title}", not in {lesson.path}')


def _verify_hints_of_misconceptions(lesson: Lesson) -> None:
    path = keys.misconceptions_path(lesson.stem)
    for mistake in chain.from_iterable(keys.load_misconceptions(lesson.stem).values()):
        for title in _unknown_hints(lesson, mistake.says):
            at = f"{path}:{inspect.getsourcelines(mistake.code)[1]}: misconception {mistake.name}"
            raise AuthorError(f'{at} names the hint "{title}", not in {lesson.path}')


def _unknown_hints(lesson: Lesson, words: str) -> list[str]:
    text = "\n".join(cell.source for cell in lesson.cells)
    titles = set(re.findall(r"<summary>Hint: (.*?)</summary>", text))
    return [title for title in re.findall(r'Open the hint "([^"]+)"', words) if title not in titles]
