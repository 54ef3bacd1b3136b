"""Run a solved lesson from start to end, as a learner who has answered everything, and test what its text claims.

    .venv/bin/python tests/solved_lesson.py 03_softmax

A lesson's claims stand in `tests/claims/STEM.py`:

    CLAIMS = {
        "the variance grows to about 1000": lambda lesson: 900 < lesson["variances"][-1] < 1100,
    }

Each is a phrase of the lesson's text, word for word, and a test of it on what the run left in its names, with a
margin. `tests/test_lessons.py` runs them all, and finds numbers that nobody vouches for.
"""

import json
import os
import re
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"\d[\d,]*\.\d+|\d+(?:\.\d+)?\s?%|(?<![\w.])\.\d+")


def prose(stem: str) -> str:
    """The lesson's text without front matter, code cells, code spans and the lines of tables of shapes."""
    text = lesson_file(stem).read_text("utf-8").split("---\n", 2)[2]
    text = re.sub(r"(?ms)^```.*?^```$", "", text)
    text = re.sub(r"`[^`\n]*`", "", text)
    text = re.sub(r"arXiv(?::|\s+)\d{4}\.\d{4,5}|section \d+(\.\d+)*", "", text)  # a source, not a result
    return " ".join(text.split())


def whole_text(stem: str) -> str:
    """The lesson's text, code included, in one line."""
    return " ".join(lesson_file(stem).read_text("utf-8").split())


def lesson_file(stem: str) -> Path:
    (found,) = (ROOT / "course" / "lessons").glob(f"[0-9][0-9]_{stem}.md")
    return found


def unclaimed(stem: str, phrases: list[str]) -> list[str]:
    """Decimal numbers and percentages in the prose that no claim covers."""
    left = prose(stem)
    for phrase in sorted(phrases, key=len, reverse=True):
        left = left.replace(" ".join(re.sub(r"`[^`\n]*`", "", phrase).split()), " ")
    return [left[max(0, found.start() - 40) : found.end() + 20] for found in NUMBER.finditer(left)]


def run(lesson: str) -> dict[str, Any]:
    """Execute every code cell of the lesson's source notebook; returns its names.

    Raises whatever a cell raises.
    """
    import nbformat

    notebook = nbformat.read(ROOT / "course" / "source" / lesson / f"{lesson}.ipynb", 4)
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    names = vars(main)
    names["display"] = lambda *_: None
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            place = f"{lesson}, cell {number}"
            exec(compile(cell.source, place, "exec"), names)
    return names


def main() -> None:
    import importlib.util

    lesson = sys.argv[1]
    stem = lesson.split("_", 1)[1]
    for path in (ROOT, ROOT / "course"):
        sys.path.insert(0, str(path))
    os.environ["MPLBACKEND"] = "Agg"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        start = time.perf_counter(), time.process_time()
        names = run(lesson)
        seconds = {"wall": time.perf_counter() - start[0], "cpu": time.process_time() - start[1]}
        os.chdir(ROOT)
    spec = importlib.util.spec_from_file_location("claims", ROOT / "tests" / "claims" / f"{stem}.py")
    assert spec and spec.loader
    claims = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(claims)
    held = {phrase: bool(test(names)) for phrase, test in claims.CLAIMS.items()}
    print(json.dumps({"seconds": seconds, "held": held}))


if __name__ == "__main__":
    main()
