"""Known wrong answers to lesson 04, each with the words that mend it."""

import numpy as np

from autograder.exercise import misconception


def _softmax(scores, axis=-1):
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


def _masked(scores, attention_mask):
    if attention_mask is None:
        return _softmax(scores)
    return np.where(attention_mask, _softmax(np.where(attention_mask, scores, -1e30)), 0)


def _products(queries, keys):
    return np.einsum("...qd,...kd->...qk", queries, keys)


# score_statistics


@misconception("score_statistics")
def standard_deviation_for_variance(queries, keys):
    """Your second number is the standard deviation. The variance is its square: `np.var`, not `np.std`."""
    scores = _products(queries, keys)
    return scores.mean(), scores.std()


@misconception("score_statistics")
def mean_of_the_squares(queries, keys):
    """Your second number is the mean of the squared scores. For the variance, subtract the mean first."""
    scores = _products(queries, keys)
    return scores.mean(), (scores**2).mean()


@misconception("score_statistics")
def divides_by_one_less(queries, keys):
    """You divided by one less than the number of scores. Here the variance is a plain mean of squared
    distances."""
    scores = _products(queries, keys)
    return scores.mean(), scores.var(ddof=1)


@misconception("score_statistics")
def variance_before_mean(queries, keys):
    """Your two numbers are exchanged: the mean comes first, then the variance."""
    scores = _products(queries, keys)
    return scores.var(), scores.mean()


@misconception("score_statistics")
def scales_already(queries, keys):
    """You divided the scores before you measured them. Here the plain dot products are wanted: the division
    is what they will tell us about."""
    scores = _products(queries, keys) / np.sqrt(queries.shape[-1])
    return scores.mean(), scores.var()


@misconception("score_statistics")
def average_of_the_rows_variances(queries, keys):
    """You took a variance for each query and averaged these. All scores together have one variance, around
    one mean."""
    scores = _products(queries, keys)
    return scores.mean(), scores.var(axis=-1).mean()


@misconception("score_statistics")
def average_of_the_sentences_variances(queries, keys):
    """Your pairs are right, but you took a variance for each sentence and averaged these. All scores together
    have one variance, around one mean."""
    scores = _products(queries, keys)
    return scores.mean(), scores.var(axis=(-2, -1)).mean()


@misconception("score_statistics")
def one_pair_of_numbers_a_query(queries, keys):
    """You have a mean and a variance for each query. Two numbers are wanted, over all scores: leave out the
    axis."""
    scores = _products(queries, keys)
    return scores.mean(axis=-1), scores.var(axis=-1)


@misconception("score_statistics")
def counts_the_first_two_axes(queries, keys):
    """Your pairs are right, but you divided by the size of the first two axes; with a batch there are more. Count all
    the scores: `scores.size`."""
    scores = _products(queries, keys)
    count = len(scores) * len(scores[0])
    mean = scores.sum() / count
    return mean, ((scores - mean) ** 2).sum() / count


@misconception("score_statistics")
def squared_distances_without_a_mean(queries, keys):
    """The second of your two numbers is a table: one squared distance for each score. The variance is their mean."""
    scores = _products(queries, keys)
    return scores.mean(), (scores - scores.mean()) ** 2


@misconception("score_statistics")
def everybody_meets_everybody(queries, keys):
    """Your queries met the keys of other sentences as well (`np.dot` does that, and so does flattening).
    Each sentence keeps to itself: `@`."""
    scores = queries.reshape(-1, queries.shape[-1]) @ keys.reshape(-1, keys.shape[-1]).T
    return scores.mean(), scores.var()


@misconception("score_statistics")
def each_query_meets_one_key(queries, keys):
    """You multiplied feature by feature without adding up, or paired query i with key i only. A score is a
    sum over the features, one for every pair."""
    fewer = min(queries.shape[-2], keys.shape[-2])
    products = (queries[..., :fewer, :] * keys[..., :fewer, :]).sum(axis=-1)
    return products.mean(), products.var()


# scaled_dot_product_attention


