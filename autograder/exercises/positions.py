"""The checks of lesson 06: positions."""

from typing import Any

import numpy as np
import torch
from numpy.random import RandomState

from autograder.exercise import Exercise, Puzzle, Quiz, equal_parameters, numbers

LONGEST = 32  # rows of the faulty table in the lesson


def gradients(result: torch.Tensor, slopes: torch.Tensor, *leaves: torch.Tensor) -> list[Any]:
    """What each leaf gets back from a result; zeros where the thread is cut."""
    result = result.flatten()
    (result * slopes[: len(result)]).mean().add(sum(0 * leaf.sum() for leaf in leaves)).backward()
    return [leaf.grad for leaf in leaves]


sinusoidal_positions = Exercise("sinusoidal_positions", points=3)


@sinusoidal_positions.check
def each_pair_of_columns_is_a_wave(sinusoidal_positions: Any, rng: RandomState) -> Any:
    """Columns 2i and 2i + 1 hold the sine and the cosine of position / 10000^(2i / d_model).

    Compute the row of position 1 by hand and compare. Open the hint "One row by hand".
    """
    seq, d_model = rng.randint(2, 7), 2 * rng.randint(2, 5)
    return [sinusoidal_positions(seq, d_model), sinusoidal_positions(rng.randint(3, 11), 4)]


@sinusoidal_positions.check
def far_positions_are_exact(sinusoidal_positions: Any, rng: RandomState) -> Any:
    """Far from the start the slow waves have moved too, each by its own angle.

    The first rows hide small mistakes in the angle. Look at its base and its exponent.
    Open the hint "Right at first, wrong further on".
    """
    return sinusoidal_positions(rng.randint(60, 100), rng.choice([6, 8]))


@sinusoidal_positions.check
def it_is_a_float32_tensor(sinusoidal_positions: Any, rng: RandomState) -> Any:
    """The table is a torch tensor of float32, as the vectors are to which it is added.

    The numbers are right; their type is not. A tensor becomes float32 by `.float()`, an array by `torch.tensor`.
    """
    table = sinusoidal_positions(rng.randint(2, 40), 2 * rng.randint(1, 6))
    return [str(getattr(table, "dtype", type(table).__name__)), table]


add_positions = Exercise("add_positions", points=2)


@add_positions.check
def each_vector_learns_its_place(add_positions: Any, rng: RandomState) -> Any:
    """The vector at position p gets row p of `positions` added to it.

    Here both have the same shape, and a sum is all. Positions are axis -2 of x, here and with more axes in front.
    """
    x, positions = numbers(rng, 4, 3), numbers(rng, 4, 3)
    return add_positions(x, positions)


@add_positions.check
def the_table_may_be_longer(add_positions: Any, rng: RandomState) -> Any:
    """A table for long sequences serves short ones too: they take its first rows.

    How many rows does x need? Open the hint "A longer table".
    """
    x, positions = numbers(rng, 3, 4), numbers(rng, 7, 4)
    return add_positions(x, positions)


@add_positions.check
def every_sequence_gets_the_same_positions(add_positions: Any, rng: RandomState) -> Any:
    """With axes in front, each sequence counts its own positions from 0.

    Positions are axis -2 of x: as many rows as that axis is long. Open the hint "It works for one sequence only".
    """
    small, large = numbers(rng, 2, 3, 4), numbers(rng, 3, 2, 4, 5)
    positions, more = numbers(rng, 9, 4), numbers(rng, 30, 5)
    return [add_positions(small, positions), add_positions(large, more)]


@add_positions.check
def gradients_reach_both(add_positions: Any, rng: RandomState) -> Any:
    """Words and positions may both be learned: the gradient of the sum reaches x and the rows that were used.

    `.detach()`, `.data`, NumPy and `torch.tensor(…)` of a tensor cut the thread. Use x and positions as they are.
    """
    x, positions, slopes = numbers(rng, 2, 3, 4), numbers(rng, 5, 4), numbers(rng, 48)
    x.requires_grad_()
    positions.requires_grad_()
    return gradients(add_positions(x, positions), slopes, x, positions)


