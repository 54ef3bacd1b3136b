"""The checks of lesson 03: softmax."""

from collections.abc import Callable

import numpy as np
from numpy.random import RandomState

from autograder.exercise import Exercise, Quiz

Answer = Callable[..., np.ndarray]


softmax = Exercise("softmax", points=4, forbidden=("softmax",))


@softmax.check
def each_row_becomes_shares(softmax: Answer, rng: RandomState) -> np.ndarray:
    """Each row of scores becomes shares: exp of each score, divided by the row's total.

    Take exp of each score, then divide each row by its own total. Open the hint "Shares, row by row".
    """
    return softmax(rng.normal(1, 2, size=(3, 4)).round(1))


@softmax.check
def large_scores_do_not_overflow(softmax: Answer, rng: RandomState) -> list[np.ndarray]:
    """Scores can be large: exp(1000) is inf and exp(-1000) is 0, yet the shares are ordinary numbers.

    Before you take exp, change the scores so that the shares stay as they are. Open the hint "I get nan".
    """
    low = rng.permutation(np.arange(-20, 21))[:5] / 10 - 1000  # all different
    some_high = low + rng.permutation([2000, 2000, 0, 0, 0])
    return [softmax(some_high[np.newaxis]), softmax(low[np.newaxis])]


@softmax.check
def rows_may_lie_far_apart(softmax: Answer, rng: RandomState) -> np.ndarray:
    """One row may score around 1000 and another around -1000; each has its own shares.

    What is right for one row can be far off for another. Open the hint "Only some rows are nan".
    """
    scores = rng.normal(size=(3, 4)).round(1)
    return softmax(scores + rng.permutation([1000, 0, -1000])[:, np.newaxis])


@softmax.check
def any_number_of_axes(softmax: Answer, rng: RandomState) -> list[np.ndarray]:
    """Scores may have one axis, two, three or more. Without `axis`, the last one sums to 1.

    Does your code count on two axes? Open the hint "It works for a table only".
    """
    row, batch = rng.normal(size=4).round(1), rng.normal(size=(2, 3, 4)).round(1)
    return [softmax(row), softmax(batch)]


@softmax.check
def axis_says_who_competes(softmax: Answer, rng: RandomState) -> list[np.ndarray]:
    """`axis` names the axis along which the shares sum to 1.

    Hand `axis` on wherever you reduce. Open the hint "It works for a table only".
    """
    scores = rng.normal(size=(2, 3, 4)).round(1)
    return [softmax(scores, axis=0), softmax(scores, axis=1)]


token_mask = Exercise("token_mask", points=2)


@token_mask.check
def tokens_come_before_padding(token_mask: Answer, rng: RandomState) -> np.ndarray:
    """Each row starts with as many True as the sentence has tokens, and the rest is False.

    Compare each position with each length. Open the hint "A comparison can build a table".
    """
    seq = rng.randint(5, 9)
    lengths = rng.permutation(np.arange(1, seq))[:3]
    return token_mask(lengths, seq)


@token_mask.check
def sentences_may_be_full_or_empty(token_mask: Answer, rng: RandomState) -> np.ndarray:
    """A sentence may fill all positions, or have no token at all.

    Work out by hand which positions are real for a length of 0 and for a length of `seq`.
    """
    seq = rng.randint(5, 9)
    lengths = rng.permutation([0, seq, *rng.randint(1, seq, size=2)])
    return token_mask(lengths, seq)


masked_softmax = Exercise("masked_softmax", points=4)


@masked_softmax.check
def removed_keys_get_no_share(masked_softmax: Answer, rng: RandomState) -> np.ndarray:
    """A key whose mask is False gets weight 0, and the other keys share the whole 1.

    First see to it that removed keys count nothing, then make the shares.
    Open the hint "Which score means never?".
    """
    scores = rng.normal(size=(3, 4)).round(1)
    attention_mask = _some_keys(rng, (3, 4), full_row=rng.randint(3))
    return masked_softmax(scores, attention_mask)


@masked_softmax.check
def a_query_without_keys_gets_zeros(masked_softmax: Answer, rng: RandomState) -> np.ndarray:
    """A query that may attend to nothing gets a row of zeros: not NaN, and not equal shares.

    Print such a row before and after you divide. Open the hint "A row without keys".
    """
    scores = rng.normal(size=(4, 5)).round(1)
    full_row, *empty_rows = rng.permutation(4)[:3]
    attention_mask = _some_keys(rng, (4, 5), full_row)
    attention_mask[empty_rows] = False
    return masked_softmax(scores, attention_mask)


