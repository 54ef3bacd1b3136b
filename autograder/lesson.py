"""A lesson's text (MyST Markdown) as cells with line numbers, and every mistake of form in one sentence.

jupytext reads the cells; it forgives what it does not understand, so the form is checked here first.
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import yaml

from autograder.exercise import AuthorError

TAGS = ("predict", "see", "experiment")
OPTIONS = ("tags", "exercise", "difficulty", "importance", "given")
FRONT_MATTER = ("title", "question", "minutes")


@dataclass
class LessonCell:
    """One cell as its author wrote it; `line` is where it starts in the lesson's file."""

    kind: str  # "markdown" or "code"
    source: str
    line: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def exercise(self) -> str | None:
        return self.options.get("exercise")

    @property
    def given(self) -> str | None:
        return self.options.get("given")


@dataclass
class Lesson:
    path: Path
    title: str
    question: str
    minutes: int
    cells: list[LessonCell]

    @property
    def name(self) -> str:
        """The assignment: "03_softmax"."""
        return self.path.stem

    @property
    def stem(self) -> str:
        """The topic: "softmax"."""
        return self.path.stem.split("_", 1)[1]

    def mistake(self, line: int, says: str) -> AuthorError:
        return AuthorError(f"{self.path}:{line}: {says}")


def read_lesson(path: Path) -> Lesson:
    """Read one lesson.

    Raises:
        AuthorError: anything in its form that would be lost or misread; file and line are in the message.
    """
    text = path.read_text("utf-8")
    code_cells = _scan(path, text)
    notebook = jupytext.reads(text, fmt="md:myst")
    front = _front_matter(path, text)
    lesson = Lesson(path, str(front["title"]), str(front["question"]), int(front["minutes"]), [])
    found = iter(code_cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            scanned = next(found, None)
            if scanned is None or scanned.source.strip() != cell.source.strip():
                raise lesson.mistake(1, "jupytext reads other code cells than the text shows; look for an odd fence")
            lesson.cells.append(scanned)
        elif cell.source.strip():
            lesson.cells.append(LessonCell("markdown", cell.source, 0))
    if next(found, None) is not None:
        raise lesson.mistake(1, "jupytext lost a code cell; look for an odd fence")
    return lesson


def _front_matter(path: Path, text: str) -> dict[str, Any]:
    match = re.match(r"---\n(.*?)\n---\n", text, re.S)
    try:
        front = yaml.safe_load(match.group(1)) if match else None
    except yaml.YAMLError:
        front = None
    if not isinstance(front, dict):
        raise AuthorError(f"{path}:1: the lesson starts with no front matter (title, question, minutes)")
    for name in FRONT_MATTER:
        if name not in front:
            raise AuthorError(f"{path}:1: the front matter has no `{name}`")
    return front


def _scan(path: Path, text: str) -> list[LessonCell]:
    """The code cells, with lines; stops at the first mistake of form."""
    cells: list[LessonCell] = []
    fence = ""  # the fence that is open, and where
    opened = 0
    cell: LessonCell | None = None
    body: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not fence:
            start = re.match(r"(`{3,}|~{3,})(.*)$", line)
            if start:
                fence, opened = start.group(1), number
                if start.group(2).startswith("{code-cell}"):
                    cell, body = LessonCell("code", "", number), []
            elif "{code-cell}" in line:
                raise AuthorError(f"{path}:{number}: a code cell's fence must start its line")
            elif line.lstrip().startswith(":::"):
                raise AuthorError(f"{path}:{number}: `:::` is not understood here; use Markdown")
        elif re.fullmatch(re.escape(fence[0]) + "{%d,}\\s*" % len(fence), line):
            if cell is not None:
                cells.append(_finish(path, cell, body))
            fence, cell = "", None
        elif cell is not None:
            if line.lstrip().startswith("```"):
                raise AuthorError(f"{path}:{number}: a fence inside a code cell")
            body.append(line)
    if fence:
        raise AuthorError(f"{path}:{opened}: this fence is not closed")
    return cells


def _finish(path: Path, cell: LessonCell, body: list[str]) -> LessonCell:
    at = cell.line + 1
    while body and (option := re.match(r":([\w-]+):\s*(.*)$", body[0])):
        name, value = option.groups()
        if name not in OPTIONS:
            raise AuthorError(f"{path}:{at}: unknown option `{name}`; there are: {', '.join(OPTIONS)}")
        try:
            cell.options[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise AuthorError(f"{path}:{at}: option `{name}` cannot be read") from None
        body, at = body[1:], at + 1
    cell.source = "\n".join(body).strip("\n")
    for tag in cell.options.get("tags") or []:
        if tag not in TAGS:
            raise AuthorError(f"{path}:{cell.line}: unknown tag `{tag}`; there are: {', '.join(TAGS)}")
    filled_by_build = cell.exercise or cell.given
    if filled_by_build and cell.source.strip():
        raise AuthorError(f"{path}:{at}: the cell of `{filled_by_build}` must be empty; the build fills it in")
    if not filled_by_build:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            raise AuthorError(f"{path}:{at + (error.lineno or 1) - 1}: not Python: {error.msg}") from None
    return cell
