"""A training loop that can be read in a minute, seeds, and where to compute.

    spotlight.seed(0)
    model = MyModel().to(spotlight.device())
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(number):
        loss = loss_of(model, batch(number))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    losses = spotlight.train(step, 2000, title="copying")

A long one can be stopped, and taken up again by running the same cells:

    losses = spotlight.train(step, 20_000, title="translator", checkpoint="translator", state=(model, optimiser))
"""

from __future__ import annotations

import contextlib
import random
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spotlight.checkpoints import Checkpoint, place_of, whole_steps
from spotlight.progress import Progress

if TYPE_CHECKING:
    import torch


def train(
    step: Callable[[int], Any],
    steps: int,
    title: str = "training",
    checkpoint: str | Path | None = None,
    state: Sequence[Any] = (),
    settings: Any = None,
) -> np.ndarray:
    """Call `step(number)` for number = 0, 1, …, and show loss and remaining time while it runs.

    Ctrl-C (or Jupyter's stop button) ends training early, without an error: what was learned stays.

    With a checkpoint, a run that was stopped, or whose kernel died, goes on where it was when the same cells
    are run again, to the same losses and parameters as without the break. For that, a step may depend on
    its number, on `state` and on random numbers only: draw batches by number, not from an iterator.

    Args:
        step: does one update, and returns its loss (a number, or a tensor that holds one).
        steps: how many updates.
        checkpoint: a name, to keep the run in this machine's memory of you, or the Path of a file. A name
            keeps nothing where there is no such memory, as in grading.
        state: what steps change: (model, optimiser, schedule), and random generators of your own.
        settings: what else the result depends on, such as the batch size: other settings start afresh.

    Returns:
        (number of finished steps,) float64: the losses, also those of the run that is taken up.

    Raises:
        FloatingPointError: a loss is not finite. Training stops there; later steps could only repeat it.
        MemoryError: a step needs more memory than there is.
        TypeError: `step` returned no loss, or `state` holds something that cannot be kept.
        ValueError: a checkpoint without `state`.
    """
    keeper = _keeper(checkpoint, state, (steps, settings))
    losses, says = keeper.resume() if keeper else ([], "")
    progress = Progress(title, steps, len(losses))
    progress.say(says)
    waiting: contextlib.AbstractContextManager[list[int]]
    waiting = whole_steps() if keeper else contextlib.nullcontext([])
    try:
        with waiting as pressed:
            for number in range(len(losses), steps):
                losses.append(_number(step(number), number))
                progress.show(losses)
                if keeper:
                    progress.say(keeper.save_when_due(losses))
                if pressed:
                    break
            if keeper:
                progress.say(keeper.save(losses))
    except KeyboardInterrupt:
        pass
    except Exception as error:
        progress.end(f"step {len(losses)} failed")  # the error itself is said below this line
        if not _is_out_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # they hold the very tensors that filled it
        raise MemoryError(
            f"Step {len(losses)} needs more memory than there is. A smaller batch, or shorter sequences, need less; "
            "so does a smaller model."
        ) from None
    if len(losses) < steps:
        progress.end(f"stopped after {len(losses)} of {steps} steps; what was learned so far is kept")
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


def device_note() -> str:
    """A sentence that says where `device()` computes, and what that means."""
    found = device().type
    if found == "cpu":
        return "No GPU here: training runs on the CPU; the lessons are made for that, a larger model takes longer."
    return f"There is a GPU here: training runs on it ({found})."


def _keeper(checkpoint: str | Path | None, state: Sequence[Any], settings: Any) -> Checkpoint | None:
    if checkpoint is None:
        return None
    parts = (state,) if hasattr(state, "state_dict") else tuple(state)
    if not parts:
        raise ValueError(
            "A checkpoint keeps what steps change, so it needs that too: train(…, state=(model, optimiser))."
        )
    place = place_of(checkpoint)
    return Checkpoint(place, parts, settings) if place else None


def _is_out_of_memory(error: Exception) -> bool:
    """CUDA, MPS and NumPy say it in words of their own; torch on the CPU with its allocator's name."""
    said = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in said or "DefaultCPUAllocator" in said)
    )


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
