"""The release notebook with a learner's answers in it: what is graded, whatever was handed in.

Points, checks and ids come from the release; from the submission come the answers, and everything else that
was changed or added, as plain cells.
"""

import ast
import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.submission import Submission, SubmittedCell

NEVER_RUN = {"predict", "see", "experiment"}


@dataclass
class Rebuilt:
    notebook: NotebookNode
    notes: list[str]


def role(cell: NotebookNode) -> str:
    """What a cell of the release is: "answer", "check", "text", "given", "predict", "see" or "experiment"."""
    nbgrader = cell.metadata.get("nbgrader", {})
    if nbgrader.get("grade"):
        return "check"
    if nbgrader.get("solution"):
        return "answer"
    if cell.cell_type != "code":
        return "text"
    return next((tag for tag in cell.metadata.get("tags", []) if tag in NEVER_RUN), "given")


def key_of(cell: NotebookNode) -> str:
    """A cell's name in its release notebook."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id"))


def rebuild(release: NotebookNode, submission: Submission) -> Rebuilt:
    """Put a submission's answers into the release notebook. Pure; `release` stays as it is."""
    rebuilt = copy.deepcopy(release)
    cells = {key_of(cell): cell for cell in rebuilt.cells}
    names = {str(cell.get("id")): key for key, cell in cells.items()}
    matched = [_match(cell, cells, names) for cell in submission.cells]
    notes: list[str] = []
    answers = _choose_answers(cells, submission.cells, matched, notes)
    extras = _Extras()
    place = ""
    for number, (cell, key) in enumerate(zip(submission.cells, matched, strict=True)):
        if number in answers:
            place = answers[number]
            cells[place].source = cell.source
        elif key is None:
            extras.after(place, cell)
        elif role(cells[key]) == "answer":
            if _differs(cell, release, key):
                extras.before(key, cell)
        else:
            _keep_changes(cells[key], cell, key, extras, notes)
            place = key
    _note_missing(cells, matched, set(answers.values()), notes)
    ordered = list(extras.at("", "after"))
    for key, cell in cells.items():
        ordered += [*extras.at(key, "before"), cell, *extras.at(key, "after")]
    rebuilt.cells = ordered
    return Rebuilt(rebuilt, list(dict.fromkeys(notes)))


def _match(cell: SubmittedCell, cells: dict[str, NotebookNode], names: dict[str, str]) -> str | None:
    if cell.grade_id in cells:
        return cell.grade_id
    return names.get(cell.id) if cell.id is not None else None


def _choose_answers(
    cells: dict[str, NotebookNode],
    submitted: list[SubmittedCell],
    matched: list[str | None],
    notes: list[str],
) -> dict[int, str]:
    """number of the submitted cell -> the answer cell that it fills."""
    answers: dict[int, str] = {}
    for key, cell in cells.items():
        if role(cell) != "answer":
            continue
        copies = [number for number, found in enumerate(matched) if found == key]
        changed = [number for number in copies if submitted[number].source.strip() != cell.source.strip()]
        if not copies:
            copies = changed = [
                number
                for number, found in enumerate(matched)
                if found is None and submitted[number].kind == "code" and key in defines(submitted[number].source)
            ]
            if copies:
                notes.append(f"The cell of `{key}` had lost its name tag; it was found by what it defines.")
        if not copies:
            continue
        chosen = (changed or copies)[-1]
        answers[chosen] = key
        if len(changed) > 1:
            notes.append(f"There are {len(changed)} versions of `{key}`; they were run in order, the last one counts.")
        elif len(copies) > 1:
            notes.append(f"The cell of `{key}` was there {len(copies)} times; the one with an answer counts.")
        if submitted[chosen].kind != "code":
            notes.append(f"The cell of `{key}` had been turned into text; it was read as code.")
    return answers


def _keep_changes(
    cell: NotebookNode, submitted: SubmittedCell, key: str, extras: "_Extras", notes: list[str]
) -> None:
    """A cell that is not an answer: restored, and what the learner made of it kept beside it."""
    kind = role(cell)
    if submitted.source.strip() == cell.source.strip() and submitted.kind == cell.cell_type:
        return
    if kind in NEVER_RUN and not (submitted.kind == "code" and _defines_code(submitted.source)):
        cell.source = submitted.source if submitted.kind == "code" else cell.source
        return
    extras.before(key, submitted)
    if kind == "check":
        notes.append(f"The check cell of `{key.removesuffix('-check')}` had been edited; it was restored.")


def _differs(cell: SubmittedCell, release: NotebookNode, key: str) -> bool:
    original = next(each for each in release.cells if key_of(each) == key)
    return cell.source.strip() != original.source.strip()


def _note_missing(
    cells: dict[str, NotebookNode], matched: Iterable[str | None], answered: set[str], notes: list[str]
) -> None:
    present = set(matched)
    for key, cell in cells.items():
        if role(cell) == "answer" and key not in answered:
            notes.append(f"The cell of `{key}` was missing, so there is no answer to it.")
        if role(cell) == "check" and key not in present:
            notes.append(f"The check cell of `{key.removesuffix('-check')}` was missing; it was put back.")


def defines(source: str) -> set[str]:
    """The names that a cell gives to functions, classes or values at its top level."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {name for names in re.findall(r"(?m)^(?:def|class)\s+(\w+)|^(\w+)\s*=", source) for name in names} - {""}
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _defines_code(source: str) -> bool:
    try:
        return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


class _Extras:
    """Plain cells made of what a learner changed or added, by the release cell they stand beside."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], list[NotebookNode]] = {}
        self._count = 0

    def before(self, key: str, cell: SubmittedCell) -> None:
        self._add((key, "before"), cell)

    def after(self, key: str, cell: SubmittedCell) -> None:
        self._add((key, "after"), cell)

    def at(self, key: str, side: str) -> list[NotebookNode]:
        return self._cells.get((key, side), [])

    def _add(self, where: tuple[str, str], cell: SubmittedCell) -> None:
        if not cell.source.strip():
            return
        self._count += 1
        name = f"extra-{self._count}"
        if cell.kind == "code":
            made = new_code_cell(cell.source, id=name)
        else:  # shown, never rendered: no link, style or script of a submission reaches a browser
            longest = max(map(len, re.findall("`+", cell.source)), default=0)
            fence = "`" * max(3, longest + 1)
            made = new_markdown_cell(f"{fence}text\n{cell.source}\n{fence}", id=name)
        self._cells.setdefault(where, []).append(made)
