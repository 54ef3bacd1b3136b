"""What lesson 02 claims in numbers, each with the test that makes it true."""

import numpy as np

import spotlight


def shared(first: str, second: str) -> np.ndarray:
    """What each feature adds to the dot product of two words."""
    one, other = spotlight.toy.embed([first, second])
    return one * other


CLAIMS = {
    "Both are nouns: 1. They share some water: 0.5. Together 1.5.": lambda lesson: (
        shared("bank", "river").tolist() == [1, 0, 0, 0.5, 0]
    ),
    '"bank": 1.5 with itself, 1.5 with "river", a tie': lambda lesson: (
        shared("bank", "bank").sum() == shared("bank", "river").sum() == 1.5
    ),
    '"loan", from another sentence, scores it 1.5 too': lambda lesson: shared("loan", "bank").sum() == 1.5,
}
