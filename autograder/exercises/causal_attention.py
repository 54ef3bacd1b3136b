"""The checks of lesson 08: causal attention."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import RandomState

from autograder.exercise import Exercise, Quiz, numbers, slopes

Function = Callable[[torch.Tensor], torch.Tensor]

causal_mask = Exercise("causal_mask", points=2)
combine_masks = Exercise("combine_masks", points=2)
causal_self_attention = Exercise("causal_self_attention", points=4)
shift_right = Exercise("shift_right", points=2)
leaks = Exercise("leaks", points=4)
generate = Exercise("generate", points=3)
attend_with_cache = Exercise("attend_with_cache", points=3)


def kind_of(made: Any) -> str:
    """`torch.bool`, `torch.int64`, …; the type's name for what is no array."""
    return str(getattr(made, "dtype", type(made).__name__))


@causal_mask.check
def each_sees_itself_and_what_came_before(causal_mask: Any, rng: RandomState) -> Any:
    """Row i is True up to column i, and False from there on.

    Write the table for three positions by hand and compare. Open the hint "Three positions".
    """
    return [causal_mask(int(rng.randint(3, 8))), causal_mask(int(rng.randint(8, 21)))]


@causal_mask.check
def it_is_a_boolean_tensor(causal_mask: Any, rng: RandomState) -> Any:
    """The mask is a torch tensor of True and False, whatever its size.

    Make it with `dtype=torch.bool`, or by a comparison. Open the hint "Three positions".
    """
    mask = causal_mask(int(rng.randint(1, 40)))
    return [kind_of(mask), mask]


def lengths_to_mask(lengths: np.ndarray, seq: int) -> np.ndarray:
    """`(batch, seq)`: True up to each length."""
    return np.arange(seq) < lengths[:, np.newaxis]


@combine_masks.check
def padding_is_hidden_from_all(combine_masks: Any, rng: RandomState) -> Any:
    """A pair may attend if the causal mask allows it and the key is a real token.

    Which axis of the result counts the keys? `token_mask` speaks about keys. Open the hint "Three axes".
    """
    causal = torch.tensor(np.tri(4, dtype=bool))
    lengths = rng.permutation([rng.randint(1, 4), rng.randint(1, 4)])
    longer = torch.tensor(np.tri(6, dtype=bool))
    return [
        combine_masks(causal, torch.tensor(lengths_to_mask(lengths, 4))),
        combine_masks(longer, torch.tensor(lengths_to_mask(rng.randint(1, 7, size=3), 6))),
    ]


@combine_masks.check
def any_two_masks_combine(combine_masks: Any, rng: RandomState) -> Any:
    """Padding may stand anywhere, and the first mask may be another one, say that of a window.

    Use both masks as they are given, and make none of your own. Open the hint "Three axes".
    """
    causal = rng.rand(4, 4) < 0.6
    causal[0, 3] = causal[3, 0] = True
    real = rng.rand(3, 4) < 0.6
    real[:, 0], real[:, 3] = rng.permutation([True, True, False]), True
    return combine_masks(torch.tensor(causal), torch.tensor(real))


def attention_inputs(rng: RandomState, batch: int, seq: int, d_model: int) -> list[torch.Tensor]:
    """x, w_q, w_k and w_v, with head_dim 5 and value_dim 6."""
    w_q, w_k, w_v = (numbers(rng, d_model, size, scale=0.6) for size in (5, 5, 6))
    return [numbers(rng, batch, seq, d_model), w_q, w_k, w_v]


@causal_self_attention.check
def nobody_looks_ahead(causal_self_attention: Any, rng: RandomState) -> Any:
    """Each position attends to itself and to what came before; its shares sum to 1.

    Look at the weights: all above the diagonal must be 0. Open the hint "Two lines".
    """
    small, large = attention_inputs(rng, 2, 4, 3), attention_inputs(rng, 3, 5, 7)
    return [causal_self_attention(*small), causal_self_attention(*[each.double() for each in large])]


@causal_self_attention.check
def padding_gets_no_share_either(causal_self_attention: Any, rng: RandomState) -> Any:
    """With a `token_mask` both hold: nobody looks ahead, and nobody looks at padding.

    Combine the two masks before you call `self_attention`. Open the hint "Two lines".
    """
    inputs = attention_inputs(rng, 2, 4, 3)
    real = lengths_to_mask(rng.permutation([2, 3]), 4)
    return causal_self_attention(*inputs, torch.tensor(real))


