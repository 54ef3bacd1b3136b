"""The files in what was handed in: loose, in folders, in zips and in zips of zips. Nothing is written."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

from autograder.course import lesson_names

MOST_BYTES = 200 << 20  # of one file in a zip
NESTED = 2  # a zip of zips, as Canvas gives them, and no deeper
UNPACKING = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError)
IGNORED = (".ipynb_checkpoints", "__MACOSX", ".spotlight")


@dataclass
class Collected:
    """What became of one file. `student` and `lesson` are None where it was refused."""

    path: str
    says: str
    student: str | None = None
    lesson: str | None = None


@dataclass
class Found:
    """A file that was handed in."""

    path: str  # as shown to a person
    parts: tuple[str, ...]  # folders below what was named, then the file's name
    raw: bytes | None  # None: it is no notebook
    changed: datetime


def files(path: Path) -> Iterator[Found | Collected]:
    """What a file, folder or zip holds, older files first; `Collected` where something cannot be read."""
    if not path.is_dir():
        yield from _file(path, Path(path.name))
        return
    inside = path.parent if _names_a_student(path) else path
    files = [file for file in path.rglob("*") if file.is_file() and not file.name.startswith(".")]
    for file in sorted(
        files, key=lambda file: (file.parent, file.stat().st_mtime, len(file.name), file.name)
    ):
        if not set(file.relative_to(path).parts) & set(IGNORED):
            yield from _file(file, file.relative_to(inside))


def _names_a_student(folder: Path) -> bool:
    """Is a folder that was named itself one student's: a notebook lies right in it, and no other student's folder?"""
    others = {notebook.parent.name for notebook in folder.glob("*/*.ipynb")}
    return any(folder.glob("*.ipynb")) and others <= {*lesson_names(), *IGNORED}


def _file(file: Path, inner: Path) -> Iterator[Found | Collected]:
    if file.is_symlink() and _may_be_notebook(file.name):
        # `unzip` restores links, and this one may lead to somebody else's work.
        yield Collected(shown(file), "is a link to another file; ask for the notebook itself")
        return
    try:
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        if file.suffix.lower() == ".zip":
            yield from _zip(shown(file), inner.parts[:-1], BytesIO(file.read_bytes()), 1)
        else:
            raw = file.read_bytes() if _may_be_notebook(file.name) else None
            yield Found(shown(file), inner.parts, raw, changed)
    except OSError as error:
        yield Collected(shown(file), f"cannot be read: {error.strerror}")


def shown(path: Path) -> str:
    """A path that can be printed, whatever bytes it is made of."""
    return str(path).encode("utf-8", "replace").decode()


def _zip(
    archive_name: str, folders: tuple[str, ...], content: BytesIO, depth: int
) -> Iterator[Found | Collected]:
    try:
        archive = zipfile.ZipFile(content)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield Collected(archive_name, "is not a zip that can be opened; ask for it again")
        return
    for entry in sorted(archive.infolist(), key=_zip_order):
        inner = tuple(part for part in _zip_parts(entry) if part not in ("..", "/"))
        if entry.is_dir() or not inner or set(inner) & set(IGNORED) or inner[-1].startswith("."):
            continue
        name = f"{archive_name}: {entry.filename}"
        nested = inner[-1].lower().endswith(".zip")
        if not nested and not _may_be_notebook(inner[-1]):
            yield Found(name, folders + inner, None, _zip_time(entry))
        elif entry.file_size > MOST_BYTES:
            yield Collected(name, f"has {entry.file_size / 1e6:.0f} MB unpacked; too large to take in")
        elif nested and depth == NESTED:
            yield Collected(name, "is a zip in a zip in a zip; unpack it first")
        else:
            try:
                with archive.open(entry) as stream:
                    raw = stream.read(MOST_BYTES + 1)
            except UNPACKING:
                yield Collected(name, "cannot be unpacked (damaged, or with a password)")
                continue
            if nested:
                yield from _zip(name, folders + inner[:-1], BytesIO(raw), depth + 1)
            else:
                yield Found(name, folders + inner, raw, _zip_time(entry))


def _zip_parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(entry.filename.replace("\\", "/")).parts


def _zip_order(entry: zipfile.ZipInfo) -> tuple:
    """Folder by folder, older files first, so that of two by one student the newer one stays."""
    *folders, name = _zip_parts(entry) or ("",)
    return folders, entry.date_time, len(name), name


def _zip_time(entry: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)


def _may_be_notebook(name: str) -> bool:
    return ".ipynb" in name.lower()
