"""The checks of lesson 02: scores."""

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Puzzle, Quiz
from spotlight.toy import ARROWS

hard_lookup = Exercise("hard_lookup", points=2)
dot_product_scores = Exercise("dot_product_scores", points=4)
additive_scores = Exercise("additive_scores", points=3)
query_for_boat = Puzzle("query_for_boat", points=1)
query_for_a_tie = Puzzle("query_for_a_tie", points=1)

key_that_never_wins = Quiz(
    "key_that_never_wins",
    points=0.5,
    options={
        "a": "The cat wins for a query that points to the right, such as [1, 0].",
        "b": "Right. The fish's tip lies inside the shape that the other tips span: the line from the cat's "
        "tip to the river's passes beyond it, since 1/3.5 + 1/3 < 1. So in every direction another key "
        "reaches further.",
        "c": "The mat wins for a query that points straight down, such as [0, -1].",
        "d": "That would hold for cosine similarity, which looks at directions only. Score the query [1, 1], "
        "which points along the fish: the cat gets 3.5, the fish 2.",
    },
)

swapped_roles = Quiz(
    "swapped_roles",
    points=0.5,
    options={
        "a": "NumPy cannot know: both orders are valid products, keys @ queriesᵀ as well as queries @ keysᵀ.",
        "b": "With 7 queries and 9 keys the swapped scores have shape (9, 7) where (7, 9) is expected: "
        "that shows.",
        "c": "Right. With equally many queries and keys the swapped table has the right shape and is "
        "silently transposed. So test with different sizes, as every check here does.",
        "d": "The table has one row a query and one column a key; exchanged, it is the transpose. It equals "
        "the original only in special cases, such as queries that are the keys.",
    },
)


def unequal_numbers(rng: np.random.RandomState, *shape: int) -> np.ndarray:
    """Random numbers with one decimal, no two of them equal."""
    return (rng.permutation(80)[: int(np.prod(shape))].reshape(shape) - 40) / 10


def turned_arrows(turn: float, lengths: list[float], degrees: list[float]) -> np.ndarray:
    """2-d arrows of the given lengths and directions, all turned together: (number of arrows, 2)."""
    angles = np.deg2rad(np.array(degrees) + turn)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return (np.array(lengths)[:, None] * directions).round(1)


@hard_lookup.check
def the_best_match_gives_its_value(hard_lookup: Any, rng: np.random.RandomState) -> Any:
    """The value of the key with the largest dot product comes back, and only that one.

    Score each key with one number, find the position of the largest, return the value at that position. Open
    the hint "Where do I start?".
    """
    directions = rng.permutation([[4, 0, 0], [0, 4, 0], [0, 0, 4], [-3, -3, -3]])
    keys = (directions + rng.uniform(-0.2, 0.2, size=(4, 3))).round(1)
    asked = rng.permutation([*rng.permutation(3)[:2], 3])  # scores of the three features never lead to key 3
    queries = (directions[asked] + rng.uniform(-0.2, 0.2, size=(3, 3))).round(1)
    values = unequal_numbers(rng, 4, 2)
    return [hard_lookup(query, keys, values) for query in queries]


@hard_lookup.check
def a_long_key_can_beat_a_better_aligned_one(hard_lookup: Any, rng: np.random.RandomState) -> Any:
    """A dot product grows with the key's length, so the best match need not be the nearest or the best
    aligned.

    Multiply feature by feature and add up, without dividing or subtracting anything. Open the hint "A long
    key loses".
    """
    turn = rng.uniform(0, 360)
    order = np.insert(rng.permutation(3), rng.randint(2, 4), 3)
    query = turned_arrows(turn, [3], [0])[0]
    # The best aligned, the nearest, one that points away, and the one that wins.
    keys = turned_arrows(turn, [1, 2.6, 2, 9], [0, 30, -120, 60])[order]
    values = unequal_numbers(rng, 4, 3)
    return hard_lookup(query, keys, values)