@causal_self_attention.check
def padding_in_front_gives_zeros(causal_self_attention: Any, rng: RandomState) -> Any:
    """Padding may stand in front. Its positions then have nothing to attend to: weights and output are 0.

    Print the first row of the weights. Open the hint "Nothing to attend to".
    """
    inputs = attention_inputs(rng, 3, 4, 3)
    behind = lengths_to_mask(rng.permutation([1, 2, 4]), 4)
    return causal_self_attention(*inputs, torch.tensor(~behind))


@causal_self_attention.check
def backward_reaches_all_inputs(causal_self_attention: Any, rng: RandomState) -> Any:
    """Training goes back through output and weights: `backward` gives x and each matrix a gradient. (The
    numbers below are these gradients, of the mean squares of both; 0 where no notes lead.)

    Stay in torch from start to end: NumPy, `.detach()` and `torch.tensor(…)` cut the notes.
    Open the hint "Two lines".
    """
    inputs = attention_inputs(rng, 2, 4, 3)
    real = torch.tensor(lengths_to_mask(rng.permutation([2, 3]), 4))
    for each in inputs:
        each.requires_grad_()
    return [slopes(causal_self_attention(*inputs, *mask), inputs) for mask in ((), (real,))]


@shift_right.check
def each_position_reads_the_token_before(shift_right: Any, rng: RandomState) -> Any:
    """Position i gets the token of position i - 1; the first gets `start`, here 0; the last token falls out.

    The length stays. Open the hint "One row by hand".
    """
    tokens = torch.tensor(np.stack([rng.permutation(np.arange(1, 10))[:4] for _ in range(3)]))
    return shift_right(tokens, 0)


@shift_right.check
def start_is_the_given_number(shift_right: Any, rng: RandomState) -> Any:
    """What stands before the first token is `start`, whatever its number and however long the row.

    Use the argument `start`. Open the hint "One row by hand".
    """
    long, short = torch.tensor(rng.randint(1, 30, size=(2, 5))), torch.tensor(rng.randint(1, 30, size=(3, 1)))
    return [shift_right(long, int(rng.randint(30, 60))), shift_right(short, int(rng.randint(30, 60)))]


@shift_right.check
def the_tokens_stay_whole_numbers(shift_right: Any, rng: RandomState) -> Any:
    """The result is an int64 tensor, as the tokens are: an embedding looks up whole numbers only.

    The numbers are right; their type is not. Open the hint "Its type".
    """
    tokens = torch.tensor(rng.randint(1, 30, size=(2, 5)))
    shifted = shift_right(tokens, int(rng.randint(30, 60)))
    return [kind_of(shifted), shifted]


SEQ, WIDTH = 5, 3
Peeks = dict[int, int]  # who looks at whose input; every key is less than its value


def some_peeks(rng: RandomState) -> Peeks:
    """One to four positions, each looking at one later position."""
    subset = rng.randint(1, 2 ** (SEQ - 1))
    return {i: int(rng.randint(i + 1, SEQ)) for i in range(SEQ - 1) if subset >> i & 1}


def nowhere_zero(rng: RandomState, batch: int) -> torch.Tensor:
    """(batch, SEQ, WIDTH), no number near 0 and no two in a sentence alike."""
    size = SEQ * WIDTH
    draws = [rng.permutation(np.arange(3, 3 + size)) * rng.choice([-1, 1], size=size) for _ in range(batch)]
    return torch.tensor(np.stack(draws).reshape(batch, SEQ, WIDTH) / 10, dtype=torch.float32)


def attends(rng: RandomState, peeks: Peeks) -> Function:
    """A causal self-attention in which some positions also look at one that comes later."""
    w_q, w_k, w_v = (numbers(rng, WIDTH, WIDTH, scale=scale) for scale in (0.3, 0.3, 0.6))
    allowed = torch.tensor(np.tri(SEQ, dtype=bool))
    for i, j in peeks.items():
        allowed[i, j] = True

    def f(x: torch.Tensor) -> torch.Tensor:
        scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1)
        return torch.where(allowed, scores, -1e9).softmax(dim=-1) @ (x @ w_v + 3)

    return f


def peeking(peeks: Peeks, see: Function, sentence: int | None = None) -> Function:
    """The mean of what came up to here; some positions also get what they `see` of one that comes later.

    `sentence`: the only one of the batch in which they do.
    """

    def f(x: torch.Tensor) -> torch.Tensor:
        seen = x.abs().cumsum(dim=-2) / torch.arange(1, SEQ + 1)[:, None]
        rows = []
        for i in range(SEQ):
            row = seen[:, i, :1] + 1
            if i in peeks:
                more = see(x[:, peeks[i]])[:, None]
                here = torch.ones(len(x), 1) if sentence is None else torch.eye(len(x))[:, sentence, None]
                row = row + more * here
            rows.append(row)
        return torch.stack(rows, dim=1)

    return f


