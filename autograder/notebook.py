"""A lesson becomes an nbgrader source notebook: solutions between markers, metadata filled in."""

import hashlib
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import keys
from autograder.exercise import Exercise, Puzzle, Quiz
from autograder.lesson import Lesson, LessonCell
from autograder.modules import BEGIN, END, import_lines, with_markers

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def source_notebook(lesson: Lesson, exercises: dict[str, Exercise]) -> NotebookNode:
    """The instructor's notebook of a lesson, solved; nbgrader makes the learner's from it."""
    cells = [_title(lesson, exercises), _imports(lesson)]
    seen: dict[str, int] = {}
    for cell in lesson.cells:
        if cell.exercise:
            cells += _exercise_cells(lesson, exercises[cell.exercise])
        elif cell.given:
            cells.append(_given_cell(cell.given))
        elif cell.kind == "markdown":
            cells.append(new_markdown_cell(cell.source, id=cell_id(cell.source, seen)))
        else:
            tags = cell.options.get("tags") or ["given"]
            cells.append(new_code_cell(cell.source, id=cell_id(cell.source, seen), metadata={"tags": tags}))
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return notebook


def cell_id(source: str, seen: dict[str, int]) -> str:
    """An id that depends on the cell's text alone, so that an inserted cell changes no other's."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _title(lesson: Lesson, exercises: dict[str, Exercise]) -> NotebookNode:
    rows = [
        f"| `{cell.exercise}` | {_stars(cell, 'difficulty')} | {_stars(cell, 'importance')} "
        f"| {exercises[cell.exercise].points:g} |"
        for cell in lesson.cells
        if cell.exercise and not isinstance(exercises[cell.exercise], Quiz)
    ]
    quizzes = [each.points for each in exercises.values() if isinstance(each, Quiz)]
    if quizzes:
        questions = "quiz question" if len(quizzes) == 1 else "quiz questions"
        rows.append(f"| {len(quizzes)} {questions} | ●○○○○ | ●●●○○ | {sum(quizzes):g} |")
    table = ["| you will write | difficulty | importance | points |", "|---|---|---|---|", *rows]
    text = f"# {lesson.title}\n\n*{lesson.question}*\n\nAbout {lesson.minutes} minutes.\n\n"
    return new_markdown_cell(text + "\n".join(table), id="title")


def _stars(cell: LessonCell, name: str) -> str:
    full = cell.options.get(name, 1)
    return "●" * full + "○" * (5 - full)


def _imports(lesson: Lesson) -> NotebookNode:
    stems = {lesson.stem}.union(_found(cell.given)[0] for cell in lesson.cells if cell.given)
    needed = {line for stem in stems for line in import_lines(stem)}
    standard = sorted(line for line in needed | {"import numpy as np"} if "spotlight" not in line)
    own = sorted({line for line in needed if "spotlight" in line} | {"import spotlight"})
    text = "\n".join([*standard, "", *own, "from autograder import check"])
    return new_code_cell(text, id="imports", metadata={"tags": ["given"]})


def _exercise_cells(lesson: Lesson, exercise: Exercise) -> list[NotebookNode]:
    answer = new_code_cell(
        with_markers(lesson.stem, exercise.name),
        id=exercise.name,
        metadata={"nbgrader": nbgrader_metadata(exercise.name, solution=True)},
    )
    check = new_code_cell(
        f'check("{exercise.name}")',
        id=f"{exercise.name}-check",
        metadata={
            "nbgrader": nbgrader_metadata(
                f"{exercise.name}-check", grade=True, locked=True, points=float(exercise.points)
            )
        },
    )
    return [answer, check]


def nbgrader_metadata(grade_id: str, **changes: Any) -> dict[str, Any]:
    """nbgrader's cell metadata, schema 3."""
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "cell_type": "code"}
    return plain | {"schema_version": 3, "grade_id": grade_id} | changes


def _given_cell(name: str) -> NotebookNode:
    stem, exercise = _found(name)
    plain = [line for line in with_markers(stem, name).split("\n") if line.strip() not in (BEGIN, END)]
    decorate = not isinstance(exercise, (Quiz, Puzzle))
    text = "\n".join((["@spotlight.yours"] if decorate else []) + plain)
    return new_code_cell(text, id=f"given-{name}", metadata={"tags": ["given"]})


def _found(name: str) -> tuple[str, Exercise]:
    found = keys.find_exercise(name)
    assert found is not None  # authoring has seen to it
    return found
