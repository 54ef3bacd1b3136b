"""Where things are in a clone, and how lessons are named."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "course"
STATE = ROOT / ".spotlight"


class UsageError(Exception):
    """What was asked cannot be done as asked; the message is one sentence and the next command."""


def lesson_paths() -> list[Path]:
    """The lessons' texts, in order."""
    return sorted((COURSE / "lessons").glob("[0-9][0-9]_*.md"))


def stem_of(lesson: Path) -> str:
    """03_softmax.md -> softmax"""
    return lesson.stem.split("_", 1)[1]


def lesson_names() -> list[str]:
    """The assignments that can be worked on: "02_scores", "03_softmax"."""
    names = {path.stem for path in lesson_paths()}
    names |= {path.name for path in (COURSE / "release").glob("[0-9][0-9]_*") if path.is_dir()}
    return sorted(names)


def find_lesson(asked: str) -> str:
    """The lesson meant by "3", "03", "softmax", "03_softmax" or a path to it.

    Raises:
        UsageError: no lesson, or more than one, is meant.
    """
    names = lesson_names()
    text = Path(asked).name.removesuffix(".md").removesuffix(".ipynb")
    number = f"{int(text):02d}" if re.fullmatch(r"\d{1,2}", text) else text
    found = [name for name in names if number in (name, name[:2], name[3:])]
    if len(found) != 1:
        raise UsageError(f"There is no lesson {asked!r}; there are: {', '.join(names) or 'none yet'}.")
    return found[0]
