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
BELONG_TOGETHER = {"exercise": ("exercise", "difficulty", "importance"), "given": ("given",)}
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
    front = _front_matter(path, text)
    code_cells = _scan(path, text)
    notebook = jupytext.reads(text, fmt="md:myst")
    lesson = Lesson(path, str(front["title"]), str(front["question"]), front["minutes"], [])
    found = iter(code_cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            scanned = next(found, None)
            if scanned is None or scanned.source.strip() != cell.source.strip():
                line = scanned.line if scanned else 1
                raise lesson.mistake(line, "jupytext reads another code cell here; look for an odd fence")
            lesson.cells.append(scanned)
        elif cell.source.strip():
            lesson.cells.append(LessonCell("markdown", cell.source, 0))
    lost = next(found, None)
    if lost is not None:
        raise lesson.mistake(lost.line, "jupytext loses this code cell; look for an odd fence")
    return lesson


def _front_matter(path: Path, text: str) -> dict[str, Any]:
    match = re.match(r"---\n(.*?)\n---\n", text, re.S)
    if match is None:
        raise AuthorError(f"{path}:1: the lesson starts with no front matter ({', '.join(FRONT_MATTER)})")
    try:
        front = yaml.safe_load(match.group(1))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise AuthorError(f"{path}:{line}: the front matter cannot be read: {error.problem}") from None
    for name in FRONT_MATTER:
        if not isinstance(front, dict) or not front.get(name):
            raise AuthorError(f"{path}:1: the front matter has no `{name}`")
    if not isinstance(front["minutes"], int):
        line = 1 + next(n for n, line in enumerate(match.group(0).split("\n")) if line.startswith("minutes"))
        raise AuthorError(f"{path}:{line}: `minutes` is a whole number, not {front['minutes']!r}")
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
                elif start.group(2).lstrip().startswith("{"):
                    raise AuthorError(f"{path}:{number}: only ```{{code-cell}} python is understood here")
            elif "{code-cell}" in line:
                raise AuthorError(f"{path}:{number}: a code cell's fence must start its line")
            elif line.lstrip().startswith(":::"):
                raise AuthorError(f"{path}:{number}: `:::` is not understood here; use Markdown")
        elif re.fullmatch(f"{fence}{fence[0]}*\\s*", line):
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
        mistake = _add_option(cell, name, value)
        if mistake:
            raise AuthorError(f"{path}:{at}: {mistake}")
        body, at = body[1:], at + 1
    cell.source = "\n".join(body).strip("\n")
    kind = next((name for name in BELONG_TOGETHER if name in cell.options), None)
    for name in cell.options:
        if name not in (BELONG_TOGETHER[kind] if kind else ("tags",)):
            raise AuthorError(f"{path}:{cell.line}: option `{name}` means nothing in a cell like this")
    while body and not body[0].strip():
        body, at = body[1:], at + 1
    if kind and body:
        name = cell.options[kind]
        raise AuthorError(f"{path}:{at}: the cell of `{name}` must be empty; the build fills it in")
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        raise AuthorError(f"{path}:{at + (error.lineno or 1) - 1}: not Python: {error.msg}") from None
    return cell


def _add_option(cell: LessonCell, name: str, text: str) -> str | None:
    """Read one option into `cell`; returns what is wrong with it, if anything is."""
    if name not in OPTIONS:
        return f"unknown option `{name}`; there are: {', '.join(OPTIONS)}"
    if name in cell.options:
        return f"option `{name}` stands here twice"
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return f"option `{name}` cannot be read"
    if name == "tags":
        if not isinstance(value, list) or not value:
            return f"`tags` is a list, such as [{TAGS[0]}]"
        unknown = [tag for tag in value if tag not in TAGS]
        if unknown:
            return f"unknown tag `{unknown[0]}`; there are: {', '.join(TAGS)}"
    elif name in ("exercise", "given"):
        if not isinstance(value, str) or not value.isidentifier():
            return f"`{name}` is the name of an exercise, not {value!r}"
    elif not isinstance(value, int) or not 1 <= value <= 5:
        return f"`{name}` is a number from 1 to 5, not {value!r}"
    cell.options[name] = value
    return None
