"""Right answers to lesson 03, written differently from the reference: every check must accept them."""

import math

import numpy as np
import torch

# softmax


def softmax__in_log_space(scores, axis=-1):
    log_total = np.logaddexp.reduce(scores, axis=axis, keepdims=True)
    return np.exp(scores - log_total)


def softmax__with_loops(scores, axis=-1):
    rows = np.moveaxis(np.array(scores, dtype=float), axis, -1)
    result = np.empty_like(rows)
    for place in np.ndindex(rows.shape[:-1]):
        largest = max(rows[place])
        exps = [math.exp(score - largest) for score in rows[place]]
        total = sum(exps)
        result[place] = [value / total for value in exps]
    return np.moveaxis(result, -1, axis)


def softmax__each_against_each(scores, axis=-1):
    rows = np.moveaxis(scores, axis, -1)
    with np.errstate(over="ignore"):
        ratios = np.exp(rows[..., None, :] - rows[..., :, None])  # exp(s_j - s_i); 1 / inf is a share of 0
    return np.moveaxis(1 / ratios.sum(axis=-1), -1, axis)


def softmax__one_row_at_a_time(scores, axis=-1):
    def share(row):
        exps = np.exp(row - np.amax(row))
        return exps / np.sum(exps)

    return np.apply_along_axis(share, axis, scores)


def softmax__through_torch_logarithms(scores, axis=-1):
    tensor = torch.tensor(scores)
    return (tensor - tensor.logsumexp(dim=axis, keepdim=True)).exp().numpy()


def softmax__with_expand_dims(scores, axis=-1):
    top = np.expand_dims(np.max(scores, axis=axis), axis)
    e = np.exp(scores - top)
    return np.divide(e, np.expand_dims(np.sum(e, axis=axis), axis))


# token_mask


def token_mask__with_loops(lengths, seq):
    mask = np.zeros((len(lengths), seq), dtype=bool)
    for i in range(len(lengths)):
        for j in range(seq):
            if j < lengths[i]:
                mask[i, j] = True
    return mask


def token_mask__list_comprehension(lengths, seq):
    return [[position < length for position in range(seq)] for length in lengths]


def token_mask__rows_joined(lengths, seq):
    return np.array([[True] * int(n) + [False] * (seq - int(n)) for n in lengths])


def token_mask__slices(lengths, seq):
    mask = np.full((len(lengths), seq), False)
    for row, n in enumerate(lengths):
        mask[row, :n] = True
    return mask


def token_mask__outer(lengths, seq):
    return np.greater.outer(lengths, np.arange(seq))


def token_mask__counting_down(lengths, seq):
    left = np.repeat(np.array(lengths).reshape(-1, 1), seq, axis=1) - np.cumsum(np.ones(seq, dtype=int))
    return ~(left < 0)


# masked_softmax


def masked_softmax__minus_infinity(scores, attention_mask):
    masked = np.where(attention_mask, scores, -np.inf)
    largest = masked.max(axis=-1, keepdims=True)
    exps = np.exp(masked - np.where(np.isinf(largest), 0, largest))
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total > 0, total, 1)


def masked_softmax__nan_to_num(scores, attention_mask):
    masked = np.where(attention_mask, scores, -np.inf)
    with np.errstate(invalid="ignore"):
        exps = np.exp(masked - masked.max(axis=-1, keepdims=True))
        return np.nan_to_num(exps / exps.sum(axis=-1, keepdims=True))


def masked_softmax__minus_1e9_then_mask(scores, attention_mask):
    lowered = np.where(attention_mask, scores, -1e9)
    exps = np.exp(lowered - lowered.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True) * attention_mask


def masked_softmax__with_loops(scores, attention_mask):
    allowed = np.broadcast_to(attention_mask, scores.shape)
    weights = np.zeros(scores.shape)
    for row in np.ndindex(scores.shape[:-1]):
        keys = np.flatnonzero(allowed[row])
        if len(keys) == 0:
            continue
        largest = max(scores[row][k] for k in keys)
        total = sum(math.exp(scores[row][k] - largest) for k in keys)
        for k in keys:
            weights[row][k] = math.exp(scores[row][k] - largest) / total
    return weights


def masked_softmax__masked_array(scores, attention_mask):
    removed = ~np.broadcast_to(attention_mask, scores.shape)
    kept = np.ma.masked_array(scores, mask=removed)
    exps = np.ma.exp(kept - kept.max(axis=-1, keepdims=True))
    return (exps / exps.sum(axis=-1, keepdims=True)).filled(0)


def masked_softmax__where_arguments(scores, attention_mask):
    allowed = np.broadcast_to(attention_mask, scores.shape)
    largest = scores.max(axis=-1, keepdims=True, where=allowed, initial=-1e300)
    exps = np.exp(scores - largest, where=allowed, out=np.zeros_like(scores))
    total = exps.sum(axis=-1, keepdims=True)
    return np.divide(exps, total, out=np.zeros_like(exps), where=total != 0)


def masked_softmax__on_a_copy(scores, attention_mask):
    scores = scores.copy()
    scores[~np.broadcast_to(attention_mask, scores.shape)] = -np.inf
    log_total = np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    log_total[np.isneginf(log_total)] = 0
    return np.exp(scores - log_total)


# weighted_average


def weighted_average__einsum(weights, values):
    return np.einsum("...qk,...kd->...qd", weights, values)


def weighted_average__broadcast_and_sum(weights, values):
    return (weights[..., :, :, None] * values[..., None, :, :]).sum(axis=-2)


def weighted_average__key_by_key(weights, values):
    mixed = 0
    for k in range(weights.shape[-1]):
        mixed = mixed + weights[..., :, k, None] * values[..., None, k, :]
    return mixed


def weighted_average__with_loops(weights, values):
    mixed = np.zeros((*weights.shape[:-1], values.shape[-1]))
    for place in np.ndindex(*weights.shape):
        *front, _, k = place
        mixed[place[:-1]] += weights[place] * values[(*front, k)]
    return mixed


def weighted_average__recursive_dot(weights, values):
    if weights.ndim == 2:
        return np.dot(weights, values)
    return np.stack([weighted_average__recursive_dot(w, v) for w, v in zip(weights, values, strict=True)])


def weighted_average__transposed(weights, values):
    return np.swapaxes(np.matmul(np.swapaxes(values, -1, -2), np.swapaxes(weights, -1, -2)), -1, -2)
