"""What does it cost to grade a class? Stock nbgrader beside `spotlight grade`, on the same honest submissions.

    .venv/bin/python tests/benchmarks/grading.py [--submissions 20] [--quick] [--json]

A lesson of ten exercises that imports torch; each exercise is right or untouched, so that both must agree. Both
grade on one core, in turn; what a submission costs is what a large class costs more than a small one, so that
starting up does not count. Measured without feedback pages and with them.
--quick leaves out what takes long: memory, and two workers beside one.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.warm_shell import WarmShell
from tests.fixtures.class_copy import Class
from tests.fixtures.ten_course import LESSON, Ours, Stock, submission

FEW, ROUNDS = 2, 2
MORE = 3  # our classes are larger: starting up, which varies, takes as long as 25 submissions
READY_SHELLS = 30
HEAVY, HEAVY_SECONDS = 8, 1.5  # notebooks that compute for a while
FLOOD = "for _ in range(1000):\n    print('x' * 1_000_000)\n"
# What must hold: (key, at least or at most, bound).
BARS = [
    ("cpu_ratio", "at least", 8.0),
    ("ready_ms", "at most", 40.0),
    ("heavy_speedup", "at least", 1.7),
    ("memory_mb_flood", "at most", 500.0),
]

# `spotlight` without the step that `nbgrader autograde` has no part of.
NO_FEEDBACK = """
from autograder import cli, gradebook
gradebook.write_feedback = lambda *_: None
cli.main()
"""


@dataclass
class Cost:
    """What a run took; `memory_mb` is the most that the grading process itself held."""

    cpu: float
    wall: float
    memory_mb: float


def timed(course: Class, cores: set[int], *words: str, cwd: Path) -> Cost:
    """Run Python in a course on some cores only; its children count too, once they are waited for."""
    memory = [0.0]

    def watch(status: Path) -> None:
        with contextlib.suppress(OSError, StopIteration):  # until the process ends
            while True:
                line = next(line for line in status.read_text().split("\n") if line.startswith("VmHWM"))
                memory.append(int(line.split()[1]) / 1024)
                time.sleep(0.05)

    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = course.start(*words, cwd=cwd)
    os.sched_setaffinity(process.pid, cores)
    watching = threading.Thread(target=watch, args=(Path(f"/proc/{process.pid}/status"),))
    watching.start()
    said = process.communicate()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    watching.join()
    assert process.returncode == 0, said
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, max(memory))


def grade_ours(course: Class, cores: set[int], workers: int = 1, feedback: bool = True) -> Cost:
    """`spotlight grade`."""
    program = ["-m", "autograder.cli"] if feedback else ["-c", NO_FEEDBACK]
    return timed(course, cores, *program, "grade", "01", "--workers", str(workers), "--json", cwd=course.root)


def grade_stock(course: Class, cores: set[int], feedback: bool = False) -> Cost:
    """`nbgrader autograde`, with its own Execute step; and `nbgrader generate_feedback`."""
    cost = timed(course, cores, "-m", "nbgrader", "autograde", LESSON, cwd=course.course)
    if feedback:
        more = timed(course, cores, "-m", "nbgrader", "generate_feedback", LESSON, cwd=course.course)
        cost = Cost(cost.cpu + more.cpu, cost.wall + more.wall, max(cost.memory_mb, more.memory_mb))
    return cost


class Bench:
    """Makes classes and grades them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0
        self.ours, self.stock = Ours(folder / "ours"), Stock(folder / "stock")
        self.all_cores = os.sched_getaffinity(0)
        self.one_core = {max(self.all_cores)}

    def of(self, kind: Class, count: int, busy_seconds: float = 0.0) -> Class:
        """A class of `count` students that nobody has graded yet."""
        self._made += 1
        found = Class(shutil.copytree(kind.root, self._folder / f"class-{self._made}"))
        for number in range(count):
            found.hand_in(f"student-{number:03}", LESSON, submission(kind, number, busy_seconds))
        return found

    def marginal(
        self, kind: Class, count: int, grade: Callable[[Class], Cost], busy_seconds: float = 0.0
    ) -> tuple[float, float]:
        """CPU and wall seconds of one more submission."""
        few = grade(self.of(kind, FEW, busy_seconds))
        many = grade(self.of(kind, FEW + count, busy_seconds))
        return (many.cpu - few.cpu) / count, (many.wall - few.wall) / count

    def side_by_side(self, count: int) -> dict[str, Any]:
        """Both graders in turn, on one core."""
        core = self.one_core
        ways: dict[str, tuple[Class, int, Callable[[Class], Cost]]] = {
            "nbgrader": (self.stock, count, lambda course: grade_stock(course, core)),
            "spotlight": (self.ours, count * MORE, lambda course: grade_ours(course, core, feedback=False)),
            "nbgrader_and_pages": (
                self.stock,
                count,
                lambda course: grade_stock(course, core, feedback=True),
            ),
            "spotlight_and_pages": (self.ours, count * MORE, lambda course: grade_ours(course, core)),
        }
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (kind, size, grade) in ways.items():
                costs[name].append(self.marginal(kind, size // ROUNDS, grade))
        found: dict[str, Any] = {}
        for name, each in costs.items():
            found[f"{name}_cpu_s"] = statistics.mean(cpu for cpu, _ in each)
            found[f"{name}_wall_s"] = statistics.mean(wall for _, wall in each)
        for what in ("cpu", "wall"):
            found[f"{what}_ratio"] = found[f"nbgrader_{what}_s"] / found[f"spotlight_{what}_s"]
            pages = f"nbgrader_and_pages_{what}_s", f"spotlight_and_pages_{what}_s"
            found[f"{what}_ratio_with_pages"] = found[pages[0]] / found[pages[1]]
        ours, stock = self.of(self.ours, count), self.of(self.stock, count)
        grade_ours(ours, self.all_cores)
        grade_stock(stock, self.all_cores)
        return found | {"identical_scores": ours.scores(LESSON) == stock.scores(LESSON)}

    def two_workers(self, name: str, count: int, busy_seconds: float) -> dict[str, float]:
        """How much faster two workers are than one."""
        walls = [
            self.marginal(
                self.ours, count, lambda course, n=n: grade_ours(course, self.all_cores, n), busy_seconds
            )[1]
            for n in (1, 2)
        ]
        return {
            f"{name}_wall_1": walls[0],
            f"{name}_wall_2": walls[1],
            f"{name}_speedup": walls[0] / walls[1],
        }

    def writing_wall(self, count: int) -> float:
        """Wall seconds a submission of the one writer: what a second run takes, which executes nothing."""

        def again(course: Class) -> Cost:
            grade_ours(course, self.all_cores)
            return grade_ours(course, self.all_cores)

        return self.marginal(self.ours, count, again)[1]

    def memory(self) -> dict[str, float]:
        """The grading process's largest size: a class of 20, of 200, and one with a submission that prints 1 GB."""
        found = {
            f"memory_mb_{n}": grade_ours(self.of(self.ours, n), self.all_cores, 2).memory_mb
            for n in (20, 200)
        }
        flooded = self.of(self.ours, 1)
        work = json.loads(submission(self.ours, 0))
        cell = {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": FLOOD,
            "id": "f",
        }
        work["cells"].append(cell)
        flooded.hand_in("student-000", LESSON, json.dumps(work).encode())
        return found | {"memory_mb_flood": grade_ours(flooded, self.all_cores).memory_mb}


def ready_ms() -> float:
    """From asking for a shell until it would run a cell: the median, once the server is warm."""
    times = []
    for _ in range(READY_SHELLS + 1):
        start = time.perf_counter()
        shell = WarmShell(None, True)
        times.append(1000 * (time.perf_counter() - start))
        shell.stop()
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found: dict[str, Any] = {
        "load": os.getloadavg()[0],
        "submissions": asked.submissions,
        "ready_ms": ready_ms(),
    }
    with tempfile.TemporaryDirectory(prefix="spotlight-benchmark-") as folder:
        bench = Bench(Path(folder))
        found |= bench.side_by_side(asked.submissions)
        if not asked.quick:
            found |= bench.two_workers("light", asked.submissions * MORE, 0.0)
            # However many workers there are, the light notebook waits for the writer: nbgrader's converters.
            found["light_bound"] = found["light_wall_1"] / bench.writing_wall(asked.submissions * MORE)
            found |= bench.two_workers("heavy", HEAVY, HEAVY_SECONDS)
            found |= bench.memory()
    if asked.json:
        print(
            json.dumps(
                {key: round(each, 4) if isinstance(each, float) else each for key, each in found.items()}
            )
        )
        return
    table = Table("what", "measured", "bar")
    bars = {key: f"{word} {bound:g}" for key, word, bound in BARS}
    for key, each in found.items():
        table.add_row(key, f"{each:.3g}" if isinstance(each, float) else str(each), bars.get(key, ""))
    Console().print(table)


if __name__ == "__main__":
    main()