@masked_softmax.check
def one_mask_serves_all_queries(masked_softmax: Answer, rng: RandomState) -> np.ndarray:
    """A mask of shape (batch, 1, seq_k) holds for every query of its sentence.

    Any number of axes must do; let NumPy stretch the mask.
    Open the hint "The mask is smaller than the scores".
    """
    scores = rng.normal(size=(2, 3, 4)).round(1)
    lengths = rng.permutation([4, rng.randint(1, 4)])
    return masked_softmax(scores, np.arange(4) < lengths[:, np.newaxis, np.newaxis])


@masked_softmax.check
def large_scores_do_no_harm(masked_softmax: Answer, rng: RandomState) -> np.ndarray:
    """Scores can be far above 0 or below, and a removed key may have the largest of all.

    Follow one such row: what goes into exp, and what comes out? Open the hint "Large scores".
    """
    scores = rng.normal(size=(4, 5)).round(1)
    level = rng.permutation([0, 1000, 1000, -1000])[:, np.newaxis]
    attention_mask = _some_keys(rng, (4, 5), full_row=int(level.argmax()))  # the other 1000 has removed keys
    removed_level = level + np.abs(level)  # 0, 2000, 2000, 0: never below the allowed keys
    return masked_softmax(scores + np.where(attention_mask, level, removed_level), attention_mask)


weighted_average = Exercise("weighted_average", points=3)


@weighted_average.check
def each_query_gets_its_mixture(weighted_average: Answer, rng: RandomState) -> np.ndarray:
    """For each query, every value counts as much as its weight says.

    Start with one query; here there is no batch. Open the hint "One query first".
    """
    weights, values = _shares(rng, (3,), 4), rng.normal(size=(4, 2)).round(1)
    return weighted_average(weights, values)


@weighted_average.check
def batches_stay_apart(weighted_average: Answer, rng: RandomState) -> list[np.ndarray]:
    """Each sentence of a batch mixes its own values, however many axes come before the last two.

    The last two axes do the work; those before them only match up. Open the hint "More axes in front".
    """
    weights, values = _shares(rng, (2, 3), 4), rng.normal(size=(2, 4, 5)).round(1)
    more_weights, more_values = _shares(rng, (3, 2, 1), 4), rng.normal(size=(3, 2, 4, 1)).round(1)
    return [weighted_average(weights, values), weighted_average(more_weights, more_values)]


@weighted_average.check
def weights_are_taken_as_they_are(weighted_average: Answer, rng: RandomState) -> np.ndarray:
    """A row of weights may be all zero, or sum to less than 1: it is used as it is.

    The shares were made before. Here they are only used: do not divide again.
    """
    weights, values = _shares(rng, (4,), 5), rng.normal(size=(5, 3)).round(1)
    empty, lighter = rng.permutation(4)[:2]
    weights[empty] = 0
    weights[lighter, weights[lighter].argmax()] = 0
    return weighted_average(weights, values)


zero_score = Quiz(
    "zero_score",
    points=0.5,
    options={
        "a": "Only differences count, and here 0 is 1000 below the other key: its share rounds to 0.",
        "b": "Three rivals, but each 10 below: each counts exp(-10), less than 0.0001, against exp(0) = 1.",
        "c": "There is only one rival, but a close one: exp(-1) is 0.37 against exp(0) = 1. Its share: 0.73.",
        "d": "exp(0) is 1, not 0: a score of 0 is a score like any other. How high are its rivals?",
    },
)

padded_keys = Quiz(
    "padded_keys",
    points=0.5,
    options={
        "a": "(2, 5, 1) fits (2, 5, 5): an axis of size 1 is stretched. That is why this mistake is silent. "
        "(`real` alone, (2, 5), is refused here, but a batch of 5 would let it through.)",
        "b": "That is what `real[:, np.newaxis, :]` does. Here the new axis comes last: "
        "which axis of the scores is then stretched?",
        "c": "Row i of the mask is all True or all False, so whole queries are emptied, "
        "and the real ones still share with padded keys.",
        "d": "Both would need both masks, joined with &. This one has a single number for each query.",
    },
)


def _some_keys(rng: RandomState, shape: tuple[int, int], full_row: int) -> np.ndarray:
    """A random mask: one row is all True, each other has at least two True and a False."""
    attention_mask = rng.uniform(size=shape) < 0.5
    for row in attention_mask:
        row[rng.permutation(len(row))[:3]] = [True, True, False]
    attention_mask[full_row] = True
    return attention_mask


def _shares(rng: RandomState, rows: tuple[int, ...], seq_k: int) -> np.ndarray:
    """Weights in tenths; each row sums to 1."""
    return rng.multinomial(10, np.ones(seq_k) / seq_k, size=rows) / 10
