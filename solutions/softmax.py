"""Reference answers to lesson 03: softmax."""

import numpy as np


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn scores into shares, called attention weights: positive numbers that sum to 1 along `axis`.

    weights_i = exp(score_i) / sum_j exp(score_j)

    Args:
        scores: any shape, floating point; a single score may be 1000 or -1000.
        axis: the axis along which the items compete; in attention, the keys.

    Returns:
        Same shape as `scores`. A share may be so small that it rounds to 0.
    """
    # A constant added to every score cancels out; with the largest at 0, no exp can overflow.
    unnormalised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return unnormalised / unnormalised.sum(axis=axis, keepdims=True)


def token_mask(lengths: np.ndarray, seq: int) -> np.ndarray:
    """Say which positions of a padded batch hold real tokens.

    Args:
        lengths: `(batch,)` integers from 0 to `seq`: the number of tokens in each sentence.
        seq: the number of positions in the padded batch.

    Returns:
        Boolean `(batch, seq)`. True = a real token, False = padding, which comes after the tokens.
    """
    return np.arange(seq) < np.asarray(lengths)[:, np.newaxis]


def masked_softmax(scores: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
    """Softmax over the keys that a query may attend to.

    Args:
        scores: `(…, seq_q, seq_k)`, floating point; a single score may be 1000 or -1000.
        attention_mask: boolean, broadcastable to `scores`. True = may attend.

    Returns:
        Weights, same shape as `scores`: exactly 0 where the mask is False; each row sums to 1 over
        the other keys. A row that may attend to nothing is all zeros, never NaN.
    """
    # Unlike -inf, the most negative finite number leaves no NaN in a row without keys.
    removed = np.finfo(scores.dtype).min
    weights = softmax(np.where(attention_mask, scores, removed))
    return np.where(attention_mask, weights, 0)


def weighted_average(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mix the values: for each query, the sum over the keys of weight times value.

    Args:
        weights: `(…, seq_q, seq_k)`, used as they are, also where a row does not sum to 1.
        values: `(…, seq_k, value_dim)`, one row a key.

    Returns:
        `(…, seq_q, value_dim)`.
    """
    return weights @ values


# Write zero_score = "a", "b", "c" or "d".
zero_score = "b"

# Write padded_keys = "a", "b", "c" or "d".
padded_keys = "c"
