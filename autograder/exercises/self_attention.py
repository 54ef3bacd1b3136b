"""The checks of lesson 05: self-attention."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.random import RandomState

from autograder.exercise import Exercise, Puzzle, Quiz, equal_parameters, numbers, slopes

Function = Callable[[torch.Tensor], torch.Tensor]

gradient_of = Exercise("gradient_of", points=2)
train_step = Exercise("train_step", points=3)
self_attention = Exercise("self_attention", points=4, forbidden=("scaled_dot_product_attention",))
SelfAttention = Exercise("SelfAttention", points=2)
is_permutation_equivariant = Exercise("is_permutation_equivariant", points=3)
w_q_for_the_story = Puzzle("w_q_for_the_story", points=1)
w_q_for_the_previous = Puzzle("w_q_for_the_previous", points=1)
w_q_for_two = Puzzle("w_q_for_two", points=1)


def a_loss(rng: RandomState) -> Function:
    """A function of a (2, 3) tensor whose gradient is another at every place."""
    inputs, targets = numbers(rng, 4, 2), numbers(rng, 4, 3)
    return lambda w: ((inputs @ w).tanh() - targets).square().sum()


@gradient_of.check
def every_number_gets_its_slope(gradient_of: Any, rng: RandomState) -> Any:
    """The gradient has one number for each number of x: how fast f(x) grows with it.

    Follow the four steps with a tensor of your own in the place of `w`. If its `.grad` is None, no `backward`
    reached it. Open the hint "A tensor of your own".
    """
    f, x = a_loss(rng), numbers(rng, 2, 3)
    return gradient_of(f, x)


@gradient_of.check
def asked_again_it_answers_the_same(gradient_of: Any, rng: RandomState) -> Any:
    """Asked twice about the same x, the answer is the same: `backward` adds, but nothing old may count.

    Work on a tensor that nobody has used before. Open the hint "A tensor of your own".
    """
    f, x = a_loss(rng), numbers(rng, 2, 3)
    return [gradient_of(f, x), gradient_of(f, x)]


@gradient_of.check
def x_stays_as_it_was(gradient_of: Any, rng: RandomState) -> Any:
    """x may be watched already, with a gradient from elsewhere, or not be watched. Either way it stays so.

    None? A copy of a watched x has a past, and its `.grad` stays None: detach first. True where False is
    expected? x is watched now, and was not before. Open the hint "A tensor of your own".
    """
    f, fresh, watched, old = a_loss(rng), numbers(rng, 2, 3), numbers(rng, 2, 3), numbers(rng, 2, 3)
    watched.requires_grad_()
    watched.grad = old
    return [gradient_of(f, watched), watched.grad, gradient_of(f, fresh), fresh.requires_grad]


def a_model(rng: RandomState) -> torch.nn.Module:
    """Two layers, with parameters drawn from `rng`."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    equal_parameters(model, rng)
    return model


def parameters_of(model: torch.nn.Module) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


@train_step.check
def one_step_moves_the_parameters(train_step: Any, rng: RandomState) -> Any:
    """One step returns the mean squared error, and moves every parameter against its gradient.

    Four things happen: the loss, the old gradients away, the new ones, the move. Is the loss right, and are the
    parameters not? Let the optimiser move them. Open the hint "The four lines".
    """
    inputs, targets, rate = numbers(rng, 5, 2), numbers(rng, 5, 3), rng.randint(1, 10) / 20
    model = a_model(rng)
    loss = train_step(model, inputs, targets, torch.optim.SGD(model.parameters(), lr=rate))
    return [loss, parameters_of(model)]


@train_step.check
def each_step_starts_afresh(train_step: Any, rng: RandomState) -> Any:
    """Two steps, and the model has gradients from elsewhere. Each step follows its own batch only.

    `backward` adds to the gradients that are there: they must go before it, in every step.
    Open the hint "The first step is right, the second is not".
    """
    batches = [(numbers(rng, 5, 2), numbers(rng, 5, 3)) for _ in range(2)]
    rate = rng.randint(1, 10) / 20
    model = a_model(rng)
    for parameter in model.parameters():
        parameter.grad = numbers(rng, *parameter.shape)
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    losses = [train_step(model, *batch, optimiser) for batch in batches]
    return [losses, parameters_of(model)]