@leaks.check
def who_looks_ahead_is_found(leaks: Any, rng: RandomState) -> Any:
    """Here some positions attend to a later one. True at each of them, and False at the others.

    Change what comes after position i, and only that; then look at the output of position i alone.
    Open the hint "One position".
    """
    x, more = nowhere_zero(rng, 1), nowhere_zero(rng, 2)
    functions = [attends(rng, some_peeks(rng)), attends(rng, some_peeks(rng))]
    return [leaks(f, each) for f, each in zip(functions, (x, more), strict=True)]


@leaks.check
def the_whole_future_counts_in_every_sentence(leaks: Any, rng: RandomState) -> Any:
    """A position may look at a single later one, far away or near, and in a single sentence of the batch.

    Change all that comes after i, in all sentences; one sentence with another output is enough.
    Open the hint "Which future".
    """
    x = nowhere_zero(rng, 2)
    places = rng.permutation(SEQ - 2)
    far = {int(places[0]): SEQ - 1, int(places[1]): int(places[1]) + 1}
    functions = [
        peeking(peeks, lambda row: row[:, 0], number) for number, peeks in enumerate((far, some_peeks(rng)))
    ]
    return [leaks(f, x) for f in functions]


@leaks.check
def every_kind_of_change_counts(leaks: Any, rng: RandomState) -> Any:
    """One function sees only sizes, one only differences between features, one only directions.

    A change that such a function does not notice proves nothing: change the future at random.
    Open the hint "Which future".
    """
    sizes = peeking(some_peeks(rng), lambda row: row.square().sum(-1))
    differences = peeking(some_peeks(rng), lambda row: row[:, 0] - row[:, 1])
    directions = peeking(
        some_peeks(rng), lambda row: (row / row.norm(dim=-1, keepdim=True).clamp(min=1e-6))[:, 0]
    )
    x = nowhere_zero(rng, 2)
    return [leaks(f, x) for f in (sizes, differences, directions)]


@leaks.check
def a_leak_may_be_small_but_rounding_is_none(leaks: Any, rng: RandomState) -> Any:
    """One function leaks a little; the others round differently, or know how long the row is, which is no leak.

    Compare with `torch.allclose` and `atol=1e-5`, and keep the length of x. Open the hint "Equal or not".
    """
    little = peeking(some_peeks(rng), lambda row: 0.01 * (3 * row[:, 0]).sin())
    rounded = peeking(dict(list(some_peeks(rng).items())[:1]), lambda row: row[:, 0])
    counted = peeking(some_peeks(rng), lambda row: row[:, 1])
    x = nowhere_zero(rng, 2)

    def rounds(x: torch.Tensor) -> torch.Tensor:
        after = x.flip(-2).cumsum(dim=-2).flip(-2) - x  # (batch, SEQ, WIDTH): all that comes after
        return rounded(x) * (1 + 1.2e-7 * (37 * after[..., :1].abs() % 8).floor())

    def counts(x: torch.Tensor) -> torch.Tensor:
        filled = torch.nn.functional.pad(x, (0, 0, 0, SEQ - x.shape[-2]))
        return counted(filled)[:, : x.shape[-2]] * x.shape[-2]

    return [leaks(f, x) for f in (little, rounds, counts)]


WORDS = 5


class History:
    """A `step` whose scores depend on every token of the list, and a `choose` that keeps what it was given."""

    def __init__(self, rng: RandomState) -> None:
        self.table = np.stack([rng.permutation(WORDS) for _ in range(11)]) * 0.4 + 0.1
        self.factors = rng.randint(1, 11, size=40)
        self.ranks = rng.randint(WORDS, size=40)
        self.shares: list[Any] = []

    def step(self, tokens: Any) -> torch.Tensor:
        read = [int(token) for token in tokens]
        row = (
            len(read)
            + sum(int(factor) * (token + 1) for factor, token in zip(self.factors, read, strict=False))
        ) % 11
        return torch.tensor(self.table[row], dtype=torch.float32)

    def choose(self, shares: Any) -> int:
        shares = torch.as_tensor(shares).detach().double()
        self.shares.append(shares)
        return int(shares.argsort()[self.ranks[len(self.shares) % 40]])


