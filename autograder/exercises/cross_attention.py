"""The checks of lesson 07: cross-attention."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import RandomState

from autograder.exercise import Exercise, Quiz, numbers, slopes

D_MODEL, HEAD_DIM, VALUE_DIM = 4, 5, 6


def two_sequences(
    rng: RandomState, batch: int, seq_q: int, seq_k: int, dtype: Any = torch.float32
) -> list[torch.Tensor]:
    """Decoder states, encoder states, w_q, w_k and w_v."""
    states = [numbers(rng, batch, seq, D_MODEL, dtype=dtype) for seq in (seq_q, seq_k)]
    widths = (HEAD_DIM, HEAD_DIM, VALUE_DIM)
    return states + [numbers(rng, D_MODEL, width, scale=0.6, dtype=dtype) for width in widths]


def real_tokens(lengths: Any, seq_k: int) -> torch.Tensor:
    """(batch, seq_k), True for the first tokens of each sentence."""
    return torch.tensor(np.arange(seq_k) < np.asarray(lengths)[:, np.newaxis])


cross_attention = Exercise("cross_attention", points=4)


@cross_attention.check
def the_decoder_asks_the_encoder(cross_attention: Any, rng: RandomState) -> Any:
    """Queries come from the decoder's states, keys and values from the encoder's; then score, scale, share, mix.
    The same French asks twice. The English changes between the calls, and so must weights and output.

    One row of weights for each French position that asks, one column for each English word that answers. Open the
    hint "Who gives what".
    """
    inputs, other = two_sequences(rng, 2, 3, 3), numbers(rng, 2, 3, D_MODEL)
    return [cross_attention(*inputs), cross_attention(inputs[0], other, *inputs[2:])]


@cross_attention.check
def each_sentence_has_its_own_translation(cross_attention: Any, rng: RandomState) -> Any:
    """Each French sentence asks its own English one, shorter or longer. (The second call is in float64.)

    Count every axis from the end, and make new tensors of the dtype of the states. Open the hint "Who gives what".
    """
    small, large = two_sequences(rng, 2, 3, 4), two_sequences(rng, 4, 3, 2, dtype=torch.float64)
    return [cross_attention(*small), cross_attention(*large)]


@cross_attention.check
def equal_sizes_hide_nothing(cross_attention: Any, rng: RandomState) -> Any:
    """As many French positions as English words, and as many sentences: any axis fits any other, without an error.

    Which axis of the scores does the mask belong to, and which axis does it lack? Open the hint "The mask has two
    axes, the scores have three".
    """
    pair, square = two_sequences(rng, 2, 3, 3), two_sequences(rng, 3, 3, 3)
    masks = [real_tokens(rng.permutation([1, 2]), 3), real_tokens(rng.permutation([1, 2, 3]), 3)]
    return [cross_attention(*pair, masks[0]), cross_attention(*square, masks[1])]


@cross_attention.check
def padding_gets_no_share(cross_attention: Any, rng: RandomState) -> Any:
    """Where `token_mask` is False, the weight is 0 in every row, and the real tokens share the whole 1.

    Is your fill low enough, and does exp overflow? Padding holds large numbers here. The mask needs an axis for the
    queries, too. Open the hint "The mask has two axes, the scores have three".
    """
    inputs = two_sequences(rng, 2, 3, 5)
    mask = real_tokens(rng.permutation([2, 4]), 5)
    inputs[1] = torch.where(mask[..., None], inputs[1], inputs[1] * 100)
    return cross_attention(*inputs, mask)


@cross_attention.check
def padding_may_stand_anywhere(cross_attention: Any, rng: RandomState) -> Any:
    """A mask may be False in the middle too, and leave nothing: then weights and output of that sentence are 0.

    Take the mask as it is, and set what is masked to 0 once more after softmax. Open the hint "A sentence of
    padding".
    """
    inputs = two_sequences(rng, 2, 3, 4)
    mask = np.zeros((2, 4), dtype=bool)
    mask[rng.randint(2), rng.permutation(4)[:2]] = True
    return cross_attention(*inputs, torch.tensor(mask))


@cross_attention.check
def backward_reaches_states_and_matrices(cross_attention: Any, rng: RandomState) -> Any:
    """Training goes back to both sequences and to the three matrices: `backward` gives each a gradient. (The
    numbers below are these gradients, of the mean squares of output and weights; 0 where no notes lead.)

    `.detach()`, `.data`, NumPy and `torch.tensor(…)` of a tensor cut the notes. Use all five inputs as they are.
    """
    inputs = two_sequences(rng, 2, 3, 4)
    mask = real_tokens(rng.permutation([2, 3]), 4)
    for each in inputs:
        each.requires_grad_()
    return [slopes(cross_attention(*inputs, *given), inputs) for given in ((), (mask,))]


greedy_decode = Exercise("greedy_decode", points=3)


def a_writer(rng: RandomState, vocabulary: int, end: int, last: int) -> Callable[[Any], torch.Tensor]:
    """A step function whose scores depend on all tokens so far and on their order. The end wins after `last`
    tokens, neither before nor later."""
    own = rng.normal(scale=1.5, size=(vocabulary, 6))
    turn, out = rng.normal(scale=0.7, size=(6, 6)), rng.normal(scale=3, size=(6, vocabulary))

    def step(tokens: Any) -> torch.Tensor:
        state, count = np.zeros(6), 0
        for token in tokens:
            state, count = np.tanh(state @ turn + own[int(token)]), count + 1
        scores = state @ out
        scores[end] = scores.max() + 1 if count == last + 1 else np.median(scores)
        return torch.tensor(scores, dtype=torch.float32)

    return step


def two_tokens(rng: RandomState, vocabulary: int) -> tuple[int, int]:
    """Start and end: any two numbers."""
    start, end = rng.permutation(vocabulary)[:2]
    return int(start), int(end)


@greedy_decode.check
def all_tokens_so_far_decide_the_next(greedy_decode: Any, rng: RandomState) -> Any:
    """Each time `step` gets all tokens so far, from `start` on, and the highest score decides.

    Print the list that you hand to `step`, each time. Open the hint "What goes in, what comes out".
    """
    start, end = two_tokens(rng, 9)
    step = a_writer(rng, 9, end, last=20)
    return greedy_decode(step, start, end, int(rng.randint(4, 8)))


@greedy_decode.check
def the_end_ends_it(greedy_decode: Any, rng: RandomState) -> Any:
    """When `end` has the highest score, writing is over. What was written before it is returned, and `end` is not.

    The end may come at once: then the list is empty. Open the hint "When to stop".
    """
    found = []
    for last in (int(rng.randint(2, 6)), 0, int(rng.randint(3, 6))):
        start, end = two_tokens(rng, 8)
        found.append((a_writer(rng, 8, end, last), start, end, 12))
    return [greedy_decode(*each) for each in found]


@greedy_decode.check
def at_most_max_length_tokens_are_written(greedy_decode: Any, rng: RandomState) -> Any:
    """A model that never says `end` is stopped after `max_length` tokens; `start` is not one of them.

    Count what you wrote, not what is in the list. Open the hint "When to stop".
    """
    found = []
    for max_length in rng.permutation([0, 1, 3, 5, 7]):
        start, end = two_tokens(rng, 8)
        found.append((a_writer(rng, 8, end, last=20), start, end, int(max_length)))
    return [greedy_decode(*each) for each in found]


def hardly_ever_ends(step: Any, kinds: list[bool]) -> Callable[[Any], torch.Tensor]:
    """`step`, which notes for each call whether it was given a list. (Messages name it.)"""

    def noting(tokens: Any) -> torch.Tensor:
        kinds.append(isinstance(tokens, list))
        return step(tokens)

    return noting


@greedy_decode.check
def writing_stops_in_time(greedy_decode: Any, rng: RandomState) -> Any:
    """A model may never say `end`: after `max_length` tokens nothing more is asked of `step`. And `step` takes a list.
    (Below: what was written; 1 if it stopped in time; 1 if `step` got nothing but lists.)

    Count while you write, and hand over the list itself, not a tensor made of it. Open the hint "When to stop".
    """
    asked = []
    for max_length in rng.permutation([2, 4, 6]):
        start, end = two_tokens(rng, 8)
        asked.append((a_writer(rng, 8, end, last=20), start, end, int(max_length)))
    found = []
    for step, start, end, max_length in asked:
        kinds: list[bool] = []
        written = greedy_decode(hardly_ever_ends(step, kinds), start, end, max_length)
        found.append([written, int(len(kinds) <= max_length + 1), int(all(kinds))])
    return found


alignment = Exercise("alignment", points=2)


def shares(rng: RandomState, *shape: int) -> torch.Tensor:
    """Rows of positive numbers that sum to 1 but for rounding, no two of a row equal."""
    rows = np.stack([rng.permutation(np.arange(1, shape[-1] + 1)) for _ in range(int(np.prod(shape[:-1])))])
    return torch.tensor((rows.reshape(shape) / rows[0].sum()).round(2), dtype=torch.float32)


@alignment.check
def each_word_has_its_row(alignment: Any, rng: RandomState) -> Any:
    """Each French word gets the English position with the largest weight, in the row that chose this word.

    Write down beside each row what the decoder had read, and what it chose. One row belongs to no word; rows are
    axis -2. Open the hint "Read and chosen".
    """
    return alignment(shares(rng, 5, 7))


@alignment.check
def axes_in_front_stay(alignment: Any, rng: RandomState) -> Any:
    """With a batch in front, or heads, each table of weights has its own alignment.

    Count axes from the end: rows are the last but one, keys the last. Open the hint "Any axes in front".
    """
    return [alignment(shares(rng, 2, 4, 5)), alignment(shares(rng, 2, 3, 4, 6))]


@alignment.check
def positions_are_whole_numbers(alignment: Any, rng: RandomState) -> Any:
    """A position is a whole number, so that it can pick a word. (Below: yours, then 1 if whole, 0 if not.)

    `argmax` gives whole numbers already: do not turn them into floats. Open the hint "Read and chosen".
    """
    positions = alignment(shares(rng, 4, 6))
    if isinstance(positions, torch.Tensor):
        return [positions, int(not positions.is_floating_point())]
    return [positions, int(np.asarray(positions).dtype.kind in "iu")]


alignment_error_rate = Exercise("alignment_error_rate", points=3)


def sentences(rng: RandomState, lengths: Any, links_a_word: Any, right: float) -> tuple[list, list]:
    """An alignment and its gold. `right`: how often a chosen position is one of the gold ones."""
    chosen, gold = [], []
    for length in lengths:
        positions, links = [], []
        for _ in range(length):
            word = tuple(int(place) for place in rng.permutation(9)[: rng.choice(links_a_word)])
            wrong = [place for place in range(9) if place not in word]
            positions.append(int(rng.choice(word if rng.rand() < right else wrong)))
            links.append(word)
        chosen.append(positions)
        gold.append(tuple(links))
    return chosen, gold


@alignment_error_rate.check
def one_link_a_word(alignment_error_rate: Any, rng: RandomState) -> Any:
    """Where each word has one gold link, sure and possible are the same, and the rate is the share of wrong links.

    Put your four counts into the formula. Open the hint "Four counts".
    """
    asked = [sentences(rng, (int(rng.randint(5, 9)),), [1], right) for right in (0.3, 0.5, 0.7)]
    return [alignment_error_rate(*each) for each in asked]


@alignment_error_rate.check
def the_first_link_is_sure_and_all_are_possible(alignment_error_rate: Any, rng: RandomState) -> Any:
    """A word with two or three gold links: the first is sure, and each of them is possible.

    Do one word by hand: which of the four counts grow? Open the hint "Four counts".
    """
    asked = [sentences(rng, (int(rng.randint(6, 10)),), [1, 2, 3], right) for right in (0.5, 0.7, 0.8)]
    return [alignment_error_rate(*each) for each in asked]


@alignment_error_rate.check
def all_sentences_are_counted_together(alignment_error_rate: Any, rng: RandomState) -> Any:
    """Long sentences have more words than short ones, and count more: the counts are added up, then divided once.

    Is there one division, at the end? Open the hint "One division".
    """
    asked = [sentences(rng, (2, int(rng.randint(7, 10)), 4), [1, 2, 3], right) for right in (0.5, 0.8)]
    return [alignment_error_rate(*each) for each in asked]


whose_shape = Quiz(
    "whose_shape",
    points=0.5,
    options={
        "a": "(7, 3) would be English words asking French ones. Who is writing, and needs to know something?",
        "b": "Right. One row for each position that asks, one column for each word that answers.",
        "c": "(3, 3) is self-attention of the French. That has its use, in lesson 08; here the English answers.",
        "d": "The size of the vectors is gone after the dot product: it is what was added up.",
    },
)

what_to_check = Quiz(
    "what_to_check",
    points=0.5,
    options={
        "a": "The translations are good already, so the decoder finds what it needs. Longer training changes little.",
        "b": "With a wrong mask padding would mix in, or words would be hidden, and the translations would suffer.",
        "c": "Right. A good translation with a map worse than the diagonal: most likely you read the row below.",
        "d": "Gold links can be debated here and there, but not for most words. Even the diagonal does better.",
    },
)