@train_step.check
def the_optimiser_decides_how_to_move(train_step: Any, rng: RandomState) -> Any:
    """How far and where to move is the optimiser's business: this one also remembers earlier moves.

    Let `optimiser` move the parameters, and move nothing yourself. Open the hint "The four lines".
    """
    inputs, targets = numbers(rng, 5, 2), numbers(rng, 5, 3)
    rate, momentum = rng.randint(1, 10) / 20, rng.randint(4, 10) / 10
    model = a_model(rng)
    optimiser = torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum, weight_decay=0.1)
    losses = [train_step(model, inputs, targets, optimiser) for _ in range(2)]
    return [losses, parameters_of(model)]


def attention_inputs(
    rng: RandomState, leading: tuple[int, ...], seq: int, d_model: int
) -> list[torch.Tensor]:
    """x, w_q, w_k and w_v, with head_dim 5 and value_dim 6."""
    w_q, w_k, w_v = (numbers(rng, d_model, size, scale=0.6) for size in (5, 5, 6))
    return [numbers(rng, *leading, seq, d_model), w_q, w_k, w_v]


@self_attention.check
def each_position_asks_all(self_attention: Any, rng: RandomState) -> Any:
    """Queries, keys and values are three projections of x; then score, scale, share and mix. Both the output
    and the weights come back.

    Which of the two differs? If the weights: compare what comes before softmax, query i with key j, divided by
    √head_dim. If the output only: its row i is row i of the weights times the values. Open the hint "The steps".
    """
    return self_attention(*attention_inputs(rng, (), 4, 3))


@self_attention.check
def sequences_in_a_batch_do_not_meet(self_attention: Any, rng: RandomState) -> Any:
    """With axes in front, each sequence still reads itself only.

    Count every axis from the end. Open the hint "It works without a batch only".
    """
    small, large = attention_inputs(rng, (2,), 3, 4), attention_inputs(rng, (3, 2), 4, 7)
    return [self_attention(*small), self_attention(*large)]


@self_attention.check
def a_forbidden_key_gets_no_share(self_attention: Any, rng: RandomState) -> Any:
    """Where the mask is False, the weight is 0, and the other keys of that row share the whole 1.

    True = may attend. Where it is False, the score must be far below all others, before softmax.
    Open the hint "The mask, and an empty row".
    """
    inputs = attention_inputs(rng, (), 4, 3)
    order = rng.permutation(4)
    allowed = np.tri(4, dtype=bool)  # rows with 1, 2, 3 and 3 True, never symmetric
    allowed[3, 0] = False
    return self_attention(*inputs, torch.tensor(allowed[order][:, order]))


@self_attention.check
def an_empty_sequence_gives_zeros(self_attention: Any, rng: RandomState) -> Any:
    """One mask row serves all queries of a sequence, and may be all False: then weights and output are 0.

    Print the weights of the empty sequence. Open the hint "The mask, and an empty row".
    """
    inputs = attention_inputs(rng, (2,), 4, 3)
    lengths = rng.permutation([0, rng.randint(2, 4)])
    real = np.arange(4) < lengths[:, np.newaxis]  # (batch, seq)
    return self_attention(*inputs, torch.tensor(real[:, np.newaxis, :]))


@self_attention.check
def only_differences_of_scores_count(self_attention: Any, rng: RandomState) -> Any:
    """All scores near 100, or all near -100: softmax sees only how they differ within a row.

    Torch's softmax manages such scores; a bare `exp` does not. And a removed key must be far below *any* score.
    Open the hint "The mask, and an empty row".
    """
    allowed = torch.tensor(np.tri(3, dtype=bool)[rng.permutation(3)])
    answers = []
    for sign in rng.permutation([1, -1]):
        x, w_q, w_k, w_v = at_one_level(rng, sign)
        answers.append([self_attention(x, w_q, w_k, w_v), self_attention(x, w_q, w_k, w_v, allowed)])
    return answers


def at_one_level(rng: RandomState, sign: float) -> list[torch.Tensor]:
    """x (3, 5), w_q, w_k (5, 4) and w_v (5, 6), such that all scores are near 104 times sign.

    Quarters, with a head_dim of 4: however the scores are computed, nothing is rounded.
    """
    shapes = (3, 5), (5, 4), (5, 4), (5, 6)
    made = [torch.tensor(rng.randint(-4, 5, size=shape) / 4, dtype=torch.float32) for shape in shapes]
    x, w_q, w_k, _ = made
    x[:, -1] = 1.0  # a feature that all share
    for w, number in ((w_q, 16.0), (w_k, 13.0 * sign)):
        w[:, -1] = 0.0
        w[-1, -1] = number
    return made


