"""`spotlight collect`: loose notebooks, folders and zips become `course/submitted/STUDENT/LESSON/`.

For each file it says what became of it. A submission that is replaced moves to `course/superseded/`.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder import keys
from autograder.course import COURSE, lesson_names
from autograder.gradebook import safe_name
from autograder.rebuild import defines
from autograder.submission import read_submission
from autograder.unpack import Collected, Found, files, shown

# How learning platforms name what they hand out; `student` is who it is from, `file` the original name.
PLATFORMS = (
    # Moodle: Jane Doe_1234567_assignsubmission_file_/03_softmax.ipynb, or all in one name
    re.compile(r"^(?P<student>[^/]+?)_\d+_assignsubmission_file_?[/_]?(?P<file>.*)$"),
    # Canvas: doejane_12345_6789012_03_softmax-1.ipynb, with LATE_ where it was
    re.compile(r"^(?P<student>[^_/]+?)_(?:LATE_)?\d{2,}_\d{2,}_(?P<file>[^/]*)$"),
)
GRADESCOPE = re.compile(r"^submission_(?P<number>\d+)$")


@dataclass
class _Collection:
    student: str | None
    from_whom: dict[tuple[str, str], str] = field(default_factory=dict)  # (student, lesson) -> as written


def collect(paths: list[Path], student: str | None = None) -> Iterator[Collected]:
    """Take in files; yields what became of each.

    Args:
        student: who handed them in, where no folder or file name says so.
    """
    collection = _Collection(student)
    for path in paths:
        if not path.exists():
            yield Collected(shown(path), "there is no such file or folder")
            continue
        owners: set[str] = set()
        others: list[Found] = []
        some = False
        for found in files(path):
            if isinstance(found, Collected):
                some = True
                yield found
            elif found.raw is None:
                others.append(found)
            else:
                some = True
                owners.add(_who(found.parts)[0] or "")
                yield _take(found, found.raw, collection)
        for other in others:
            who = _who(other.parts)[0]
            if who is not None and not owners & {who, *other.parts[:-1]}:
                some = True
                yield Collected(
                    other.path, f"is no notebook, and {who} has handed in nothing else; ask for the .ipynb"
                )
        if not some:
            yield Collected(shown(path), "holds no notebook; they end in .ipynb")


def _take(found: Found, raw: bytes, collection: _Collection) -> Collected:
    who, file = _who(found.parts)
    who = collection.student or who
    lesson = _lesson_of(raw, found.parts, file)
    if lesson is None:
        says = "matches no lesson, by name or content; rename it to, say, 03_softmax.ipynb"
        return Collected(found.path, says)
    if who is None:
        says = "but whose? Put it into a folder with the student's name, or add --student NAME"
        return Collected(found.path, f"is {lesson}, {says}")
    student = safe_name(who)
    known = collection.from_whom.setdefault((student, lesson), who)
    if known != who:
        says = f"would mix up {who!r} with {known!r}; use --student NAME for one of them"
        return Collected(found.path, says)
    return Collected(found.path, store(student, lesson, raw, found.changed, file), student, lesson)


def _who(parts: tuple[str, ...]) -> tuple[str | None, str]:
    """The student and the file's own name, from folder and file names."""
    *folders, name = parts
    for start in range(len(parts)):
        joined = "/".join(parts[start:])
        for pattern in PLATFORMS:
            match = pattern.match(joined)
            if match:
                return match["student"], match["file"] or name
    meaningful = [folder for folder in folders if not _is_lesson_folder(folder)]
    if not meaningful:
        return None, name
    number = GRADESCOPE.match(meaningful[-1])
    return (f"submission_{number['number']}" if number else meaningful[-1]), name


def _is_lesson_folder(folder: str) -> bool:
    return _lesson_by_name(folder) is not None or folder in ("work", "release", "submitted", "assignments")


def _lesson_by_name(name: str) -> str | None:
    plain = re.sub(r"\.ipynb.*$", "", name, flags=re.I).lower()
    plain = re.sub(r"[\s_-]*(\(\d+\)|copy\d*|kopie|final|v\d+)$|-copy\d*$|-\d+$", "", plain.strip())
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    for lesson in lesson_names():
        if words in (lesson, lesson[3:]) or words.endswith("_" + lesson):
            return lesson
    return None


def _lesson_of(raw: bytes, parts: tuple[str, ...], file: str) -> str | None:
    by_name = _lesson_by_name(file)
    if by_name is not None:
        return by_name
    cells = read_submission(raw).cells
    named = {cell.grade_id for cell in cells if cell.grade_id}
    defined = {name for cell in cells if cell.kind == "code" for name in defines(cell.source)}
    best: dict[str, int] = {}
    for lesson in lesson_names():
        stem = lesson.split("_", 1)[1]
        exercises = set(keys.exercises(stem)) if stem in keys.stems() else set()
        best[lesson] = len(exercises & named) * 2 + len(exercises & defined)
    top = sorted(best, key=lambda lesson: best[lesson])[-2:]
    if top and best[top[-1]] and (len(top) < 2 or best[top[-1]] > best[top[0]]):
        return top[-1]
    folders = [_lesson_by_name(folder) for folder in parts[:-1]]
    return next((lesson for lesson in reversed(folders) if lesson), None)


def store(student: str, lesson: str, raw: bytes, changed: datetime, file: str) -> str:
    """Put one submission in its place; returns what became of it. An older one is kept aside."""
    folder = COURSE / "submitted" / student / lesson
    place = folder / f"{lesson}.ipynb"
    says = f"{student}'s {lesson}"
    if place.exists() and place.read_bytes() == raw:
        return f"{says}, the same as before"
    if folder.exists():
        kept = _aside(COURSE / "superseded" / student / lesson)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(folder), str(kept))
        says += f"; the one before is kept in {kept.relative_to(COURSE.parent)}"
    folder.mkdir(parents=True)
    place.write_bytes(raw)
    (folder / "timestamp.txt").write_text(f"{changed:%Y-%m-%d %H:%M:%S.%f} UTC\n", "utf-8")
    if file != place.name:
        note = f"The file was called {file!r}; it was taken for {place.name!r}."
        (folder / "collected.txt").write_text(note + "\n", "utf-8")
        says += f" (was called {file})"
    return says


def _aside(folder: Path) -> Path:
    """A new name for a superseded submission: the time, and a number where that is taken."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    names = [now, *(f"{now}-{number}" for number in range(2, 1000))]
    return next(folder / name for name in names if not (folder / name).exists())
