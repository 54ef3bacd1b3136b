"""What the course's notebooks import: toy data, pictures, training, and what this machine remembers of you."""

import importlib
from typing import Any

from spotlight import toy
from spotlight.memory import compare, curve, keep_curve, predict, yours
from spotlight.training import device, device_note, seed, train

__all__ = [
    "compare",
    "curve",
    "device",
    "device_note",
    "figures",
    "keep_curve",
    "phrasebook",
    "predict",
    "seed",
    "show_attention",
    "tatoeba",
    "toy",
    "train",
    "yours",
]


def __getattr__(name: str) -> Any:
    """Load pictures and sentences when they are first used: a check should not wait for matplotlib."""
    if name in ("figures", "phrasebook", "tatoeba"):
        return importlib.import_module(f"spotlight.{name}")
    if name == "show_attention":
        from spotlight.view import show_attention

        return show_attention
    raise AttributeError(f"spotlight has no {name!r}")
