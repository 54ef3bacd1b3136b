"""`grade(notebook, …)`: run a rebuilt submission in a shell, ask every exercise, and write the verdicts down.

Pure: it reads a notebook and returns a graded one; gradebook and files are nbgrader's business.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder import examiner, keys
from autograder.additions import only_adds, words_of
from autograder.asking import Answer, Asked, Failure
from autograder.examiner import Examined, Seeds, examine, lost, mend_first, questions_of
from autograder.exercise import Exercise
from autograder.judge import OUR_FAULT
from autograder.outputs import Outputs, clean
from autograder.panel import as_html
from autograder.rebuild import EXTRA, NEVER_RUN, key_of, role
from autograder.shell_client import Dead, Shell

CELL_SECONDS = 30.0
EXTRA_SECONDS = 10.0  # a cell that the learner added
EXTRAS_SECONDS = 60.0  # all of them together
NOTEBOOK_SECONDS = 300.0  # everything: cells, questions, and replaying cells in a new shell
MOST_REVIVALS = 3
MOST_OUTPUT = 1 << 20  # characters kept of one cell's outputs
MOST_OUTPUTS = 8 << 20  # and of a notebook's


class OurFault(Exception):
    """No verdict, for a reason that is not the student's."""


@dataclass
class Graded:
    """The graded notebook and the record of `spotlight grade --json`'s exercises."""

    notebook: NotebookNode
    examined: dict[str, Examined] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """Points in all; None if any exercise could not be decided."""
        scores = [each.verdict.score for each in self.examined.values()]
        return None if None in scores else round(sum(score or 0.0 for score in scores), 4)

    @property
    def max_score(self) -> float:
        return float(sum(each.verdict.exercise.points for each in self.examined.values()))

    def exercises(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "score": each.verdict.score,
                "points": each.verdict.exercise.points,
                "misconception": each.verdict.misconception.says if each.verdict.misconception else None,
                "checks": [
                    {"name": result.check.name, "outcome": result.outcome} for result in each.verdict.results
                ],
            }
            for name, each in self.examined.items()
        ]


def content_hash(notebook: NotebookNode) -> str:
    """A hash of all code in a notebook."""
    code = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def grade(
    notebook: NotebookNode,
    lesson: str,
    seeds_of: Callable[[Exercise], Seeds],
    start: Callable[[], Shell] = Shell,
) -> Graded:
    """Grade a rebuilt notebook; its check cells receive their verdicts as outputs.

    Args:
        lesson: "03_softmax".
        seeds_of: the seeds to ask an exercise with.
        start: makes a shell; again, if the notebook ends the one it has.

    Raises:
        OurFault: no shell could be started.
    """
    run = _Run(lesson.split("_", 1)[1], seeds_of, start)
    try:
        run.all(notebook)
    finally:
        run.stop()
    sources = {key_of(cell): cell.source for cell in notebook.cells if role(cell) == "answer"}
    mend_first(run.examined, sources)
    for cell in notebook.cells:
        if role(cell) == "check":
            _write_verdict(cell, run.examined[key_of(cell).removesuffix("-check")])
    return Graded(notebook, run.examined)


