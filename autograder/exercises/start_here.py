"""The checks of lesson 00: how this course works."""

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Quiz

row_shares = Exercise("row_shares", points=2)
mean_of_tokens = Exercise("mean_of_tokens", points=3)

square_table = Quiz(
    "square_table",
    points=0.5,
    options={
        "a": "With 2 rows of 3 it would be an error. Here the three totals fit along the last axis of size 3.",
        "b": "That needs each row to meet its own total, in a column of shape (3, 1). These totals have shape "
        "(3,): along which axis of the table do they line up?",
        "c": "Right. Shapes line up from the right, so the totals lie along the columns. No error, a good "
        "shape, wrong numbers: that is why the checks of this course use axes of different sizes.",
        "d": "A sum along one axis of a table is a row of numbers, here three. Without any axis it would be "
        "a single total.",
    },
)


def amounts(rng: np.random.RandomState, *shape: int) -> np.ndarray:
    """Positive numbers with one decimal."""
    return (rng.randint(5, 100, size=shape) / 10).round(1)


@row_shares.check
def each_row_sums_to_one(row_shares: Any, rng: np.random.RandomState) -> Any:
    """Each number is divided by the total of its own row.

    A table of 2 rows has 2 totals, and each is shared by one row only. Open the hint "A total for each row".
    """
    return row_shares(amounts(rng, 2, 3))


@row_shares.check
def any_axes_may_stand_in_front(row_shares: Any, rng: np.random.RandomState) -> Any:
    """A row runs along the last axis, however many axes stand in front.

    Count the axis from the end, and keep it by `keepdims=True`: both mean the same with a batch and
    without. Open the hint "More axes in front".
    """
    batch = amounts(rng, 2, 3, 4)
    deeper = amounts(rng, 2, 3, 4, 5)
    return [row_shares(batch), row_shares(deeper)]


@mean_of_tokens.check
def one_sentence_gives_one_vector(mean_of_tokens: Any, rng: np.random.RandomState) -> Any:
    """The mean of the vectors of one sentence is one vector.

    The vectors are the rows: which axis do you have to walk along to meet one after the other? Open the hint
    "Which axis goes away".
    """
    return mean_of_tokens(amounts(rng, 4, 3))


@mean_of_tokens.check
def every_sentence_of_a_batch_has_its_own(mean_of_tokens: Any, rng: np.random.RandomState) -> Any:
    """In a batch each sentence has a mean of its own, however many axes stand in front.

    Count the axis from the end. From the front it has another number as soon as a batch comes in. Open the
    hint "It works for one sentence only".
    """
    batch = amounts(rng, 2, 4, 3)
    deeper = amounts(rng, 2, 3, 5, 4)
    return [mean_of_tokens(batch), mean_of_tokens(deeper)]