@hard_lookup.check
def a_negative_score_is_a_low_score(hard_lookup: Any, rng: np.random.RandomState) -> Any:
    """Scores can be negative, even all of them; then the one nearest to zero is the largest.

    Keep the signs, and start no search at a fixed number. Open the hint "Negative scores".
    """
    turn = rng.uniform(0, 360)
    query = turned_arrows(turn, [2], [0])[0]
    keys = np.roll(turned_arrows(turn, [2, 2, 2, 2], [100, 130, 145, 190]), rng.randint(2, 4), axis=0)
    values = unequal_numbers(rng, 4, 3)
    far = 1e10  # the scores are then below any number from which a search may start
    pairs = [(query, keys), (query, -keys), (far * query, far * keys)]
    return [hard_lookup(*pair, values) for pair in pairs]


@hard_lookup.check
def the_first_of_a_tie_wins(hard_lookup: Any, rng: np.random.RandomState) -> Any:
    """Two keys can match equally well; the value of the first comes back.

    Replace the best so far only by something better, not by something equal. Open the hint "A tie".
    """
    right, up = rng.randint(1, 4, size=2)
    query, sideways = np.array([right, up], dtype=float), np.array([up, -right], dtype=float)
    apart = rng.permutation([-1, 1])[:, None] * sideways
    keys = np.concatenate([apart, query + rng.permutation(apart)])
    values = unequal_numbers(rng, 4, 3)
    return hard_lookup(query, keys, values)


@dot_product_scores.check
def every_query_meets_every_key(dot_product_scores: Any, rng: np.random.RandomState) -> Any:
    """Two queries and four keys give a table of 2 × 4 scores: row i for query i, column j for key j.

    Write down one entry as a sum of products, with sizes from `.shape`. Open the hint "From loops to one
    product" if you do not see the matrix product that gives all of them.
    """
    queries, keys = rng.normal(size=(2, 3)).round(1), rng.normal(size=(4, 3)).round(1)
    return dot_product_scores(queries, keys)


@dot_product_scores.check
def a_single_query_keeps_its_row(dot_product_scores: Any, rng: np.random.RandomState) -> Any:
    """One query is a sequence of one: its scores have shape (1, seq_k).

    Treat an axis of size 1 like any other, and squeeze nothing away. Open the hint "Axes of size 1".
    """
    queries, keys = rng.normal(size=(1, 3)).round(1), rng.normal(size=(4, 3)).round(1)
    return dot_product_scores(queries, keys)


@dot_product_scores.check
def sequences_in_a_batch_stay_apart(dot_product_scores: Any, rng: np.random.RandomState) -> Any:
    """In a batch, the queries of a sequence meet the keys of the same sequence only.

    A loop over `len(queries)` runs over the batch here. If you exchange axes, exchange the last two only.
    Open the hint "It works without a batch only".
    """
    queries, keys = rng.normal(size=(2, 3, 4)).round(1), rng.normal(size=(2, 5, 4)).round(1)
    return dot_product_scores(queries, keys)


@dot_product_scores.check
def any_number_of_leading_axes_will_do(dot_product_scores: Any, rng: np.random.RandomState) -> Any:
    """There can be several leading axes: later lessons put heads beside the batch.

    Name axes from the end, -1 and -2, so that the code does not care how many stand in front. Open the hint
    "It works without a batch only".
    """
    small = rng.normal(size=(1, 2, 3, 5)).round(1), rng.normal(size=(1, 2, 4, 5)).round(1)
    large = rng.normal(size=(2, 3, 4, 6)).round(1), rng.normal(size=(2, 3, 5, 6)).round(1)
    return [dot_product_scores(*small), dot_product_scores(*large)]


@dot_product_scores.check
def shapes_that_fit_by_luck_do_not_help(dot_product_scores: Any, rng: np.random.RandomState) -> Any:
    """When seq_q, seq_k and d are equal, many wrong products have the right shape.

    Follow one entry: row i of the queries with row j of the keys. Open the hint "The shape is right, the
    numbers are not".
    """
    queries, keys = rng.normal(size=(3, 3)).round(1), rng.normal(size=(3, 3)).round(1)
    return dot_product_scores(queries, keys)


