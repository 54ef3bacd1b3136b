"""What lesson 01 claims in numbers, each with the test that makes it true."""

from typing import Any

import numpy as np


def at(lesson: dict[str, Any], width: int, length: int) -> float:
    """The share of symbols copied right in rows of about `length` (its neighbours too, against luck)."""
    line = lesson["accuracy"][width]
    return float(line[max(0, length - 2) : length + 1].mean())


def mean(lines: np.ndarray, first: int, last: int) -> float:
    """Over places or lengths `first` to `last`, counted from 1."""
    return float(lines[first - 1 : last].mean())


def moves(lesson: dict[str, Any], w_hidden: np.ndarray) -> np.ndarray:
    """(7,): the lesson's `moves`, with another W_hidden."""
    weights = lesson["embeddings"], lesson["w_in"], w_hidden, lesson["bias"]
    rows = np.repeat(lesson["tokens"][1:], 8, axis=0)
    rows[np.arange(7), np.arange(7)] = lesson["vocabulary"].index("cat")
    _, last = lesson["encode"](rows, np.full(8, 7), *weights)
    return np.linalg.norm(last[:7] - last[7], axis=-1)


CLAIMS = {
    "The shortest rows come back whole.": lambda lesson: (
        min(mean(lesson["accuracy"][width], 1, 3) for width in (32, 128)) > 0.95
    ),
    "Then the share falls, and goes on falling.": lambda lesson: all(
        at(lesson, width, 4) > at(lesson, width, 12) + 0.05 > at(lesson, width, 20) + 0.1 > at(lesson, width, 39) + 0.15
        for width in (32, 128)
    ),
    "Four times the width moves the cliff": lambda lesson: at(lesson, 128, 12) > at(lesson, 32, 12) + 0.15,
    "at 40 symbols most of the row is lost with either": lambda lesson: (
        0.12 < at(lesson, 32, 40) < at(lesson, 128, 40) - 0.03 and at(lesson, 128, 40) < 0.5
    ),
    "The first words have faded": lambda lesson: lesson["moves"][:2].max() < 0.2 * lesson["moves"][-1],
    "the first words move the last state no less than the last ones do": lambda lesson: (
        moves(lesson, 5 * lesson["w_hidden"])[:2].mean() > moves(lesson, 5 * lesson["w_hidden"])[-2:].mean()
    ),
    "The first symbols are the furthest from the end, and yet they move the vector most": lambda lesson: all(
        mean(lesson["reach"][width], 1, 4) > 2 * mean(lesson["reach"][width], 37, 40) for width in (32, 128)
    ),
    "only the first ones come through": lambda lesson: all(
        mean(lesson["by_place"][width], 1, 3) > 0.7 and mean(lesson["by_place"][width], 25, 40) < 0.25
        for width in (32, 128)
    ),
    "A cliff without any slope.": lambda lesson: (
        mean(lesson["by_sums"][32], 1, 3) > 0.9
        and mean(lesson["by_sums"][32], 36, 40) < 0.4
        and mean(lesson["by_sums"][32], 36, 40) + 0.15 < mean(lesson["by_sums"][128], 36, 40) < 0.75
    ),
    "on long rows our two GRUs do not even reach the sums": lambda lesson: all(
        mean(lesson["accuracy"][width], 12, 40) < mean(lesson["by_sums"][width], 12, 40) for width in (32, 128)
    ),
    "40 symbols of ten are 133 bits, and 32 numbers of 32 bits are 1,024": lambda lesson: (
        np.ceil(40 * np.log2(10)) == 133 and 32 * 32 == 1024
    ),
    "Judged that way it looks better than it is.": lambda lesson: (
        mean(lesson["forced"], 8, 40) > mean(lesson["accuracy"][32], 8, 40) + 0.08
    ),
    "the cliff stands with the truth given, too": lambda lesson: (
        mean(lesson["forced"], 1, 4) - 0.3 > mean(lesson["forced"], 18, 22) > mean(lesson["forced"], 36, 40) + 0.05
    ),
    "the shorter the row, the more padding agrees with padding": lambda lesson: (
        (lesson["copies"][32] == lesson["rows"])[lesson["row_lengths"] == 20].mean() > at(lesson, 32, 20) + 0.15
    ),
    "sentences end in the same state": lambda lesson: (
        np.linalg.norm(lesson["at_the_end"][0] - lesson["at_the_end"][1]) < 1e-3
        and np.linalg.norm(lesson["real"][0] - lesson["real"][1]) > 0.1
    ),
}
