"""Reference answers to lesson 02: scores."""

import numpy as np


def hard_lookup(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the one value whose key matches the query best.

    How well a key matches is its dot product with the query: sum_f query_f · key_f over the d features f.

    Args:
        query: (d,), floating point. One query at a time, without a batch.
        keys: (seq_k, d), one key a row.
        values: (seq_k, value_dim), row i belongs to key i.

    Returns:
        (value_dim,): one row of `values`, unchanged. Of several keys that match equally well, the
        first wins.
    """
    scores = keys @ query  # (seq_k,)
    return values[np.argmax(scores)]


def dot_product_scores(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Score every key for every query by their dot product.

    scores[..., i, j] = sum_f queries[..., i, f] · keys[..., j, f] over the d features f.

    Args:
        queries: (…, seq_q, d), floating point.
        keys: (…, seq_k, d). The leading axes `…` are the same as in `queries`: none, one or several.

    Returns:
        (…, seq_q, seq_k): row i belongs to query i. Sequences in different places of the leading axes
        never meet.
    """
    return queries @ np.swapaxes(keys, -1, -2)


def additive_scores(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Score every key for every query with a small network (Bahdanau, Cho and Bengio, 2014).

    score of query q and key k = v · tanh(q w_query + k w_key).

    Args:
        queries: (…, seq_q, d_query), floating point.
        keys: (…, seq_k, d_key). The leading axes `…` are the same as in `queries`: none, one or several.
        w_query: (d_query, d_hidden).
        w_key: (d_key, d_hidden).
        v: (d_hidden,).

    Returns:
        (…, seq_q, seq_k): row i belongs to query i.
    """
    from_queries = (queries @ w_query)[..., :, None, :]  # (…, seq_q, 1, d_hidden)
    from_keys = (keys @ w_key)[..., None, :, :]  # (…, 1, seq_k, d_hidden)
    return np.tanh(from_queries + from_keys) @ v


# Write query_for_boat = [2.0, 0.5], with two numbers of your own.
query_for_boat = [-1.0, 0.0]

# Write query_for_a_tie = [2.0, 0.5], with two numbers of your own.
query_for_a_tie = [-2.0, 1.0]

# Write key_that_never_wins = "a", "b", "c" or "d".
key_that_never_wins = "b"

# Write swapped_roles = "a", "b", "c" or "d".
swapped_roles = "c"
