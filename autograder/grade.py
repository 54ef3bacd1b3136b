"""`grade(notebook, …)`: run a rebuilt submission in a shell, ask every exercise, and write the verdicts down.

Pure: it reads a notebook and returns a graded one; gradebook and files are nbgrader's business.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder import keys
from autograder.asking import Failure
from autograder.examiner import Examined, Seeds, examine, lost, mend_first
from autograder.exercise import Exercise
from autograder.judge import OUR_FAULT
from autograder.panel import as_html
from autograder.rebuild import NEVER_RUN, key_of, role
from autograder.shell_client import Dead, Shell

CELL_SECONDS = 30.0
NOTEBOOK_SECONDS = 300.0
MOST_REVIVALS = 3
MOST_OUTPUT = 1 << 20


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


def grade(notebook: NotebookNode, lesson: str, seeds_of: Callable[[Exercise], Seeds]) -> Graded:
    """Grade a rebuilt notebook; its check cells receive their verdicts as outputs.

    Args:
        lesson: "03_softmax".
        seeds_of: the seeds to ask an exercise with.

    Raises:
        OurFault: no shell could be started.
    """
    run = _Run(lesson.split("_", 1)[1], seeds_of)
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

    def __init__(self, stem: str, seeds_of: Callable[[Exercise], Seeds]) -> None:
        self._stem, self._seeds_of = stem, seeds_of
        self._exercises = keys.exercises(stem)
        self._deadline = time.monotonic() + NOTEBOOK_SECONDS
        self._done: list[str] = []  # cells that ran to their end, to be replayed in a new shell
        self._revivals = 0
        self._shell: Shell | None = _start()
        self.examined: dict[str, Examined] = {}

    def stop(self) -> None:
        if self._shell is not None:
            self._shell.stop()

    def all(self, notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            kind = role(cell)
            if kind == "check":
                self._ask(key_of(cell).removesuffix("-check"))
            elif cell.cell_type == "code" and kind not in NEVER_RUN and cell.source.strip():
                self._execute(cell)
        for name, examined in list(self.examined.items()):
            if not examined.verdict.passed and not _timed_out(examined):
                self._ask(name)  # an answer below its check is still an answer

    def _ask(self, name: str) -> None:
        exercise = self._exercises[name]
        try:
            shell = self._living_shell()
            found = examine(self._stem, exercise, self._seeds_of(exercise), shell.ask)
        except Dead as death:
            self._lose_shell()
            found = lost(self._stem, exercise, Failure("died", message=str(death)))
        before = self.examined.get(name)
        if before is None or _better(found, before):
            self.examined[name] = found

    def _execute(self, cell: NotebookNode) -> None:
        collected = _Outputs()
        seconds = min(CELL_SECONDS, self._deadline - time.monotonic())
        try:
            if seconds <= 0:
                raise Dead("the time for the whole notebook was used up before this cell")
            if self._living_shell().run(cell.source, seconds, collected.add):
                self._done.append(cell.source)
            else:
                collected.say(f"(stopped after {seconds:.0f} seconds)")
        except Dead as death:
            self._lose_shell()
            collected.say(f"({death})")
        cell.outputs = collected.outputs
        cell.execution_count = None

    def _living_shell(self) -> Shell:
        """The shell, or a new one in which the earlier cells have run again."""
        if self._shell is not None:
            return self._shell
        self._revivals += 1
        if self._revivals > MOST_REVIVALS:
            raise Dead("the notebook ended its process again and again")
        self._shell = _start()
        for source in self._done:
            self._shell.run(source, CELL_SECONDS, lambda message: None)
        return self._shell

    def _lose_shell(self) -> None:
        if self._shell is not None:
            self._shell.stop()
        self._shell = None


def _start() -> Shell:
    for _ in range(3):
        try:
            return Shell()
        except (Dead, OSError) as error:
            why = error
    raise OurFault(f"the shell did not start: {why}")


def _timed_out(examined: Examined) -> bool:
    return any(
        result.problem is not None and result.problem.failure is not None and result.problem.failure.kind == "time"
        for result in examined.verdict.results
    )


def _better(new: Examined, old: Examined) -> bool:
    if old.verdict.score is None or new.verdict.score is None:
        return old.verdict.score is None and new.verdict.score is not None
    return new.verdict.score > old.verdict.score


class _Outputs:
    """A cell's outputs as plain text and PNG, bounded."""

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []
        self._room = MOST_OUTPUT

    def say(self, text: str) -> None:
        self.outputs.append(new_output("stream", name="stdout", text=text + "\n"))

    def add(self, message: dict[str, Any]) -> None:
        if self._room <= 0 or len(self.outputs) > 500:
            return
        kind = message.get("type")
        if kind == "stream" and isinstance(message.get("text"), str):
            self._text(message["text"])
        elif kind == "error":
            self._error(message)
        elif kind == "display" and isinstance(message.get("data"), dict):
            data = {k: v for k, v in message["data"].items() if k in ("text/plain", "image/png")}
            data = {k: v for k, v in data.items() if isinstance(v, str) and len(v) <= self._room}
            self._room -= sum(map(len, data.values()))
            if data:
                self.outputs.append(new_output("display_data", data=data))

    def _text(self, text: str) -> None:
        text = text[: self._room]
        self._room -= len(text)
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream":
            last.text += text
        else:  # stderr too: a warning is no mistake, and nbgrader takes any stderr for a failure
            self.outputs.append(new_output("stream", name="stdout", text=text))

    def _error(self, message: dict[str, Any]) -> None:
        lines = message.get("lines")
        trace = [str(line)[:2000] for line in lines[:30]] if isinstance(lines, list) else []
        self._room -= sum(map(len, trace)) + 500
        name, value = str(message.get("name"))[:100], str(message.get("value"))[:1000]
        self.outputs.append(new_output("error", ename=name, evalue=value, traceback=trace))


def _write_verdict(cell: NotebookNode, examined: Examined) -> None:
    """What the check cell shows in class, then the points as nbgrader reads them."""
    verdict = examined.verdict
    text = examined.message.as_text()
    html = as_html(examined.message)
    cell.outputs = [new_output("display_data", data={"text/plain": text, "text/html": html})]
    if all(result.outcome != OUR_FAULT for result in verdict.results):
        points = new_output("execute_result", data={"text/plain": repr(float(verdict.score or 0.0))})
        cell.outputs.append(points)
    cell.execution_count = None