@self_attention.check
def backward_reaches_all_inputs(self_attention: Any, rng: RandomState) -> Any:
    """Training goes back through output and weights: `backward` gives x and each matrix a gradient. (The
    numbers below are these gradients, of the mean squares of both; 0 where no notes lead.)

    Stay in torch from start to end: a detour through NumPy, `.detach()` or `torch.tensor(…)` cuts the notes.
    Open the hint "No gradients".
    """
    inputs = attention_inputs(rng, (), 4, 3)
    allowed = torch.tensor(np.tri(4, dtype=bool)[rng.permutation(4)])
    for each in inputs:
        each.requires_grad_()
    return [slopes(self_attention(*inputs, *mask), inputs) for mask in ((), (allowed,))]


@SelfAttention.check
def the_layers_do_the_projecting(SelfAttention: Any, rng: RandomState) -> Any:
    """The module gives what `self_attention` gives with its three matrices: output and weights.

    Each layer makes what it is named after; the rest is as in `self_attention`. If you take the weights, turn
    them. Open the hint "Two ways".
    """
    x = numbers(rng, 4, 3)
    module = SelfAttention(3, 6)
    return [equal_parameters(module, rng), module(x)]


@SelfAttention.check
def the_mask_is_handed_on(SelfAttention: Any, rng: RandomState) -> Any:
    """The module takes a mask too, and passes it on. In one of these sequences all is masked: it gets zeros.

    `forward` has two arguments: use the second one as well. Zeros for an empty row come from `self_attention`, if
    you call it; if you write the steps again, write that one too. Open the hint "Two ways".
    """
    x = numbers(rng, 2, 3, 4)
    real = np.arange(3) < rng.permutation([0, 2])[:, np.newaxis]  # (batch, seq)
    module = SelfAttention(4, 5)
    return [equal_parameters(module, rng), module(x, torch.tensor(real[:, np.newaxis, :]))]


@SelfAttention.check
def large_scores_are_no_trouble(SelfAttention: Any, rng: RandomState) -> Any:
    """All scores are near 100: softmax sees only how they differ within a row.

    `self_attention` manages such scores, and so does torch's softmax. Open the hint "Two ways".
    """
    x, *matrices = at_one_level(rng, 1)
    module = SelfAttention(5, 4)
    described = equal_parameters(module, rng)
    own = dict(module.named_parameters())
    with torch.no_grad():
        for name, matrix in zip(("query.weight", "key.weight"), matrices, strict=False):
            if name in own and own[name].shape == matrix.T.shape:
                own[name].copy_(matrix.T)
    return [described, module(x)]


@SelfAttention.check
def training_can_reach_the_layers(SelfAttention: Any, rng: RandomState) -> Any:
    """Training moves the three matrices: `backward` gives each a gradient, and x too. (The numbers below are
    these gradients, in the order x, key, query, value; 0 where no notes lead.)

    Call the layers, or use their weights as they are: `.data`, `.detach()` and `torch.tensor(…)` leave the notes
    behind. Open the hint "No gradients" (it stands under the exercise before, `self_attention`).
    """
    x = numbers(rng, 4, 3)
    module = SelfAttention(3, 6)
    names = equal_parameters(module, rng)
    x.requires_grad_()
    parameters = [parameter for _, parameter in sorted(module.named_parameters())]
    return [names, slopes(module(x), [x, *parameters])]


SEQ, WIDTH = 4, 3
FAR = 30.0  # added, so that rounding stays small beside the outputs and nobody is refused for it by chance


def distinct_rows(rng: RandomState, *leading: int) -> torch.Tensor:
    """(…, SEQ, WIDTH) without two equal numbers."""
    size = int(np.prod((*leading, SEQ, WIDTH)))
    return torch.tensor(
        (rng.permutation(60)[:size].reshape(*leading, SEQ, WIDTH) - 30) / 10, dtype=torch.float32
    )


def row_by_row(rng: RandomState) -> Function:
    """Each position by itself."""
    w = numbers(rng, WIDTH, 2)
    return lambda x: (x @ w).tanh()


