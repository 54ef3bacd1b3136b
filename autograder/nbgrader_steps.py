"""Where we step into nbgrader: it reads a file, it executes a notebook, it writes a feedback page.

Named by dotted strings in `course/nbgrader_config.py`, so `nbgrader autograde`, Formgrader's button and
`spotlight grade` all pass here.
"""

import copy
import html
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.rebuild import rebuild
from autograder.settle import settle
from autograder.submission import GRADED, RECOVERED, UNREADABLE, bytes_of, read_submission

MOST_NOTES = 10_000
NOTES = "spotlight"  # the notebook's metadata in which outcome and notes travel between nbgrader's passes


class RebuildExporter(NotebookExporter):
    """Reads a submission as data and hands on the release notebook with its answers.

    nbconvert reads a file before any preprocessor sees it, so reading is where a damaged file gets a name.
    """

    def from_filename(
        self, filename: str, resources: dict | None = None, **keywords: Any
    ) -> tuple[NotebookNode, dict]:
        assert resources is not None
        course = self.parent.coursedir  # type: ignore[union-attr]
        path = Path(os.path.abspath(filename))  # links are not followed: a linked folder is a submission too
        if not path.is_relative_to(os.path.abspath(Path(course.root, course.submitted_directory))):
            return super().from_filename(filename, resources=resources, **keywords)
        lesson = resources["nbgrader"]["assignment"]
        release = nbformat.read(Path(course.root, course.release_directory, lesson, f"{lesson}.ipynb"), 4)
        notebook = rebuilt_from(bytes_of(path), release, path.parent)
        resources["metadata"] = {"name": resources["nbgrader"]["notebook"], "path": str(path.parent)}
        return self.from_notebook_node(notebook, resources=resources, **keywords)


def rebuilt_from(raw: bytes, release: NotebookNode, folder: Path | None = None) -> NotebookNode:
    """A submitted file as the notebook to grade, with outcome and notes in its metadata."""
    submission = read_submission(raw)
    rebuilt = rebuild(release, submission)
    notes = submission.notes + (rebuilt.notes if submission.readable else [])
    renamed = Path(folder, "collected.txt") if folder else None
    if renamed is not None and renamed.exists():
        written = bytes_of(renamed)[:MOST_NOTES].decode("utf-8", "replace")
        notes = [line for line in written.split("\n") if line] + notes
    outcome = UNREADABLE if not submission.readable else RECOVERED if notes else GRADED
    rebuilt.notebook.metadata[NOTES] = {"outcome": outcome, "notes": notes}
    if notes:
        head = "**This file could not be read.**" if outcome == UNREADABLE else "**About this submission**"
        text = head + "\n\n" + "\n".join(f"- {_plain(note)}" for note in notes)
        rebuilt.notebook.cells.insert(0, new_markdown_cell(text, id="spotlight-notes"))
    return rebuilt.notebook


def _plain(note: str) -> str:
    """A note as Markdown in which a submission's words (a file's name) make no tag, link or picture."""
    return html.escape(" ".join(note.split()), quote=False).replace("[", "&#91;")


class Grade(NbGraderPreprocessor):
    """Gives the check cells their verdicts: from the ledger, or by running and asking the notebook now."""

    without_sandbox = Bool(False, help="run submissions as ordinary processes of yours").tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student, lesson = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        course = self.parent.parent.coursedir  # of the converter
        folder = Path(course.root, course.submitted_directory, student, lesson)
        # What cannot be settled raises: nbgrader then writes no grade, and keeps the one it has.
        settle(notebook, student, lesson, folder, not self.without_sandbox).write_into(notebook)
        return notebook, resources


# Nothing is loaded from elsewhere and nothing runs, whatever found its way into the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class CompiledTemplates(BytecodeCache):
    """The page's templates, compiled once in a process: that takes as long as everything else on a page."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page as a closed file: without scripts, of which nbgrader's is a remote MathJax."""

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = COMPILED
        return environment

    def from_notebook_node(  # type: ignore[override]  # HTMLExporter's own is typed like this one
        self, nb: NotebookNode, resources: dict | None = None, **keywords: Any
    ) -> tuple[str, dict]:
        shown = copy.deepcopy(nb)
        for cell in shown.cells:
            # The points, which only nbgrader reads.
            if cell.get("metadata", {}).get("nbgrader", {}).get("grade"):
                cell.outputs = [each for each in cell.outputs if each.output_type != "execute_result"]
        page, resources = super().from_notebook_node(shown, resources=resources, **keywords)
        page = re.sub(r'(<a href="#(\w+)-check">)Test cell', r"\1\2", page)  # in the table of contents
        page = re.sub(r"<script\b.*?</script\s*>", "", page, flags=re.DOTALL | re.IGNORECASE)
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
        return page.replace("<head>", f"<head>\n{policy}", 1), resources