class _Run:
    """One submission's way through a shell that it may kill."""

    def __init__(self, stem: str, seeds_of: Callable[[Exercise], Seeds], start: Callable[[], Shell]) -> None:
        self._stem, self._seeds_of, self._start = stem, seeds_of, start
        self._exercises = keys.exercises(stem)
        self._seconds_for_extras = EXTRAS_SECONDS
        self._room = MOST_OUTPUTS
        self._cells_run = 0
        self._words: set[str] = set()  # of every cell that ran
        self._done: list[str] = []  # those that came to their end, to be replayed in a new shell
        self._asked_after: dict[str, int] = {}  # exercise -> how many cells had run
        self._waiting: list[str] = []  # exercises whose check cell has been passed, not asked yet
        self._errors: dict[str, str] = {}  # answer cell -> the error it stopped with
        self._revivals = 0
        self._deadline = time.monotonic() + NOTEBOOK_SECONDS
        self._shell: Shell | None = self._new_shell()
        self.examined: dict[str, Examined] = {}

    def stop(self) -> None:
        if self._shell is not None:
            self._shell.stop()

    def all(self, notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            kind = role(cell)
            if kind == "check":
                self._waiting.append(key_of(cell).removesuffix("-check"))
            elif cell.cell_type == "code" and kind not in NEVER_RUN and cell.source.strip():
                if not only_adds(cell.source, self._words):
                    self._ask_waiting()
                self._cells_run += 1
                self._words |= words_of(cell.source)
                self._execute(cell, kind == EXTRA)
        self._ask_waiting()
        for name, examined in list(self.examined.items()):
            same = examined.unstarted and self._asked_after[name] == self._cells_run
            if not (examined.verdict.passed or examined.timed_out or same):
                self._ask(name)  # alone, and at the end: an answer below its check is still an answer

    def _ask_waiting(self) -> None:
        """Ask what waits in one request: the shell then forks once, and a fork costs more than the questions."""
        names, self._waiting = self._waiting, []
        asked = [each for name in names for each in questions_of(name, self._seeds_of(self._exercises[name]))]
        try:
            replies = self._living_shell().ask(self._stem, asked, examiner.CHECK_SECONDS) if asked else []
        except Dead:  # one of them ended the shell; each alone will tell which
            self._lose_shell()
            asked, replies = [], []
        known = dict(zip(asked, replies, strict=True))
        for name in names:
            self._ask(name, known)

    def _ask(self, name: str, known: Mapping[Asked, Answer | None] = MappingProxyType({})) -> None:
        """Decide on an exercise; `known` are answers that are here already."""
        exercise, before = self._exercises[name], self.examined.get(name)
        self._asked_after[name] = self._cells_run

        def ask(stem: str, asked: list[Asked], seconds: float) -> list[Answer | None]:
            if known.keys() >= set(asked):
                return [known[each] for each in asked]
            return self._living_shell().ask(stem, asked, seconds)

        try:
            found = examine(self._stem, exercise, self._seeds_of(exercise), ask, before)
        except Dead as death:
            self._lose_shell()
            found = before or lost(self._stem, exercise, Failure("died", message=str(death)))
        if name in self._errors and found.lacks_definition:
            found.message = replace(
                found.message,
                note=f"Its cell stopped with an error.\n{self._errors[name]}",
                next_step="Mend that error, run the cell, then its check.",
            )
        self.examined[name] = found

    def _execute(self, cell: NotebookNode, extra: bool) -> None:
        collected = Outputs(min(MOST_OUTPUT, self._room))
        seconds = min(EXTRA_SECONDS, self._seconds_for_extras) if extra else CELL_SECONDS
        start = time.monotonic()
        if seconds <= 0:
            collected.say("(not run: the cells above took all the time there is for added cells)")
        else:
            self._run(cell.source, seconds, collected)
        if extra:
            self._seconds_for_extras -= time.monotonic() - start
        if collected.error:
            self._errors[key_of(cell)] = collected.error
        self._room -= collected.used
        cell.outputs = collected.outputs
        cell.execution_count = None

    def _run(self, source: str, seconds: float, collected: "Outputs") -> None:
        try:
            if self._living_shell().run(source, seconds, collected.add):
                self._done.append(source)
            else:
                collected.say(f"(stopped after {seconds:.0f} seconds)")
        except Dead as death:
            self._lose_shell()
            collected.say(f"({death})")

    def _living_shell(self) -> Shell:
        """The shell, or a new one in which the earlier cells have run again."""
        if time.monotonic() >= self._deadline:
            raise Dead(f"the {NOTEBOOK_SECONDS:.0f} seconds for the whole notebook were over")
        if self._shell is not None:
            return self._shell
        self._revivals += 1
        if self._revivals > MOST_REVIVALS:
            raise Dead("the notebook ended its Python process again and again")
        self._shell = self._new_shell()
        for source in self._done:
            self._shell.run(source, CELL_SECONDS, lambda message: None)
        return self._shell

    def _new_shell(self) -> Shell:
        shell = _start(self._start)
        shell.deadline = self._deadline
        return shell

    def _lose_shell(self) -> None:
        if self._shell is not None:
            self._shell.stop()
        self._shell = None


def _start(start: Callable[[], Shell]) -> Shell:
    for _ in range(3):
        try:
            return start()
        except (Dead, OSError) as error:
            why = error
    raise OurFault(f"the shell did not start: {why}")


def _write_verdict(cell: NotebookNode, examined: Examined) -> None:
    """What the check cell shows in class, then the points as nbgrader reads them."""
    verdict = examined.verdict
    text = clean(examined.message.as_text())
    html = clean(as_html(examined.message))
    cell.outputs = [new_output("display_data", data={"text/plain": text, "text/html": html})]
    if all(result.outcome != OUR_FAULT for result in verdict.results):
        points = new_output("execute_result", data={"text/plain": repr(float(verdict.score or 0.0))})
        cell.outputs.append(points)
    cell.execution_count = None
