"""What this machine remembers of a learner: passes, attempts, guesses, curves.

It lives in a folder `.spotlight` beside the learner's notebooks: the nearest one, upwards from the working
directory, that holds `attempts.json`. Where there is none (grading, an instructor's notebook), nothing is
remembered and nothing is written.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])


def folder() -> Path | None:
    """The learner's `.spotlight` folder, or None where nothing is to be remembered."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return None
    for place in (here, *here.parents):
        if (place / ".spotlight" / "attempts.json").is_file():
            return place / ".spotlight"
    return None


def start(place: Path) -> Path:
    """Make the folder in which work under `place` is remembered."""
    found = place / ".spotlight"
    found.mkdir(parents=True, exist_ok=True)
    if not (found / "attempts.json").exists():
        (found / "attempts.json").write_text("{}\n", "utf-8")
    return found


def read(name: str, place: Path | None = None) -> dict[str, Any]:
    """A remembered table (`attempts`, `guesses`); empty if there is none or it cannot be read.

    Args:
        place: the `.spotlight` folder, if it is not the one found from the working directory.
    """
    place = place or folder()
    try:
        found = json.loads((place / f"{name}.json").read_text("utf-8")) if place else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(name: str, table: dict[str, Any]) -> None:
    """Remember a table; written whole or not at all."""
    place = folder()
    if place is None:
        return
    new = place / f"{name}.json.new"
    new.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", "utf-8")
    os.replace(new, place / f"{name}.json")


def remember_attempt(exercise: str, passed: bool, source: str | None) -> None:
    """Count one run of `check`, and keep the source of a passing answer."""
    place = folder()
    if place is None:
        return
    attempts = read("attempts")
    found = attempts.get(exercise)
    entry: dict[str, Any] = found if isinstance(found, dict) else {}
    before = entry.get("tries")
    tries = (before if isinstance(before, int) else 0) + (0 if entry.get("passed") else 1)
    attempts[exercise] = {"tries": tries, "passed": bool(entry.get("passed")) or passed}
    write("attempts", attempts)
    if passed and source:
        (place / "passed").mkdir(exist_ok=True)
        (place / "passed" / f"{exercise}.py").write_text(source.rstrip() + "\n", "utf-8")


def yours(given: Function) -> Function:
    """Decorator of a given cell: the learner's own last passing version, where this machine has one.

    Grading has none, so it runs the version that is written out below the decorator.
    """
    place = folder()
    path = place / "passed" / f"{given.__name__}.py" if place else None
    if path is None:
        return given
    if not path.is_file():
        print(f"Using the course's {given.__name__}. Yours will stand here once it has passed its check.")
        return given
    namespace = (
        dict(given.__globals__) if hasattr(given, "__globals__") else dict(vars(sys.modules["__main__"]))
    )
    try:
        exec(compile(path.read_text("utf-8"), str(path), "exec"), namespace)
        own: Function = namespace[given.__name__]
    except Exception as error:  # whatever a learner's file does, the lesson goes on
        print(f"Your own {given.__name__} could not be used here ({type(error).__name__}: {error}).")
        print("This lesson uses the given one.")
        return given
    print(f"Using your own {given.__name__}.")
    return own


def predict(key: str, guess: Any) -> None:
    """Keep a guess, made before the answer is known. One that still has dots to fill in is none yet."""
    if "..." in str(guess):
        print("No guess yet: put yours in the place of the dots, and run this cell again.")
        return
    guesses = read("guesses")
    guesses[key] = str(guess)
    write("guesses", guesses)
    _GUESSES[key] = str(guess)
    print(f"Noted: {guess}")


def compare(key: str, answer: Any) -> None:
    """Show what was guessed beside what happened."""
    guess = _GUESSES.get(key) or read("guesses").get(key)
    print(f"You guessed:  {guess if guess else '(no guess yet)'}")
    print(f"It is:        {answer}")


def keep_curve(name: str, x: np.ndarray, lines: dict[str, np.ndarray]) -> None:
    """Keep the lines of a plot, for a later lesson to draw its own beside them.

    Args:
        name: a file name without its ending.
        x: (points,).
        lines: label -> (points,).
    """
    place = folder()
    _CURVES[name] = (np.array(x), {label: np.array(y) for label, y in lines.items()})
    if place is None:
        return
    (place / "curves").mkdir(exist_ok=True)
    new = place / "curves" / f"{name}.new.npz"
    np.savez(new, x=np.asarray(x), **{f"line {label}": np.asarray(y) for label, y in lines.items()})  # type: ignore[arg-type]
    os.replace(new, place / "curves" / f"{name}.npz")


def curve(name: str) -> tuple[np.ndarray, dict[str, np.ndarray]] | None:
    """What `keep_curve` kept: x and the lines, or None if this machine has no such curve, or a damaged one."""
    if name in _CURVES:
        return _CURVES[name]
    place = folder()
    try:
        with np.load(place / "curves" / f"{name}.npz" if place else "", allow_pickle=False) as kept:
            lines = {key.removeprefix("line "): kept[key] for key in kept.files if key.startswith("line ")}
            return kept["x"], lines
    except Exception:  # none kept; or damaged, which numpy and zipfile say with a dozen kinds of errors
        return None


_CURVES: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]] = {}
_GUESSES: dict[str, str] = {}
