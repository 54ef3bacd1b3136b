"""Training that was stopped goes on to the same result: a file keeps all that the next step depends on.

That is the model, the optimiser, the schedule, and the states of the random numbers (Python's, NumPy's,
torch's). A file is taken up again only by a run with the same settings that started from the same numbers.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from spotlight import memory

SAVE_SECONDS = 10.0
SAVE_SHARE = 20  # saving takes at most about one part in so many of the time


def place_of(checkpoint: str | Path) -> Path | None:
    """The file of a checkpoint: a path as it is; a name in the learner's `.spotlight`, None without one."""
    if isinstance(checkpoint, Path):
        return checkpoint
    folder = memory.folder()
    return folder / "checkpoints" / f"{checkpoint}.pt" if folder else None


class Checkpoint:
    """A training run that can be taken up again."""

    def __init__(self, path: Path, state: Iterable[Any], settings: Any) -> None:
        """Note what the run starts from.

        Args:
            state: what steps change: modules, optimisers, schedules, and random generators of your own.
            settings: what else the result depends on. It is compared by its `repr`.
        """
        self._path, self._state = path, tuple(state)
        self._settings = fingerprint([repr(settings), [type(each).__name__ for each in self._state]])
        self._start = fingerprint([self._values(), _random_states()])
        self._next = time.monotonic() + SAVE_SECONDS
        self._failed = False

    def resume(self) -> tuple[list[float], str]:
        """Put everything back as it was kept.

        Returns:
            The losses so far (none if the run starts at step 0), and a sentence to show ("" if there is
            nothing to say).
        """
        import torch

        afresh = ", so training starts at step 0."
        try:
            kept = torch.load(self._path, map_location="cpu", weights_only=True)
            if kept["digest"] != fingerprint(kept["content"]):
                raise ValueError("its content has changed")
            kept = kept["content"]
        except FileNotFoundError:
            return [], ""
        except (
            Exception
        ):  # cut off, overwritten, no such file at all: torch says it with a dozen kinds of errors
            return [], f"{self._path} is damaged{afresh}"
        if kept["settings"] != self._settings:
            return [], f"{self._path} was kept with other settings{afresh}"
        # The second is a run that was stopped and goes on in the same kernel.
        if kept["start"] != self._start and fingerprint(kept["values"]) != fingerprint(self._values()):
            return [], (
                f"{self._path} is of a run that started from other numbers{afresh} "
                "A spotlight.seed(0) before the model is made lets every run start alike."
            )
        for each, values in zip(self._state, kept["values"], strict=True):
            _put(each, values)
        _put_random_states(kept["random"])
        self._start = kept["start"]
        losses = kept["losses"].tolist()
        return losses, f"{len(losses):,} steps are taken from {self._path}; delete it to start afresh."

    def save_when_due(self, losses: list[float]) -> str:
        """Save now and then; see `save`."""
        return self.save(losses) if time.monotonic() >= self._next else ""

    def save(self, losses: list[float]) -> str:
        """Keep all that the next step depends on: the whole file or, if that fails, the one before.

        Returns:
            "", or the first time that it fails a sentence that says why. Training can go on.
        """
        import torch

        began = time.monotonic()
        content = {
            "settings": self._settings,
            "start": self._start,
            "values": self._values(),
            "random": _random_states(),
            "losses": torch.tensor(losses, dtype=torch.float64),
        }
        buffer = io.BytesIO()
        torch.save({"digest": fingerprint(content), "content": content}, buffer)
        new = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with new.open("wb") as file:
                file.write(buffer.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink()
            return self._say_once(error)
        finally:
            took = time.monotonic() - began
            self._next = time.monotonic() + max(SAVE_SECONDS, SAVE_SHARE * took)
        return ""

    def _say_once(self, error: OSError) -> str:
        if self._failed:
            return ""
        self._failed = True
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        return f"{self._path} could not be written ({why}); training goes on, but a stop would lose what it learns now."

    def _values(self) -> list[Any]:
        return [_take(each) for each in self._state]


@contextlib.contextmanager
def whole_steps() -> Iterator[list[int]]:
    """Let Ctrl-C wait for the end of a step, since half a step cannot be taken up. A second one does not wait.

    Yields:
        A list that is empty until Ctrl-C was pressed.
    """
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def press(number: int, frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield pressed  # Ctrl-C does not come here, or is not to be heard
        return
    signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def fingerprint(values: Any) -> str:
    """A short text that differs when any number, name or shape in nested `values` does."""
    digest = hashlib.sha256()
    _feed(digest.update, values)
    return digest.hexdigest()


def _feed(update: Any, values: Any) -> None:
    if hasattr(values, "detach"):
        update(f"{values.dtype} {tuple(values.shape)} ".encode())
        values = values.detach().cpu().contiguous().reshape(-1)
        update(values.view(sys.modules["torch"].uint8).numpy().tobytes() if len(values) else b"")
    elif isinstance(values, dict):
        _feed(update, list(values.items()))
    elif isinstance(values, (list, tuple)):
        update(f"{len(values)} of ".encode())
        for each in values:
            _feed(update, each)
    else:
        update(f"{values!r} ".encode())


def _take(thing: Any) -> Any:
    """The state of a module, optimiser, schedule or random generator, in what a safe file may hold."""
    if hasattr(thing, "state_dict"):
        return thing.state_dict()
    if isinstance(thing, np.random.Generator):
        return _plain(thing.bit_generator.state)
    if isinstance(thing, random.Random):
        return thing.getstate()
    if hasattr(thing, "get_state"):  # torch.Generator
        return thing.get_state()
    raise TypeError(
        f"state holds a {type(thing).__name__}, which cannot be kept: give the model, the optimiser, the schedule."
    )


def _put(thing: Any, values: Any) -> None:
    if hasattr(thing, "load_state_dict"):
        thing.load_state_dict(values)
    elif isinstance(thing, np.random.Generator):
        thing.bit_generator.state = values
    elif isinstance(thing, random.Random):
        thing.setstate(values)
    else:
        thing.set_state(values)


def _plain(state: Any) -> Any:
    """NumPy's arrays as lists: a safe file holds none."""
    if isinstance(state, dict):
        return {name: _plain(each) for name, each in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state


def _random_states() -> dict[str, Any]:
    import torch

    states: dict[str, Any] = {
        "python": random.getstate(),
        "numpy": _plain(np.random.get_state(legacy=False)),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state()
    return states


def _put_random_states(states: dict[str, Any]) -> None:
    import torch

    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    torch.set_rng_state(states["torch"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])
    if "mps" in states and torch.backends.mps.is_available():
        torch.mps.set_rng_state(states["mps"])