@generate.check
def it_writes_on_token_by_token(generate: Any, rng: RandomState) -> Any:
    """The prompt and `length` new tokens: each is chosen by `choose`, with all tokens before it in view.

    In each round give `step` the whole list, and append what `choose` says. Open the hint "One round".
    """
    short, long = History(rng), History(rng)
    prompts = [rng.randint(WORDS, size=size).tolist() for size in (3, 2)]
    return [
        generate(short.step, prompts[0], 2, short.choose),
        generate(long.step, prompts[1], 6, long.choose),
    ]


@generate.check
def choose_is_given_shares(generate: Any, rng: RandomState) -> Any:
    """`choose` gets the shares of all tokens, which are positive and sum to 1. (Below: all that it was given.)

    Softmax of the scores, over the vocabulary. Open the hint "One round".
    """
    history = History(rng)
    generate(history.step, rng.randint(WORDS, size=2).tolist(), 3, history.choose)
    return history.shares


@generate.check
def temperature_sharpens_or_flattens(generate: Any, rng: RandomState) -> Any:
    """Scores are divided by the temperature before softmax. (Below: the shares that `choose` was given.)

    A temperature below 1 must make the largest share larger. Open the hint "Temperature".
    """
    cold, hot = History(rng), History(rng)
    prompt = rng.randint(WORDS, size=2).tolist()
    generate(cold.step, prompt, 2, cold.choose, float(rng.choice([0.3, 0.5])))
    generate(hot.step, prompt, 2, hot.choose, float(rng.choice([1.5, 2.0])))
    return [cold.shares, hot.shares]


def cached_inputs(rng: RandomState, seq: int) -> tuple[list[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    """A newest position and three matrices; a cache of `seq` positions. Batch 2, head_dim 5, value_dim 6."""
    x, *matrices = attention_inputs(rng, 2, 1, 3)
    return [x, *matrices], (numbers(rng, 2, seq, 5, scale=0.6), numbers(rng, 2, seq, 6))


@attend_with_cache.check
def the_first_position_sees_itself(attend_with_cache: Any, rng: RandomState) -> Any:
    """Without a cache there is one position only; it takes its own value. An output and a cache are asked for.

    `cache` is None here. Its weight for itself is 1. Open the hint "The first call".
    """
    inputs, _ = cached_inputs(rng, 1)
    return attend_with_cache(*inputs)


@attend_with_cache.check
def the_newest_attends_to_all_before_it(attend_with_cache: Any, rng: RandomState) -> Any:
    """The newest query meets all keys of the cache and its own key. (Below: the outputs alone.)

    One query, seq + 1 keys, scores divided by √head_dim. Open the hint "Every further call".
    """
    small, kept = cached_inputs(rng, 3)
    large, more = cached_inputs(rng, 6)
    return [attend_with_cache(*small, kept)[0], attend_with_cache(*large, more)[0]]


@attend_with_cache.check
def the_cache_grows_by_one(attend_with_cache: Any, rng: RandomState) -> Any:
    """Back comes a pair of keys and values, the newest last, and the old cache is not changed: here two sentences go
    on from it, one of them twice.

    Give back what you attended to, in the order of reading. Open the hint "Every further call".
    """
    inputs, kept = cached_inputs(rng, 3)
    other, again = numbers(rng, 2, 1, 3), numbers(rng, 2, 1, 3)
    _, first = attend_with_cache(*inputs, kept)
    _, second = attend_with_cache(other, *inputs[1:], kept)
    return [first, second, attend_with_cache(again, *inputs[1:], first)[1]]


below_the_floor = Quiz(
    "below_the_floor",
    points=0.5,
    options={
        "a": "Training cannot find what is not there: each symbol is drawn by itself. More steps do not bring a fair "
        "model below ln 10.",
        "b": "The rows of the test are new, and there are 10¹⁶ different ones. What was learned by heart is no help.",
        "c": "Right. No fair guess about a random symbol has a mean loss below ln 10. So the answer reaches "
        "the model somewhere, perhaps in part only.",
        "d": "That is where it would be with perfect guesses. But nothing in the past says what comes next.",
    },
)

which_attention = Quiz(
    "which_attention",
    points=0.5,
    options={
        "a": "The English sentence is known before the first French word is written. Its words may read each other in "
        "both directions.",
        "b": "Right. Only the French words are still to be guessed. The English sentence is all there.",
        "c": "Word 1 of the French would see only word 1 of the English, and “le chat noir” needs “black cat” in "
        "another order. Nothing is given away by the English sentence.",
        "d": "A mask takes away. Where nothing must be guessed, it takes away what could help.",
    },
)
