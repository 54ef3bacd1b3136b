"""Known wrong answers to lesson 02: scores."""

import numpy as np

from autograder.exercise import misconception


@misconception("hard_lookup")
def returns_the_key(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You found the right place but returned its key. Keys are only compared; what is handed back is the
    value."""
    return keys[np.argmax(keys @ query)]


@misconception("hard_lookup")
def returns_the_position(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You returned the position of the best key. Return the row of `values` at that position."""
    return np.asarray(np.argmax(keys @ query))


@misconception("hard_lookup")
def returns_the_score(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You returned the largest score. The scores only say which position is best; return the row of `values`
    at that position."""
    return np.asarray(np.max(keys @ query))


@misconception("hard_lookup")
def keeps_an_axis_of_size_one(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You returned a table with one row. A slice such as 2:3 keeps the axis; a plain position gives the row
    itself."""
    best = int(np.argmax(keys @ query))
    return values[best : best + 1]


@misconception("hard_lookup")
def scores_the_features(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You added the products up over the keys, so each feature has a score and no key has. Add up over the
    features: one score for each key."""
    return values[np.argmax((query * keys).sum(axis=0))]


@misconception("hard_lookup")
def picks_the_worst_match(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You picked the smallest score, as if it were a distance. A large dot product is a good match."""
    return values[np.argmin(keys @ query)]


@misconception("hard_lookup")
def mixes_all_the_values(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You added up all the values, weighted by their scores. A hard look-up returns one row of `values`
    and ignores the others."""
    return (keys @ query) @ values


@misconception("hard_lookup")
def demands_an_equal_key(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You return a value only for a key that equals the query, as a dict does. Vectors are almost never
    equal: compare by dot product and take the best."""
    for key, value in zip(keys, values, strict=True):
        if np.array_equal(key, query):
            return value
    return np.zeros_like(values[0])


@misconception("hard_lookup")
def compares_directions_only(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You divided by the lengths, so only directions count: that is cosine similarity. A dot product grows
    with the key's length."""
    cosines = keys @ query / (np.linalg.norm(keys, axis=-1) * np.linalg.norm(query))
    return values[np.argmax(cosines)]


@misconception("hard_lookup")
def takes_the_nearest_key(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You took the key at the smallest distance from the query. The match is measured by the dot product,
    and a key far away can have the largest."""
    return values[np.argmin(np.linalg.norm(keys - query, axis=-1))]


@misconception("hard_lookup")
def ignores_the_sign(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """You compare scores without their sign. A large negative score belongs to a key that points the other
    way: the worst match, not a good one."""
    return values[np.argmax(np.abs(keys @ query))]


@misconception("hard_lookup")
def starts_from_a_score_of_zero(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Your search starts with a best score of 0, so no negative score can beat it. All scores can be
    negative; one of them is still the largest."""
    best, best_score = 0, 0.0
    for position, key in enumerate(keys):
        if key @ query > best_score:
            best, best_score = position, key @ query
    return values[best]


@misconception("hard_lookup")
def starts_from_a_fixed_number(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Your search starts from a fixed number; a score can lie below any number you choose. Start from the
    first key, or from -np.inf."""
    best, best_score = 0, -1e9
    for position, key in enumerate(keys):
        if key @ query > best_score:
            best, best_score = position, key @ query
    return values[best]


@misconception("hard_lookup")
def lets_the_last_of_a_tie_win(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """When two keys match equally well, you return the later one's value. The first wins."""
    best, best_score = 0, -np.inf
    for position, key in enumerate(keys):
        if key @ query >= best_score:
            best, best_score = position, key @ query
    return values[best]


@misconception("hard_lookup")
def averages_a_tie(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """When two keys match equally well, you return the mean of their values. A hard look-up returns one
    row of `values`: the first of the tied."""
    scores = keys @ query
    return values[scores == scores.max()].mean(axis=0)


@misconception("dot_product_scores")
def puts_the_keys_first(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You exchanged queries and keys. Each row of scores belongs to one query, each column to one key."""
    return keys @ np.swapaxes(queries, -1, -2)


@misconception("dot_product_scores")
def divides_by_the_lengths(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You divided by the lengths of the vectors: that is cosine similarity. A dot product keeps the
    lengths, so a long key scores higher than a short one in the same direction."""
    query_lengths = np.linalg.norm(queries, axis=-1, keepdims=True)
    key_lengths = np.linalg.norm(keys, axis=-1, keepdims=True)
    return (queries / query_lengths) @ np.swapaxes(keys / key_lengths, -1, -2)


@misconception("dot_product_scores")
def divides_by_root_d(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You divided by √d. That is a good idea, and lesson 04 shows why, but these are the plain dot
    products."""
    return queries @ np.swapaxes(keys, -1, -2) / np.sqrt(queries.shape[-1])


@misconception("dot_product_scores")
def averages_the_products(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You took the mean of the products over the features. A dot product is their sum."""
    return (queries[..., :, None, :] * keys[..., None, :, :]).mean(axis=-1)


@misconception("dot_product_scores")
def forgets_to_add_up(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You multiplied feature by feature and kept all the products. Add them up over the features: one
    number for each pair of query and key."""
    return queries[..., :, None, :] * keys[..., None, :, :]


@misconception("dot_product_scores")
def adds_up_over_the_keys(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You added up over the keys, so no key has a score of its own any more. Add up over the features, the
    axis of size d."""
    return (queries[..., :, None, :] * keys[..., None, :, :]).sum(axis=-2)


@misconception("dot_product_scores")
def reshapes_the_keys(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You used reshape to turn the keys round. It gives the shape you want but cuts the numbers in reading
    order, so features of different keys get mixed. Open the hint "The shape is right, the numbers are
    not"."""
    return queries @ keys.reshape(*keys.shape[:-2], keys.shape[-1], keys.shape[-2])


@misconception("dot_product_scores")
def pairs_row_with_row(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You paired query 0 with key 0, query 1 with key 1, and so on. Every query meets every key: that is a
    table of scores."""
    pairs = min(queries.shape[-2], keys.shape[-2])  # as zip does
    return (queries[..., :pairs, :] * keys[..., :pairs, :]).sum(axis=-1)


@misconception("dot_product_scores")
def measures_distances(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You scored by distance: the nearer, the higher. The dot product multiplies feature by feature and
    adds up; no subtraction is in it."""
    return -np.linalg.norm(queries[..., :, None, :] - keys[..., None, :, :], axis=-1)


@misconception("dot_product_scores")
def turns_scores_into_shares(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Your rows sum to 1: you went on to softmax, which is lesson 03. Return the dot products as they are,
    negative ones too."""
    exponentials = np.exp(queries @ np.swapaxes(keys, -1, -2))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@misconception("dot_product_scores")
def lets_batches_meet(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You scored the queries of each sequence against the keys of every sequence in the batch (np.dot,
    np.inner and np.tensordot do so). Query and key must come from the same sequence."""
    return np.inner(queries, keys)


@misconception("dot_product_scores")
def loops_over_one_batch_axis(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Your code handles one leading axis, and there can be several, such as batch and heads. Count the
    axes that you work on from the end, and the ones in front take care of themselves."""
    if queries.ndim == 2:
        return queries @ keys.T
    return np.stack([np.inner(q, k) for q, k in zip(queries, keys, strict=True)])


@misconception("dot_product_scores")
def transposes_only_if_it_must(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You multiply without exchanging the axes of the keys whenever the shapes allow it. Fitting shapes
    are no proof: row must meet row, whatever the sizes."""
    return queries @ (keys if queries.shape[-1] == keys.shape[-2] else np.swapaxes(keys, -1, -2))


@misconception("dot_product_scores")
def drops_the_row_of_a_single_query(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You dropped the axis of the queries because it has size 1. A single query still is a sequence, of
    one: keep the axis."""
    scores = queries @ np.swapaxes(keys, -1, -2)
    return scores[..., 0, :] if queries.shape[-2] == 1 else scores


@misconception("dot_product_scores")
def squeezes_the_scores(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """You dropped every axis of size 1, be it the row of a single query or a batch of one sequence. Later
    steps count on each axis: keep them all."""
    return np.squeeze(queries @ np.swapaxes(keys, -1, -2))


@misconception("additive_scores")
def leaves_out_tanh(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You left out tanh. Without it the score is only one number for the query plus one for the key, and
    the best key would be the same for every query."""
    return (queries @ w_query @ v)[..., :, None] + (keys @ w_key @ v)[..., None, :]


@misconception("additive_scores")
def bends_the_score(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You applied tanh to the finished score. It belongs before v: each hidden number is bent on its own,
    then v weighs them."""
    return np.tanh((queries @ w_query @ v)[..., :, None] + (keys @ w_key @ v)[..., None, :])


@misconception("additive_scores")
def bends_before_adding(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You applied tanh to query and key separately and added afterwards, so they never influence each
    other. Add first, then tanh."""
    return (np.tanh(queries @ w_query)[..., :, None, :] + np.tanh(keys @ w_key)[..., None, :, :]) @ v


@misconception("additive_scores")
def multiplies_query_and_key(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You multiplied the two projections. In additive attention they are added, as its name says."""
    return np.tanh((queries @ w_query)[..., :, None, :] * (keys @ w_key)[..., None, :, :]) @ v


@misconception("additive_scores")
def leaves_out_v(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You added up the hidden numbers with equal weight. v says how much each of them counts, and with
    which sign."""
    return np.tanh((queries @ w_query)[..., :, None, :] + (keys @ w_key)[..., None, :, :]).sum(axis=-1)


@misconception("additive_scores")
def puts_keys_in_the_rows(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Your rows belong to the keys. Each row of scores belongs to one query, each column to one key."""
    return np.tanh((queries @ w_query)[..., None, :, :] + (keys @ w_key)[..., :, None, :]) @ v


@misconception("additive_scores")
def pairs_everything_in_the_batch(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You paired every query with every key of the whole batch. Query and key must come from the same
    sequence; the leading axes stay as they are."""
    from_queries = (queries @ w_query).reshape(-1, 1, len(v))
    from_keys = (keys @ w_key).reshape(1, -1, len(v))
    return np.tanh(from_queries + from_keys) @ v


@misconception("additive_scores")
def knows_one_batch_axis(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Your code handles one leading axis, and there can be several, such as batch and heads. Place the new
    axes by counting from the end."""
    shape = (*queries.shape[:-2][:1], queries.shape[-2], keys.shape[-2])
    from_queries = (queries @ w_query).reshape(-1, shape[-2], 1, len(v))
    from_keys = (keys @ w_key).reshape(-1, 1, shape[-1], len(v))
    scores = np.tanh(from_queries + from_keys) @ v
    return scores.reshape(shape) if queries.ndim < 4 else scores


@misconception("additive_scores")
def keeps_the_hidden_numbers_apart(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You multiplied the hidden numbers by v and kept them all. The dot product with v also adds them up: one
    number for each pair."""
    return np.tanh((queries @ w_query)[..., :, None, :] + (keys @ w_key)[..., None, :, :]) * v


@misconception("additive_scores")
def averages_the_hidden_numbers(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You took the mean of the weighed hidden numbers. A dot product is their sum."""
    return (np.tanh((queries @ w_query)[..., :, None, :] + (keys @ w_key)[..., None, :, :]) * v).mean(axis=-1)


@misconception("additive_scores")
def subtracts_the_key(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You subtracted the projected key from the projected query. In additive attention they are added, as its
    name says."""
    return np.tanh((queries @ w_query)[..., :, None, :] - (keys @ w_key)[..., None, :, :]) @ v


@misconception("additive_scores")
def takes_the_tangent(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You took np.tan, the tangent of an angle. tanh, with an h, is another function: it stays between -1 and
    1."""
    return np.tan((queries @ w_query)[..., :, None, :] + (keys @ w_key)[..., None, :, :]) @ v


@misconception("additive_scores")
def squeezes_the_additive_scores(
    queries: np.ndarray, keys: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """You dropped an axis because it has size 1 (here the batch). Later steps count on each axis: keep them
    all, as the hint "Axes of size 1" says."""
    return np.squeeze(np.tanh((queries @ w_query)[..., :, None, :] + (keys @ w_key)[..., None, :, :]) @ v)