def reads_itself(rng: RandomState) -> Function:
    """A self-attention."""
    w_q, w_k, w_v = (numbers(rng, WIDTH, WIDTH, scale=0.5) for _ in range(3))
    return lambda x: ((x @ w_q) @ (x @ w_k).transpose(-2, -1)).softmax(dim=-1) @ (x @ w_v) + FAR


def compares_with_the_mean(rng: RandomState) -> Function:
    """Each position beside the mean of all."""
    w = numbers(rng, WIDTH, 2)
    return lambda x: (x - x.mean(dim=-2, keepdim=True)) @ w + FAR


def counts_positions(rng: RandomState) -> Function:
    """Each position plus a small number of its own."""
    own = torch.tensor(rng.permutation([0.02, 0.04, 0.06, 0.08]), dtype=torch.float32)
    return lambda x: x + own[:, None]


def looks_back(rng: RandomState) -> Function:
    """The sum of all positions up to here."""
    w = numbers(rng, WIDTH, 2) + 0.05
    return lambda x: (x @ w).cumsum(dim=-2)


def sorts(rng: RandomState) -> Function:
    """Each feature sorted along the sequence: the same whatever the order."""
    rising = rng.choice([-1.0, 1.0])
    return lambda x: (x * rising).sort(dim=-2).values


def alike_at_both_ends(rng: RandomState) -> Function:
    """Factors that read the same from the right."""
    inner, outer = rng.permutation([1.0, 2.0, 3.0])[:2]
    factors = torch.tensor([outer, inner, inner, outer], dtype=torch.float32)
    return lambda x: x * factors[:, None]


def asks_a_neighbour(rng: RandomState) -> Function:
    """Each position and the one before it; before the first comes the last."""
    own, other = rng.permutation([1.0, 2.0, 3.0])[:2]
    return lambda x: own * x + other * x.roll(1, -2)


def knows_the_end(rng: RandomState) -> Function:
    """All positions alike but the last."""
    factors = torch.tensor([1.0, 1.0, 1.0, rng.randint(2, 5)])
    return lambda x: x * factors[:, None]


def meets_a_pair(first: int, second: int, third: int, w: torch.Tensor) -> Function:
    """Each position by itself; but the third gets more if the first is larger than the second."""

    def f(x: torch.Tensor) -> torch.Tensor:
        y = (x @ w).tanh()
        more = (x[..., first, :1] > x[..., second, :1]).to(y)
        return y + more[..., None] * torch.eye(SEQ)[third][:, None]

    return f


def a_pair_that_counts(rng: RandomState, pair: tuple[int, int]) -> tuple[Function, torch.Tensor]:
    """A function and an x, where the exchange of just this pair makes a difference, and only elsewhere."""
    first, second = rng.permutation(pair)
    third = rng.choice([place for place in range(SEQ) if place not in pair])
    x = distinct_rows(rng)
    x = x[x[:, 0].argsort()]  # the smallest goes to the first of the pair, the largest to the second
    places = [first, *rng.permutation([place for place in range(SEQ) if place not in pair]), second]
    x[places] = x.clone()
    return meets_a_pair(first, second, third, numbers(rng, WIDTH, 2)), x


def wakes_above(rng: RandomState) -> Function:
    """Each position by itself; with large numbers, each gets a number of its own too."""
    own = torch.tensor(rng.permutation([1.0, 2.0, 3.0, 4.0]), dtype=torch.float32)
    return lambda x: x + own[:, None] * (x.amax() > 8)


def wakes_below(rng: RandomState) -> Function:
    """Each position by itself; with small numbers, each gets a number of its own too."""
    own = torch.tensor(rng.permutation([1.0, 2.0, 3.0, 4.0]), dtype=torch.float32)
    return lambda x: x + own[:, None] * (x.amin() < 5)


def sums_up(rng: RandomState) -> Function:
    """What rounding leaves of a sum over all positions: nearly nothing, and something else in each order."""
    scale = rng.randint(3, 8) + 1 / 3

    def f(x: torch.Tensor) -> torch.Tensor:
        parts = x / scale
        total = torch.zeros_like(parts[..., :1, :])
        for place in range(parts.shape[-2]):  # cumsum would add in double precision
            total = total + parts[..., place : place + 1, :]
        return (total - parts.double().sum(dim=-2, keepdim=True).to(total)).expand_as(x)

    return f


