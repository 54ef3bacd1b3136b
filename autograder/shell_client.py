"""The grader's side of a shell: bounded reads, deadlines, interrupt and then kill."""

import contextlib
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import spotlight
from autograder import frames
from autograder.asking import Answer, Asked
from autograder.probe import from_tree
from autograder.wire import NotAnAnswer

START_SECONDS = 60.0
GRACE_SECONDS = 1.0
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "LANG": "C.UTF-8",
    "CUDA_VISIBLE_DEVICES": "",
}
KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP")
# Where the shell finds this package and `spotlight`: here, whatever else is installed.
PACKAGES = [str(Path(str(file)).parent.parent) for file in (__file__, spotlight.__file__)]
MOST_KEPT = 128 << 20  # bytes of all answers to one request
EXERCISE_SECONDS = 30.0  # all questions of one exercise together

OnOutput = Callable[[dict[str, Any]], None]


class Dead(Exception):
    """The shell ended, or had to be ended; the message is for the learner."""


class Shell:
    """One process that runs one submission. A context manager; leaving it ends the process.

    `deadline`, on `time.monotonic`'s clock, is when all requests must have ended.
    """

    deadline = math.inf

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="spotlight-")
        self._line, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | ENVIRONMENT
        environment |= {"HOME": self._folder.name, "IPYTHONDIR": str(Path(self._folder.name, ".ipython"))}
        environment["PYTHONPATH"] = os.pathsep.join(PACKAGES)
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.shell"],
            stdin=subprocess.PIPE if windows else theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env=environment,
            start_new_session=not windows,
        )
        if sys.platform == "win32":
            assert self._process.stdin is not None
            self._process.stdin.write(theirs.share(self._process.pid))
            self._process.stdin.close()
        theirs.close()
        self._number = 0
        try:
            message, _ = frames.receive(self._line, time.monotonic() + START_SECONDS)
        except (frames.Broken, frames.TooLate):
            message = {}
        if message.get("type") != "ready":
            self.stop()
            raise Dead("the shell did not start")

    def run(self, code: str, seconds: float, on_output: OnOutput) -> bool:
        """Execute a cell; returns whether it ended within its time.

        Raises:
            Dead: it ended its process, or would not stop.
        """
        return self._request({"type": "run", "code": code}, seconds, lambda message, _: on_output(message))

    def ask(self, stem: str, questions: list[Asked], seconds: float) -> list[Answer | None]:
        """Put questions to what the cells defined; None where no answer came, or no room is left for it.

        Args:
            questions: (exercise, check, seed), an exercise's own together.
            seconds: for one question.

        Raises:
            Dead: the shell ended meanwhile.
        """
        answers: list[Answer | None] = [None] * len(questions)
        room = MOST_KEPT

        def keep(message: dict[str, Any], buffers: list[bytes]) -> None:
            nonlocal room
            number = message.get("number")
            if message.get("type") != "answer" or type(number) is not int or not 0 <= number < len(questions):
                return
            size = sum(map(len, buffers))
            if answers[number] is None and size <= room:
                with contextlib.suppress(NotAnAnswer):
                    answers[number] = from_tree(message.get("answer"), buffers)
                    room -= size

        total = min(max(EXERCISE_SECONDS, seconds), max(self.deadline - time.monotonic(), 0.0))
        request = {"type": "ask", "stem": stem, "questions": questions, "limit": seconds, "total": total}
        self._request(request, total * len({name for name, _, _ in questions}) + 5, keep)
        return answers

    def _request(
        self, request: dict[str, Any], seconds: float, on_frame: Callable[[dict[str, Any], list[bytes]], None]
    ) -> bool:
        self._number += 1
        in_time = True
        deadline = min(time.monotonic() + seconds, self.deadline)
        self._line.settimeout(max(deadline - time.monotonic(), GRACE_SECONDS))  # it may have stopped reading
        try:
            frames.send(self._line, request | {"id": self._number})
            while True:
                try:
                    message, buffers = frames.receive(self._line, deadline)
                except frames.TooLate as late:
                    if late.halfway or not in_time:
                        raise Dead("it did not stop when its time was up, and was ended") from None
                    in_time, deadline = False, time.monotonic() + GRACE_SECONDS
                    self._interrupt()
                    continue
                if message.get("type") == "done" and message.get("id") == self._number:
                    return in_time
                on_frame(message, buffers)
        except (frames.Broken, OSError):
            raise Dead("it ended its own Python process") from None

    def _interrupt(self) -> None:
        if sys.platform != "win32":  # there only the end of the process is left
            with contextlib.suppress(OSError):
                self._process.send_signal(signal.SIGINT)

    def stop(self) -> None:
        """End the process and everything it started, and remove its folder."""
        self._line.close()
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._folder.cleanup()

    def __enter__(self) -> "Shell":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
