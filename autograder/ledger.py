"""What has been graded already: one file a result, so that a run that was killed goes on where it stopped.

A result is found again by everything it depends on: the student (whose seeds are private), the code that ran,
the lesson's modules and the engine. A changed answer, a mended check or a new engine has another name.
"""

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from autograder import keys
from autograder.course import ROOT, STATE

FOLDER = STATE / "ledger"


def name_of(student: str, lesson: str, content: str, missing_guarantees: list[str]) -> str:
    """The name of a result.

    Args:
        content: a hash of all code that runs (`grade.content_hash`).
        missing_guarantees: what did not hold where it ran; a result is never taken for a better one.
    """
    parts = [student, lesson, content, *missing_guarantees, _modules(lesson.split("_", 1)[1])]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@functools.cache
def _modules(stem: str) -> str:
    digest = hashlib.sha256()
    lesson = [keys.EXERCISES / f"{stem}.py", *sorted(keys.SOLUTIONS.rglob(f"{stem}.py"))]
    for path in [*sorted((ROOT / "autograder").glob("*.py")), *lesson]:
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def find(name: str) -> dict[str, Any] | None:
    """A result that was kept, or None."""
    try:
        found = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):  # not there; or damaged, and then it is made again
        return None
    return found if isinstance(found, dict) else None


def keep(name: str, result: dict[str, Any]) -> None:
    """Keep a result: whole or not at all."""
    _write(FOLDER / f"{name}.json", json.dumps(result, ensure_ascii=False, sort_keys=True))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