def additive_inputs(
    rng: np.random.RandomState, leading: tuple[int, ...], seq_q: int, seq_k: int, d_query: int, d_key: int
) -> tuple[np.ndarray, ...]:
    """Arguments for `additive_scores`, with a hidden layer of 6 and sums that tanh bends but does not
    flatten."""
    d_hidden = 6
    sizes = ((*leading, seq_q, d_query), (*leading, seq_k, d_key), (d_query, d_hidden), (d_key, d_hidden))
    queries, keys, w_query, w_key = (rng.normal(scale=0.7, size=size).round(1) for size in sizes)
    return queries, keys, w_query, w_key, rng.normal(size=d_hidden).round(1)


@additive_scores.check
def tanh_comes_between_adding_and_weighing(additive_scores: Any, rng: np.random.RandomState) -> Any:
    """For every pair: project both, add, apply tanh, weigh by v.

    Compute one pair with plain vectors first, each with its own matrix. For all pairs at once v must meet the
    last axis: write it on the right of `@`. Open the hint "One pair first".
    """
    return additive_scores(*additive_inputs(rng, (), 2, 4, 3, 5))


@additive_scores.check
def sequences_in_a_batch_stay_apart_here_too(additive_scores: Any, rng: np.random.RandomState) -> Any:
    """In a batch, the queries of a sequence meet the keys of the same sequence only.

    A loop over `len(queries)` runs over the batch here. If you made new axes of size 1, put each beside its
    sequence axis, not in front of the batch. Open the hint "Every pair at once".
    """
    return additive_scores(*additive_inputs(rng, (2,), 3, 4, 6, 5))


@additive_scores.check
def several_leading_axes_will_do(additive_scores: Any, rng: np.random.RandomState) -> Any:
    """There can be several leading axes, such as batch and heads.

    Count every axis that you name from the end, and keep those of size 1. Open the hint "Every pair at once"
    for the axes in front.
    """
    small = additive_inputs(rng, (1, 2), 3, 4, 6, 5)
    large = additive_inputs(rng, (2, 3), 4, 5, 6, 7)
    return [additive_scores(*small), additive_scores(*large)]


def _scores_of_arrows(query: np.ndarray) -> dict[str, float]:
    return {name: float(np.dot(arrow, query)) for name, arrow in ARROWS.items()}


ALL_ZERO = "The query [0, 0] gives every key the same score, 0."


def _clearly_different(one: float, other: float) -> bool:
    return abs(one - other) > 1e-6 * (abs(one) + abs(other))


@query_for_boat.accepts
def the_boat_wins(query: np.ndarray, rng: np.random.RandomState) -> str | None:
    """The boat must get the largest score, alone.

    Turn the query with the slider until the boat leads, and read off its two numbers. Open the hint "The
    river always wins".
    """
    if not query.any():
        return ALL_ZERO
    scores = _scores_of_arrows(query)
    boat = scores.pop("boat")
    rival = max(scores, key=scores.__getitem__)
    if not np.isfinite(list(scores.values())).all():
        return "These numbers are too large to compute with."
    if not _clearly_different(boat, scores[rival]):
        return f"The boat and the {rival} get the same score, {boat:.3g}; the boat must win alone."
    if boat < scores[rival]:
        return f"The {rival} wins with {scores[rival]:.3g}; the boat gets {boat:.3g}."
    return None


@query_for_a_tie.accepts
def boat_and_river_share_first_place(query: np.ndarray, rng: np.random.RandomState) -> str | None:
    """Boat and river must get the same score, and every other key a smaller one.

    Write both scores as formulas in the query's two numbers. Where they are equal is a line, and a line has
    two directions. Open the hint "Equal scores".
    """
    if not query.any():
        return ALL_ZERO
    scores = _scores_of_arrows(query)
    boat, river = scores.pop("boat"), scores.pop("river")
    rival = max(scores, key=scores.__getitem__)
    if not np.isfinite([boat, river, *scores.values()]).all():
        return "These numbers are too large to compute with."
    if _clearly_different(boat, river):
        return f"The boat gets {boat:.6g}, the river {river:.6g}: not the same."
    if scores[rival] > boat or not _clearly_different(boat, scores[rival]):
        opposite = ": the same line has an opposite direction" if boat < 0 else ""
        return (
            f"The boat and the river tie at {boat:.3g}, but the {rival} gets {scores[rival]:.3g}{opposite}."
        )
    return None
