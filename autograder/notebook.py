"""A lesson becomes an nbgrader source notebook: solutions between markers, metadata filled in."""

import ast
import hashlib
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import keys
from autograder.exercise import Exercise, Puzzle, Quiz
from autograder.lesson import Lesson, LessonCell

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


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
        rows.append(f"| {len(quizzes)} quiz questions | ●○○○○ | ●●●○○ | {sum(quizzes):g} |")
    table = ["| you will write | difficulty | importance | points |", "|---|---|---|---|", *rows]
    text = f"# {lesson.title}\n\n*{lesson.question}*\n\nAbout {lesson.minutes} minutes.\n\n"
    return new_markdown_cell(text + "\n".join(table), id="title")


def _stars(cell: LessonCell, name: str) -> str:
    full = int(cell.options.get(name, 1))
    if not 1 <= full <= 5:
        raise ValueError(f"{name} of {cell.exercise} is {full}, not 1 to 5")
    return "●" * full + "○" * (5 - full)


def _module(stem: str) -> tuple[str, ast.Module]:
    source = (keys.SOLUTIONS / f"{stem}.py").read_text("utf-8")
    return source, ast.parse(source)


def _imports(lesson: Lesson) -> NotebookNode:
    _, tree = _module(lesson.stem)
    needed = {
        ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0)
    }
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


def with_markers(stem: str, name: str) -> str:
    """The reference's source with nbgrader's markers around what the learner writes.

    Of a function, everything behind the docstring; of a class, that of every method but `__init__`; of a
    quiz or puzzle, the assignment itself, below the comment that stands above it.
    """
    source, tree = _module(stem)
    lines = source.split("\n")
    node = next(node for node in tree.body if name in _names(node))
    assert node.end_lineno is not None
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        comment = _comment_above(lines, node.lineno)
        return "\n".join([*comment, BEGIN, *lines[node.lineno - 1 : node.end_lineno], END])
    if isinstance(node, ast.ClassDef):
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name != "__init__"]
    else:
        assert isinstance(node, ast.FunctionDef)
        methods = [node]
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    for method in reversed(methods):
        body = method.body[1:] if ast.get_docstring(method) is not None else method.body
        end = method.end_lineno
        assert end is not None
        indent = " " * method.body[0].col_offset
        begin = method.body[0].end_lineno if len(body) < len(method.body) else body[0].lineno - 1
        assert begin is not None
        lines[begin:end] = [indent + BEGIN, *lines[begin:end], indent + END]
    last = node.end_lineno + 2 * len(methods)
    return "\n".join(lines[first - 1 : last])


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _comment_above(lines: list[str], line: int) -> list[str]:
    first = line - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return lines[first : line - 1]


def _given_cell(name: str) -> NotebookNode:
    found = keys.find_exercise(name)
    assert found is not None  # verified before
    stem, exercise = found
    plain = [line for line in with_markers(stem, name).split("\n") if line.strip() not in (BEGIN, END)]
    decorate = not isinstance(exercise, (Quiz, Puzzle))
    text = "\n".join((["@spotlight.yours"] if decorate else []) + plain)
    return new_code_cell(text, id=f"given-{name}", metadata={"tags": ["given"]})