LearnedPositions = Exercise("LearnedPositions", points=2)


@LearnedPositions.check
def each_place_has_its_row(LearnedPositions: Any, rng: RandomState) -> Any:
    """The vector at position p gets row p of the table added to it.

    `self.table` is a module: call it with places 0, 1, …, or take the rows of its numbers, `self.table.weight`.
    Open the hint "Looking up places".
    """
    x, module = numbers(rng, 4, 3), LearnedPositions(6, 3)
    return [equal_parameters(module, rng), module(x)]


@LearnedPositions.check
def a_batch_shares_the_table(LearnedPositions: Any, rng: RandomState) -> Any:
    """With axes in front, each sequence counts its own positions from 0.

    Which axis of x is the sequence, counted from the end? Open the hint "Looking up places".
    """
    x, more, module = numbers(rng, 2, 3, 4), numbers(rng, 3, 2, 5, 4), LearnedPositions(31, 4)
    return [equal_parameters(module, rng), module(x), module(more)]


@LearnedPositions.check
def training_moves_the_table(LearnedPositions: Any, rng: RandomState) -> Any:
    """The table learns: after one step of gradient descent the rows that were used have moved.

    Use the table itself, not a copy without gradients. Open the hint "The table does not learn".
    """
    x, slopes, rate = numbers(rng, 2, 3, 4), numbers(rng, 2, 3, 4), rng.randint(1, 10) / 10
    module = LearnedPositions(5, 4)
    described = equal_parameters(module, rng)
    x.requires_grad_()
    (module(x) * slopes).sum().backward()
    torch.optim.SGD(module.parameters(), lr=rate).step()
    return [described, [parameter.detach().clone() for parameter in module.parameters()]]


@LearnedPositions.check
def gradients_reach_the_words(LearnedPositions: Any, rng: RandomState) -> Any:
    """The words learn as well: the gradient passes through to x.

    Use x itself, not a copy without gradients. Open the hint "The table does not learn".
    """
    x, slopes, module = numbers(rng, 2, 3, 4), numbers(rng, 24), LearnedPositions(5, 4)
    described = equal_parameters(module, rng)
    x.requires_grad_()
    return [described, gradients(module(x), slopes, x)]


rotary = Exercise("rotary", points=3)


@rotary.check
def each_pair_turns(rotary: Any, rng: RandomState) -> Any:
    """At position p, features 2i and 2i + 1 turn together, by p / 10000^(2i / d).

    Turn one pair on paper first: position 1, features 0 and 1. Open the hint "One pair".
    """
    return rotary(numbers(rng, 5, 6))


@rotary.check
def every_sequence_turns_alike(rotary: Any, rng: RandomState) -> Any:
    """With axes in front, each sequence counts its own positions from 0.

    Count axes from the end. Open the hint "It turns one sequence only".
    """
    small, large = numbers(rng, 2, 3, 4), numbers(rng, 3, 2, 5, 6)
    return [rotary(small), rotary(large)]


@rotary.check
def gradients_turn_back(rotary: Any, rng: RandomState) -> Any:
    """Queries and keys are learned: the gradient passes through the turn, to x.

    `.detach()`, `.data`, NumPy and `torch.tensor(…)` of a tensor cut the thread. Turn x itself.
    """
    x, slopes = numbers(rng, 2, 3, 6), numbers(rng, 36)
    x.requires_grad_()
    return gradients(rotary(x), slopes, x)


RotaryAttention = Exercise("RotaryAttention", points=3, forbidden=("scaled_dot_product_attention",))


@RotaryAttention.check
def scores_compare_turned_queries_and_keys(RotaryAttention: Any, rng: RandomState) -> Any:
    """Queries and keys are turned, then compared; the values are mixed as they are.

    Turn queries and keys, not x, and divide scores by √head_dim. Open the hint "What turns, and when".
    """
    x, module = numbers(rng, 5, 4), RotaryAttention(4, 6)
    return [equal_parameters(module, rng), module(x)]


