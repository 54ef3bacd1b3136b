"""Reference answers to lesson 00: how this course works."""

import numpy as np


def row_shares(x: np.ndarray) -> np.ndarray:
    """Turn amounts into shares: each number as a fraction of its own row.

    Args:
        x: `(…, seq)`, positive numbers. A row runs along the last axis; `…` stands for any axes in front.

    Returns:
        Same shape as `x`. Each row sums to 1.
    """
    # The axis that is summed away stays with size 1, so that each row meets its own total.
    return x / x.sum(axis=-1, keepdims=True)


def mean_of_tokens(x: np.ndarray) -> np.ndarray:
    """Average the vectors of a sentence: one vector for the whole sentence.

    Args:
        x: `(…, seq, d)`: `seq` vectors of `d` numbers; `…` stands for any axes in front, also for none.

    Returns:
        `(…, d)`: the mean over the vectors of each sentence, number by number.
    """
    return x.mean(axis=-2)


# Write square_table = "a", "b", "c" or "d".
square_table = "c"
