"""The release notebook with a learner's answers in it: what is graded, whatever was handed in.

Points, checks and ids come from the release; from the submission come the answers, and everything else that
was changed or added, as plain cells.
"""

import ast
import copy
import re
import warnings
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.submission import Submission, SubmittedCell

NEVER_RUN = {"predict", "see", "experiment"}
EXTRA = "extra"

Cells = dict[str, NotebookNode]  # the release's cells by key, in order
Matched = list[str | None]  # for each submitted cell: the key of the release cell that it is, or None


@dataclass
class Rebuilt:
    notebook: NotebookNode
    notes: list[str]


def role(cell: NotebookNode) -> str:
    """What a cell is: "answer", "check", "text", "given", "predict", "see", "experiment" or "extra"."""
    nbgrader = cell.metadata.get("nbgrader", {})
    if nbgrader.get("grade"):
        return "check"
    if nbgrader.get("solution"):
        return "answer"
    if cell.cell_type != "code":
        return "text"
    return next((tag for tag in cell.metadata.get("tags", []) if tag in NEVER_RUN | {EXTRA}), "given")


def key_of(cell: NotebookNode) -> str:
    """A cell's name in its release notebook."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id"))


def rebuild(release: NotebookNode, submission: Submission) -> Rebuilt:
    """Put a submission's answers into the release notebook. Pure; `release` stays as it is."""
    rebuilt = copy.deepcopy(release)
    cells = {key_of(cell): cell for cell in rebuilt.cells}
    stubs = {key: cell.source.strip() for key, cell in cells.items()}
    matched = _match(submission.cells, cells)
    notes: list[str] = []
    own = _own_definitions(cells, submission.cells, matched)
    chosen = _choose_answers(cells, submission.cells, matched, own, notes)
    keys = {number: key for key, number in chosen.items()}
    extras = _Extras()
    place = ""
    for number, (cell, key) in enumerate(zip(submission.cells, matched, strict=True)):
        if number in keys:
            place = keys[number]
            cells[place].source = cell.source
        elif key is None:
            extras.after(place, cell)
        elif role(cells[key]) != "answer":
            _keep_changes(cells, key, cell, extras, notes)
            place = key
        elif cell.source.strip() != stubs[key]:  # one more version of an answer
            if number < chosen[key]:
                extras.before(key, cell)
            else:
                extras.after(place, cell)
    for key in chosen:
        if cells[key].source.strip() == stubs[key] and any(key in names for names in own.values()):
            cells[key].source = f"# `{key}` is written in another cell."  # the stub would undo it
    _note_version(cells, submission.cells, notes)
    _note_missing(cells, matched, set(chosen), notes)
    ordered = list(extras.at("", "after"))
    for key, cell in cells.items():
        ordered += [*extras.at(key, "before"), cell, *extras.at(key, "after")]
    rebuilt.cells = ordered
    return Rebuilt(rebuilt, list(dict.fromkeys(notes)))


def _match(submitted: list[SubmittedCell], cells: Cells) -> Matched:
    """Which release cell each submitted cell is: by grade_id, else by cell id, else by the same text."""
    by_id = {str(cell.get("id")): key for key, cell in cells.items()}
    by_text = {cell.source.strip(): key for key, cell in cells.items()}

    def key(cell: SubmittedCell) -> str | None:
        if cell.grade_id in cells:
            return cell.grade_id
        return by_id.get(cell.id or "") or by_text.get(cell.source.strip())

    return [key(cell) for cell in submitted]


def _own_definitions(cells: Cells, submitted: list[SubmittedCell], matched: Matched) -> dict[int, set[str]]:
    """For each cell that the learner added or changed, answer cells aside: the answers that it defines."""
    answers = {key for key, cell in cells.items() if role(cell) == "answer"}
    return {
        number: names
        for number, (cell, key) in enumerate(zip(submitted, matched, strict=True))
        if cell.kind == "code" and key not in answers
        if key is None or cell.source.strip() != cells[key].source.strip()
        if any(name in cell.source for name in answers) and (names := answers & defines(cell.source))
    }