@misconception("scaled_dot_product_attention")
def divides_by_d(queries, keys, values, attention_mask=None):
    """You divided by head_dim. Its square root is enough: the *variance* of the scores grows with head_dim, so
    their size grows with the root."""
    weights = _masked(_products(queries, keys) / queries.shape[-1], attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def divides_by_the_root_of_the_number_of_keys(queries, keys, values, attention_mask=None):
    """You divided by the root of the number of keys. A score adds up head_dim products, however many keys
    there are: the root of head_dim, the last axis of the queries."""
    weights = _masked(_products(queries, keys) / np.sqrt(keys.shape[-2]), attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def divides_by_the_root_of_value_dim(queries, keys, values, attention_mask=None):
    """You divided by the root of value_dim. The scores come from queries and keys: take the size of *their*
    last axis."""
    weights = _masked(_products(queries, keys) / np.sqrt(values.shape[-1]), attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def counts_head_dim_from_the_front(queries, keys, values, attention_mask=None):
    """You took the size of the second axis for head_dim. With a batch in front that is another axis: count
    from the end, `shape[-1]`."""
    weights = _masked(_products(queries, keys) / np.sqrt(queries.shape[1]), attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def does_not_scale(queries, keys, values, attention_mask=None):
    """You did not divide the scores. Divide them by the root of head_dim, before softmax."""
    weights = _masked(_products(queries, keys), attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def multiplies_by_the_root(queries, keys, values, attention_mask=None):
    """You multiplied the scores by the root of head_dim: they got larger still. Divide."""
    weights = _masked(_products(queries, keys) * np.sqrt(queries.shape[-1]), attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def scales_after_softmax(queries, keys, values, attention_mask=None):
    """You divided after softmax, so your rows no longer sum to 1, and the large scores have done their work
    already. Divide the scores, then make shares."""
    weights = _masked(_products(queries, keys), attention_mask) / np.sqrt(queries.shape[-1])
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def scales_the_values(queries, keys, values, attention_mask=None):
    """You divided the output, or the values, by the root. The shares come from the scores: divide those,
    before softmax."""
    weights = _masked(_products(queries, keys), attention_mask)
    return weights @ values / np.sqrt(queries.shape[-1]), weights


@misconception("scaled_dot_product_attention")
def softmax_over_the_queries(queries, keys, values, attention_mask=None):
    """Each *column* of your weights sums to 1: the queries compete for a key. The keys must compete for a
    query, along the last axis."""
    scores = _products(queries, keys) / np.sqrt(queries.shape[-1])
    if attention_mask is None:
        weights = _softmax(scores, axis=-2)
    else:
        weights = np.where(attention_mask, _softmax(np.where(attention_mask, scores, -1e30), axis=-2), 0)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def returns_the_values_unchanged(queries, keys, values, attention_mask=None):
    """Your output is the values as they came, not mixed. Each query takes from every value as much as its
    weight says: a matrix product of weights and values."""
    return values, _masked(_products(queries, keys) / np.sqrt(queries.shape[-1]), attention_mask)


@misconception("scaled_dot_product_attention")
def weights_before_output(queries, keys, values, attention_mask=None):
    """You returned the weights first. The output comes first, then the weights."""
    weights = _masked(_products(queries, keys) / np.sqrt(queries.shape[-1]), attention_mask)
    return weights, weights @ values


@misconception("scaled_dot_product_attention")
def scores_for_weights(queries, keys, values, attention_mask=None):
    """Your output is right, but as weights you returned the scores. Return the shares that mixed the values."""
    scores = _products(queries, keys) / np.sqrt(queries.shape[-1])
    return _masked(scores, attention_mask) @ values, scores


@misconception("scaled_dot_product_attention")
def no_mask_removes_every_key(queries, keys, values, attention_mask=None):
    """All your weights are 0 where there is no mask. If you gave `None` to `masked_softmax`, it counted as False
    for every key: without a mask, call `softmax`."""
    allowed = False if attention_mask is None else attention_mask
    weights = _masked(_products(queries, keys) / np.sqrt(queries.shape[-1]), np.asarray(allowed))
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def ignores_the_mask(queries, keys, values, attention_mask=None):
    """Keys whose mask is False still get a share: the mask was not used. Where there is one, call your
    `masked_softmax` with it."""
    weights = _softmax(_products(queries, keys) / np.sqrt(queries.shape[-1]))
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def inverts_the_mask(queries, keys, values, attention_mask=None):
    """The removed keys got the shares, and the others none: your mask is upside down. True means *may*
    attend."""
    upside_down = None if attention_mask is None else ~attention_mask
    weights = _masked(_products(queries, keys) / np.sqrt(queries.shape[-1]), upside_down)
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def masks_after_softmax(queries, keys, values, attention_mask=None):
    """You set removed weights to 0 after softmax, so the row no longer sums to 1: the removed key still
    counts in the total. Remove it before, by its score."""
    weights = _softmax(_products(queries, keys) / np.sqrt(queries.shape[-1]))
    weights = weights if attention_mask is None else weights * attention_mask
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def a_score_of_zero_for_removed_keys(queries, keys, values, attention_mask=None):
    """You gave removed keys a score of 0. That is a score like any other, and exp(0) is 1: call your
    `masked_softmax`."""
    scores = _products(queries, keys) / np.sqrt(queries.shape[-1])
    weights = _softmax(scores if attention_mask is None else scores * attention_mask)
    return weights @ values, weights


@misconception("scaled_dot_product_attention", produces_nan=True)
def nan_for_an_empty_row(queries, keys, values, attention_mask=None):
    """A query without keys has only scores of -inf, and softmax makes nan of them. Such a row must be zeros:
    your `masked_softmax` does that."""
    scores = _products(queries, keys) / np.sqrt(queries.shape[-1])
    weights = _softmax(scores if attention_mask is None else np.where(attention_mask, scores, -np.inf))
    return weights @ values, weights


@misconception("scaled_dot_product_attention")
def equal_shares_for_an_empty_row(queries, keys, values, attention_mask=None):
    """A query without keys looks at all of them alike: all its scores are equally low. Such a row must be
    zeros: your `masked_softmax` does that."""
    scores = _products(queries, keys) / np.sqrt(queries.shape[-1])
    weights = _softmax(scores if attention_mask is None else np.where(attention_mask, scores, -1e30))
    return weights @ values, weights


@misconception("scaled_dot_product_attention", produces_nan=True)
def exp_of_large_scores(queries, keys, values, attention_mask=None):
    """exp of a large score is inf, and inf / inf is nan. Call your `softmax` from lesson 03, which shifts each
    row first."""
    exps = np.exp(_products(queries, keys) / np.sqrt(queries.shape[-1]))
    exps = exps if attention_mask is None else exps * attention_mask
    totals = exps.sum(axis=-1, keepdims=True)
    weights = exps / np.where(totals == 0, 1, totals)
    return weights @ values, weights


# numerical_gradient


def _nudged(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


@misconception("numerical_gradient")
def forgets_the_two(f, x):
    """Your slopes are twice too large. From x - h to x + h the way is 2h: divide by that."""
    return 2 * _nudged(f, x)


@misconception("numerical_gradient")
def multiplies_by_h(f, x):
    """Your slopes are 0, or next to it. `/ 2 * h` divides by 2 and then *multiplies* by h: write `/ (2 * h)`. Or you
    wrote `up = x`, which makes no copy: both nudges then fall on the same array, and cancel."""
    return _nudged(f, x) * 1e-10


@misconception("numerical_gradient")
def half_the_way(f, x):
    """Your slopes are half as large as they should be. From x to x + h the way is h, not 2h; or your second nudge only
    took back the first (`down = x` makes no copy)."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.copy()
        moved[place] += 1e-5
        gradient[place] = (f(moved) - f(x)) / 2e-5
    return gradient


@misconception("numerical_gradient")
def copies_made_once(f, x):
    """You made the two copies once, before the loop, so the nudges pile up: each slope contains all that came before.
    Make fresh copies for each number."""
    gradient, up, down = np.zeros(x.shape), x.copy(), x.copy()
    for place in np.ndindex(x.shape):
        up[place] += 1e-5
        down[place] -= 1e-5
        gradient[place] = (f(up) - f(down)) / 2e-5
    return gradient


@misconception("numerical_gradient")
def one_side_only(f, x):
    """You compared f(x + h) with f(x). Where f bends, that is the slope beside x; with both sides, up and down
    by h, the bend cancels."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.copy()
        moved[place] += 1e-5
        gradient[place] = (f(moved) - f(x)) / 1e-5
    return gradient


@misconception("numerical_gradient")
def down_minus_up(f, x):
    """Your slopes have the wrong sign: f above minus f below, not the other way round."""
    return -_nudged(f, x)


@misconception("numerical_gradient")
def nudges_all_numbers_together(f, x):
    """You moved all numbers of x at once, so every place got the same. Move one number, and only that one,
    for each entry of the gradient."""
    return np.full(x.shape, (f(x + 1e-5) - f(x - 1e-5)) / 2e-5)


@misconception("numerical_gradient")
def does_not_put_the_number_back(f, x):
    """A number that you nudged was not put back before the next one was nudged. Start each time from x as it
    was."""
    gradient, moved = np.zeros(x.shape), x.copy()
    for place in np.ndindex(x.shape):
        moved[place] += 1e-5
        up = f(moved)
        moved[place] -= 2e-5
        gradient[place] = (up - f(moved)) / 2e-5
    return gradient


@misconception("numerical_gradient")
def moves_a_row_at_a_time(f, x):
    """Your loop moved whole rows. `x[i]` is a row when x has two axes: visit every single number, for example
    with `np.ndindex(x.shape)`."""
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += 1e-5
        down[i] -= 1e-5
        gradient[i] = (f(up) - f(down)) / 2e-5
    return gradient


@misconception("numerical_gradient")
def returns_a_flat_list(f, x):
    """Your slopes are right, but in one long row. They stand where the numbers of x stand: same shape."""
    return _nudged(f, x).ravel()


@misconception("numerical_gradient")
def a_coarse_nudge(f, x):
    """Your nudge is so large that f bends within it. Take h = 1e-5."""
    return _nudged(f, x, 1e-2)


@misconception("numerical_gradient")
def a_tiny_nudge(f, x):
    """Your nudge is so small that rounding swallows the change of f. Smaller is not better: take h = 1e-5."""
    return _nudged(f, x, 1e-14)


@misconception("numerical_gradient")
def computes_in_float32(f, x):
    """You work in float32, which has 7 digits: a nudge of 1e-5 leaves two of them. Keep x in float64."""
    return _nudged(lambda moved: np.float32(f(moved)), x.astype(np.float32))


# softmax_backward


@misconception("softmax_backward")
def own_share_only(weights, grad_weights):
    """You counted how a score moves its own share. It also takes from all other shares of the row, and the loss
    feels that too."""
    return weights * (1 - weights) * grad_weights


@misconception("softmax_backward")
def others_do_not_pay(weights, grad_weights):
    """You multiplied by the weights only. When one share grows, the others shrink; their part is missing."""
    return weights * grad_weights


@misconception("softmax_backward")
def plain_sum_subtracted(weights, grad_weights):
    """You subtracted the plain sum of the gradients. Each counts by its weight: sum weight times gradient."""
    return weights * (grad_weights - grad_weights.sum(axis=-1, keepdims=True))


@misconception("softmax_backward")
def plain_mean_subtracted(weights, grad_weights):
    """You subtracted the plain mean of the gradients. Each counts by its weight: sum weight times gradient."""
    return weights * (grad_weights - grad_weights.mean(axis=-1, keepdims=True))


@misconception("softmax_backward")
def mean_of_the_products_subtracted(weights, grad_weights):
    """You took the mean of the products of weight and gradient. The weights are shares already, so their *sum* is the
    average."""
    return weights * (grad_weights - (weights * grad_weights).mean(axis=-1, keepdims=True))


@misconception("softmax_backward")
def every_move_by_the_same_gradient(weights, grad_weights):
    """All your slopes are 0. If you multiplied every move by g_i, the moves of a row cancel: each g goes with its own
    w, so the move of share j counts g_j times."""
    return np.zeros_like(weights * grad_weights)


@misconception("softmax_backward")
def forgets_the_weight_in_front(weights, grad_weights):
    """You subtracted the weighted average, and that is right. Then each entry still counts by its own weight:
    a key without a share moves nothing."""
    return grad_weights - (weights * grad_weights).sum(axis=-1, keepdims=True)


@misconception("softmax_backward")
def wrong_sign(weights, grad_weights):
    """Your signs are turned around: a score moves its own share *up*."""
    return weights * ((weights * grad_weights).sum(axis=-1, keepdims=True) - grad_weights)


@misconception("softmax_backward")
def softmax_of_the_weights(weights, grad_weights):
    """You put the weights through softmax again. They are shares already: use them as they are."""
    again = _softmax(weights)
    return again * (grad_weights - (again * grad_weights).sum(axis=-1, keepdims=True))


@misconception("softmax_backward")
def own_term_twice(weights, grad_weights):
    """You took off the own term twice: 1 - w_i holds it already, and your sum over the whole row holds it again.
    With 1 - w_i in front, add up the *others* only."""
    total = (weights * grad_weights).sum(axis=-1, keepdims=True)
    return weights * ((1 - weights) * grad_weights - total)


@misconception("softmax_backward")
def rows_compete(weights, grad_weights):
    """You went along the first axis (`len(weights)` counts the rows), so each share was set against those of other
    rows. The shares of one row lie along the last axis: its size is `shape[-1]`."""
    return weights * (grad_weights - (weights * grad_weights).sum(axis=0, keepdims=True))


@misconception("softmax_backward")
def one_sum_for_everything(weights, grad_weights):
    """You added up the whole table. Each row has a sum of its own, along the last axis."""
    return weights * (grad_weights - (weights * grad_weights).sum())


@misconception("softmax_backward")
def one_sum_for_each_sentence(weights, grad_weights):
    """With a batch your sum joins all rows of a sentence. Each row has its own: one axis, the last."""
    products = weights * grad_weights
    if products.ndim > 2:
        return weights * (grad_weights - products.sum(axis=(-2, -1), keepdims=True))
    return weights * (grad_weights - products.sum(axis=-1, keepdims=True))


# attention_backward


def _back(queries, keys, values, grad_output, scale, through_softmax):
    weights = _softmax(_products(queries, keys) / np.sqrt(queries.shape[-1]))
    grad_scores = through_softmax(weights, grad_output @ np.swapaxes(values, -1, -2)) * scale
    return [
        grad_scores @ keys,
        np.swapaxes(grad_scores, -1, -2) @ queries,
        np.swapaxes(weights, -1, -2) @ grad_output,
    ]


def _through(weights, grad_weights):
    return weights * (grad_weights - (weights * grad_weights).sum(axis=-1, keepdims=True))


@misconception("attention_backward")
def forgets_the_division(queries, keys, values, grad_output):
    """Your gradients of queries and keys are too large by one root: the division by √head_dim lies on the way
    back as well."""
    return _back(queries, keys, values, grad_output, 1.0, _through)


@misconception("attention_backward")
def multiplies_on_the_way_back(queries, keys, values, grad_output):
    """On the way back you multiplied by √head_dim. A division stays a division: the slope at the products is √head_dim
    times smaller."""
    return _back(queries, keys, values, grad_output, np.sqrt(queries.shape[-1]), _through)


@misconception("attention_backward")
def divides_by_d_on_the_way_back(queries, keys, values, grad_output):
    """On the way back you divided by head_dim. The division is the same as on the way there: by its root,
    once."""
    return _back(queries, keys, values, grad_output, 1 / queries.shape[-1], _through)


@misconception("attention_backward")
def passes_softmax_by(queries, keys, values, grad_output):
    """You went from the weights to the scores without `softmax_backward`, as if softmax changed nothing."""
    scale = 1 / np.sqrt(queries.shape[-1])
    return _back(queries, keys, values, grad_output, scale, lambda weights, grad_weights: grad_weights)


@misconception("attention_backward")
def keys_before_queries(queries, keys, values, grad_output):
    """You returned the keys' gradient first. The order is queries, keys, values."""
    scale = 1 / np.sqrt(queries.shape[-1])
    grad_queries, grad_keys, grad_values = _back(queries, keys, values, grad_output, scale, _through)
    return grad_keys, grad_queries, grad_values


@misconception("attention_backward")
def divides_the_queries_only(queries, keys, values, grad_output):
    """Your gradient of the keys is too large by one root. The division belongs to the scores, so it reaches
    queries and keys alike."""
    root = np.sqrt(queries.shape[-1])
    grad_queries, grad_keys, grad_values = _back(queries, keys, values, grad_output, 1 / root, _through)
    return grad_queries, grad_keys * root, grad_values


@misconception("attention_backward")
def counts_head_dim_from_the_front_on_the_way_back(queries, keys, values, grad_output):
    """With a batch you divided by the root of another axis. head_dim is the last axis: count from the end."""
    return _back(queries, keys, values, grad_output, 1 / np.sqrt(queries.shape[1]), _through)
