"""The checks of lesson 01: one vector is not enough."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import RandomState

from autograder.exercise import Exercise, Quiz

Answer = Callable[..., Any]


rnn_step = Exercise("rnn_step", points=3)


@rnn_step.check
def the_first_word_is_read_from_an_empty_memory(rnn_step: Answer, rng: RandomState) -> np.ndarray:
    """Before the first word the memory is all zeros: the new one is tanh of inputs W_in + bias.

    Which shapes meet in each product? The bias comes before tanh. Open the hint "Three terms, one tanh".
    """
    weights = _weights(rng, d_in=3, d_hidden=4)
    return rnn_step(rng.normal(size=(2, 3)).round(1), np.zeros((2, 4)), *weights)


@rnn_step.check
def later_words_are_mixed_with_the_memory(rnn_step: Answer, rng: RandomState) -> np.ndarray:
    """The memory of the words before is multiplied by W_hidden and added, before tanh.

    One sum of three terms, and tanh of the whole sum. Open the hint "Three terms, one tanh".
    """
    weights = _weights(rng, d_in=3, d_hidden=4)
    inputs, hidden = rng.normal(size=(2, 3)).round(1), rng.uniform(-0.9, 0.9, size=(2, 4)).round(1)
    return rnn_step(inputs, hidden, *weights)


encode = Exercise("encode", points=3)


@encode.check
def each_state_has_read_one_word_more(encode: Answer, rng: RandomState) -> Any:
    """Each word's vector is mixed into the memory of the words before it; here no sentence has padding.

    One loop over positions, the memory carried from step to step. Each step takes one column of `tokens`, a word
    of every sentence, not a row. Open the hint "A loop over positions".
    """
    tokens = rng.randint(1, 6, size=(2, 4))
    return encode(tokens, np.array([4, 4]), *_reader(rng))


@encode.check
def the_last_state_is_the_last_real_one(encode: Answer, rng: RandomState) -> Any:
    """A short sentence ends before its row does: `last` is its memory after its last word, and the states at
    padding are zeros.

    Which position holds the last word of a sentence of 2? Open the hint "Sentences of different lengths".
    """
    tokens = rng.randint(1, 6, size=(3, 5))
    lengths = rng.permutation([5, rng.randint(2, 5), rng.randint(1, 5)])
    tokens[np.arange(5) >= lengths[:, np.newaxis]] = 0
    return encode(tokens, lengths, *_reader(rng))


@encode.check
def only_lengths_say_what_is_padding(encode: Answer, rng: RandomState) -> Any:
    """Number 0 can be a word, and padding can be any number, also behind the longest sentence: only `lengths` says
    where a sentence ends.

    Compare positions with lengths, not tokens with a number. Open the hint "Sentences of different lengths".
    """
    tokens = rng.randint(1, 6, size=(3, 5))
    lengths = rng.randint(2, 5, size=3)  # all rows end in padding
    tokens[:, rng.randint(2)] = 0
    return encode(tokens, lengths, *_reader(rng))


accuracy_by_length = Exercise("accuracy_by_length", points=3)


@accuracy_by_length.check
def right_symbols_are_counted(accuracy_by_length: Answer, rng: RandomState) -> Any:
    """Of all symbols, the share that is right; here all sentences are equally long, without padding.

    Two arrays are asked for: first the lengths that occur, then the share for each. Compare symbol by symbol, in all
    rows of a length. Open the hint "One group at a time".
    """
    seq = rng.randint(4, 10)
    predicted, expected = _copies(rng, (4, seq), rng.uniform(0.1, 0.9))
    return accuracy_by_length(predicted, expected, np.full(4, seq))


@accuracy_by_length.check
def each_length_has_its_accuracy(accuracy_by_length: Answer, rng: RandomState) -> Any:
    """Sentences of equal length are counted together, the shortest first; padding is never counted.

    One pass for each length that occurs: which rows have it, and how far do they count?
    Open the hint "One group at a time".
    """
    lengths = _lengths_of_groups(rng)
    predicted, expected = _copies(rng, (5, 8), 0.5)
    for length in np.unique(lengths):
        _some_right_some_wrong(rng, predicted, expected, np.flatnonzero(lengths == length), length)
    padding = np.arange(8) >= lengths[:, np.newaxis]
    predicted[padding] = expected[padding] = 0
    return accuracy_by_length(predicted, expected, lengths)


@accuracy_by_length.check
def padding_may_look_like_a_symbol(accuracy_by_length: Answer, rng: RandomState) -> Any:
    """Number 0 can be a symbol, and padding any number: only `lengths` says where a sentence ends.

    Cut at the length; do not look for a number. Open the hint "One group at a time".
    """
    lengths = _lengths_of_groups(rng)
    predicted, expected = _copies(rng, (5, 8), 0.5)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        wrong = _some_right_some_wrong(rng, predicted, expected, rows, length)
        expected[rows[0], wrong] = 0
    return accuracy_by_length(predicted, expected, lengths)


gru_cell = Exercise("gru_cell", points=0)


@gru_cell.check
def the_new_memory_is_a_mixture(gru_cell: Answer, rng: RandomState) -> np.ndarray:
    """The new memory mixes a candidate with the old memory; here the three blocks of `b_hidden` are zeros.

    Follow the four lines of the docstring, in their order. Open the hint "Three blocks".
    """
    inputs, hidden, w_in, w_hidden, b_in, _ = _gru(rng)
    return gru_cell(inputs, hidden, w_in, w_hidden, b_in, np.zeros(9))


@gru_cell.check
def the_reset_gate_acts_after_the_product(gru_cell: Answer, rng: RandomState) -> np.ndarray:
    """The reset gate multiplies h_candidate, which already contains its bias, and not the memory itself.

    First hidden W_hidden + b_hidden, all of it; then the gate. Open the hint "Three blocks".
    """
    return gru_cell(*_gru(rng))


wider_vector = Quiz(
    "wider_vector",
    points=0.5,
    options={
        "a": "Solved for 40. The width stays as it is while the rows become ten times as long: "
        "what did that do to 32 numbers, between rows of 4 and of 40?",
        "b": "You saw it from 32 to 128: the cliff moved. A width is fixed, and lengths are not.",
        "c": "Short rows still fit. Your curves do not fall to chance at every length, only at the far end.",
        "d": "The two models of this lesson are GRUs, and the sums of random vectors have no slopes at all: "
        "all of them have a cliff.",
    },
)

two_scores = Quiz(
    "two_scores",
    points=0.5,
    options={
        "a": "Averages over positions and lengths are the same in both. What differs is what the decoder is given.",
        "b": "Padding is counted in neither. What differs is what the decoder is given as the symbol before.",
        "c": "With the true symbol given, a mistake costs one symbol. On its own, the model must go on from it.",
        "d": "The weights are the same, and evaluation changes none. What differs is what the decoder is given.",
    },
)


def _weights(rng: RandomState, d_in: int, d_hidden: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W_in, W_hidden and a bias without zeros."""
    bias = rng.choice([-0.6, -0.4, 0.4, 0.6], size=d_hidden)
    return rng.normal(size=(d_in, d_hidden)).round(1), rng.normal(size=(d_hidden, d_hidden)).round(1), bias


