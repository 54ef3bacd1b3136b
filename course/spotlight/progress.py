"""One line that says how far a training run is: in a notebook, in a terminal, in a log file."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

REFRESH_SECONDS = 0.5
SMOOTHED_OVER = 20  # steps over which the shown loss is averaged
BAR = 24  # characters


class Progress:
    """One line that is written over; where it cannot be (a log file), only the last one is written."""

    def __init__(self, title: str, steps: int, done_before: int = 0) -> None:
        """`done_before`: steps of an earlier run; they took no time of this one."""
        self._title, self._steps, self._done_before = title, steps, done_before
        self._start = self._shown = time.monotonic()
        self._losses: list[float] = []
        self._handle: Any = None
        self._write("starting")

    def show(self, losses: list[float]) -> None:
        self._losses = losses
        now, done = time.monotonic(), len(losses)
        if now - self._shown < REFRESH_SECONDS:
            return
        self._shown = now
        left = (now - self._start) * (self._steps - done) / (done - self._done_before)
        filled = BAR * done // self._steps
        bar = "█" * filled + "░" * (BAR - filled)
        self._write(f"{bar} {done:,} of {self._steps:,}{self._loss()}, {left:.0f} s left")

    def say(self, sentence: str) -> None:
        """A line of its own, that stays; "" says nothing."""
        if sentence:
            over = "\r" if sys.stdout.isatty() else ""
            print(f"{over}{self._title}: {sentence}")

    def end(self, says: str) -> None:
        self._write(f"{says} in {time.monotonic() - self._start:.0f} s{self._loss()}", last=True)

    def _loss(self) -> str:
        recent = self._losses[-SMOOTHED_OVER:]
        return f", loss {np.mean(recent):.3f}" if recent else ""

    def _write(self, text: str, last: bool = False) -> None:
        text = f"{self._title}: {text}"
        ipython = sys.modules.get("IPython")
        if ipython is not None and ipython.get_ipython() is not None:
            shown = {"text/plain": text}
            if self._handle is None:
                self._handle = ipython.display.display(shown, raw=True, display_id=True)
            else:
                self._handle.update(shown, raw=True)
        elif sys.stdout.isatty():
            print(f"\r{text:<100}", end="\n" if last else "", flush=True)
        elif last:
            print(text)
