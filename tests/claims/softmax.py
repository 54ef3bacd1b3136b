"""What lesson 03 claims in numbers, each with the test that makes it true."""

from typing import Any

import numpy as np


def winner_at(lesson: dict[str, Any], more: float) -> str:
    """Who wins the tie when the score of "river" grows."""
    scores = lesson["scores"][lesson["bank"]].copy()
    scores[lesson["river"]] += more
    return lesson["sentence"][int(scores.argmax())]


CLAIMS = {
    'Raise the score of "river" by 0.001, and the answer jumps': lambda lesson: (
        winner_at(lesson, 0.0) == "bank" and winner_at(lesson, 0.001) == "river"
    ),
    "Nudge the score by 0.001": lambda lesson: True,  # an instruction; the cell below it does just this
    "With shares .7 and .3, and values 10 and 20, the mixture is .7 · 10 + .3 · 20 = 13": lambda lesson: (
        np.isclose(np.array([0.7, 0.3]) @ np.array([10, 20]), 13)
    ),
    "Times 10 is temperature 0.1": lambda lesson: np.isclose(1 / 10, 0.1),
    "2.0 means as spread out as two words with equal shares": lambda lesson: (
        np.isclose(lesson["width"](np.array([0.5, 0.5])), 2.0)
    ),
    '"bank" at temperature 0.05': lambda lesson: 0.05 in lesson["temperatures"],
    "What happens below 0.2?": lambda lesson: (
        # Above, the picture still moves; below, two words share everything.
        lesson["width"](lesson["softmax"](lesson["scores"][lesson["bank"]] / 0.2)) < 2.05
    ),
}
