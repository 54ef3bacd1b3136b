"""`spotlight collect`: loose notebooks, folders and zips become `course/submitted/STUDENT/LESSON/`.

For each file it says what became of it. A submission that is replaced moves to `course/superseded/`.
"""

import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

from autograder import keys
from autograder.classroom import safe_name
from autograder.course import COURSE, lesson_names
from autograder.rebuild import defines
from autograder.submission import read_submission

MOST_BYTES = 200 << 20  # of one file in a zip
NESTED = 2  # a zip of zips, as Canvas gives them, and no deeper

# How learning platforms name what they hand out; `student` is who it is from, `file` the original name.
PLATFORMS = (
    # Moodle: Jane Doe_1234567_assignsubmission_file_/03_softmax.ipynb, or all in one name
    re.compile(r"^(?P<student>[^/]+?)_\d+_assignsubmission_file_?[/_]?(?P<file>.*)$"),
    # Canvas: doejane_12345_6789012_03_softmax-1.ipynb, with LATE_ where it was
    re.compile(r"^(?P<student>[^_/]+?)_(?:LATE_)?\d{2,}_\d{2,}_(?P<file>[^/]*)$"),
)
GRADESCOPE = re.compile(r"^submission_(?P<number>\d+)$")
IGNORED = (".ipynb_checkpoints", "__MACOSX", ".spotlight")


@dataclass
class Collected:
    """What became of one file. `student` and `lesson` are None where it was refused."""

    path: str
    says: str
    student: str | None = None
    lesson: str | None = None


@dataclass
class _Found:
    path: str  # as shown to a person
    parts: tuple[str, ...]  # folders below what was named, then the file's name
    raw: bytes
    changed: datetime


@dataclass
class _Collection:
    student: str | None
    from_whom: dict[tuple[str, str], str] = field(default_factory=dict)  # (student, lesson) -> name as written


def collect(paths: list[Path], student: str | None = None) -> Iterator[Collected]:
    """Take in files; yields what became of each.

    Args:
        student: who handed them in, where no folder or file name says so.
    """
    collection = _Collection(student)
    for path in paths:
        if not path.exists():
            yield Collected(str(path), "there is no such file or folder")
            continue
        some = False
        for found in _files(path):
            some = True
            yield found if isinstance(found, Collected) else _take(found, collection)
        if not some:
            yield Collected(str(path), "holds no notebook")


def _files(path: Path) -> Iterator[_Found | Collected]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            inner = file.relative_to(path)
            if file.is_file() and not set(inner.parts) & set(IGNORED):
                yield from _file(file, file.relative_to(path.parent if _names_a_student(path) else path))
    else:
        yield from _file(path, Path(path.name))


def _names_a_student(folder: Path) -> bool:
    """Is a folder that was named itself one student's (a notebook lies right in it)?"""
    return any(folder.glob("*.ipynb"))


def _file(file: Path, inner: Path) -> Iterator[_Found | Collected]:
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if file.suffix.lower() == ".zip":
        try:
            yield from _zip(str(file), inner.parts[:-1], BytesIO(file.read_bytes()), 1)
        except OSError as error:
            yield Collected(str(file), f"cannot be read: {error.strerror}")
    elif _may_be_notebook(file.name):
        try:
            yield _Found(str(file), inner.parts, file.read_bytes(), changed)
        except OSError as error:
            yield Collected(str(file), f"cannot be read: {error.strerror}")


def _zip(shown: str, folders: tuple[str, ...], content: BytesIO, depth: int) -> Iterator[_Found | Collected]:
    try:
        archive = zipfile.ZipFile(content)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield Collected(shown, "is not a zip that can be opened; ask for it again")
        return
    for entry in archive.infolist():
        inner = tuple(p for p in PurePosixPath(entry.filename.replace("\\", "/")).parts if p not in ("..", "/"))
        if entry.is_dir() or not inner or set(inner) & set(IGNORED):
            continue
        name = f"{shown}: {entry.filename}"
        nested = inner[-1].lower().endswith(".zip")
        if not nested and not _may_be_notebook(inner[-1]):
            continue
        if entry.file_size > MOST_BYTES:
            yield Collected(name, f"has {entry.file_size / 1e6:.0f} MB unpacked; too large to take in")
            continue
        try:
            with archive.open(entry) as stream:
                raw = stream.read(MOST_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
            yield Collected(name, "cannot be unpacked (damaged, or with a password)")
            continue
        if nested and depth < NESTED:
            yield from _zip(name, folders + inner[:-1], BytesIO(raw), depth + 1)
        elif nested:
            yield Collected(name, "is a zip in a zip in a zip; unpack it first")
        else:
            yield _Found(name, folders + inner, raw, _zip_time(entry))


def _zip_time(entry: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)


def _may_be_notebook(name: str) -> bool:
    return ".ipynb" in name.lower() and not name.startswith(".")


def _take(found: _Found, collection: _Collection) -> Collected:
    who, file = _who(found.parts)
    who = collection.student or who
    lesson = _lesson_of(found, file)
    if lesson is None:
        return Collected(found.path, "matches no lesson, by name or content; rename it to, say, 03_softmax.ipynb")
    if who is None:
        return Collected(
            found.path, f"is {lesson}, but whose? Put it into a folder with the student's name, or add --student NAME"
        )
    student = safe_name(who)
    known = collection.from_whom.setdefault((student, lesson), who)
    if known != who:
        return Collected(found.path, f"would mix up {who!r} with {known!r}; use --student NAME for one of them")
    return Collected(found.path, store(student, lesson, found.raw, found.changed, file), student, lesson)


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


def _lesson_of(found: _Found, file: str) -> str | None:
    by_name = _lesson_by_name(file)
    if by_name is not None:
        return by_name
    cells = read_submission(found.raw).cells
    named = {cell.grade_id for cell in cells if cell.grade_id}
    defined = set().union(*(defines(cell.source) for cell in cells if cell.kind == "code")) if cells else set()
    best: dict[str, int] = {}
    for lesson in lesson_names():
        stem = lesson.split("_", 1)[1]
        exercises = set(keys.exercises(stem)) if stem in keys.stems() else set()
        best[lesson] = len(exercises & named) * 2 + len(exercises & defined)
    top = sorted(best, key=lambda lesson: best[lesson])[-2:]
    if top and best[top[-1]] and (len(top) < 2 or best[top[-1]] > best[top[0]]):
        return top[-1]
    folders = [_lesson_by_name(folder) for folder in found.parts[:-1]]
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
