"""What goes wrong around a grading: one sentence, an exit code, nothing lost, and the next run completes."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.class_copy import Class, copy_course
from submissions.making import FULL, LESSON, WITHOUT_TOKEN_MASK, Work, half_done, with_a_mistake

from autograder.build import build


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A graded class of one, in a copy of the course."""
    build()
    found = Class(copy_course(tmp_path_factory.mktemp("course")))
    found.hand_in("amara", LESSON, half_done())
    said = found.spotlight("grade", "03")
    assert said.returncode == 0, said.stderr
    return found


def one_sentence(said: subprocess.CompletedProcess[str], words: str, code: int) -> None:
    """It stopped with this code and these words, and nothing else is on the screen."""
    text = re.sub(r"[\s│]+", " ", said.stdout + said.stderr)
    assert said.returncode == code, text
    assert words in text
    assert "Traceback" not in text and "Error:" not in text
    assert len(text) < 600, text


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["grade", "02"], 2, "Nobody has handed in 02_scores. First: spotlight collect PATH"),
        (["grade", "99"], 2, "There is no lesson '99'; there are: "),
        (["grade", "03", "--student", "nobody"], 2, "'nobody' has handed in no 03_softmax; there are: amara"),
        (["grade", "03", "--student", "../amara"], 2, "has handed in no 03_softmax"),
        (["grade"], 2, "Missing argument"),
    ],
)
def test_what_is_not_there_is_named(group: Class, words: list[str], code: int, says: str) -> None:
    one_sentence(group.spotlight(*words), says, code)


def test_a_gradebook_that_another_program_holds_is_named_and_keeps_its_grades(group: Class) -> None:
    with contextlib.closing(sqlite3.connect(group.course / "gradebook.db")) as gradebook:
        gradebook.execute("BEGIN EXCLUSIVE")
        one_sentence(group.spotlight("grade", "03"), "The gradebook is in use by another program", 2)
    assert group.scores(LESSON) == {"amara": 2}
    said = group.spotlight("grade", "03", "--json")
    assert said.returncode == 0 and json.loads(said.stdout)[0]["score"] == 2


def test_a_second_run_at_once_is_told_to_wait(group: Class) -> None:
    with open(group.root / ".spotlight" / "lock", "a+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"`spotlight grade {LESSON}` (process {os.getpid()})")
        lock.flush()
        one_sentence(group.spotlight("grade", "03"), "is at work on this course. Wait until it has ended", 2)
        one_sentence(group.spotlight("collect", "any.ipynb"), "is at work on this course", 2)
        own = group.course / "work" / LESSON / f"{LESSON}.ipynb"
        own.parent.mkdir(parents=True)
        own.write_bytes(Work().saved())
        one_sentence(group.spotlight("submit", "03"), "is at work on this course", 2)
    assert group.spotlight("grade", "03").returncode == 0


def test_a_link_to_a_neighbours_work_earns_nothing(group: Class, tmp_path: Path) -> None:
    """`unzip` restores links; neither `collect` nor `grade` follows one, and the neighbour's file stays as it is."""
    neighbour = group.hand_in("nils", LESSON, Work().saved()) / f"{LESSON}.ipynb"
    link = tmp_path / "olga" / f"{LESSON}.ipynb"
    link.parent.mkdir()
    link.symlink_to(neighbour)
    said = group.spotlight("collect", str(link.parent))
    assert said.returncode == 1 and "is a link to another file; ask for the notebook itself" in said.stdout
    own = group.course / "submitted" / "olga" / LESSON
    own.mkdir(parents=True)
    (own / f"{LESSON}.ipynb").symlink_to(neighbour)
    said = group.spotlight("grade", "03", "--json")
    records = {each["student"]: each for each in json.loads(said.stdout)}
    assert records["nils"]["score"] == FULL and records["olga"]["score"] == 0
    assert "was a link to another file" in " ".join(records["olga"]["notes"])
    assert neighbour.read_bytes() == Work().saved()


def test_a_submission_that_comes_back_gets_the_grade_it_had(group: Class, tmp_path: Path) -> None:
    """A, then B, then A again: A's result, from the ledger, and not B's."""
    scores = []
    for raw in (Work().saved(), with_a_mistake(), Work().saved()):
        file = tmp_path / f"{LESSON}.ipynb"
        file.write_bytes(raw)
        assert group.spotlight("collect", str(file), "--student", "bea").returncode == 0
        said = group.spotlight("grade", "03", "--student", "bea", "--json")
        scores.append((json.loads(said.stdout)[0]["score"], group.scores(LESSON)["bea"]))
    assert scores == [(FULL, FULL), (WITHOUT_TOKEN_MASK, WITHOUT_TOKEN_MASK), (FULL, FULL)]
    page = (group.course / "feedback" / "bea" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "token_mask: all 2 checks pass" in page
    shutil.rmtree(group.course / "submitted" / "bea")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount one")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path, but_bytes: int) -> Path:
    """Fill a file system but for so much."""
    ballast = place / "ballast"
    with contextlib.suppress(OSError), open(ballast, "wb") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()
    size = ballast.stat().st_size
    os.truncate(ballast, size - but_bytes)
    return ballast


@pytest.mark.parametrize("room", [0, 200_000, 700_000])
def test_a_full_disk_is_named_and_the_next_run_completes(small_disk: Path, room: int) -> None:
    """Full at once, while the gradebook is made, or while pages are written."""
    build()
    group = Class(copy_course(small_disk / "course"))
    group.hand_in("amara", LESSON, half_done())
    group.hand_in("ben", LESSON, Work().saved())
    before = {path: path.read_bytes() for path in (group.course / "submitted").rglob("*.ipynb")}
    group.python("-m", "compileall", "-q", ".")  # CPython keeps a half-written .pyc, and falls over it
    ballast = fill(small_disk, room)
    said = group.spotlight("grade", "03")
    text = re.sub(r"[\s│]+", " ", said.stdout + said.stderr)
    assert said.returncode == 1, text
    assert "disk is full" in text.lower() and "Traceback" not in text, text
    ballast.unlink()
    assert {path: path.read_bytes() for path in before} == before
    said = group.spotlight("grade", "03", "--json")
    assert said.returncode == 0, said.stderr
    assert group.scores(LESSON) == {"amara": 2, "ben": FULL}
    for student in ("amara", "ben"):
        assert (group.course / "feedback" / student / LESSON / f"{LESSON}.html").stat().st_size > 10_000
