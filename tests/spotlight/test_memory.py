"""Curves that one lesson keeps and a later one draws again."""

import numpy as np
import pytest

from spotlight import memory

X = np.arange(1, 6)
LINES = {"32 numbers": np.linspace(1, 0.2, 5), "128 / wide": np.linspace(1, 0.4, 5)}


@pytest.fixture
def learner(tmp_path, monkeypatch):
    """A learner's folder, in which a fresh kernel has just started."""
    monkeypatch.setattr(memory, "_CURVES", {})
    monkeypatch.chdir(tmp_path)
    return memory.start(tmp_path)


def restart(monkeypatch):
    monkeypatch.setattr(memory, "_CURVES", {})


def same(found, expected=(X, LINES)):
    (x, lines), (expected_x, expected_lines) = found, expected
    return np.array_equal(x, expected_x) and list(lines) == list(expected_lines) and all(
        np.array_equal(lines[label], expected_lines[label]) for label in lines
    )  # fmt: skip


def test_a_kept_curve_is_there_at_once_and_after_a_restart(learner, monkeypatch):
    memory.keep_curve("bottleneck", X, LINES)
    assert same(memory.curve("bottleneck"))
    restart(monkeypatch)
    assert same(memory.curve("bottleneck"))


def test_a_kept_curve_is_found_from_a_folder_below(learner, monkeypatch):
    memory.keep_curve("bottleneck", X, LINES)
    restart(monkeypatch)
    below = learner.parent / "07_cross_attention"
    below.mkdir()
    monkeypatch.chdir(below)
    assert same(memory.curve("bottleneck"))


def test_keeping_again_replaces(learner, monkeypatch):
    memory.keep_curve("bottleneck", X, LINES)
    memory.keep_curve("bottleneck", X[:2], {"one": X[:2] / 10})
    for _ in range(2):
        assert same(memory.curve("bottleneck"), (X[:2], {"one": X[:2] / 10}))
        restart(monkeypatch)
    assert [path.name for path in (learner / "curves").iterdir()] == ["bottleneck.npz"]


def test_what_is_kept_does_not_change_with_the_array_it_came_from(learner):
    line = LINES["32 numbers"].copy()
    memory.keep_curve("bottleneck", X, {"line": line})
    line[:] = 0
    assert same(memory.curve("bottleneck"), (X, {"line": LINES["32 numbers"]}))


def test_a_curve_that_was_never_kept_is_none(learner):
    assert memory.curve("bottleneck") is None


def test_without_a_learners_folder_a_curve_lasts_as_long_as_the_kernel(tmp_path, monkeypatch):
    restart(monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert memory.curve("bottleneck") is None
    memory.keep_curve("bottleneck", X, LINES)
    assert same(memory.curve("bottleneck"))
    assert list(tmp_path.iterdir()) == []
    restart(monkeypatch)
    assert memory.curve("bottleneck") is None


def _half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _damaged_byte(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)


def _plain_array(path):
    with open(path, "wb") as file:
        np.save(file, X)


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a curve"),
    "half": _half,
    "a number": lambda path: _damaged_byte(path, path.stat().st_size // 3),
    "the way of packing": lambda path: _damaged_byte(path, path.read_bytes().index(b"PK\1\2") + 10),
    "no x": lambda path: np.savez(path, y=X),
    "objects": lambda path: np.savez(path, x=np.array([{}]), **{"line a": X}),
    "a plain array": _plain_array,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_as_good_as_none(damage, learner, monkeypatch):
    memory.keep_curve("bottleneck", X, LINES)
    restart(monkeypatch)
    DAMAGES[damage](learner / "curves" / "bottleneck.npz")
    assert memory.curve("bottleneck") is None
    memory.keep_curve("other", X, LINES)
    restart(monkeypatch)
    assert same(memory.curve("other"))


def test_a_given_function_says_whose_code_runs(learner, capsys):
    def double(x):
        return 2 * x

    assert memory.yours(double) is double
    assert capsys.readouterr().out.startswith("Using the course's double. Yours will stand here once")
    memory.remember_attempt("double", True, "def double(x):\n    return x + x")
    assert memory.yours(double) is not double
    assert capsys.readouterr().out == "Using your own double.\n"


def test_where_nothing_is_remembered_a_given_function_says_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert memory.yours(len) is len
    assert capsys.readouterr().out == ""


def test_a_guess_with_dots_left_to_fill_in_is_none(learner, capsys, monkeypatch):
    monkeypatch.setattr(memory, "_GUESSES", {})
    memory.predict("reversing", "... of the symbols right")
    memory.compare("reversing", "a quarter")
    assert memory.read("guesses") == {}
    said = capsys.readouterr().out
    assert said.startswith("No guess yet") and "(no guess yet)" in said
    memory.predict("reversing", "0.5 of the symbols right")
    assert memory.read("guesses") == {"reversing": "0.5 of the symbols right"}
