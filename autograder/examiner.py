"""The trusted side of grading: draws private seeds, asks the shell, compares, and finds the words.

Student code cannot reach this process; whatever it sends is only an answer.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.asking import Answer, Asked, Failure
from autograder.checking import names_in
from autograder.exercise import PUBLIC_SEEDS, Exercise
from autograder.judge import OUR_FAULT, Verdict, judge
from autograder.keys import have_solutions, key_for, public_seeds
from autograder.message import Message, explain

Seeds = dict[str, list[int]]
AskShell = Callable[[str, list[Asked], float], list[Answer | None]]

CHECK_SECONDS = 10.0
NOTHING_WRITTEN = {"missing", "not_started"}  # failures that are told in the same words for any input


@dataclass
class Examined:
    """The verdict on one exercise, and what to tell the learner (at public seeds, never the private ones)."""

    verdict: Verdict
    message: Message

    @property
    def lacks_definition(self) -> bool:
        """Was there nothing of the exercise's name to ask?"""
        return self._failures() == {"missing"}

    @property
    def unstarted(self) -> bool:
        """Was there nothing but the stub, or not even that?"""
        return bool(self._failures()) and self._failures() <= NOTHING_WRITTEN

    @property
    def timed_out(self) -> bool:
        return "time" in self._failures()

    def _failures(self) -> set[str]:
        problems = [result.problem for result in self.verdict.results]
        return {p.failure.kind if p is not None and p.failure is not None else "" for p in problems}


def course_secret(state: Path) -> bytes:
    """The key of all private seeds: made on first use, readable by its owner only."""
    path = state / "secret"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        state.mkdir(parents=True, exist_ok=True)
        new = state / f"secret.{os.getpid()}.{time.monotonic_ns()}"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(new, path)  # whoever comes first wins, and the other one uses that
        except FileExistsError:
            pass
        finally:
            new.unlink()
        return path.read_bytes()


def private_seeds(secret: bytes, student: str, exercise: Exercise, content: str) -> Seeds:
    """check -> seeds: the same on a regrade, new for a changed answer, not to be guessed.

    Args:
        content: a hash of all the code that will run.
    """

    def seed(check: str, number: int) -> int:
        text = "\0".join([student, exercise.name, check, content, str(number)])
        return int.from_bytes(hmac.new(secret, text.encode(), hashlib.sha256).digest()[:4], "big")

    return {each.name: [seed(each.name, n) for n in range(PUBLIC_SEEDS)] for each in exercise.checks}


def examine(
    stem: str, exercise: Exercise, seeds: Seeds, ask: AskShell, before: Examined | None = None
) -> Examined:
    """Ask one exercise's checks with `seeds`, and decide.

    Args:
        before: what an earlier look found; it stays unless this one finds more.

    Raises:
        Dead: from `ask`, when the shell ended (see `shell_client`).
    """
    answers = _ask(stem, exercise, seeds, ask)
    key = key_for(stem, exercise, seeds)
    verdict = judge(exercise, answers, key)
    if before is not None and not _better(verdict, before.verdict):
        return before
    if any(result.outcome == OUR_FAULT for result in verdict.results):
        note = "The course's own answer failed here, not yours."
        return Examined(verdict, Message(f"{exercise.name}: no verdict", note=note))
    if verdict.passed:
        right = {each.name: key.reference(each) for each in exercise.checks}
        return Examined(verdict, explain(verdict, answers, right))
    kinds = {own.failure.kind if own.failure else "" for each in answers.values() for own in each}
    if kinds <= NOTHING_WRITTEN:
        return Examined(verdict, explain(verdict, answers, {}))
    return Examined(verdict, _tell(stem, exercise, verdict, ask))


def _better(new: Verdict, old: Verdict) -> bool:
    if new.score is None or old.score is None:
        return new.score is not None
    return new.score > old.score


def lost(stem: str, exercise: Exercise, failure: Failure) -> Examined:
    """The verdict on an exercise that could not be asked at all."""
    key = key_for(stem, exercise)
    answers = {each.name: [Answer(failure=failure)] * PUBLIC_SEEDS for each in exercise.checks}
    verdict = judge(exercise, answers, key)
    return Examined(verdict, explain(verdict, answers, {}))


def questions_of(exercise: str, seeds: Seeds) -> list[Asked]:
    """Every check with every one of its seeds."""
    return [(exercise, check, seed) for check, own in seeds.items() for seed in own]


def _ask(stem: str, exercise: Exercise, seeds: Seeds, ask: AskShell) -> dict[str, list[Answer]]:
    replies = ask(stem, questions_of(exercise.name, seeds), CHECK_SECONDS)
    late = any(reply is not None and reply.failure and reply.failure.kind == "time" for reply in replies)
    silent = (
        Failure("time", message=f"the time of an earlier check ({CHECK_SECONDS:g} seconds)")
        if late
        else Failure("died", message="no readable answer came back")
    )
    filled = iter(reply if reply is not None else Answer(failure=silent) for reply in replies)
    return {check: [next(filled) for _ in own] for check, own in seeds.items()}


def _tell(stem: str, exercise: Exercise, verdict: Verdict, ask: AskShell) -> Message:
    """The message of a failure at public seeds, else at throw-away ones: private inputs stay private."""
    throwaway = {each.name: [secrets.randbits(32)] * PUBLIC_SEEDS for each in exercise.checks}
    tries = [public_seeds(exercise), *([throwaway] if have_solutions() else [])]
    for seeds in [] if Examined(verdict, Message("")).timed_out else tries:
        key = key_for(stem, exercise, None if seeds is tries[0] else seeds)
        answers = _ask(stem, exercise, seeds, ask)
        shown = judge(exercise, answers, key)
        if not shown.passed:
            named = replace(shown, misconception=verdict.misconception)
            return explain(named, answers, {each.name: key.reference(each) for each in exercise.checks})
    first = verdict.first_problem
    assert first is not None
    return Message(
        f"{first.check.title} · {exercise.name}",
        first.check.asks,
        note="It was too slow, or wrong for some inputs only.",
        next_step=first.check.next_step,
    )


def mend_first(examined: dict[str, Examined], sources: dict[str, str]) -> None:
    """Where an exercise calls another that failed, say so instead of naming a misconception."""
    failed = {name for name, each in examined.items() if not each.verdict.passed}
    for name in failed:
        called = sorted((names_in(sources.get(name)) & failed) - {name})
        if called:
            each = examined[name]
            each.verdict = replace(each.verdict, misconception=None, mend_first=called[0])
            step = f"First mend `{called[0]}`, which `{name}` calls."
            each.message = replace(each.message, next_step=step)
