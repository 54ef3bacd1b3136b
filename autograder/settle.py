"""One submission's result: found in the ledger, or made now and kept there.

A worker thread, `nbgrader autograde` and Formgrader's button all come here, so nothing is executed twice.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder import ledger, sandbox
from autograder.course import STATE
from autograder.examiner import course_secret, private_seeds
from autograder.exercise import Exercise
from autograder.grade import OurFault, content_hash, grade
from autograder.shell_client import Shell

TRIES = 3


@dataclass
class Settled:
    """What is kept of a graded submission.

    `outputs` are the cells' outputs by cell id; `exercises` and `missing_guarantees` are those of
    `spotlight grade --json`; `name` is the result's name in the ledger.
    """

    name: str
    outputs: dict[str, list[dict[str, Any]]]
    exercises: list[dict[str, Any]]
    missing_guarantees: list[str]

    @property
    def score(self) -> float:
        return round(sum(each["score"] for each in self.exercises), 4)

    @property
    def max_score(self) -> float:
        return float(sum(each["points"] for each in self.exercises))

    def write_into(self, notebook: NotebookNode) -> None:
        """Give the cells of a rebuilt notebook their outputs."""
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [from_dict(each) for each in self.outputs.get(cell.id, [])]
                cell.execution_count = None


def settle(notebook: NotebookNode, student: str, lesson: str, data: Path | None, isolated: bool) -> Settled:
    """Grade a rebuilt submission, or find the result of having done so.

    Args:
        notebook: as `rebuild` makes it; its outputs are written over.
        data: the folder whose other files the submission may read.
        isolated: in the sandbox; without it every result names what was missing.

    Raises:
        OurFault: no verdict after three tries.
        Refused: the sandbox is not to be had here.
    """
    missing = [] if isolated else list(sandbox.PROMISES)
    content = content_hash(notebook)
    name = ledger.name_of(student, lesson, content, missing)
    found = ledger.find(name)
    if found is not None:
        return Settled(**found)
    secret = course_secret(STATE)

    def seeds_of(exercise: Exercise) -> dict[str, list[int]]:
        return private_seeds(secret, student, exercise, content)

    def start() -> Shell:
        return open_shell(data, isolated)

    for left in reversed(range(TRIES)):
        graded = grade(notebook, lesson, seeds_of, start)
        if graded.score is not None:
            break
        if not left:
            broken = [name for name, each in graded.examined.items() if each.verdict.score is None]
            raise OurFault(f"the reference answer to {', '.join(broken)} failed {TRIES} times")
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs}
    settled = Settled(name, outputs, graded.exercises(), missing)
    ledger.keep(name, asdict(settled))
    return settled


def open_shell(data: Path | None, isolated: bool) -> Shell:
    """A shell: isolated, or from the warm process without isolation, or where there is none a plain one.

    Raises:
        Refused: isolation is asked for, and this system does not allow it.
        Dead: it did not start.
    """
    if isolated:
        from autograder.guarantees import why_not_isolated
        from autograder.warm_shell import Refused

        says = why_not_isolated()  # tried once by each process
        if says:
            raise Refused(says)
    if sandbox.available():
        from autograder.warm_shell import WarmShell

        return WarmShell(data, isolated)
    return Shell()