@RotaryAttention.check
def sequences_do_not_meet(RotaryAttention: Any, rng: RandomState) -> Any:
    """With axes in front, each sequence reads itself only, and counts from 0.

    Exchange the last two axes only, and take softmax over the last. Open the hint "What turns, and when".
    """
    small, large = numbers(rng, 2, 3, 6), numbers(rng, 2, 3, 5, 6)
    module = RotaryAttention(6, 4)
    return [equal_parameters(module, rng), module(small), module(large)]


@RotaryAttention.check
def large_scores_are_no_trouble(RotaryAttention: Any, rng: RandomState) -> Any:
    """All scores are near 100: softmax sees only how they differ within a row.

    Torch's softmax manages such scores; a bare `exp` does not. Open the hint "What turns, and when".
    """
    x, module = numbers(rng, 3, 6), RotaryAttention(6, 4)
    x[:, -1] = 1.0  # a feature that all share
    described = equal_parameters(module, rng)
    own = dict(module.named_parameters())
    with torch.no_grad():
        for name in {"query.weight", "key.weight"} & own.keys():
            own[name][-1] = 0.0  # the last pair turns slowly, so its product stays
            own[name][-1, -1] = 14.0
    return [described, module(x)[1]]  # the weights: outputs near 0 would magnify what is rounded


@RotaryAttention.check
def training_reaches_all_matrices(RotaryAttention: Any, rng: RandomState) -> Any:
    """The gradients of output and weights reach W_q, W_k and W_v, and x below them. (The numbers below are these
    gradients: those of the output, then those of the weights.)

    `.detach()`, `.data`, `torch.no_grad()` and `torch.tensor(…)` of a tensor cut the thread. Mend `rotary` first,
    if its checks fail.
    """
    x, slopes, module = numbers(rng, 2, 3, 4), numbers(rng, 36), RotaryAttention(4, 6)
    described = equal_parameters(module, rng)
    x.requires_grad_()
    leaves = [x, *(parameter for _, parameter in sorted(module.named_parameters()))]
    found = []
    for part in (0, 1):
        for leaf in leaves:
            leaf.grad = None
        found.append(gradients(module(x)[part], slopes, *leaves))
    return [described, *found]


what_it_adds = Quiz(
    "what_it_adds",
    points=0.5,
    options={
        "a": "A row of zeros would have shown as zeros in the probe. Row 0 holds cosines of 0, which are 1.",
        "b": "That would be right, and training would succeed. Compare two rows of one sentence in the probe.",
        "c": "x.size(0) is the batch here. A sentence gets its number in the batch, at every position alike.",
        "d": "The probe gives the same every time: nothing is drawn. Compare two rows of one sentence.",
    },
)

ends_only = Quiz(
    "ends_only",
    points=0.5,
    options={
        "a": "The loss is flat long before the end. You can try: 2,000 steps give the same.",
        "b": "Position 0 wants the key furthest to its right, position 15 the furthest to its left: a matter of "
        "distance. Further in, the same distance is right at one place and wrong at the next.",
        "c": "Position 0 is not turned, but position 15 is turned most of all, and both come out right.",
        "d": "Attention compares a query with all 16 keys, wherever it stands. "
        "How many of them are direct neighbours counts for nothing.",
    },
)

crash_shape = Puzzle("crash_shape", points=1)


@crash_shape.accepts
def the_faulty_class_fails_and_the_right_one_does_not(shape: np.ndarray, rng: RandomState) -> str | None:
    """Choose batch and seq so that `FoundOnTheWeb(32, d_model)` cannot add, while the right sum would work.

    Which axis does the faulty class compare with its 32 rows? Make that one too long, and only that one.
    """
    batch, seq = (float(number) for number in shape)
    if not (batch >= 1 and seq >= 1 and batch.is_integer() and seq.is_integer()):
        return "Both must be whole numbers, 1 or more: [batch, seq]."
    if seq > LONGEST:
        return (
            f"seq is more than {LONGEST}: the right sum would fail too, since the table has {LONGEST} rows."
        )
    if batch <= LONGEST:
        return (
            f"The faulty class takes {batch:g} rows of its {LONGEST}, one a sentence. It works, and is wrong."
        )
    return None
