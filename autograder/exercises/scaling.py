"""The checks of lesson 04: scaling."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import RandomState

from autograder.exercise import Exercise, Quiz

Answer = Callable[..., np.ndarray]
Pair = tuple[np.ndarray, np.ndarray]


score_statistics = Exercise("score_statistics", points=2)


@score_statistics.check
def all_scores_of_a_sentence_count(score_statistics: Answer, rng: RandomState) -> np.ndarray:
    """Each query meets each key: of all these scores, the mean and the variance.

    First all scores, then two numbers about them. Open the hint "Two numbers".
    """
    queries, keys = rng.normal(1, 1, size=(3, 5)).round(1), rng.normal(1, 1, size=(4, 5)).round(1)
    return score_statistics(queries, keys)


@score_statistics.check
def sentences_of_a_batch_do_not_meet(score_statistics: Answer, rng: RandomState) -> Any:
    """With more axes in front, all scores still count, but a query meets the keys of its own sentence only.

    Are the pairs right, and is it one mean and one variance of them all? Open the hint "More axes in front".
    """
    queries, keys = rng.normal(1, 1, size=(2, 3, 5)).round(1), rng.normal(1, 1, size=(2, 4, 5)).round(1)
    more_queries, more_keys = rng.normal(1, 1, size=(3, 2, 1, 4)), rng.normal(1, 1, size=(3, 2, 5, 4))
    return [score_statistics(queries, keys), score_statistics(more_queries, more_keys)]


scaled_dot_product_attention = Exercise(
    "scaled_dot_product_attention", points=4, forbidden=("scaled_dot_product_attention",)
)


@scaled_dot_product_attention.check
def each_query_gets_its_mixture_and_its_shares(
    scaled_dot_product_attention: Callable[..., Pair], rng: RandomState
) -> Pair:
    """Score, divide by the root of head_dim, make shares, mix. Returned: the mixtures, then the shares.

    Compare step by step with the formula, each step in a cell of its own. Open the hint "Four steps".
    """
    queries, keys = rng.normal(size=(3, 9)).round(1), rng.normal(size=(4, 9)).round(1)
    values = rng.normal(size=(4, 7)).round(1)
    return scaled_dot_product_attention(queries, keys, values)


@scaled_dot_product_attention.check
def a_removed_key_has_no_say(scaled_dot_product_attention: Callable[..., Pair], rng: RandomState) -> Any:
    """A key whose mask is False gets weight 0, and the other keys of the row share the whole 1.

    Remove keys before the shares are made; True means may attend. Open the hint "With and without a mask".
    """
    queries, keys, values = _sentence(rng)
    return scaled_dot_product_attention(queries, keys, values, _some_keys(rng, (4, 5)))


@scaled_dot_product_attention.check
def a_query_without_keys_gets_zeros(
    scaled_dot_product_attention: Callable[..., Pair], rng: RandomState
) -> Any:
    """A query that may attend to nothing gets zeros, as weights and as output: not NaN, not equal shares.

    Your `masked_softmax` does this. Do you call it, on the scores? Open the hint "With and without a mask".
    """
    queries, keys, values = _sentence(rng)
    attention_mask = _some_keys(rng, (4, 5))
    attention_mask[rng.permutation(4)[:2]] = False
    return scaled_dot_product_attention(queries, keys, values, attention_mask)


@scaled_dot_product_attention.check
def any_number_of_axes_in_front(
    scaled_dot_product_attention: Callable[..., Pair], rng: RandomState
) -> list[Pair]:
    """A batch, or a batch and heads, may stand in front. A mask (batch, 1, seq_k) does for all queries.

    Count axes from the end: head_dim is the last one. Open the hint "More axes".
    """
    queries, keys = rng.normal(size=(2, 3, 5)).round(1), rng.normal(size=(2, 4, 5)).round(1)
    values = rng.normal(size=(2, 4, 5)).round(1)
    lengths = rng.permutation([4, rng.randint(1, 4)])
    token_mask = np.arange(4) < lengths[:, np.newaxis, np.newaxis]  # (batch, 1, seq_k)
    many = [rng.normal(size=(2, 3, *last)).round(1) for last in ((4, 8), (5, 8), (5, 7))]
    return [
        scaled_dot_product_attention(queries, keys, values, token_mask),
        scaled_dot_product_attention(*many),
    ]


@scaled_dot_product_attention.check
def large_scores_do_no_harm(scaled_dot_product_attention: Callable[..., Pair], rng: RandomState) -> Any:
    """All scores of a row may be near 1000: exp overflows there, yet the shares are ordinary numbers.

    Your `softmax` from lesson 03 can do this. Do you call it? Open the hint "Four steps".
    """
    queries, keys = rng.normal(size=(3, 4)).round(1), rng.normal(size=(5, 4)).round(1)
    queries[:, -1], keys[:, -1] = 1800, 1  # adds the same to every score: the shares stay as they are
    return scaled_dot_product_attention(queries, keys, rng.uniform(1, 3, size=(5, 7)).round(1))


numerical_gradient = Exercise("numerical_gradient", points=3)


@numerical_gradient.check
def each_number_is_nudged_alone(numerical_gradient: Answer, rng: RandomState) -> np.ndarray:
    """Of f(x) = 1000 + the sum of slope times x, the gradient is the slopes.

    Nudge one number up and down by h = 1e-5, in float64; divide by the way between. Then the next. Open the hint
    "One number first".
    """
    slopes, x = _slopes(rng, (4,)), rng.normal(size=4).round(1)
    return numerical_gradient(lambda x: 1000 + float((slopes * x).sum()), x)


@numerical_gradient.check
def x_may_have_any_shape(numerical_gradient: Answer, rng: RandomState) -> Any:
    """x may have two axes, or three. Each of its numbers has its own slope, in the same place.

    A loop over `range(len(x))` moves whole rows. Open the hint "Any shape".
    """
    table, block = [(_slopes(rng, shape), rng.normal(size=shape).round(1)) for shape in ((2, 3), (2, 3, 4))]
    return [
        numerical_gradient(lambda x, slopes=slopes: 1000 + float((slopes * x).sum()), x)
        for slopes, x in (table, block)
    ]


@numerical_gradient.check
def near_the_bottom_of_a_steep_bowl(numerical_gradient: Answer, rng: RandomState) -> np.ndarray:
    """Near the bottom of a steep bowl the slope changes within a single nudge.

    One side alone is off; so is a number that was not put back, and float32. Open the hint "Almost right".
    """
    bottom = rng.normal(size=4).round(1)
    bowl = 1e4 * rng.uniform(0.5, 0.9, size=(4, 4))
    bowl = (bowl + bowl.T) / 2 + 1e4 * np.eye(4)
    x = bottom + 1e-4 * rng.uniform(0.5, 1.0, size=4) * rng.choice([-1, 1], size=4)
    return numerical_gradient(lambda x: 1000 + float((x - bottom) @ bowl @ (x - bottom)), x)


@numerical_gradient.check
def near_the_middle_of_a_wave(numerical_gradient: Answer, rng: RandomState) -> np.ndarray:
    """f may be large and wave up and down: a coarse nudge reaches over to the next wave.

    Take h = 1e-5. Open the hint "Almost right".
    """
    middle, heights = rng.normal(size=4).round(1), _slopes(rng, (4,))
    return numerical_gradient(
        lambda x: 30_000 + float((heights * np.sin(100 * (x - middle))).sum()), middle.copy()
    )


softmax_backward = Exercise("softmax_backward", points=3)


@softmax_backward.check
def a_score_moves_every_share(softmax_backward: Answer, rng: RandomState) -> np.ndarray:
    """One row. A score moves its own share up and all others of the row down; the loss feels all these moves.

    For each score add up the moves of all shares, each times the gradient of the share that moves: g_j goes with w_j.
    Open the hint "Add up the moves".
    """
    return softmax_backward(_shares(rng, (5,)), rng.normal(size=5).round(1))


@softmax_backward.check
def each_row_for_itself(softmax_backward: Answer, rng: RandomState) -> np.ndarray:
    """Three rows. Each has moves of its own, and never meets the others.

    The moves are right for one row. Each row needs its own sum, along the last axis. Open the hint "Rows".
    """
    return softmax_backward(_shares(rng, (3, 4)), rng.normal(size=(3, 4)).round(1))


@softmax_backward.check
def rows_of_a_batch_too(softmax_backward: Answer, rng: RandomState) -> np.ndarray:
    """Any number of axes may stand in front. Each row along the last axis stands for itself.

    Sum along the last axis only, and keep it. Open the hint "Rows".
    """
    shape = (2, 3, 4)
    return softmax_backward(_shares(rng, shape), rng.normal(size=shape).round(1))


attention_backward = Exercise("attention_backward", points=0)


@attention_backward.check
def three_gradients_of_one_sentence(attention_backward: Answer, rng: RandomState) -> Any:
    """How fast the loss grows with each number of the queries, of the keys, and of the values.

    Go back through the four steps, last step first. Open the hint "Backwards, step by step".
    """
    queries, keys, values = _sentence(rng)
    return attention_backward(queries, keys, values, rng.normal(size=(4, 7)).round(1))


@attention_backward.check
def a_batch_goes_back_too(attention_backward: Answer, rng: RandomState) -> Any:
    """Any number of axes may stand in front; each sentence has gradients of its own.

    Exchange the last two axes, not all; head_dim is the last. Open the hint "Backwards, step by step".
    """
    shapes = ((2, 3, 5), (2, 4, 5), (2, 4, 1), (2, 3, 1))
    return attention_backward(*(rng.normal(size=shape).round(1) for shape in shapes))


same_division = Quiz(
    "same_division",
    points=0.5,
    options={
        "a": "Keys divided by √d, and the queries too: together ÷ d, not ÷ √d. At d = 64, 8 times too small.",
        "b": "A dot product doubles when one side doubles: dividing the queries divides every score.",
        "c": "The softmax has already seen the large scores, and its one winner is still the winner.",
        "d": "The values are mixed after the shares are made. Smaller values change no share.",
    },
)

which_root = Quiz(
    "which_root",
    points=0.5,
    options={
        "a": "10 is the number of keys. It decides how many compete, not how large each score is.",
        "b": "2 is the number of sentences; they never meet.",
        "c": "Each score adds up 64 products. How many heads there are does not matter.",
        "d": "All 8 heads together have 512 features, but a score adds up the features of one head only.",
    },
)


def _sentence(rng: RandomState) -> Any:
    """Queries `(4, 6)`, keys `(5, 6)` and values `(5, 7)`."""
    return [rng.normal(size=shape).round(1) for shape in ((4, 6), (5, 6), (5, 7))]


def _some_keys(rng: RandomState, shape: tuple[int, int]) -> np.ndarray:
    """A random mask; each row has at least two True and a False."""
    attention_mask = rng.uniform(size=shape) < 0.5
    for row in attention_mask:
        row[rng.permutation(len(row))[:3]] = [True, True, False]
    return attention_mask


def _slopes(rng: RandomState, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers from 0.2 to 2 with one decimal, up or down."""
    return rng.uniform(0.2, 2.0, size=shape).round(1) * rng.choice([-1, 1], size=shape)


def _shares(rng: RandomState, shape: tuple[int, ...]) -> np.ndarray:
    """Weights in hundredths, none of them 0; each row sums to 1."""
    seq_k = shape[-1]
    rows = [
        rng.multinomial(100 - 5 * seq_k, rng.dirichlet(np.ones(seq_k))) + 5 for _ in np.ndindex(shape[:-1])
    ]
    return np.reshape(rows, shape) / 100
