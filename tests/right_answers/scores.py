"""Right answers to lesson 02, each written in another way."""

import itertools

import numpy as np


def hard_lookup__with_a_loop(query, keys, values):
    best = None
    for key, value in zip(keys, values, strict=True):
        score = sum(q * k for q, k in zip(query, key, strict=True))
        if best is None or score > best:
            best, answer = score, value
    return answer


def hard_lookup__with_max_of_a_list(query, keys, values):
    scores = [float(np.dot(query, key)) for key in keys]
    return list(values[scores.index(max(scores))])


def hard_lookup__with_einsum(query, keys, values):
    scores = np.einsum("d,kd->k", query, keys)
    return values[np.flatnonzero(scores == scores.max())[0]].copy()


def hard_lookup__with_a_stable_sort(query, keys, values):
    order = np.argsort(-(keys * query).sum(axis=-1), kind="stable")
    return values[order[0]]


def hard_lookup__with_a_one_hot_row(query, keys, values):
    position = max(range(len(keys)), key=lambda j: query @ keys[j])
    return np.eye(len(keys))[position] @ values


def hard_lookup__called_as_a_sequence_of_one(query, keys, values):
    position = np.argmax(query[None, :] @ keys.T, axis=-1)
    return values[position][0]


def dot_product_scores__with_einsum(queries, keys):
    return np.einsum("...qd,...kd->...qk", queries, keys)


def dot_product_scores__with_loops(queries, keys):
    *leading, seq_q, d = queries.shape
    seq_k = keys.shape[-2]
    scores = np.zeros((*leading, seq_q, seq_k))
    for place in np.ndindex(*leading):
        for i, j, feature in itertools.product(range(seq_q), range(seq_k), range(d)):
            scores[place][i, j] += queries[place][i, feature] * keys[place][j, feature]
    return scores


def dot_product_scores__with_broadcasting(queries, keys):
    return np.sum(np.expand_dims(queries, -2) * np.expand_dims(keys, -3), axis=-1)


def dot_product_scores__with_matmul_and_moveaxis(queries, keys):
    return np.matmul(queries, np.moveaxis(keys, -1, -2))


def dot_product_scores__by_recursion(queries, keys):
    if queries.ndim == 2:
        return np.dot(queries, keys.T)
    return [dot_product_scores__by_recursion(q, k) for q, k in zip(queries, keys, strict=True)]


def dot_product_scores__with_flattened_batches(queries, keys):
    flat_queries = queries.reshape(-1, *queries.shape[-2:])
    flat_keys = keys.reshape(-1, *keys.shape[-2:])
    scores = np.stack([q @ k.T for q, k in zip(flat_queries, flat_keys, strict=True)])
    return scores.reshape(*queries.shape[:-1], keys.shape[-2])


def dot_product_scores__as_the_transpose_of_the_transpose(queries, keys):
    return np.swapaxes(keys @ np.swapaxes(queries, -1, -2), -1, -2)


def dot_product_scores__with_vecdot(queries, keys):
    return np.linalg.vecdot(queries[..., :, None, :], keys[..., None, :, :])


def additive_scores__with_einsum(queries, keys, w_query, w_key, v):
    from_queries = np.einsum("...qd,dh->...qh", queries, w_query)
    from_keys = np.einsum("...kd,dh->...kh", keys, w_key)
    hidden = np.tanh(from_queries[..., None, :] + from_keys[..., None, :, :])
    return np.einsum("...h,h->...", hidden, v)


def additive_scores__with_loops(queries, keys, w_query, w_key, v):
    scores = np.empty((*queries.shape[:-1], keys.shape[-2]))
    for *place, i, j in np.ndindex(*scores.shape):
        query, key = queries[(*place, i)], keys[(*place, j)]
        scores[(*place, i, j)] = v @ np.tanh(query @ w_query + key @ w_key)
    return scores


def additive_scores__by_concatenation(queries, keys, w_query, w_key, v):
    leading, seq_q, seq_k = queries.shape[:-2], queries.shape[-2], keys.shape[-2]
    left = np.broadcast_to(queries[..., :, None, :], (*leading, seq_q, seq_k, queries.shape[-1]))
    right = np.broadcast_to(keys[..., None, :, :], (*leading, seq_q, seq_k, keys.shape[-1]))
    both = np.concatenate([left, right], axis=-1)
    return np.tanh(both @ np.concatenate([w_query, w_key])) @ v


def additive_scores__one_hidden_number_at_a_time(queries, keys, w_query, w_key, v):
    scores = 0
    for column_q, column_k, weight in zip(w_query.T, w_key.T, v, strict=True):
        scores = scores + weight * np.tanh((queries @ column_q)[..., None] + (keys @ column_k)[..., None, :])
    return scores


def additive_scores__one_key_at_a_time(queries, keys, w_query, w_key, v):
    columns = [
        np.tanh(queries @ w_query + keys[..., j : j + 1, :] @ w_key) @ v for j in range(keys.shape[-2])
    ]
    return np.stack(columns, axis=-1)


def additive_scores__with_exponentials_for_tanh(queries, keys, w_query, w_key, v):
    total = (queries @ w_query)[..., None, :] + np.expand_dims(keys @ w_key, -3)
    return ((1 - 2 / (np.exp(2 * total) + 1)) * v).sum(-1)


query_for_boat__away_from_the_cat = [-1, 0]
query_for_boat__a_long_one = np.array([-30.0, 4.0])
query_for_boat__a_little_down = (-0.5, -0.05)

query_for_a_tie__twice_as_long = np.array([-4, 2])
query_for_a_tie__of_length_one = np.array([-2, 1]) / np.sqrt(5)
query_for_a_tie__from_the_edge_between_their_tips = [-1.0, 0.5]
