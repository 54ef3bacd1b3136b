"""How the odd submissions of this folder are made: each is a function that spoils a solved notebook.

    @case(outcome="recovered", score=14, says=["byte-order mark"])
    def a_byte_order_mark(work):
        \"\"\"Notepad put a byte-order mark before the JSON. Every point stays.\"\"\"
        return b"\\xef\\xbb\\xbf" + work.saved()

The docstring says what it is and what must stay true; `says` are words that the notes must hold. A case
changes `work`, or returns the file's bytes. `tests/autograder/test_rebuild.py` reads every case, and
`test_grade.py` grades every case; the attacks (`theft`, `leaks`, `denial`, `harm`) are graded by
`test_hostile.py` alone, in the sandbox: nowhere else may they run.
"""

import copy
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder import keys
from autograder.course import COURSE
from autograder.exercise import Quiz

LESSON, STEM = "03_softmax", "softmax"
FULL = 14.0
# `token_mask` (2 points) depends on no other exercise and none depends on it: most cases spoil this one.
WITHOUT_TOKEN_MASK = 12.0
RIGHT = "def token_mask(lengths, seq):\n    return np.arange(seq) < np.asarray(lengths)[:, None]\n"
WRONG = "def token_mask(lengths, seq):\n    return np.arange(seq) <= np.asarray(lengths)[:, None]\n"


@functools.cache
def _answers() -> dict[str, str]:
    """exercise -> the reference's code, as a learner would write it."""
    found = {}
    for name, exercise in keys.exercises(STEM).items():
        value = getattr(keys.load_solutions(STEM), name)
        found[name] = f"{name} = {value!r}" if isinstance(exercise, Quiz) else keys.source_of(STEM, name)
    return found


class Work:
    """A learner's notebook as JSON, solved unless told otherwise, with what one does to it by accident."""

    def __init__(self, solved: bool = True) -> None:
        release = COURSE / "release" / LESSON / f"{LESSON}.ipynb"
        self.content: dict[str, Any] = json.loads(release.read_text("utf-8"))
        for cell in self.cells:
            cell["source"] = "".join(cell["source"])
        self.stubs = {cell["id"]: cell["source"] for cell in self.cells}
        if solved:
            for name, source in _answers().items():
                self[name]["source"] = source

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.content["cells"]

    def __getitem__(self, name: str) -> dict[str, Any]:
        return next(cell for cell in self.cells if cell.get("id") == name)

    def tagged(self, tag: str) -> dict[str, Any]:
        """The first cell with a tag."""
        return next(cell for cell in self.cells if tag in cell["metadata"].get("tags", []))

    def write(self, name: str, source: str) -> None:
        self[name]["source"] = source

    def delete(self, name: str) -> dict[str, Any]:
        cell = self[name]
        self.cells.remove(cell)
        return cell

    def add(
        self, source: str, below: str | None = None, above: str | None = None, **parts: Any
    ) -> dict[str, Any]:
        """Insert a cell: nameless code unless `parts` say otherwise, at the end if no place is named."""
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        cell |= {"id": f"new-{len(self.cells)}"} | parts
        if above is not None:
            self.cells.insert(self.cells.index(self[above]), cell)
        elif below is not None:
            self.cells.insert(self.cells.index(self[below]) + 1, cell)
        else:
            self.cells.append(cell)
        return cell

    def copy_of(self, name: str, source: str, **where: str) -> dict[str, Any]:
        """Insert a copy of a cell, as JupyterLab copies it: with its metadata, under a new id."""
        return self.add(source, metadata=copy.deepcopy(self[name]["metadata"]), **where)

    def saved(self) -> bytes:
        return json.dumps(self.content, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")


def half_done() -> bytes:
    """One exercise is done, the others are untouched."""
    work = Work(solved=False)
    work.write("token_mask", RIGHT)
    return work.saved()


def with_a_mistake() -> bytes:
    """One exercise is wrong, the others are right."""
    work = Work()
    work.write("token_mask", WRONG)
    return work.saved()


@dataclass(frozen=True)
class Case:
    """One odd submission, and what it deserves."""

    name: str
    what: str
    outcome: str
    score: float
    says: list[str]
    limits: dict[str, Any]
    file: Callable[[], bytes] = field(repr=False)
    attack: str = ""


CASES: list[Case] = []


def case(
    outcome: str,
    score: float,
    says: list[str] | None = None,
    solved: bool = True,
    limits: dict[str, Any] | None = None,
    attack: str = "",
) -> Callable[[Callable[[Work], bytes | None]], Callable[[Work], bytes | None]]:
    """Register a case.

    Args:
        outcome: "graded", "recovered" or "unreadable".
        says: words that its notes must hold; a "graded" submission has no notes.
        solved: begin with the reference's answers, or with the untouched notebook.
        limits: dotted name -> value: limits to lower for this case.
        attack: what it is after, if it is one: "theft", "leaks", "denial" or "harm".
    """

    def register(spoil: Callable[[Work], bytes | None]) -> Callable[[Work], bytes | None]:
        def file() -> bytes:
            work = Work(solved)
            return spoil(work) or work.saved()

        assert spoil.__doc__
        CASES.append(Case(spoil.__name__, spoil.__doc__, outcome, score, says or [], limits or {}, file, attack))
        return spoil

    return register


def all_cases() -> list[Case]:
    """Every case of this folder but the attacks."""
    return [each for each in _cases() if not each.attack]


def all_attacks() -> list[Case]:
    """Every case that only a sandbox may run."""
    return [each for each in _cases() if each.attack]


def _cases() -> list[Case]:
    from submissions import accidents, corrupt, denial, harm, leaks, misbehaving, theft  # noqa: F401

    assert len({each.name for each in CASES}) == len(CASES)
    return CASES
