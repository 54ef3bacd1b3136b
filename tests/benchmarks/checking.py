"""How long does `check` take in a real kernel? The first call in a new kernel, and the median of the next 20.

    .venv/bin/python tests/benchmarks/checking.py [--json] [LESSON …]

For every exercise, a right and a wrong answer, each with the solutions at hand (a clone) and with the published
examples only (a learner's wheel). Beside them, what a hand-written test cell would do: `assert_allclose` between
the right answer and an array, once for each check.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from rich.console import Console
from rich.table import Table

from autograder import keys
from autograder.build import build
from autograder.course import COURSE, ROOT, lesson_names
from autograder.exercise import Puzzle, Quiz
from spotlight import memory
from tests.demo import solved

REPEATS = 20
FIRST_MS, MEDIAN_MS = 300, 50  # the budgets

TIMED = f"""
import json, time
def timed(call):
    def once():
        start = time.perf_counter()
        try:
            call()
        except AssertionError:
            pass
        return 1000 * (time.perf_counter() - start)
    first, *others = [once() for _ in range({REPEATS} + 1)]
    return json.dumps([first, sorted(others)[len(others) // 2]])
"""
# What the name of each misconception stands for, without the solutions' package.
UNMARKED = "def misconception(*about, **more):\n    return lambda code: code\n"


@contextmanager
def kernel(folder: Path, python_path: list[Path]) -> Iterator[Any]:
    """A function that runs code in a new kernel and gives the value of an expression after it."""
    paths = os.pathsep.join(map(str, python_path))
    manager = KernelManager(kernel_name="python3")
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    manager.start_kernel(cwd=str(folder), env=environment, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)

        def run(code: str, expression: str = "None") -> Any:
            reply = client.execute_interactive(
                code, user_expressions={"value": expression}, output_hook=lambda message: None, timeout=120
            )["content"]
            assert reply["status"] == "ok", reply["evalue"]
            value = reply["user_expressions"]["value"]
            assert value["status"] == "ok", value["evalue"]
            return json.loads(eval(value["data"]["text/plain"]) or "null") if expression != "None" else None

        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def setting_up(lesson: str) -> Iterator[str]:
    """The cells that a learner has run when all exercises are answered."""
    names = keys.exercises(lesson.split("_", 1)[1])
    for cell in solved(lesson).cells:
        if cell.id in names or "given" in cell.metadata.get("tags", []):
            yield cell.source


def wrong_answer(stem: str, name: str) -> str:
    """Code that gives the exercise's name to its first misconception, or to another quiz answer."""
    known = keys.load_misconceptions(stem).get(name)
    if not known:
        return f"{name} = 'a' if {name} != 'a' else 'b'"
    source = keys.misconceptions_path(stem).read_text("utf-8")
    lines = [line for line in source.split("\n") if not line.startswith("from autograder")]
    return f"{UNMARKED}\n" + "\n".join(lines) + f"\n{name} = {known[0].name}"


def by_hand(stem: str, name: str) -> str:
    """A function `plain`: one assert_allclose for each check, between the answer and what it should be."""
    exercise = keys.exercises(stem)[name]
    if isinstance(exercise, (Quiz, Puzzle)):
        return f"expected = {name}\ndef plain():\n    assert {name} == expected"
    names = [check.name for check in exercise.checks]
    return f"""
import autograder, numpy
def outcome(inputs):
    module, inputs = inputs if isinstance(inputs, tuple) else ({name}, inputs)
    got = module(**inputs)
    return got.detach().numpy() if hasattr(got, "detach") else got
inputs = [autograder.example("{name}", check) for check in {names}]
expected = [outcome(each) for each in inputs]
def plain():
    for each, right in zip(inputs, expected):
        numpy.testing.assert_allclose(outcome(each), right, rtol=1e-4, atol=1e-6)
"""


def measure(lesson: str, name: str, folder: Path, python_path: list[Path], wrong: bool) -> dict[str, float]:
    """First and median milliseconds of `check(name)`, and the median of the hand-written cell."""
    stem = lesson.split("_", 1)[1]
    with kernel(folder, python_path) as run:
        for source in [*setting_up(lesson), TIMED]:
            run(source)
        if wrong:
            run(wrong_answer(stem, name))
        first, median = run("", f"timed(lambda: check('{name}'))")
        found = {"first_ms": first, "median_ms": median}
        if not wrong:
            run(by_hand(stem, name))
            found["plain_ms"] = run("", "timed(plain)")[1]
        return found


def as_installed(place: Path) -> list[Path]:
    """A copy of what a learner's wheel holds."""
    for package in (ROOT / "autograder", COURSE / "spotlight"):
        shutil.copytree(package, place / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    return [place]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("lessons", nargs="*", default=lesson_names())
    parser.add_argument("--json", action="store_true", help="print JSON only")
    asked = parser.parse_args()
    build()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        memory.start(place)
        answers = {"solutions": [ROOT, COURSE], "examples": as_installed(place / "installed")}
        for lesson in asked.lessons:
            for name in keys.exercises(lesson.split("_", 1)[1]):
                for key, python_path in answers.items():
                    for wrong in (False, True):
                        found = measure(lesson, name, place, python_path, wrong)
                        about = {"exercise": name, "key": key, "answer": "wrong" if wrong else "right"}
                        rows.append(about | {what: round(value, 2) for what, value in found.items()})
    print(json.dumps(rows, indent=1)) if asked.json else show(rows)


def show(rows: list[dict[str, Any]]) -> None:
    """Print the rows as a table; what is over its budget is red."""
    table = Table("exercise", "compared with", "answer", "first ms", "median ms", "assert_allclose ms")
    for row in rows:
        first, median = row["first_ms"], row["median_ms"]
        table.add_row(
            row["exercise"],
            row["key"],
            row["answer"],
            f"[red]{first:.0f}[/]" if first > FIRST_MS else f"{first:.0f}",
            f"[red]{median:.1f}[/]" if median > MEDIAN_MS else f"{median:.1f}",
            f"{row['plain_ms']:.2f}" if "plain_ms" in row else "",
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
