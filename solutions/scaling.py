"""Reference answers to lesson 04: scaling."""

from collections.abc import Callable

import numpy as np

from .scores import dot_product_scores
from .softmax import masked_softmax, softmax


def score_statistics(queries: np.ndarray, keys: np.ndarray) -> tuple[float, float]:
    """Mean and variance of all dot-product scores.

    Every query meets every key of its own sentence. variance = the mean of (score - mean)².

    Args:
        queries: `(…, seq_q, d)`, floating point.
        keys: `(…, seq_k, d)`, the same axes in front.

    Returns:
        Two numbers, `(mean, variance)`, each taken over all scores together.
    """
    scores = dot_product_scores(queries, keys)
    return float(scores.mean()), float(scores.var())


def scaled_dot_product_attention(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, attention_mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Attention (Vaswani and others, 2017): softmax(queries keysᵀ / √head_dim) values.

    Args:
        queries: `(…, seq_q, head_dim)`, floating point.
        keys: `(…, seq_k, head_dim)`.
        values: `(…, seq_k, value_dim)`.
        attention_mask: boolean, broadcastable to `(…, seq_q, seq_k)`. True = may attend. None: all may.

    Returns:
        `(output, weights)`: the mixtures `(…, seq_q, value_dim)`, and the shares `(…, seq_q, seq_k)`. A query
        that may attend to nothing has zeros in both, never NaN.
    """
    scores = dot_product_scores(queries, keys) / np.sqrt(queries.shape[-1])  # (…, seq_q, seq_k)
    weights = softmax(scores) if attention_mask is None else masked_softmax(scores, attention_mask)
    return weights @ values, weights


def numerical_gradient(f: Callable[[np.ndarray], float], x: np.ndarray) -> np.ndarray:
    """Estimate the gradient of f at x from values of f alone.

    gradient_i = (f(x with x_i + h) - f(x with x_i - h)) / (2 · h), where h = 1e-5 and all other numbers stay.

    Args:
        f: takes an array of the shape of `x`, returns one number.
        x: any shape, float64. It stays as it was.

    Returns:
        Same shape as `x`: for each of its numbers, how fast f grows with it.
    """
    h = 1e-5
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        # A fresh copy each time: what one number's nudge left behind would disturb the next.
        above, below = x.copy(), x.copy()
        above[place] += h
        below[place] -= h
        gradient[place] = (f(above) - f(below)) / (2 * h)
    return gradient


def softmax_backward(weights: np.ndarray, grad_weights: np.ndarray) -> np.ndarray:
    """From the gradient at the weights to the gradient at the scores, where weights = softmax(scores).

    grad_scores_i = sum_j grad_weights_j · (change of weight j for a small change of score i)

    Args:
        weights: `(…, seq_k)`, what softmax gave. A row of zeros is a query without keys.
        grad_weights: same shape: how fast the loss grows with each weight.

    Returns:
        Same shape: how fast the loss grows with each score. Zeros where the row's weights are zeros.
    """
    average = (weights * grad_weights).sum(axis=-1, keepdims=True)  # (…, 1)
    return weights * (grad_weights - average)


def attention_backward(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, grad_output: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of scaled dot-product attention, without a mask.

    Args:
        queries: `(…, seq_q, head_dim)`.
        keys: `(…, seq_k, head_dim)`.
        values: `(…, seq_k, value_dim)`.
        grad_output: `(…, seq_q, value_dim)`: how fast the loss grows with each number of the output.

    Returns:
        The same for queries, keys and values, in this order and in their shapes.
    """
    _, weights = scaled_dot_product_attention(queries, keys, values)
    grad_values = np.swapaxes(weights, -1, -2) @ grad_output
    grad_weights = grad_output @ np.swapaxes(values, -1, -2)  # (…, seq_q, seq_k)
    grad_products = softmax_backward(weights, grad_weights) / np.sqrt(queries.shape[-1])
    return grad_products @ keys, np.swapaxes(grad_products, -1, -2) @ queries, grad_values


# Write same_division = "a", "b", "c" or "d".
same_division = "b"

# Write which_root = "a", "b", "c" or "d".
which_root = "c"
