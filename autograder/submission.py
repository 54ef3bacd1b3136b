"""A submitted file as data: read whatever it is, and say in a sentence what was odd about it.

Nothing here trusts the file. What can be read becomes a plain list of cells; metadata is believed only
where it names a cell of the release.
"""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_BYTES = 50 << 20
MOST_CELLS = 5_000
MOST_PARTS = 2_000_000  # objects and lists in a file: each takes 30 times its size once it is read
MOST_SOURCE = 200_000  # characters of one cell: code takes 600 times its size once it is parsed
MOST_SOURCES = 1_000_000  # characters of all code cells together, and of all others

GRADED, RECOVERED, UNREADABLE, OUR_FAULT = "graded", "recovered", "unreadable", "our_fault"

AGAIN = "Please hand in the notebook again."
OTHER_FILES = {
    b"%pdf": "a PDF",
    b"pk\x03\x04": "a zip or an office document",
    b"\x89png": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
}


@dataclass(frozen=True)
class SubmittedCell:
    """One cell of a submission. `grade_id` and `id` are what it claims to be, `checksum` what it was given out as."""

    kind: str
    source: str
    grade_id: str | None = None
    id: str | None = None
    checksum: str | None = None


@dataclass
class Submission:
    """What could be read of a file.

    `notes` are sentences for the student; `readable` is False where no cell could be read at all.
    """

    cells: list[SubmittedCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    readable: bool = True
    tidy: bool = True  # nothing had to be mended to read it


def unreadable(says: str) -> Submission:
    return Submission(notes=[f"{says} {AGAIN}"], readable=False, tidy=False)


def bytes_of(path: Path) -> bytes:
    """A submitted file; nothing where it is a link (to somebody else's, perhaps), a pipe or a device."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return b""
    with open(path, "rb") as file:
        return file.read(MOST_BYTES + 1)


def read_submission(raw: bytes) -> Submission:
    """Read a submitted file, whatever it is; never raises."""
    if not raw.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return unreadable("The file is empty.")
    if len(raw) > MOST_BYTES or raw.count(b"{") + raw.count(b"[") > MOST_PARTS:
        size = f"{len(raw) / 1e6:.0f} MB"
        return unreadable(
            f"The file has {size}, most of it outputs, and is too large to grade. "
            "In JupyterLab, choose Edit, then Clear Outputs of All Cells, and save."
        )
    text, notes = _text_of(raw)
    if text is None:
        return unreadable(_not_text(raw))
    try:
        content = json.loads(text)
    except RecursionError:
        return unreadable("The file is nested so deeply that it cannot be a notebook.")
    except ValueError as error:
        return unreadable(_not_json(text, error))
    found = _cells_of(content)
    if found is None:
        return unreadable("The file is JSON, but not a notebook: it has no list of cells.")
    version = content.get("nbformat") if isinstance(content, dict) else None
    if version != 4:
        known = type(version) is int and abs(version) < 100
        said = f"in version {version}" if known else "in an unknown version"
        notes.append(f"The file is written {said} of the notebook format; its cells were read as they are.")
    notes += _other_kernel(content)
    cells, odd, large = [], 0, 0
    room = {True: MOST_SOURCES, False: MOST_SOURCES}
    for each in found[:MOST_CELLS]:
        cell = _cell_of(each)
        if cell is None:
            odd += 1
        elif len(cell.source) > min(MOST_SOURCE, room[cell.kind == "code"]):
            large += 1
        else:
            room[cell.kind == "code"] -= len(cell.source)
            cells.append(cell)
    if large:
        some = "One cell is" if large == 1 else f"{large} cells are"
        notes.append(f"{some} too long to grade (a table of numbers, perhaps) and could not be used.")
    if odd:
        some = "One cell holds" if odd == 1 else f"{odd} cells hold"
        notes.append(f"{some} no readable text and could not be used.")
    if len(found) > MOST_CELLS:
        notes.append(f"The notebook has {len(found)} cells; only the first {MOST_CELLS} were read.")
    if not cells:
        return unreadable("The notebook has no cells.")
    return Submission(cells, notes, tidy=not notes)


def _text_of(raw: bytes) -> tuple[str | None, list[str]]:
    """The text, and what had to be guessed about its encoding."""
    encoding = json.detect_encoding(raw)  # UTF-8, 16 or 32, with a byte-order mark or without
    notes = {
        "utf-8": [],
        "utf-8-sig": ["The file begins with a byte-order mark, which was skipped."],
    }.get(encoding, [f"The file was saved as {encoding[:6].upper()} and was read as that."])
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        if raw.lstrip().startswith(b"{") and b"\0" not in raw:
            return raw.decode("latin-1"), ["The file is not UTF-8, so letters with accents may be wrong."]
        return None, []
    guessed = encoding.endswith(("le", "be"))  # no mark said so; any bytes may look like UTF-16
    return (None, []) if guessed and not text.lstrip().startswith("{") else (text, notes)


def _other_file(start: bytes) -> str | None:
    lower = start.lstrip()[:20].lower()
    for mark, what in OTHER_FILES.items():
        if lower.startswith(mark):
            return f"The file is {what}, not a notebook."
    return None


def _not_text(raw: bytes) -> str:
    return _other_file(raw[:100]) or "The file is not text, so it is not a notebook."


def _not_json(text: str, error: ValueError) -> str:
    start = text.lstrip()[:100]
    other = _other_file(start.encode("utf-8", "replace"))
    if other is not None:
        return other
    if not start.startswith("{"):
        return "The file is text, but not a notebook (a Python script, perhaps?)."
    if re.search(r"(?m)^(<{7}|={7}|>{7})", text):
        return "The file holds the marks of a Git merge that was not finished."
    if not isinstance(error, json.JSONDecodeError):
        return "The file is damaged."
    if _cut_off(text, error):
        return "The file is cut off: its end is missing."
    return f"The file is damaged at line {error.lineno}."


def _cut_off(text: str, error: json.JSONDecodeError) -> bool:
    """Did the text end before the JSON did?"""
    at_end = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
    return at_end or not text.rstrip().endswith("}")


def _cells_of(content: Any) -> list[Any] | None:
    """The list of cells of a notebook of any version, or None."""
    if not isinstance(content, dict):
        return None
    cells = content.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = content.get("worksheets")  # versions 2 and 3
    if not isinstance(sheets, list):
        return None
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for each in lists if isinstance(each, list) for cell in each] if lists else None


def _cell_of(cell: Any) -> SubmittedCell | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    # A lone surrogate from a JSON escape can be in no file and no message.
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    checksum = nbgrader.get("checksum") if isinstance(nbgrader, dict) else None
    name = cell.get("id")
    return SubmittedCell(
        kind if kind in ("code", "markdown", "raw") else "raw",
        source,
        grade_id if isinstance(grade_id, str) else None,
        name if isinstance(name, str) else None,
        checksum if isinstance(checksum, str) and re.fullmatch("[0-9a-f]{32}", checksum) else None,
    )


def _other_kernel(content: Any) -> list[str]:
    metadata = content.get("metadata") if isinstance(content, dict) else None
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    language = kernel.get("language") if isinstance(kernel, dict) else None
    if isinstance(language, str) and not re.fullmatch(r"(?i)i?python[ \d.]*", language.strip()):
        return [f"The notebook was set to the language {language[:40]!r}; it was run as Python."]
    return []
