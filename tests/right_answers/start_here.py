"""Right answers to lesson 00, each written in another way."""

import numpy as np


def row_shares__with_loops(x):
    rows = x.reshape(-1, x.shape[-1])
    return np.array([[value / sum(row) for value in row] for row in rows]).reshape(x.shape)


def row_shares__with_none_in_the_index(x):
    totals = np.sum(x, axis=-1)
    return x / totals[..., None]


def row_shares__with_a_matrix_of_ones(x):
    return x / (x @ np.ones((x.shape[-1], x.shape[-1])))


def row_shares__with_einsum(x):
    return np.einsum("...i,...->...i", x, 1 / np.einsum("...i->...", x))


def mean_of_tokens__with_a_sum(x):
    return np.sum(x, axis=-2) / x.shape[-2]


def mean_of_tokens__with_a_row_of_weights(x):
    seq = x.shape[-2]
    return np.full(seq, 1 / seq) @ x


def mean_of_tokens__with_loops(x):
    sentences = x.reshape(-1, *x.shape[-2:])
    means = [[sum(column) / len(column) for column in zip(*tokens, strict=True)] for tokens in sentences]
    return np.array(means).reshape(*x.shape[:-2], x.shape[-1])


def mean_of_tokens__token_by_token(x):
    total = np.zeros_like(x[..., 0, :])
    for position in range(x.shape[-2]):
        total = total + x[..., position, :]
    return total / x.shape[-2]


def mean_of_tokens__turned_first(x):
    return np.average(np.swapaxes(x, -1, -2), axis=-1)
