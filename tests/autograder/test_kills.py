"""A grader that is killed goes on where it stopped. `tests/kills.py` does it fifty times, by hand."""

import sys
from pathlib import Path

import pytest
from kills import STUDENTS, kill_and_compare

from autograder.guarantees import missing_guarantees


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.skipif(bool(missing_guarantees()), reason="the sandbox does not hold here")
def test_five_kills_change_no_score_and_no_page(tmp_path: Path) -> None:
    moments = kill_and_compare(tmp_path / "course", 5, STUDENTS[:4], seed=1)
    assert sum(moments.values()) == 5
