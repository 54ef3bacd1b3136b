"""Right answers to lesson 04, written differently from the reference: every check must accept them."""

import math

import numpy as np
import torch

# score_statistics


def score_statistics__einsum(queries, keys):
    scores = np.einsum("...qd,...kd->...qk", queries, keys).ravel()
    mean = sum(scores) / len(scores)
    return mean, sum((scores - mean) ** 2) / len(scores)


def score_statistics__with_loops(queries, keys):
    scores = []
    for place in np.ndindex(queries.shape[:-1]):
        scores += [float(np.dot(queries[place], key)) for key in keys[place[:-1]]]
    mean = math.fsum(scores) / len(scores)
    return [mean, math.fsum((score - mean) ** 2 for score in scores) / len(scores)]


def score_statistics__mean_square_minus_squared_mean(queries, keys):
    scores = np.matmul(queries, np.moveaxis(keys, -1, -2))
    return np.array([np.mean(scores), np.mean(scores**2) - np.mean(scores) ** 2])


# scaled_dot_product_attention


def scaled_dot_product_attention__all_in_one(queries, keys, values, attention_mask=None):
    scores = np.einsum("...qd,...kd->...qk", queries, keys) * queries.shape[-1] ** -0.5
    allowed = np.broadcast_to(True if attention_mask is None else attention_mask, scores.shape)
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True)) * allowed
    total = exps.sum(axis=-1, keepdims=True)
    weights = exps / np.where(total > 0, total, 1)
    return np.einsum("...qk,...kv->...qv", weights, values), weights


def scaled_dot_product_attention__queries_divided_first(queries, keys, values, attention_mask=None):
    scores = (queries / np.sqrt(keys.shape[-1])) @ np.swapaxes(keys, -2, -1)
    if attention_mask is not None:
        scores = np.where(attention_mask, scores, -1e30)
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    if attention_mask is not None:
        weights = weights * attention_mask
    return [np.matmul(weights, values), weights]


def scaled_dot_product_attention__with_loops(queries, keys, values, attention_mask=None):
    shape = (*queries.shape[:-1], keys.shape[-2])
    allowed = np.broadcast_to(True if attention_mask is None else attention_mask, shape)
    weights, output = np.zeros(shape), np.zeros((*queries.shape[:-1], values.shape[-1]))
    for place in np.ndindex(queries.shape[:-1]):
        front = place[:-1]
        seen = [k for k in range(shape[-1]) if allowed[place][k]]
        scores = [sum(queries[place] * keys[front][k]) / math.sqrt(queries.shape[-1]) for k in seen]
        exps = [math.exp(score - max(scores)) for score in scores]
        for k, power in zip(seen, exps, strict=True):
            weights[place][k] = power / sum(exps)
            output[place] += weights[place][k] * values[front][k]
    return output, weights


def scaled_dot_product_attention__both_by_the_fourth_root(queries, keys, values, attention_mask=None):
    root = queries.shape[-1] ** 0.25
    scores = (queries / root) @ np.swapaxes(keys / root, -1, -2)
    scores = scores if attention_mask is None else np.where(attention_mask, scores, -np.inf)
    with np.errstate(invalid="ignore"):
        log_total = np.logaddexp.reduce(scores, axis=-1, keepdims=True)
        weights = np.nan_to_num(np.exp(scores - log_total))
    return weights @ values, weights


# numerical_gradient


def numerical_gradient__one_array_put_back(f, x):
    x, h = x.copy(), 1e-5
    gradient = np.empty(x.shape)
    for i in np.ndindex(*x.shape):
        old = x[i]
        x[i] = old + h
        up = f(x)
        x[i] = old - h
        down = f(x)
        x[i] = old
        gradient[i] = (up - down) / (2 * h)
    return gradient


def numerical_gradient__flat(f, x):
    slopes = []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = 1e-5
        step = step.reshape(x.shape)
        slopes.append((f(x + step) - f(x - step)) / 2e-5)
    return np.reshape(slopes, x.shape)


def numerical_gradient__smaller_nudge(f, x):
    directions = np.eye(x.size).reshape(x.size, *x.shape) * 1e-6
    return np.array([(f(x + each) - f(x - each)) / 2e-6 for each in directions]).reshape(x.shape)


# softmax_backward


def softmax_backward__whole_jacobian(weights, grad_weights):
    jacobian = (
        weights[..., :, None] * np.eye(weights.shape[-1]) - weights[..., :, None] * weights[..., None, :]
    )
    return np.einsum("...ij,...j->...i", jacobian, grad_weights)


def softmax_backward__with_loops(weights, grad_weights):
    grad_scores = np.zeros(weights.shape)
    n = weights.shape[-1]
    for row in np.ndindex(weights.shape[:-1]):
        w, g = weights[row], grad_weights[row]
        for i in range(n):
            for j in range(n):
                moves = w[i] * (1 - w[i]) if i == j else -w[i] * w[j]
                grad_scores[row][i] += g[j] * moves
    return grad_scores


def softmax_backward__two_terms(weights, grad_weights):
    weighted = weights * grad_weights
    return weighted - weights * np.sum(weighted, -1)[..., None]


def softmax_backward__own_part_and_others(weights, grad_weights):
    taken = np.zeros(weights.shape)
    for by in range(1, weights.shape[-1]):  # the share that stands `by` places further on
        taken += np.roll(weights * grad_weights, -by, axis=-1)
    return (1 - weights) * weights * grad_weights - weights * taken


def softmax_backward__torch(weights, grad_weights):
    scores = torch.tensor(weights).log().requires_grad_()
    (grad,) = torch.autograd.grad(scores.softmax(-1), scores, torch.tensor(grad_weights))
    return grad.numpy()


# attention_backward


def attention_backward__torch(queries, keys, values, grad_output):
    tensors = [torch.tensor(each, requires_grad=True) for each in (queries, keys, values)]
    q, k, v = tensors
    output = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1) @ v
    return [each.numpy() for each in torch.autograd.grad(output, tensors, torch.tensor(grad_output))]


def attention_backward__einsum(queries, keys, values, grad_output):
    scale = queries.shape[-1] ** -0.5
    scores = np.einsum("...qd,...kd->...qk", queries, keys) * scale
    weights = np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
    grad_weights = np.einsum("...qv,...kv->...qk", grad_output, values)
    inner = (weights * grad_weights).sum(-1, keepdims=True)
    grad_scores = weights * (grad_weights - inner)
    return (
        scale * np.einsum("...qk,...kd->...qd", grad_scores, keys),
        scale * np.einsum("...qk,...qd->...kd", grad_scores, queries),
        np.einsum("...qk,...qv->...kv", weights, grad_output),
    )


def attention_backward__by_nudging(queries, keys, values, grad_output):
    arrays = [queries.copy(), keys.copy(), values.copy()]

    def loss():
        scores = arrays[0] @ np.swapaxes(arrays[1], -1, -2) / np.sqrt(queries.shape[-1])
        weights = np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
        return np.sum(weights @ arrays[2] * grad_output)

    gradients = []
    for array in arrays:
        gradient = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            old = array[place]
            array[place] = old + 1e-5
            up = loss()
            array[place] = old - 1e-5
            gradient[place] = (up - loss()) / 2e-5
            array[place] = old
        gradients.append(gradient)
    return gradients
