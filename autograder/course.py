"""Where things are, in a clone and in a learner's bundle, and how lessons are named."""

import re
from pathlib import Path

from spotlight import memory

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "course"
STATE = ROOT / ".spotlight"
CARD = "card.md"  # in course/release: every lesson's shapes and names, on one page

_LESSON = "[0-9][0-9]_*"


class UsageError(Exception):
    """What was asked cannot be done as asked; the message is one sentence and the next command."""


def is_clone() -> bool:
    """Is this the whole course, or only what a learner's bundle installs?"""
    return (COURSE / "lessons").is_dir()


def work_folder() -> Path:
    """Where this machine's learner works: `course/work`, or the folder of an unpacked bundle.

    Raises:
        UsageError: there is neither.
    """
    if is_clone():
        return COURSE / "work"
    remembered = memory.folder()
    if remembered is None:
        raise UsageError(
            "Go into the folder that you unpacked (it holds 00_start_here or 02_scores), and try again."
        )
    return remembered.parent


def release_path(lesson: str) -> Path:
    """The learner's notebook of a lesson as it was given out."""
    folder = COURSE / "release" if is_clone() else work_folder() / ".spotlight" / "release"
    return folder / lesson / f"{lesson}.ipynb"


def lesson_paths() -> list[Path]:
    """The lessons' texts, in order."""
    return sorted((COURSE / "lessons").glob(f"{_LESSON}.md"))


def stem_of(lesson: Path) -> str:
    """03_softmax.md -> softmax"""
    return lesson.stem.split("_", 1)[1]


def lesson_names() -> list[str]:
    """The assignments that can be worked on: "02_scores", "03_softmax"."""
    names = {path.stem for path in lesson_paths()}
    folder = COURSE / "release" if is_clone() else work_folder()
    return sorted(names | {path.name for path in folder.glob(_LESSON) if path.is_dir()})


def find_lesson(asked: str) -> str:
    """The lesson meant by "3", "03", "softmax", "03_softmax" or a path to it.

    Raises:
        UsageError: no lesson is meant.
    """
    names = lesson_names()
    text = Path(asked).name.removesuffix(".md").removesuffix(".ipynb")
    number = f"{int(text):02d}" if re.fullmatch(r"\d{1,2}", text) else text
    found = [name for name in names if number in (name, name[:2], name[3:])]
    if len(found) != 1:
        raise UsageError(f"There is no lesson {asked!r}; there are: {', '.join(names) or 'none yet'}.")
    return found[0]