def questions(rng: RandomState, *makers: Callable[[RandomState], Function]) -> list[Function]:
    """One function of each maker, in random order."""
    return [makers[number](rng) for number in rng.permutation(len(makers))]


EQUIVARIANT = (row_by_row, reads_itself, compares_with_the_mean)


@is_permutation_equivariant.check
def outputs_move_with_their_inputs(is_permutation_equivariant: Any, rng: RandomState) -> Any:
    """Twelve functions, one sequence: which of them go along when two positions are exchanged?

    False where True is expected: exchange both inputs and outputs, and allow for rounding; open the hint
    "Two ways round". True where False is expected: one new order is not all of them; open the hint "Which orders".
    """
    functions = questions(rng, *EQUIVARIANT * 2, *(counts_positions, looks_back, sorts) * 2)
    x = distinct_rows(rng)
    return [is_permutation_equivariant(f, x) for f in functions]


@is_permutation_equivariant.check
def every_pair_of_positions_counts(is_permutation_equivariant: Any, rng: RandomState) -> Any:
    """Some functions go along with one new order and not with another: reversed, shifted, two exchanged.

    Is every pair tried (one new order drawn by chance is not enough), and does one that fails decide for False?
    Open the hint "Which orders".
    """
    functions = questions(rng, *EQUIVARIANT * 2, *(alike_at_both_ends, asks_a_neighbour, knows_the_end) * 2)
    x = distinct_rows(rng)
    return [is_permutation_equivariant(f, x) for f in functions]


@is_permutation_equivariant.check
def one_pair_can_change_a_third_position(is_permutation_equivariant: Any, rng: RandomState) -> Any:
    """Six of these functions notice the exchange of one pair only, another one each, at a third position.

    Try every pair, also those that are no neighbours, and compare all positions. Open the hint "Which orders".
    """
    calls = [a_pair_that_counts(rng, pair) for pair in combinations(range(SEQ), 2)]
    calls += [(f, distinct_rows(rng)) for f in questions(rng, *EQUIVARIANT * 2)]
    order = rng.permutation(len(calls))
    return [is_permutation_equivariant(*calls[number]) for number in order]


@is_permutation_equivariant.check
def the_given_x_decides(is_permutation_equivariant: Any, rng: RandomState) -> Any:
    """A function may go along at one x and not at another. The question is about the x that is given.

    Exchange the positions of `x` itself, not of numbers of your own. Open the hint "Two ways round".
    """
    functions = questions(rng, *EQUIVARIANT * 2, *(wakes_above,) * 3, *(wakes_below,) * 3)
    x = distinct_rows(rng) + 10
    return [is_permutation_equivariant(f, x) for f in functions]


@is_permutation_equivariant.check
def rounding_is_no_difference(is_permutation_equivariant: Any, rng: RandomState) -> Any:
    """In another order, a sum is rounded differently: by about a millionth. That is no difference.

    Right but for rounding: give `torch.allclose` an `atol=1e-5`. Open the hint "Two ways round".
    """
    functions = questions(rng, *(sums_up,) * 6, *(counts_positions, looks_back, sorts) * 2)
    x = distinct_rows(rng)
    return [is_permutation_equivariant(f, x) for f in functions]


@is_permutation_equivariant.check
def the_positions_are_the_last_axis_but_one(is_permutation_equivariant: Any, rng: RandomState) -> Any:
    """With a batch in front, positions are exchanged within each sequence.

    Count and index the last axis but one: `x.shape[-2]`, and three dots for all axes in front.
    Open the hint "Two ways round".
    """
    functions = questions(rng, *EQUIVARIANT * 2, *(counts_positions, looks_back, knows_the_end) * 2)
    x = distinct_rows(rng, 2)
    return [is_permutation_equivariant(f, x) for f in functions]


def shares(x: np.ndarray, w_q: np.ndarray, w_k: np.ndarray) -> np.ndarray | None:
    """The attention weights of x (seq, d), or None if the numbers are too large."""
    with np.errstate(all="ignore"):
        scores = (x @ w_q) @ (x @ w_k).T / np.sqrt(w_k.shape[-1])
        if not np.isfinite(scores).all() or np.abs(scores).max() > 1e100:
            return None
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


