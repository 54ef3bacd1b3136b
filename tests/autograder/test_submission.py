"""Reading a submitted file: whatever it is, it becomes cells or a sentence."""

import json
import time
import tracemalloc
from random import Random

import nbformat
import pytest
from submissions.making import LESSON, Work

from autograder.course import COURSE
from autograder.rebuild import rebuild
from autograder.submission import read_submission


@pytest.fixture(scope="module")
def release() -> nbformat.NotebookNode:
    return nbformat.read(COURSE / "release" / LESSON / f"{LESSON}.ipynb", 4)


def one_cell(**parts: object) -> bytes:
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"} | parts]}).encode()


def test_a_usual_notebook_is_read_without_a_note() -> None:
    submission = read_submission(Work().saved())
    assert submission.readable and not submission.notes
    assert len(submission.cells) == len(Work().cells)


def test_a_cell_is_read_with_what_it_claims_to_be() -> None:
    (cell,) = read_submission(one_cell(id="a", metadata={"nbgrader": {"grade_id": "b"}})).cells
    assert (cell.kind, cell.source, cell.id, cell.grade_id) == ("code", "x = 1", "a", "b")


@pytest.mark.parametrize("odd", [None, [], 3, {"nbgrader": []}, {"nbgrader": {"grade_id": {}}}])
def test_odd_metadata_are_no_metadata(odd: object) -> None:
    (cell,) = read_submission(one_cell(metadata=odd)).cells
    assert cell.grade_id is None


def test_sources_are_text_with_plain_line_ends() -> None:
    (cell,) = read_submission(one_cell(source=["a = 1\r\n", "b = '\ud83d'\r", "c = 3"])).cells
    assert cell.source == "a = 1\nb = '?'\nc = 3"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_every_encoding_of_unicode_is_read(encoding: str) -> None:
    submission = read_submission(one_cell().decode().encode(encoding))
    assert [cell.source for cell in submission.cells] == ["x = 1"]
    assert encoding[:6].upper() in submission.notes[0]


@pytest.mark.parametrize("language", ["python", "Python 3", "python3"])
def test_a_python_kernel_needs_no_note(language: str) -> None:
    work = Work()
    work.content["metadata"] = {"kernelspec": {"language": language}}
    assert not read_submission(work.saved()).notes


def test_any_prefix_of_a_notebook_is_told_to_be_cut_off_and_nothing_else() -> None:
    raw, random = Work().saved().rstrip(), Random(3)
    for _ in range(300):
        cut = random.randrange(1, len(raw))
        submission = read_submission(raw[:cut])
        assert not submission.readable
        assert submission.notes == [
            "The file is cut off: its end is missing. Please hand in the notebook again."
        ]


def test_bytes_of_any_kind_never_raise() -> None:
    random, raw = Random(5), Work().saved()
    for _ in range(500):
        garbage = random.randbytes(random.randrange(60))
        start = random.randrange(len(raw))
        for each in (garbage, b"{" + garbage, raw[:start] + garbage + raw[start + len(garbage) :]):
            submission = read_submission(each)
            assert submission.readable or submission.notes


def test_a_small_file_of_very_many_parts_is_not_unfolded() -> None:
    """Each of its objects would take 30 times its size in memory; 50 MB of them, 1.5 GB."""
    raw = b'{"cells": [' + b'{"":0},' * 2_000_001 + b"0]}"
    tracemalloc.start()
    submission = read_submission(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not submission.readable and "too large" in submission.notes[0]
    assert peak < 1_000_000


def test_code_that_would_fill_the_memory_when_it_is_parsed_is_left_out(
    release: nbformat.NotebookNode,
) -> None:
    """Parsed code takes 600 times its size: 4 MB took 2.4 GB and 11 seconds in the grader's own process."""
    work = Work()
    work.add("softmax=1\n" * 400_000, above="softmax")
    for _ in range(20):
        work.add("# " + "word " * 2_000 + "\n" + "softmax=1\n" * 10_000)
    work.write("zero_score", "zero_score = 'b'" + " " * 200_000)
    started = time.process_time()
    submission = read_submission(work.saved())
    rebuild(release, submission)
    assert time.process_time() - started < 20
    assert sum(len(cell.source) for cell in submission.cells) < 2_000_000
    assert "too long to grade" in submission.notes[0] and submission.notes[0].startswith("14 cells are")


def test_long_text_takes_no_room_from_code() -> None:
    work = Work()
    for _ in range(20):
        work.add("x" * 190_000, cell_type="markdown", above="softmax")
    cells = read_submission(work.saved()).cells
    assert {each["source"] for each in Work().cells if each["cell_type"] == "code"} <= {
        c.source for c in cells
    }
