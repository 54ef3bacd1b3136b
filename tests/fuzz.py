"""Mutated notebooks and hostile replies by the thousand: nothing breaks, and nothing earns what it does not deserve.

    python tests/fuzz.py --notebooks 5000 --replies 5000 --seed 0

A notebook holds right, wrong and missing answers; whatever becomes of the file, it may lose points and never gain any.
A reply is what a shell sends to a request; whatever it sends, only a right answer at its place is right.
Each number is a seed of its own, so a finding is repeated by `--only notebook:1234`.
`tests/test_fuzz.py` runs some of them.
"""

import argparse
import copy
import json
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import nbformat
from fixtures.fuzzed_notebooks import BASE, CEILING, fuzzed_notebook
from fixtures.fuzzed_replies import fuzzed_outputs, undeserved
from fixtures.holds import holds
from submissions.making import LESSON, Work

from autograder.course import COURSE
from autograder.nbgrader_steps import NOTES, rebuilt_from
from autograder.settle import Settled, settle
from autograder.submission import OUR_FAULT

MOST_SECONDS = 10.0  # of processor time, for reading and rebuilding one file
MOST_GROWTH = 1 << 20  # KB by which this process may grow


class Finding(AssertionError):
    """Something that must not be, and the seed that shows it."""


def read_and_rebuild(raw: bytes, release: nbformat.NotebookNode, before: nbformat.NotebookNode) -> Any:
    """One file on its way to be graded; everything that holds for any file is asserted."""
    started = time.process_time()
    notebook = rebuilt_from(raw, release)
    assert time.process_time() - started < MOST_SECONDS, "it took too long"
    holds(notebook, release)
    assert release == before, "the release was changed"
    about = notebook.metadata[NOTES]
    assert about["outcome"] != OUR_FAULT and all(isinstance(note, str) for note in about["notes"])
    return notebook


@contextmanager
def classroom() -> Iterator[Path]:
    """A folder with a neighbour's submission and a place for one; results are kept there, not in the course."""
    with tempfile.TemporaryDirectory(prefix="spotlight-fuzz-") as name:
        root = Path(name)
        for student in ("neighbour", "fuzz"):
            (root / "submitted" / student / LESSON).mkdir(parents=True)
        (root / "submitted" / "neighbour" / LESSON / f"{LESSON}.ipynb").write_bytes(Work().saved())
        ledger, state = root / "ledger", root / "state"
        with mock.patch("autograder.ledger.FOLDER", ledger), mock.patch("autograder.settle.STATE", state):
            yield root
            shutil.rmtree(ledger, ignore_errors=True)


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def grade_for_real(raw: bytes, notebook: nbformat.NotebookNode, root: Path) -> Settled:
    """In the sandbox, as in a class."""
    folder = root / "submitted" / "fuzz" / LESSON
    (folder / f"{LESSON}.ipynb").write_bytes(raw)
    before = files_of(root / "submitted")
    settled = settle(notebook, "fuzz", LESSON, folder, isolated=True)
    assert files_of(root / "submitted") == before, "a submission was changed"
    for exercise in settled.exercises:
        name, score = exercise["name"], exercise["score"]
        assert score <= CEILING[name], f"{name} has {score} points and deserves at most {CEILING[name]}"
    for outputs in settled.outputs.values():
        json.dumps(outputs, ensure_ascii=False).encode()
    return settled


def fuzz_notebooks(numbers: list[int], every: int) -> Counter[str]:
    """Rebuild each notebook, and grade each `every`-th that could be read (0: none); counts what became of them."""
    release = nbformat.read(COURSE / "release" / LESSON / f"{LESSON}.ipynb", 4)
    before, counts = copy.deepcopy(release), Counter[str]()
    with classroom() as root:
        if every:
            base = grade_for_real(BASE(), read_and_rebuild(BASE(), release, before), root)
            assert {each["name"]: each["score"] for each in base.exercises} == CEILING
        for place, number in enumerate(numbers):
            raw, what, harmless = fuzzed_notebook(Random(f"notebook {number}"))
            try:
                notebook = read_and_rebuild(raw, release, before)
                outcome = notebook.metadata[NOTES]["outcome"]
                counts[outcome] += 1
                if every and outcome != "unreadable" and place % every == 0:
                    settled = grade_for_real(raw, notebook, root)
                    counts["graded for real"] += 1
                    counts["lost points"] += settled.score < base.score
                    assert not harmless or settled.score == base.score, "points were lost for no reason"
            except Exception as error:
                raise Finding(
                    f"notebook:{number} ({what}): {type(error).__name__}: {error}"[:2000]
                ) from error
    return counts


def fuzz_replies(numbers: list[int]) -> Counter[str]:
    """Send each reply to a real client, and judge what it makes of it; every tenth time outputs of a cell too."""
    counts: Counter[str] = Counter()
    for number in numbers:
        random = Random(f"reply {number}")
        try:
            counts[undeserved(random)] += 1
            if number % 10 == 0:
                fuzzed_outputs(random)
        except Exception as error:
            raise Finding(f"reply:{number}: {type(error).__name__}: {error}"[:2000]) from error
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--notebooks", type=int, default=5000)
    parser.add_argument("--replies", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0, help="the first one's number is a million times this")
    parser.add_argument("--every", type=int, default=10, help="grade every so many notebooks for real")
    parser.add_argument("--only", help="one finding again: notebook:NUMBER or reply:NUMBER")
    options = parser.parse_args()
    first = options.seed * 1_000_000
    notebooks = list(range(first, first + options.notebooks))
    replies = list(range(first, first + options.replies))
    if options.only:
        kind, number = options.only.split(":")
        notebooks, replies = ([int(number)], []) if kind == "notebook" else ([], [int(number)])
        options.every = 1
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for what, counts in (
        ("replies", fuzz_replies(replies)),
        ("notebooks", fuzz_notebooks(notebooks, options.every)),
    ):
        print(what, dict(sorted(counts.items())), flush=True)
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"seed {options.seed}: {time.monotonic() - started:.0f} s, grown by {growth >> 10} MB")
    if growth > MOST_GROWTH:
        sys.exit("that is too much memory")


if __name__ == "__main__":
    main()
