"""What lesson 04 claims in numbers, each with the test that makes it true."""

from typing import Any

import numpy as np

D = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
AT = D.index


def stays_flat(lesson: dict[str, Any]) -> bool:
    """Median and mean of the scaled norm, and what reaches the query, at every d."""
    curves = [lesson["medians"]["÷ √d"], lesson["means"]["÷ √d"], lesson["reaches"]["÷ √d"]]
    return all(curve.min() > 0.2 and curve.max() < 0.35 for curve in curves)


def peaks_in_the_middle(lesson: dict[str, Any]) -> bool:
    """Median and mean are largest near 4 to 8 (the neighbours may tie), above both ends."""
    both = [lesson["medians"]["plain"], lesson["means"]["plain"]]
    in_place = all(2 <= D[int(curve.argmax())] <= 16 for curve in both)
    return in_place and all(curve.max() > 1.1 * curve[0] and curve.max() > 3 * curve[-1] for curve in both)


def valley(lesson: dict[str, Any], name: str) -> float:
    return float(lesson["steps"][lesson["errors"][name].argmin()])


def two_shares(lesson: dict[str, Any]) -> bool:
    """The row worked out by hand: the moves of both weights for score 0, and what the loss feels of each score."""
    weights, exact = np.array([0.8, 0.2]), np.array([0.16, -0.16])
    moves = [lesson["softmax_backward"](weights, gradient)[0] for gradient in np.eye(2)]
    felt = lesson["softmax_backward"](weights, np.array([3.0, 1.0]))
    return np.allclose(moves, exact) and np.allclose(felt, [0.32, -0.32])


CLAIMS = {
    'With one feature "bank" looks at everybody a little': lambda lesson: (
        lesson["plain_shares"][0].max() < 0.5
    ),
    "With 1,024 it looks at a single word": lambda lesson: lesson["plain_shares"][-1].max() > 0.95,
    "At every length, everybody is heard": lambda lesson: (
        lesson["scaled_shares"].max() < 0.7 and lesson["scaled_shares"].min() > 0.005
    ),
    "**The variance is d.**": lambda lesson: np.allclose(lesson["variances"], lesson["lengths"], rtol=0.1),
    "typical score has the size √d: 32 for 1,024 features": lambda lesson: (
        30 < lesson["variances"][-1] ** 0.5 < 34
    ),
    "A winner does not move at all": lambda lesson: lesson["feeling"]["one winner"] == 0,
    "two rivals with equal shares move most": lambda lesson: (
        lesson["feeling"]["two alike"] > 2 * lesson["feeling"]["all 16 alike"] > 0.4
    ),
    "**Divided by √d, almost nothing changes**": stays_flat,
    "The last line gives the same moves from the shares alone": lambda lesson: np.allclose(
        lesson["by_letters"], lesson["moves"], atol=2e-4
    ),
    "narrow as those of six equal words, then four": lambda lesson: (
        5.5 < np.exp(lesson["entropies"]["plain"][AT(4)]) < 6.5
        and 3.3 < np.exp(lesson["entropies"]["plain"][AT(8)]) < 4.4
    ),
    "**Without scaling there is a peak**, near d = 4 to 8": peaks_in_the_middle,
    "Scores there differ by 2 or 3": lambda lesson: (
        1.8 < lesson["variances"][AT(4)] ** 0.5 < 2.2 and 2.6 < lesson["variances"][AT(8)] ** 0.5 < 3.1
    ),
    "At d = 1,024 nearly two thirds of all queries have a slope below 0.001": lambda lesson: (
        0.58 < (lesson["sizes_of"](lesson["jacobians"]["plain"][-1]) < 0.001).mean() < 0.667
    ),
    "with w = (0.8, 0.2) and g = (3, 1)": two_shares,
    "by 0.8 · (1 − 0.8) = 0.16": two_shares,
    "−0.2 · 0.8 = −0.16": two_shares,
    "3 · 0.16 − 1 · 0.16 = 0.32": two_shares,
    "the same moves have the other sign: −0.32": two_shares,
    "The mean is larger, since a few queries have two keys nearly tied": lambda lesson: (
        0.02 < lesson["means"]["plain"][-1] < 0.1
    ),
    "with scaling it stays near that of ten or eleven equal words, of 16": lambda lesson: (
        np.log(9.5) < lesson["entropies"]["÷ √d"][1:].min() and lesson["entropies"]["÷ √d"].max() < np.log(12)
    ),
    "it falls to that of a single word": lambda lesson: lesson["entropies"]["plain"][-1] < 0.2,
    "from d = 2 to 128 the typical slope is larger than with √d": lambda lesson: all(
        plain > 1.2 * scaled
        for plain, scaled in zip(
            lesson["reaches"]["plain"][1 : AT(128) + 1],
            lesson["reaches"]["÷ √d"][1 : AT(128) + 1],
            strict=True,
        )
    ),
    "from 64 on very uneven": lambda lesson: np.all(
        (lesson["lucky"] / lesson["reaches"]["plain"])[AT(64) :] > 3
    ),
    "At 1,024 most queries stand still, and every tenth one jumps": lambda lesson: (
        lesson["reaches"]["plain"][-1] < 0.01 and lesson["lucky"][-1] > 10 * lesson["reaches"]["÷ √d"][-1]
    ),
    "(in the table above, 16 equal words": lambda lesson: np.exp(lesson["entropies"]["÷ d"][-1]) > 15.9,
    "each query moves ever less": lambda lesson: (
        np.all(np.diff(lesson["reaches"]["÷ d"]) < 0) and lesson["reaches"]["÷ d"][-1] < 0.01
    ),
    "In float64 the valley lies near 1e-5": lambda lesson: (
        1e-7 < valley(lesson, "float64") < 1e-3 and lesson["errors"]["float64"].min() < 1e-9
    ),
    "In float32 it is shallow, and 1e-5 is on the wrong side": lambda lesson: (
        valley(lesson, "float32") >= 1e-4
        and lesson["errors"]["float32"].min() > 1e-8
        and lesson["errors"]["float32"][4] > 1e-4
    ),
    "from 1e-8 down the nudge itself is rounded away": lambda lesson: (
        np.allclose(lesson["errors"]["float32"][lesson["steps"] < 2e-8], 1)
        and lesson["errors"]["float32"][lesson["steps"] > 5e-7].max() < 0.9
    ),
    "The formula against the nudges": lambda lesson: lesson["formula_error"] < 1e-7,
    "Your slow tool knows whether it is right": lambda lesson: max(lesson["bonus_errors"]) < 1e-7,
    "Here 1,024 features meet 16 keys": lambda lesson: (
        lesson["largest"]["√seq"] > 0.7 and lesson["largest"]["√d"] < 0.35
    ),
    "The rows no longer sum to 1, and the winner is still the winner": lambda lesson: np.allclose(
        lesson["late"].sum(axis=-1), 1 / 32
    ),
}
