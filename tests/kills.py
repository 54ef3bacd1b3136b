"""The grader is killed at random moments, and the same command is run again until a class is done.

    python tests/kills.py --kills 50 --seed 0

However often that happens: scores and feedback pages are those of an undisturbed run, nobody is left out,
nothing that was finished is executed again, and no process stays behind.
`tests/autograder/test_kills.py` kills it five times.
"""

import argparse
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from fixtures.class_copy import Class, copy_course
from submissions.making import LESSON, RIGHT, WRONG, Work

from autograder.build import build

STUDENTS = [
    "ada", "bo", "cleo", "dan", "eve", "finn", "gita", "hugo", "iris", "jon", "kim", "lou",
]  # fmt: skip
GRADE = ("-m", "autograder.cli", "grade", LESSON, "--json")
Known = dict[
    str, tuple[int, int]
]  # the files of the ledger: inode and time, which change when one is written again


def submission(number: int) -> bytes:
    """Of all sorts: right, wrong, half done, with an error, with an odd cell, cut off."""
    work = Work(solved=number % 6 != 1)
    if number % 6 == 1:
        work.write("token_mask", RIGHT)
    if number % 6 == 2:
        work.write("token_mask", WRONG)
    if number % 6 == 3:
        work.write("softmax", "def softmax(scores, axis=-1):\n    return scores")
    if number % 6 == 4:
        work.add("raise ValueError('of mine')", above="softmax")
    return work.saved()[:9000] if number % 6 == 5 else work.saved()


class Killed:
    """A class that is graded with interruptions."""

    def __init__(self, root: Path, students: list[str], random: Random) -> None:
        build()
        self.group, self.students, self.random = Class(copy_course(root)), students, random
        self.seconds = 0.0  # from the beginning of the work to the end of the process, undisturbed
        self.moments: Counter[str] = Counter()
        for number, student in enumerate(students):
            self.group.hand_in(student, LESSON, submission(number))

    @property
    def state(self) -> Path:
        return self.group.root / ".spotlight"

    def forget(self) -> None:
        """As before the first run, but for the secret, so that the same private seeds are drawn."""
        for name in ("autograded", "feedback", "gradebook.db", "gradebook.db-journal"):
            place = self.group.course / name
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        shutil.rmtree(self.state / "ledger", ignore_errors=True)

    def known(self) -> Known:
        found = (self.state / "ledger").glob("*.json")
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}

    def result(self) -> tuple[dict[str, float], dict[str, str]]:
        """Everybody's score in the gradebook, and feedback page."""
        pages = {
            student: (self.group.course / "feedback" / student / LESSON / f"{LESSON}.html").read_text("utf-8")
            for student in self.students
        }
        return self.group.scores(LESSON), pages

    def run(self, kill: bool) -> bool:
        """Run the command; returns whether it came to its end before it was to be killed."""
        process = self.group.start(*GRADE)
        self._await_work(process)
        begun = time.monotonic()
        seconds = self.random.uniform(0, self.seconds) if kill else None
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.moments[self._moment()] += 1
            print(f"kill {sum(self.moments.values())}: after {seconds:.1f} s, {self._moment()}", flush=True)
            self._await_silence()
            return False
        assert process.returncode == 0, out[-2000:] + err[-2000:]
        self.seconds = self.seconds or time.monotonic() - begun
        return True

    def _await_work(self, process: subprocess.Popen[str]) -> None:
        """Until it holds the lock: what comes before is only the start of Python."""
        lock = self.state / "lock"
        while process.poll() is None:
            with contextlib.suppress(OSError):
                if f"(process {process.pid})" in lock.read_text("utf-8"):
                    return
            time.sleep(0.005)

    def _moment(self) -> str:
        """Where it was killed, by what is there."""
        settled, pages = len(self.known()), len(list((self.group.course / "feedback").glob("*/*/*.html")))
        if not settled:
            return "before the first result"
        return "while settling" if pages < len(self.students) else "while writing again"

    def _await_silence(self) -> None:
        """No process of this class may outlive the grader."""
        deadline = time.monotonic() + 15
        while left := processes_of(self.group.root):
            assert time.monotonic() < deadline, f"left behind: {left}"
            time.sleep(0.05)


def processes_of(root: Path) -> list[str]:
    """Processes that were started for a copy of the course."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(root).encode() in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def kill_and_compare(root: Path, kills: int, students: list[str], seed: int) -> Counter[str]:
    """Kill a class's grading so many times; asserts that nothing came of it, and returns when it was."""
    a_class = Killed(root, students, Random(seed))
    a_class.run(kill=False)
    scores, pages = a_class.result()
    assert set(scores) == set(students)
    while kills > 0:
        a_class.forget()
        known: Known = {}
        done = False
        while not done:
            done = a_class.run(kill=kills > 0)
            kills -= not done
            now = a_class.known()
            assert known.items() <= now.items(), "a finished submission was executed again"
            known = now
        assert len(known) == len(students)
        found_scores, found_pages = a_class.result()
        assert found_scores == scores
        for student in students:
            assert found_pages[student] == pages[student], f"{student}'s page differs"
    return a_class.moments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="spotlight-kills-") as name:
        moments = kill_and_compare(Path(name, "course"), options.kills, STUDENTS, options.seed)
    print(
        f"seed {options.seed}: {sum(moments.values())} kills in {time.monotonic() - started:.0f} s, all the same"
    )
    print(dict(moments))


if __name__ == "__main__":
    main()
