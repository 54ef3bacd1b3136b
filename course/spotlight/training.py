"""A training loop that can be read in a minute, a progress bar, seeds, and where to compute.

    model = MyModel().to(spotlight.device())
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(number):
        loss = loss_of(model, batch(number))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    losses = spotlight.train(step, 2000, title="copying")
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

REFRESH_SECONDS = 0.5
SMOOTHED_OVER = 20  # steps over which the shown loss is averaged
BAR = 24  # characters


def train(step: Callable[[int], Any], steps: int, title: str = "training") -> np.ndarray:
    """Call `step(number)` for number = 0, 1, …, and show loss and remaining time while it runs.

    Ctrl-C (or Jupyter's stop button) ends training early, without an error: what was learned stays.

    Args:
        step: does one update, and returns its loss (a number, or a tensor that holds one).
        steps: how many updates.

    Returns:
        (number of finished steps,) float64: the losses.

    Raises:
        FloatingPointError: a loss is not finite. Training stops there; later steps could only repeat it.
        TypeError: `step` returned no loss.
    """
    losses: list[float] = []
    progress = _Progress(title, steps)
    try:
        for number in range(steps):
            losses.append(_number(step(number), number))
            progress.show(losses)
    except KeyboardInterrupt:
        progress.end(f"stopped after {len(losses)} of {steps} steps; what was learned so far is kept")
    except Exception:
        progress.end(f"step {len(losses)} failed")  # the error itself is said below this line
        raise
    else:
        progress.end(f"{steps} steps")
    return np.array(losses)


def seed(number: int = 0) -> None:
    """Make what follows draw the same random numbers each time: Python's, NumPy's and torch's.

    torch is seeded if it has been imported; it is never imported only for this.
    """
    random.seed(number)
    np.random.seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


def device() -> torch.device:
    """Where to compute: CUDA, else MPS (a Mac's GPU), else the CPU.

    A model and all that it is given must be on the same device: `model.to(device)`, `x.to(device)`.
    """
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _number(loss: Any, number: int) -> float:
    try:
        found = float(loss.detach() if hasattr(loss, "detach") else loss)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"step({number}) returned {type(loss).__name__}, not a loss: end it with `return loss`, one number."
        ) from error
    if not np.isfinite(found):
        raise FloatingPointError(
            f"The loss of step {number} is {found}: the numbers have run away. A smaller learning rate often "
            "helps; so does a look at what is divided, or put into log or exp."
        )
    return found


class _Progress:
    """One line that is written over; where it cannot be (a log file), only the last one is written."""

    def __init__(self, title: str, steps: int) -> None:
        self._title, self._steps = title, steps
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
        left = (now - self._start) * (self._steps - done) / done
        filled = BAR * done // self._steps
        bar = "█" * filled + "░" * (BAR - filled)
        self._write(f"{bar} {done:,} of {self._steps:,}{self._loss()}, {left:.0f} s left")

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
