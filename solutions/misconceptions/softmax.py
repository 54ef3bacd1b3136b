"""Known wrong answers to lesson 03, each with the words that mend it."""

import numpy as np

from autograder.exercise import misconception


def _softmax(scores, axis=-1):
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


# softmax


@misconception("softmax")
def normalises_down_the_columns(scores, axis=-1):
    """Each of your columns sums to 1: you summed along the first axis, so the queries compete for a key.
    The keys must compete for a query, along `axis`."""
    return _softmax(scores, axis=0)


@misconception("softmax")
def ignores_axis(scores, axis=-1):
    """You always normalise along the last axis. Use the `axis` that the caller gave, in every place where
    you reduce."""
    return _softmax(scores, axis=-1)


@misconception("softmax")
def flattens_behind_the_batch(scores, axis=-1):
    """You summed over all axes but the first. Each row has its own total: reduce one axis, and only that
    one."""
    if scores.ndim == 1 or axis != -1:
        return _softmax(scores, axis=axis)
    return _softmax(scores.reshape(len(scores), -1)).reshape(scores.shape)


@misconception("softmax")
def one_total_for_everything(scores, axis=-1):
    """All your weights together sum to 1. Each row should: a sum without an axis adds up the whole
    table."""
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exps / exps.sum()


@misconception("softmax", produces_nan=True)
def one_total_without_a_shift(scores, axis=-1):
    """All your weights together sum to 1, but each row should: a sum without an axis adds up the whole
    table. (Large scores come next.)"""
    exps = np.exp(scores)
    return exps / exps.sum()


@misconception("softmax")
def one_total_and_one_maximum(scores, axis=-1):
    """All your weights together sum to 1, but each row should. `max` and `sum` without an axis look at the
    whole table; each row needs its own."""
    exps = np.exp(scores - scores.max())
    return exps / exps.sum()


@misconception("softmax", produces_nan=True)
def columns_without_a_shift(scores, axis=-1):
    """Each of your columns sums to 1: you summed along the first axis, so the queries compete for a key.
    The keys must compete for a query, along `axis`. (Large scores come next.)"""
    exps = np.exp(scores)
    return exps / exps.sum(axis=0)


@misconception("softmax", produces_nan=True)
def columns_and_one_maximum(scores, axis=-1):
    """Each of your columns sums to 1: you summed along the first axis, so the queries compete for a key.
    The keys must compete for a query, along `axis`."""
    exps = np.exp(scores - scores.max())
    return exps / exps.sum(axis=0)