TOO_LARGE = "These numbers are too large to compute with."
STORY = ("The", "cat", "sat")
STORY_X = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])  # word, noun, verb
STORY_W_K = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
STORY_QUERIES = {
    "The": "the row of “word”",
    "cat": "the rows of “word” and “noun” added",
    "sat": "the rows of “word” and “verb” added",
}
LEVELS = {"low": (0.0, 0.2), "medium": (0.25, 0.5), "high": (0.5, 1.0)}
STORY_LEVELS = (("low", "medium", "medium"), ("low", "high", "medium"), ("low", "high", "low"))


@w_q_for_the_story.accepts
def the_story_comes_out(w_q: np.ndarray, rng: RandomState) -> str | None:
    """All nine shares must be on the level that the story's table says.

    Change the row of W_q that this query has for itself; the others may be right. Open the hint "Row by row".
    """
    weights = shares(STORY_X, w_q, STORY_W_K)
    if weights is None:
        return TOO_LARGE
    for asking, row, levels in zip(STORY, weights, STORY_LEVELS, strict=True):
        for answering, share, level in zip(STORY, row, levels, strict=True):
            least, most = LEVELS[level]
            if not least <= share <= most:
                return (
                    f"“{asking}” gives “{answering}” a share of {share:.2f}, and the table says {level}. "
                    f"The query of “{asking}” is {STORY_QUERIES[asking]}."
                )
    return None


CLOCK = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


@w_q_for_the_previous.accepts
def each_looks_at_the_one_before(w_q: np.ndarray, rng: RandomState) -> str | None:
    """Each position gives nine tenths or more to the one before it; the first to the last.

    First the direction of each query, then its length. Open the hint "A quarter turn".
    """
    weights = shares(CLOCK, w_q, np.eye(2))
    if weights is None:
        return TOO_LARGE
    points_right = all(row.argmax() == (position - 1) % 4 for position, row in enumerate(weights))
    for position, row in enumerate(weights):
        before = (position - 1) % 4
        if row[before] < 0.9 and points_right:
            return (
                f"Right direction, too soft: position {position} gives position {before} a share of "
                f"{row[before]:.2f}. Make the queries longer."
            )
        if row[before] < 0.9:
            return f"Position {position} gives position {before} a share of {row[before]:.2f} only."
    return None


@w_q_for_two.accepts
def each_mixes_two(w_q: np.ndarray, rng: RandomState) -> str | None:
    """Each position gives between .45 and .55 to itself, and as much to the one before it.

    First the direction of each query, halfway between two arrows; then its length. Open the hint "Halfway".
    """
    weights = shares(CLOCK, w_q, np.eye(2))
    if weights is None:
        return TOO_LARGE
    points_right = all(
        np.isclose(row[position], row[position - 1], rtol=0.05)
        and row[position] > row.min() * 1.1
        and set(row.argsort()[2:]) == {position, (position - 1) % 4}
        for position, row in enumerate(weights)
    )
    if points_right and weights[0, 0] < 0.45:
        return f"Right direction, too soft: a share of {weights[0, 0]:.2f} each. Make the queries longer."
    for position, row in enumerate(weights):
        for other in (position, (position - 1) % 4):
            if not 0.45 <= row[other] <= 0.55:
                return (
                    f"Position {position} gives position {other} a share of {row[other]:.2f}, not about half."
                )
    return None


words_in_a_new_order = Quiz(
    "words_in_a_new_order",
    points=0.5,
    options={
        "a": "That would be invariance: the same output whatever the order. A sum over all words is invariant. "
        "Self-attention gives one row a word, and the rows move along.",
        "b": "Right. Each word asks the same crowd and mixes the same values; only the rows stand elsewhere. "
        "That is equivariance, and it means that self-attention cannot tell who bit whom.",
        "c": "A word's shares depend on which words are there, not on where they stand. "
        "The crowd is the same, so every word gets the same mixture.",
        "d": "It holds for every W_q, W_k and W_v: each position is treated by the same three matrices.",
    },
)

doubled_and_halved = Quiz(
    "doubled_and_halved",
    points=0.5,
    options={
        "a": "They would be, if only W_q were doubled. What does halving W_k do to each score?",
        "b": "The values come from W_v, which nobody touched, and the shares sum to 1 in any case.",
        "c": "Right. A score is x W_q W_kᵀ xᵀ: only the product of the two counts, and 2 times ½ is 1. "
        "So no single number of W_q means anything alone.",
        "d": "Both are multiplied together before any score is seen: queries twice as long meet keys half as long.",
    },
)
