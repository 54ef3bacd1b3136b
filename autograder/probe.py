"""Asks the learner's code, beside it, in a forked child. Whatever it sends is only an answer.

A crash or an `os._exit` costs one check: the rest is asked from a new child. A loop ends the exercise.
"""

import contextlib
import importlib
import io
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from autograder.asking import Answer, Call, Failure, ask
from autograder.exercise import Exercise, exercises_of
from autograder.on_cpu import on_cpu
from autograder.wire import NotAnAnswer, decode, encode

Frame = tuple[dict[str, Any], list[bytes]]
Send = Callable[[dict[str, Any], list[bytes]], None]
MOST_BYTES = 48 << 20


class Todo(NamedTuple):
    """What is asked, and its place in the request."""

    number: int
    exercise: Exercise
    check: str
    seed: int


def answer(request: dict[str, Any], namespace: dict[str, Any], send: Send) -> None:
    """Answer an `ask` request: {"stem", "questions": [[exercise, check, seed], …], "limit", "total"}.

    `limit` is the seconds that one question may take, `total` that those of one exercise may take together.
    """
    exercises = exercises_of(importlib.import_module(f"autograder.exercises.{request['stem']}"))
    asked = enumerate(request["questions"])
    todo = [Todo(number, exercises[name], check, seed) for number, (name, check, seed) in asked]
    rounds = _forked if hasattr(os, "fork") else _inline
    limit, total = float(request["limit"]), float(request["total"])
    ends: dict[str, float] = {}

    def end_of(name: str) -> float:
        """When the time of an exercise is up; it begins with its first question."""
        return ends.setdefault(name, time.monotonic() + total)

    while todo:
        done, too_slow = rounds(todo, namespace, limit, end_of, send)
        todo = [each for each in todo[done:] if each.exercise is not too_slow]


def _inline(
    todo: list[Todo], namespace: dict, limit: float, end_of: Callable[[str], float], send: Send
) -> tuple[int, Exercise | None]:
    """Without fork (Windows): one after the other; the grader's own deadline ends a loop."""
    for each in todo:
        send(*_message(each.number, _one(each, namespace)))
    return len(todo), None


def _forked(
    todo: list[Todo], namespace: dict, limit: float, end_of: Callable[[str], float], send: Send
) -> tuple[int, Exercise | None]:
    """Ask from one child; returns how many questions are settled, and the exercise that ran out of time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(todo, namespace, reading, writing)
    os.close(writing)
    settled, data, why, end = 0, bytearray(), "", 0.0
    try:
        while settled < len(todo) and not why:
            end = end_of(todo[settled].exercise.name)
            frame, why = _next_frame(reading, data, min(time.monotonic() + limit, end))
            if frame is not None:
                header, buffers = frame
                send({"type": "answer", "number": todo[settled].number} | header, buffers)
                settled += 1
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not why:
        return settled, None
    said = f"{limit:g} seconds" if time.monotonic() < end else "the time for one exercise"
    failed = Answer(failure=Failure(why, message=said if why == "time" else f"exit status {status}"))
    send(*_message(todo[settled].number, failed))
    return settled + 1, todo[settled].exercise if why == "time" else None


def _next_frame(reading: int, data: bytearray, deadline: float) -> tuple[Frame | None, str]:
    """A frame, or why there is none: "time" or "died". `data` is what was read beyond the last one."""
    while True:
        frame = _take(data)
        if frame is not None:
            return frame, ""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None, "time"
        chunk = os.read(reading, 1 << 20)
        data += chunk
        if not chunk or len(data) > MOST_BYTES:
            return None, "died"


def _child(todo: list[Todo], namespace: dict, reading: int, writing: int) -> None:
    try:
        os.close(reading)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        sys.stdout = sys.stderr = io.StringIO()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with os.fdopen(writing, "wb") as pipe:
            for question in todo:
                message, buffers = _message(0, _one(question, namespace))
                size = sum(map(len, buffers))
                if size > MOST_BYTES / 2:
                    large = Failure("error", "TooLarge", f"the answer takes {size / 1e6:.0f} MB")
                    message, buffers = _message(0, Answer(failure=large))
                header = json.dumps([message["answer"], [len(raw) for raw in buffers]]).encode()
                pipe.write(len(header).to_bytes(8, "little") + sum(map(len, buffers)).to_bytes(8, "little"))
                pipe.write(header + b"".join(buffers))
                pipe.flush()
    finally:
        os._exit(0)


def _take(data: bytearray) -> Frame | None:
    """Cut one whole frame from the front of `data`, if there is one."""
    if len(data) < 16:
        return None
    size, rest = int.from_bytes(data[:8], "little"), int.from_bytes(data[8:16], "little")
    if len(data) < 16 + size + rest:
        return None
    node, sizes = json.loads(bytes(data[16 : 16 + size]))
    buffers, at = [], 16 + size
    for each in sizes:
        buffers.append(bytes(data[at : at + each]))
        at += each
    del data[: 16 + size + rest]
    return {"answer": node}, buffers


def _one(question: Todo, namespace: dict[str, Any]) -> Answer:
    exercise = question.exercise
    check = next(each for each in exercise.checks if each.name == question.check)
    if exercise.name not in namespace:
        return Answer(failure=Failure("missing"))
    try:
        with on_cpu():
            return ask(exercise, check, namespace[exercise.name], question.seed)
    except BaseException as error:
        return Answer(failure=Failure("error", type(error).__name__, "it ended the question"))


def _message(number: int, answer: Answer) -> tuple[dict[str, Any], list[bytes]]:
    node, buffers = encode(to_tree(answer))
    return {"type": "answer", "number": number, "answer": node}, buffers


def to_tree(answer: Answer) -> dict[str, Any]:
    """An answer as a tree that `wire` can encode; arguments stay behind, the examiner knows them."""
    failure = answer.failure
    return {
        "value": answer.value,
        "results": [call.result for call in answer.calls],
        "changed": [str(name) for name in answer.changed],
        "failure": None
        if failure is None
        else [
            failure.kind,
            failure.type_name,
            failure.message,
            failure.where,
            str(failure.line_number),
            failure.line,
        ],
    }


def from_tree(node: Any, buffers: list[bytes]) -> Answer:
    """Read what `to_tree` made, or what somebody wants to be taken for it.

    Raises:
        NotAnAnswer: it has not that form.
    """
    tree = decode(node, buffers)
    if not isinstance(tree, dict) or tree.keys() != {"value", "results", "changed", "failure"}:
        raise NotAnAnswer("an answer without its parts")
    failure, results, changed = tree["failure"], tree["results"], tree["changed"]
    if not isinstance(results, list):
        results = []
    if not isinstance(changed, list) or not all(isinstance(name, str) for name in changed):
        raise NotAnAnswer("odd names of arguments")
    made = None
    if failure is not None:
        if not isinstance(failure, list) or len(failure) != 6 or not all(isinstance(x, str) for x in failure):
            raise NotAnAnswer("an odd failure")
        kind, type_name, message, where, line_number, line = failure
        a_number = line_number.isascii() and line_number.isdigit() and len(line_number) < 8
        number = int(line_number) if a_number else 0
        made = Failure(kind[:20], type_name[:80], message[:2000], where[:80], number, line[:200])
    return Answer(tree["value"], made, [Call({}, result) for result in results], changed)