def _choose_answers(
    cells: Cells, submitted: list[SubmittedCell], matched: Matched, own: dict[int, set[str]], notes: list[str]
) -> dict[str, int]:
    """key of an answer cell -> number of the submitted cell that fills it."""
    chosen: dict[str, int] = {}
    untagged: list[str] = []
    answers = [key for key, cell in cells.items() if role(cell) == "answer"]
    for key in answers:
        stub = cells[key].source.strip()
        copies = [number for number, found in enumerate(matched) if found == key]
        if not copies:
            taken = set(chosen.values())
            free = [number for number in own if matched[number] is None and number not in taken]
            copies = [number for number in free if key in own[number]]
            untagged += [key] if copies else []
        if not copies:
            continue
        changed = [number for number in copies if submitted[number].source.strip() != stub] or copies
        check = max((number for number, found in enumerate(matched) if found == f"{key}-check"), default=None)
        above = [number for number in changed if check is None or number < check]
        chosen[key] = (above or changed)[-1]
        if len({submitted[number].source.strip() for number in changed}) > 1:
            notes.append(
                f"There are {len(changed)} different cells for `{key}`. They were run from top to bottom; "
                "what stood at the check counts, or what stood at the end if that is better."
            )
        elif len(copies) > 1:
            notes.append(f"The cell of `{key}` was there {len(copies)} times; the one with an answer counts.")
        if submitted[chosen[key]].kind != "code":
            notes.append(f"The cell of `{key}` had been turned into text; it was read as code.")
    if untagged:
        lost = "had lost its name tag and was found by what it defines."
        notes.append(
            _said("cell", untagged, lost, "had lost their name tags and were found by what they define.")
        )
    return chosen


def _keep_changes(
    cells: Cells, key: str, submitted: SubmittedCell, extras: "_Extras", notes: list[str]
) -> None:
    """A cell that is not an answer: restored, and what the learner made of it kept beside it."""
    cell, kind = cells[key], role(cells[key])
    name = key.removesuffix("-check")
    if submitted.source.strip() == cell.source.strip():
        if kind == "check" and submitted.kind != "code":
            notes.append(f"The check cell of `{name}` had been turned into text; it was restored.")
        return
    if kind in NEVER_RUN and submitted.kind == "code":
        defined = defines(submitted.source)
        answered = [each for each in cells if role(cells[each]) == "answer" and each in defined]
        if not answered and not _functions(submitted.source) - _functions(cell.source):
            cell.source = submitted.source  # shown, not run
            return
        if answered:
            listed = ", ".join(f"`{name}`" for name in answered)
            notes.append(
                f"An answer to {listed} stood in a cell for trying things out; it counts all the same."
            )
    extras.before(key, submitted)
    if kind == "check":
        notes.append(f"The check cell of `{name}` had been edited; your code was run, and the cell restored.")


def _note_version(cells: Cells, submitted: list[SubmittedCell], notes: list[str]) -> None:
    """Was it made from another release? nbgrader writes a checksum of what it gives out into each cell."""
    given = {key: cell.metadata.get("nbgrader", {}).get("checksum") for key, cell in cells.items()}
    names = {cell.grade_id: cell.checksum for cell in submitted if cell.grade_id and cell.checksum}
    if any(key in given for key in names) and any(given.get(key) != names[key] for key in names):
        notes.append(
            "The notebook was made from an older version of this lesson. Its answers were put into the "
            "present one and graded as they are."
        )


def _note_missing(cells: Cells, matched: Matched, answered: set[str], notes: list[str]) -> None:
    def missing(kind: str) -> list[str]:
        return [key for key, cell in cells.items() if role(cell) == kind and key not in {*matched, *answered}]

    answers, checks, given = missing("answer"), missing("check"), missing("given")
    if not answered and answers:
        notes.append("None of this lesson's answer cells are in the file. Is it the right notebook?")
        return
    back = "was missing and was put back.", "were missing and were put back."
    if answers:
        nothing = "so there is nothing to grade."
        notes.append(_said("cell", answers, f"was missing, {nothing}", f"were missing, {nothing}"))
    if checks:
        notes.append(_said("check cell", [key.removesuffix("-check") for key in checks], *back))
    if given:
        notes.append(_said("given cell", [key.removeprefix("given-") for key in given], *back))


def _said(kind: str, names: list[str], one: str, many: str) -> str:
    """A sentence about the cells of some exercises."""
    listed = ", ".join(f"`{name}`" for name in names)
    return f"The {kind} of {listed} {one}" if len(names) == 1 else f"The {kind}s of {listed} {many}"


def parsed(source: str) -> list[ast.stmt] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def defines(source: str) -> set[str]:
    """The names that a cell gives to functions, classes or values at its top level."""
    statements = parsed(source)
    if statements is None:  # a magic, perhaps
        found = re.findall(r"(?m)^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", source)
        return {name for names in found for name in names} - {""}
    names = _named(statements)
    for node in statements:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def _functions(source: str) -> set[str]:
    return _named(parsed(source) or [])


def _named(statements: list[ast.stmt]) -> set[str]:
    return {node.name for node in statements if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


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
            made = new_code_cell(cell.source, id=name, metadata={"tags": [EXTRA]})
        else:  # shown, never rendered: no link, style or script of a submission reaches a browser
            longest = max(map(len, re.findall("`+", cell.source)), default=0)
            fence = "`" * max(3, longest + 1)
            made = new_markdown_cell(f"{fence}text\n{cell.source}\n{fence}", id=name)
        self._cells.setdefault(where, []).append(made)