def _reader(rng: RandomState) -> tuple[np.ndarray, ...]:
    """Embeddings of 6 words, and the weights of an encoder with small numbers."""
    w_in, w_hidden, bias = _weights(rng, d_in=3, d_hidden=4)
    return rng.normal(size=(6, 3)).round(1), 0.5 * w_in, 0.5 * w_hidden, 0.5 * bias


def _copies(rng: RandomState, shape: tuple[int, int], right: float) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and expected symbols from 1 to 9; a share of about `right` agrees."""
    expected = rng.randint(1, 10, size=shape)
    other = 1 + (expected - 1 + rng.randint(1, 9, size=shape)) % 9
    return np.where(rng.uniform(size=shape) < right, expected, other), expected


def _lengths_of_groups(rng: RandomState) -> np.ndarray:
    """Five lengths of three sizes in any order, the longest 8."""
    short, middle = rng.permutation(np.arange(2, 7))[:2]
    return rng.permutation([short, short, middle, middle, 8])


def _some_right_some_wrong(
    rng: RandomState, predicted: np.ndarray, expected: np.ndarray, rows: np.ndarray, length: int
) -> int:
    """See to it that the first of `rows` has a right symbol and a wrong one; returns the wrong one's place."""
    right, wrong = rng.permutation(length)[:2]
    predicted[rows[0], right] = expected[rows[0], right]
    predicted[rows[0], wrong] = expected[rows[0], wrong] % 9 + 1
    return int(wrong)


def _gru(rng: RandomState) -> tuple[np.ndarray, ...]:
    """inputs, hidden, W_in, W_hidden, b_in, b_hidden: batch 2, d_in 4, d_hidden 3."""
    inputs, hidden = rng.normal(size=(2, 4)).round(1), rng.uniform(-0.9, 0.9, size=(2, 3)).round(1)
    w_in, w_hidden = rng.normal(size=(4, 9)).round(1), rng.normal(size=(3, 9)).round(1)
    b_in, b_hidden = rng.choice([-0.6, -0.4, 0.4, 0.6], size=(2, 9))
    return inputs, hidden, w_in, w_hidden, b_in, b_hidden
