"""A part of `tests/fuzz.py` that is small enough for every run of the suite."""

import pytest
from fuzz import Finding, fuzz_notebooks, fuzz_replies

from autograder.guarantees import missing_guarantees


def test_no_mutated_notebook_breaks_anything_or_gains_a_point() -> None:
    every = 0 if missing_guarantees() else 40
    counts = fuzz_notebooks(list(range(10_000, 10_120)), every)
    assert counts["unreadable"] > 10 and counts["recovered"] > 30 and counts["graded"] > 30


def test_no_hostile_reply_breaks_anything_or_gains_a_point() -> None:
    counts = fuzz_replies(list(range(10_000, 10_300)))
    assert min(counts["broke the line"], counts["judged right"], counts["judged wrong"]) > 10


def test_a_grader_that_gives_points_away_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fuzzing is worth something only if it notices."""
    monkeypatch.setattr("autograder.judge.first_difference", lambda yours, expected: None)
    with pytest.raises(Finding, match="nothing right was sent"):
        fuzz_replies(list(range(100)))


def test_a_rebuilding_that_loses_a_check_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(raw, release):
        from autograder.nbgrader_steps import rebuilt_from

        notebook = rebuilt_from(raw, release)
        notebook.cells = [cell for cell in notebook.cells if cell.id != "softmax-check"]
        return notebook

    monkeypatch.setattr("fuzz.rebuilt_from", careless)
    with pytest.raises(AssertionError):
        fuzz_notebooks([1], 0)