@misconception("softmax", produces_nan=True)
def takes_exp_of_large_scores(scores, axis=-1):
    """exp of a large score is inf, and inf / inf is nan; exp of very negative scores is 0, and 0 / 0 is
    nan too. Shift each row to a safe place before you take exp: the shares depend on differences only."""
    exps = np.exp(scores)
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax", produces_nan=True)
def subtracts_one_maximum_for_all(scores, axis=-1):
    """You subtracted the largest score of the whole array. In a row far below it every exp is 0, and 0 / 0
    is nan: let each row subtract its own largest."""
    exps = np.exp(scores - np.max(scores))
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax", produces_nan=True)
def subtracts_too_little(scores, axis=-1):
    """You shifted the scores, but not far enough (by the smallest, or by the mean?): the best can still be
    so high that its exp is inf. Shift so that no score is above 0."""
    exps = np.exp(scores - scores.min(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax", produces_nan=True)
def subtracts_a_fixed_number(scores, axis=-1):
    """You subtracted the same number from all scores, whatever they are. For ordinary scores it is too
    much: every exp is 0, and 0 / 0 is nan. Let the scores of a row say by how much to shift it."""
    exps = np.exp(scores - 1000)
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax", produces_nan=True)
def rescales_each_row(scores, axis=-1):
    """You rescaled the scores before you took exp, and that changes the shares: only differences count, and
    division changes them. (Where the largest is 0, it even gives nan.) Subtract instead."""
    exps = np.exp(scores / scores.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax", produces_nan=True)
def rescales_by_the_largest_of_all(scores, axis=-1):
    """You rescaled the scores before you took exp, and that changes the shares: only differences count, and
    division changes them. (Where the largest is 0, it even gives nan.) Subtract instead."""
    exps = np.exp(scores / scores.max())
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax")
def rescales_by_a_fixed_number(scores, axis=-1):
    """You rescaled the scores before you took exp, and that changes the shares: only differences count, and
    division changes them. Subtract instead."""
    exps = np.exp(scores / 1000)
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception("softmax")
def divides_by_the_largest(scores, axis=-1):
    """Your best key has weight 1 and the row sums to more than 1. After exp, divide by the sum, not by the
    largest."""
    return np.exp(scores - scores.max(axis=axis, keepdims=True))


@misconception("softmax")
def divides_without_exp(scores, axis=-1):
    """You divided the scores by their sum, so a negative score gets a negative share, or turns the others
    negative. exp makes scores positive first and keeps their order."""
    return scores / scores.sum(axis=axis, keepdims=True)


@misconception("softmax")
def divides_absolute_scores(scores, axis=-1):
    """You divided absolute scores by their sum, so -3 counts as much as 3. exp makes scores positive and
    keeps their order."""
    sizes = np.abs(scores)
    return sizes / sizes.sum(axis=axis, keepdims=True)


@misconception("softmax")
def cuts_negative_scores(scores, axis=-1):
    """You gave every negative score a weight of 0. A low score still earns a small share: exp makes scores
    positive and keeps their order."""
    positive = np.maximum(scores, 0)
    return positive / (positive.sum(axis=axis, keepdims=True) + 1e-12)


@misconception("softmax")
def starts_at_the_smallest(scores, axis=-1):
    """You shifted the scores so that the smallest is 0 and divided by their sum: the weakest key gets
    nothing at all. Shares come from exp of the scores."""
    above = scores - scores.min(axis=axis, keepdims=True)
    return above / (above.sum(axis=axis, keepdims=True) + 1e-12)


@misconception("softmax")
def judges_each_score_alone(scores, axis=-1):
    """This is the sigmoid: each weight looks at its own score only. Shares compete, so each depends on the
    whole row."""
    return 0.5 * (1 + np.tanh(scores / 2))


@misconception("softmax")
def winner_takes_all(scores, axis=-1):
    """The best key takes everything. That is the hard look-up of lesson 02; here every key gets a share."""
    return (scores == scores.max(axis=axis, keepdims=True)).astype(float)


@misconception("softmax")
def returns_the_logarithms(scores, axis=-1):
    """You returned the logarithms of the shares, which are never positive. Take exp of what you have."""
    shifted = scores - scores.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# token_mask


@misconception("token_mask")
def marks_the_padding(lengths, seq):
    """Your True means padding. Here True means a real token."""
    return np.arange(seq) >= np.asarray(lengths)[:, None]


@misconception("token_mask")
def one_token_too_many(lengths, seq):
    """You mark one position too many. Positions count from 0, so a sentence of 3 tokens fills the positions
    0, 1 and 2."""
    return np.arange(seq) <= np.asarray(lengths)[:, None]


@misconception("token_mask")
def one_token_too_few(lengths, seq):
    """You mark one position too few. Positions count from 0, so a sentence of 3 tokens fills the positions
    0, 1 and 2."""
    return np.arange(1, seq + 1) < np.asarray(lengths)[:, None]


@misconception("token_mask")
def marks_only_the_last_token(lengths, seq):
    """You mark the last token of each sentence only. All the tokens before it are real too."""
    return np.arange(seq) == np.asarray(lengths)[:, None] - 1


@misconception("token_mask")
def pads_on_the_left(lengths, seq):
    """You put the padding in front. Here the tokens come first and the padding after them."""
    return np.arange(seq) >= seq - np.asarray(lengths)[:, None]


@misconception("token_mask")
def one_column_a_sentence(lengths, seq):
    """Your table has one column a sentence. The batch is the first axis: one row a sentence."""
    return np.arange(seq)[:, None] < np.asarray(lengths)


@misconception("token_mask")
def ends_at_the_longest_sentence(lengths, seq):
    """Your table is as wide as the longest sentence. The batch may be padded further: it has `seq`
    positions."""
    return np.arange(np.max(lengths)) < np.asarray(lengths)[:, None]


@misconception("token_mask")
def numbers_for_booleans(lengths, seq):
    """You return the numbers 0 and 1. A mask holds True and False; with numbers, `~` and indexing mean
    something else."""
    return (np.arange(seq) < np.asarray(lengths)[:, None]).astype(float)


@misconception("token_mask")
def clears_from_the_end(lengths, seq):
    """You clear the padding by counting from the end. A full sentence has no padding, and a slice that
    starts at -0 is the whole row."""
    real = np.ones((len(lengths), seq), dtype=bool)
    for row, length in zip(real, lengths, strict=True):
        row[-(seq - length) :] = False
    return real


# masked_softmax


@misconception("masked_softmax")
def ignores_the_mask(scores, attention_mask):
    """Your weights are those of a softmax without a mask. Use `attention_mask` to remove keys before the
    shares are made."""
    return _softmax(scores)


@misconception("masked_softmax")
def masks_after_softmax(scores, attention_mask):
    """You set weights to 0 after softmax, and the rest no longer sums to 1. Removed keys must be gone
    before the total is taken."""
    return _softmax(scores) * attention_mask


@misconception("masked_softmax", produces_nan=True)
def masks_after_softmax_and_divides_again(scores, attention_mask):
    """Removed keys still took part: a removed key with by far the largest score leaves nothing to the
    others, and 0 / 0 is nan. Remove keys first, then take the largest score and the total of the rest."""
    weights = _softmax(scores) * attention_mask
    totals = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(attention_mask.any(axis=-1, keepdims=True), totals, 1)


@misconception("masked_softmax")
def masks_after_softmax_and_divides_with_care(scores, attention_mask):
    """Removed keys still took part: a removed key with by far the largest score takes the whole share, and
    the others round to 0. Remove keys first, then take the largest score and the total of the rest."""
    weights = _softmax(scores) * attention_mask
    totals = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(totals == 0, 1, totals)


@misconception("masked_softmax", produces_nan=True)
def masks_after_softmax_and_divides_by_zero(scores, attention_mask):
    """In a row without keys nothing is left to divide by, and 0 / 0 is nan. The same will happen where a
    removed key has by far the largest score: remove keys before the shares are made."""
    weights = _softmax(scores) * attention_mask
    return weights / weights.sum(axis=-1, keepdims=True)


@misconception("masked_softmax")
def flattens_with_the_mask(scores, attention_mask):
    """Indexing with a mask picks out the allowed scores as one flat row, whose shares sum to 1 all
    together. Keep the table, and change the scores of removed keys instead."""
    return _softmax(scores[np.broadcast_to(attention_mask, scores.shape)])


@misconception("masked_softmax")
def adds_the_mask(scores, attention_mask):
    """Adding True adds 1 to a score: the allowed keys get larger shares, and no key is removed."""
    return _softmax(scores + attention_mask)


@misconception("masked_softmax")
def keeps_what_it_should_remove(scores, attention_mask):
    """You removed the keys whose mask is True. Here True means may attend."""
    weights = _softmax(np.where(attention_mask, -1e30, scores))
    return np.where(attention_mask, 0, weights)


@misconception("masked_softmax")
def scores_zero_for_removed(scores, attention_mask):
    """You gave removed keys a score of 0, and exp(0) is 1, a share like any other. A key is gone only if
    its exp is 0."""
    return _softmax(np.where(attention_mask, scores, 0))


@misconception("masked_softmax")
def removes_whole_queries(scores, attention_mask):
    """You blanked every query that has a False in its row. The mask removes single keys from a row, not the
    row: columns, not rows."""
    whole = attention_mask.all(axis=-1, keepdims=True)
    return np.where(whole, _softmax(scores), 0)


@misconception("masked_softmax")
def shares_among_the_queries(scores, attention_mask):
    """Your weights sum to 1 down each column. Each query shares among its keys, along the last axis."""
    allowed = np.broadcast_to(attention_mask, scores.shape)
    return np.where(allowed, _softmax(np.where(allowed, scores, -1e30), axis=-2), 0)


@misconception("masked_softmax", produces_nan=True)
def nan_for_a_query_without_keys(scores, attention_mask):
    """Your row for a query without keys is nan: -inf minus -inf is nan, and so is 0 / 0. Such a row must
    come out as zeros."""
    return _softmax(np.where(attention_mask, scores, -np.inf))


@misconception("masked_softmax")
def equal_shares_for_a_query_without_keys(scores, attention_mask):
    """A query without keys attends to all of them alike: a very low score removes a key only next to a
    higher one. Where all scores are equally low, all shares are equal; such a row must be zeros."""
    return _softmax(np.where(attention_mask, scores, -1e9))


@misconception("masked_softmax")
def brings_keys_back(scores, attention_mask):
    """A query without keys has the weights that it would have without a mask: you lowered all its scores
    alike, and softmax sees differences only. Such a row must be zeros."""
    return _softmax(scores - 1e9 * ~attention_mask)


@misconception("masked_softmax", produces_nan=True)
def multiplies_infinity_by_zero(scores, attention_mask):
    """You multiplied the mask by infinity, and 0 times infinity is nan. Choose between two values instead
    of multiplying."""
    return _softmax(scores + (1 - attention_mask) * -np.inf)


@misconception("masked_softmax", produces_nan=True)
def exp_of_large_allowed_scores(scores, attention_mask):
    """exp of a large score is inf, and inf / inf is nan. Shift each row first, or call your softmax."""
    exps = np.exp(np.where(attention_mask, scores, -np.inf))
    totals = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(totals == 0, 1, totals)


@misconception("masked_softmax", produces_nan=True)
def exp_of_large_allowed_scores_and_no_total(scores, attention_mask):
    """In a row without keys the total is 0, and 0 / 0 is nan: such a row must be zeros. Mind large scores
    too, whose exp is inf: shift each row first, or call your softmax."""
    exps = np.exp(np.where(attention_mask, scores, -np.inf))
    return exps / exps.sum(axis=-1, keepdims=True)


@misconception("masked_softmax", produces_nan=True)
def exp_times_mask(scores, attention_mask):
    """exp of a large score is inf; inf / inf is nan, and so is inf times 0. Shift each row first, or call
    your softmax."""
    exps = np.exp(scores) * attention_mask
    totals = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(totals == 0, 1, totals)


@misconception("masked_softmax", produces_nan=True)
def exp_times_mask_and_no_total(scores, attention_mask):
    """In a row without keys the total is 0, and 0 / 0 is nan: such a row must be zeros. Large scores too end
    in nan, since their exp is inf: shift each row first, or call your softmax."""
    exps = np.exp(scores) * attention_mask
    return exps / exps.sum(axis=-1, keepdims=True)


@misconception("masked_softmax")
def a_number_that_is_not_low_enough(scores, attention_mask):
    """The low number that you gave to removed keys lies above some real scores, so removed keys win there.
    Take one that no score can reach, such as -np.inf."""
    return _softmax(np.where(attention_mask, scores, -100)) * attention_mask


@misconception("masked_softmax")
def minus_a_thousand_for_removed(scores, attention_mask):
    """-1000 is not low enough: some real scores lie below it, so removed keys win there. Take a number that
    no score can reach, such as -np.inf."""
    return _softmax(np.where(attention_mask, scores, -1000)) * attention_mask


@misconception("masked_softmax")
def repeats_the_mask_in_the_wrong_order(scores, attention_mask):
    """You stretched the mask to the shape of the scores, and queries got the mask of another sentence.
    Broadcasting repeats along the axis of size 1; np.resize and np.tile repeat the whole."""
    stretched = np.resize(attention_mask, scores.shape)
    return np.where(stretched, _softmax(np.where(stretched, scores, -1e30)), 0)


# weighted_average


@misconception("weighted_average")
def same_mixture_for_all(weights, values):
    """Every query gets the plain average of all values. Each value must count as much as its weight
    says."""
    average = values.mean(axis=-2, keepdims=True)
    return np.broadcast_to(average, (*weights.shape[:-1], values.shape[-1])).copy()


@misconception("weighted_average")
def divides_by_the_number_of_keys(weights, values):
    """You took the mean of the weighted values, so the result is too small. The weights are shares already:
    sum."""
    return (weights[..., None] * values[..., None, :, :]).mean(axis=-2)


@misconception("weighted_average")
def takes_the_heaviest_value(weights, values):
    """Each query gets the one value with the largest weight. The others count too, each by its share."""
    best = weights.argmax(axis=-1)
    return np.take_along_axis(values, best[..., None], axis=-2)


@misconception("weighted_average")
def softmax_a_second_time(weights, values):
    """You put the weights through softmax again, which makes them more equal. They are shares already."""
    return _softmax(weights) @ values


@misconception("weighted_average", produces_nan=True)
def divides_by_the_weights(weights, values):
    """You divided by the sum of the weights. For shares that changes nothing, and for a query without keys
    it is 0 / 0, which is nan. Use the weights as they are."""
    return (weights @ values) / weights.sum(axis=-1, keepdims=True)


@misconception("weighted_average")
def sums_over_the_queries(weights, values):
    """You summed over the queries and kept one row a key. A mixture is a sum over the keys: one row a
    query remains."""
    return (weights[..., None] * values[..., None, :, :]).sum(axis=-3)


@misconception("weighted_average")
def forgets_to_sum(weights, values):
    """You weighed the values but did not add them up: there is still an axis for the keys."""
    return weights[..., None] * values[..., None, :, :]


@misconception("weighted_average")
def one_column_a_query(weights, values):
    """Your result has one column a query. The queries are rows: `(…, seq_q, value_dim)`."""
    return np.swapaxes(weights @ values, -1, -2)


@misconception("weighted_average")
def dot_mixes_the_batch(weights, values):
    """With more than two axes np.dot combines each sentence's weights with every sentence's values. Each
    sentence must meet its own values only."""
    return np.dot(weights, values)


@misconception("weighted_average")
def squeezes_the_result(weights, values):
    """You squeezed axes of size 1 out of the result. One query, or values of one number, keep their axis:
    `(…, seq_q, value_dim)`."""
    return np.squeeze(weights @ values)


@misconception("weighted_average")
def adds_up_the_batch(weights, values):
    """You also added up the sentences of the batch. The axes in front of the last two must stay."""
    mixed = weights @ values
    return mixed.sum(axis=tuple(range(mixed.ndim - 2)))


@misconception("weighted_average")
def everyone_gets_the_first_sentence(weights, values):
    """All sentences mix the values of the first one. Each must mix its own."""
    while values.ndim > 2:
        values = values[0]
    return weights @ values
