"""The leak gate: no answer of a lesson in anything that a learner of that lesson receives."""

import ast
import contextlib
import os
import re
import tempfile
import textwrap
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat

from autograder import keys
from autograder.course import stem_of

FENCED = re.compile(r"^[ >]*(```+|~~~+)[^\n]*\n(.*?)\1", re.S | re.M)
SHORT = 30  # a body of fewer characters ("return x @ y") is no secret


def leaks(lesson: Path, student_files: list[Path]) -> Iterator[str]:
    """One sentence for each answer of a lesson that stands in a file of the student tree.

    Compared after normalising (comments, layout, docstrings and signatures aside): the whole body of a
    solution or misconception, or two consecutive statements of it.

    Args:
        lesson: the path of its text.
        student_files: notebooks and modules.
    """
    stem = stem_of(lesson)
    secrets = {
        text: f"{path}:{line}"
        for path in (keys.solution_path(stem), keys.misconceptions_path(stem))
        for line, text in _secrets(path)
    }
    for file in student_files:
        for where, text in _texts(file):
            if file.suffix == ".ipynb" and ("BEGIN SOLUTION" in text or "END SOLUTION" in text):
                yield f"{where}: a solution marker"
            haystack = "\n".join(_normal_lines(text))
            for secret, origin in secrets.items():
                if f"\n{secret}\n" in f"\n{haystack}\n":
                    yield f"{where}: holds an answer that stands at {origin}"
        if file.suffix == ".ipynb" and "jupytext" in nbformat.read(file, 4).metadata:
            yield f"{file}: is paired with jupytext, which would carry the source along"


def _secrets(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            bodies = [node]
        elif isinstance(node, ast.ClassDef):
            bodies = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name != "__init__"]
        else:
            continue
        for body in bodies:
            yield from _secrets_of(body)


def _secrets_of(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    whole = "\n".join(line for each in statements for line in _lines(each))
    if len(whole) > SHORT:
        yield function.lineno, whole
    for block in _blocks(function, statements):
        for first, second in pairwise(block):
            yield first.lineno, "\n".join(_lines(first) + _lines(second))


def _blocks(function: ast.FunctionDef, statements: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Every run of statements in a function: its own, and those inside loops, branches and the like."""
    yield statements
    for node in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and node is not function:
                yield inner


def _lines(statement: ast.stmt) -> list[str]:
    return [line.strip() for line in ast.unparse(statement).split("\n") if line.strip()]


def _normal_lines(text: str) -> list[str]:
    with contextlib.suppress(SyntaxError, ValueError):
        text = ast.unparse(ast.parse(textwrap.dedent(text)))
    return [line.strip() for line in text.split("\n") if line.strip()]


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    """The pieces of a file in which code may stand: cells, fenced blocks, modules."""
    if file.suffix == ".ipynb":
        for cell in nbformat.read(file, 4).cells:
            where = f"{file} (cell {cell.get('id', '?')})"
            yield where, cell.source
            if cell.cell_type == "markdown":
                for _, block in FENCED.findall(cell.source):
                    yield where, block
    else:
        yield str(file), file.read_text("utf-8", errors="replace")


def wheel_leaks(wheel: Path, lessons: list[Path]) -> Iterator[str]:
    """One sentence for each answer in the learner's wheel, and for each file that must not be in it."""
    with tempfile.TemporaryDirectory(prefix="spotlight-") as place:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place)
        files = sorted(path for path in Path(place).rglob("*.py"))
        for path in files:
            if "solutions" in path.parts or "misconceptions" in path.parts:
                yield f"{path.relative_to(place)} must not be in it"
        for lesson in lessons:
            for leak in leaks(lesson, files):
                yield leak.removeprefix(f"{place}{os.sep}")
