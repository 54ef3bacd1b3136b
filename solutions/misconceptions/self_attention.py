"""Known wrong answers to lesson 05, each with the words that mend it."""

from itertools import combinations

import torch
from torch import nn

from autograder.exercise import misconception

# gradient_of


@misconception("gradient_of")
def returns_the_value(f, x):
    """You returned f(x) itself. The gradient says how it changes: call `backward` on it, and read `.grad`."""
    return f(x.detach())


@misconception("gradient_of")
def makes_the_step(f, x):
    """You took a step against the gradient and returned where it leads. Only the gradient is asked for."""
    place = x.detach().clone().requires_grad_()
    f(place).backward()
    return place.detach() - place.grad


@misconception("gradient_of")
def adds_to_the_old_gradient(f, x):
    """Your second answer still holds the first: `backward` adds to the `.grad` of x, and the old one was
    never taken away. Ask on a tensor of your own."""
    x.requires_grad_()
    f(x).backward()
    return x.grad


@misconception("gradient_of")
def watches_x_itself(f, x):
    """Your slopes are right, but x is no longer as it was: it is watched now, and its own `.grad` is lost.
    Watch a tensor of your own."""
    x.requires_grad_()
    x.grad = None
    f(x).backward()
    return x.grad


@misconception("gradient_of")
def watches_x_and_asks_autograd(f, x):
    """Your slopes are right, but x is watched now, and it was not before: `x.requires_grad_()` changes x itself.
    Watch a tensor of your own."""
    return torch.autograd.grad(f(x.requires_grad_()), x)[0]


@misconception("gradient_of")
def a_copy_with_a_past(f, x):
    """This x was watched already. A copy of a watched x has a past, so its `.grad` stays None, and `backward`
    went on into the `.grad` of x itself. Detach first."""
    own = x.clone().requires_grad_()
    f(own).backward()
    return own.grad


@misconception("gradient_of")
def returns_a_tuple(f, x):
    """You returned a tuple: `torch.autograd.grad` gives one gradient for each tensor that you ask about. Yours is
    its first: `[0]`."""
    own = x.detach().requires_grad_()
    return torch.autograd.grad(f(own), own)


@misconception("gradient_of")
def adds_the_gradient_up(f, x):
    """You added the slopes up to one number. The gradient keeps one for each number of x."""
    place = x.detach().clone().requires_grad_()
    f(place).backward()
    return place.grad.sum()


@misconception("gradient_of")
def points_downhill(f, x):
    """Your signs are reversed: the gradient points to where f grows. (Training walks against it.)"""
    place = x.detach().clone().requires_grad_()
    f(place).backward()
    return -place.grad


# train_step


@misconception("train_step")
def does_not_move(model, inputs, targets, optimiser):
    """The parameters stayed where they were. They move in `optimiser.step()`, after `loss.backward()` gave
    them gradients, and no `zero_grad` may come in between."""
    error = ((model(inputs) - targets) ** 2).mean()
    error.backward()
    optimiser.zero_grad()
    optimiser.step()
    return error


@misconception("train_step")
def keeps_the_old_gradients(model, inputs, targets, optimiser):
    """The gradients of the first step are still in the second: `backward` adds. Call
    `optimiser.zero_grad()` in each step, before `backward`."""
    error = ((model(inputs) - targets) ** 2).mean()
    error.backward()
    optimiser.step()
    return error


@misconception("train_step")
def clears_after_the_move(model, inputs, targets, optimiser):
    """You took the gradients away at the end. What was there before your first step still counts in it: call
    `optimiser.zero_grad()` before `backward`."""
    error = ((model(inputs) - targets) ** 2).mean()
    error.backward()
    optimiser.step()
    optimiser.zero_grad()
    return error


@misconception("train_step")
def moves_by_hand(model, inputs, targets, optimiser):
    """You moved the parameters yourself, by learning rate times gradient. An optimiser may do more than
    that: call its `step()`."""
    error = ((model(inputs) - targets) ** 2).mean()
    optimiser.zero_grad()
    error.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= optimiser.param_groups[0]["lr"] * parameter.grad
    return error


@misconception("train_step")
def moves_by_a_rate_of_its_own(model, inputs, targets, optimiser):
    """You moved the parameters yourself, by a learning rate of your own. How far to move is the optimiser's
    business: call its `step()`."""
    error = ((model(inputs) - targets) ** 2).mean()
    model.zero_grad()
    error.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.01 * parameter.grad
    return error


@misconception("train_step")
def adds_the_squares(model, inputs, targets, optimiser):
    """You added the squares. The mean is asked for: then a larger batch does not mean a larger step."""
    error = ((model(inputs) - targets) ** 2).sum()
    optimiser.zero_grad()
    error.backward()
    optimiser.step()
    return error


@misconception("train_step")
def adds_within_a_row(model, inputs, targets, optimiser):
    """You added the squares of a row and averaged over the rows. The mean goes over all numbers."""
    error = ((model(inputs) - targets) ** 2).sum(dim=-1).mean()
    optimiser.zero_grad()
    error.backward()
    optimiser.step()
    return error


@misconception("train_step")
def takes_the_absolute_error(model, inputs, targets, optimiser):
    """You averaged the absolute errors. The mean *squared* error is asked for."""
    error = (model(inputs) - targets).abs().mean()
    optimiser.zero_grad()
    error.backward()
    optimiser.step()
    return error


@misconception("train_step")
def returns_the_loss_after_the_move(model, inputs, targets, optimiser):
    """The parameters are right. The returned loss is the one after the move; return the one before it."""
    optimiser.zero_grad()
    ((model(inputs) - targets) ** 2).mean().backward()
    optimiser.step()
    return ((model(inputs) - targets) ** 2).mean()


@misconception("train_step")
def walks_uphill(model, inputs, targets, optimiser):
    """Your step makes the loss larger. The optimiser walks against the gradient by itself: call `backward`
    on the loss, without a minus sign."""
    error = ((model(inputs) - targets) ** 2).mean()
    optimiser.zero_grad()
    (-error).backward()
    optimiser.step()
    return error


# self_attention


def _attend(queries, keys, values, attention_mask, scale=None):
    scores = queries @ keys.transpose(-2, -1) / (scale or queries.shape[-1] ** 0.5)
    weights = _masked_softmax(scores, attention_mask)
    return weights @ values, weights


def _masked_softmax(scores, attention_mask):
    if attention_mask is None:
        return scores.softmax(dim=-1)
    removed = torch.finfo(scores.dtype).min
    return torch.where(attention_mask, torch.where(attention_mask, scores, removed).softmax(dim=-1), 0.0)


@misconception("self_attention")
def one_projection_for_queries_and_keys(x, w_q, w_k, w_v, attention_mask=None):
    """Your keys are your queries: both were made with w_q. Then scores are symmetric, and nobody can look
    without being looked at. Keys come from w_k."""
    return _attend(x @ w_q, x @ w_q, x @ w_v, attention_mask)


@misconception("self_attention")
def only_keys_for_both(x, w_q, w_k, w_v, attention_mask=None):
    """Your queries are your keys: both were made with w_k. Queries come from w_q."""
    return _attend(x @ w_k, x @ w_k, x @ w_v, attention_mask)


@misconception("self_attention")
def no_projection_at_all(x, w_q, w_k, w_v, attention_mask=None):
    """Queries, keys and values are all x itself, as in lesson 03. Multiply x by its three matrices first."""
    return _attend(x, x, x, attention_mask)


@misconception("self_attention")
def mixes_x_itself(x, w_q, w_k, w_v, attention_mask=None):
    """The weights are right, but you mixed x itself. What is handed on are the values, x times w_v."""
    return _attend(x @ w_q, x @ w_k, x, attention_mask)


@misconception("self_attention")
def mixes_the_keys(x, w_q, w_k, w_v, attention_mask=None):
    """The weights are right, but you mixed the keys. A key is to be found by; what is taken home is the
    value, x times w_v."""
    return _attend(x @ w_q, x @ w_k, x @ w_k, attention_mask)


@misconception("self_attention")
def mixes_by_columns(x, w_q, w_k, w_v, attention_mask=None):
    """Your weights are right, but the mixing is turned: you used column i of the weights for output i. Row i of the
    output is row i of the weights times the values."""
    _, weights = _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)
    return torch.einsum("...kq,...kd->...qd", weights, x @ w_v), weights


@misconception("self_attention")
def returns_the_output_only(x, w_q, w_k, w_v, attention_mask=None):
    """You returned one of the two. Return both, separated by a comma: first the output, then the weights."""
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)[0]


@misconception("self_attention")
def queries_and_keys_exchanged(x, w_q, w_k, w_v, attention_mask=None):
    """Queries and keys are exchanged: entry [i, j] must be query i with key j. Rows ask, columns answer."""
    return _attend(x @ w_k, x @ w_q, x @ w_v, attention_mask)


@misconception("self_attention")
def forgets_to_scale(x, w_q, w_k, w_v, attention_mask=None):
    """Your scores are not scaled: divide by the square root of head_dim, or long vectors make softmax a
    winner-takes-all (lesson 04)."""
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask, scale=1)


@misconception("self_attention")
def divides_by_head_dim(x, w_q, w_k, w_v, attention_mask=None):
    """You divided by head_dim. It is its square root (lesson 04)."""
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask, scale=w_q.shape[-1])


@misconception("self_attention")
def scales_by_d_model(x, w_q, w_k, w_v, attention_mask=None):
    """You scaled by the width of x. The dot product runs over the numbers of a query, so head_dim counts."""
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask, scale=x.shape[-1] ** 0.5)


@misconception("self_attention")
def scales_by_the_length(x, w_q, w_k, w_v, attention_mask=None):
    """You scaled by the number of positions. The dot product runs over the numbers of a query, so head_dim
    counts."""
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask, scale=x.shape[-2] ** 0.5)


@misconception("self_attention")
def scales_after_softmax(x, w_q, w_k, w_v, attention_mask=None):
    """You divided the weights: they no longer sum to 1. Divide the scores by √head_dim, before softmax."""
    _, weights = _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask, scale=1)
    weights = weights / w_q.shape[-1] ** 0.5
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def returns_the_weights_first(x, w_q, w_k, w_v, attention_mask=None):
    """You returned weights and output. The order is the other one: first the output, then the weights."""
    output, weights = _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)
    return weights, output


@misconception("self_attention")
def leaves_torch(x, w_q, w_k, w_v, attention_mask=None):
    """Your numbers are right, but they come without torch's notes, so nothing can be trained through them.
    Stay in torch from start to end: a detour through NumPy or `.detach()` cuts the notes."""
    output, weights = _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)
    return output.detach(), weights.detach()


@misconception("self_attention")
def leaves_torch_for_the_weights(x, w_q, w_k, w_v, attention_mask=None):
    """Your numbers are right, but the weights have lost torch's notes, so W_q and W_k cannot be trained.
    Compute scores and softmax in torch, without NumPy, `.detach()` or `torch.tensor(…)`."""
    _, weights = _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)
    weights = weights.detach()
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def leaves_the_matrices(x, w_q, w_k, w_v, attention_mask=None):
    """Your numbers are right, but the three matrices get no gradients: you used copies without torch's notes.
    Use w_q, w_k and w_v as they are given."""
    w_q, w_k, w_v = w_q.detach(), w_k.detach(), w_v.detach()
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)


@misconception("self_attention")
def shares_among_the_queries(x, w_q, w_k, w_v, attention_mask=None):
    """Each column of your weights sums to 1. The keys compete for a query: softmax runs along the last
    axis."""
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    if attention_mask is not None:
        scores = torch.where(attention_mask, scores, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-2)
    if attention_mask is not None:
        weights = torch.where(attention_mask, weights, 0.0)
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def counts_axes_from_the_front(x, w_q, w_k, w_v, attention_mask=None):
    """You took softmax along axis 1. That is the last axis of one sequence, but of a batch it is the
    queries: count from the end."""
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    if attention_mask is not None:
        scores = torch.where(attention_mask, scores, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=1)
    if attention_mask is not None:
        weights = torch.where(attention_mask, weights, 0.0)
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def ignores_the_mask(x, w_q, w_k, w_v, attention_mask=None):
    """You did not use `attention_mask`: forbidden keys still get a share. Remove them before softmax."""
    return _attend(x @ w_q, x @ w_k, x @ w_v, None)


@misconception("self_attention")
def removes_the_allowed(x, w_q, w_k, w_v, attention_mask=None):
    """You removed the keys where the mask is True. Here True means may attend."""
    if attention_mask is not None:
        attention_mask = ~attention_mask
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)


@misconception("self_attention")
def masks_after_softmax(x, w_q, w_k, w_v, attention_mask=None):
    """You set weights to 0 after softmax, and the rest no longer sums to 1. Remove the keys before."""
    _, weights = _attend(x @ w_q, x @ w_k, x @ w_v, None)
    if attention_mask is not None:
        weights = weights * attention_mask
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def a_score_of_zero_for_a_removed_key(x, w_q, w_k, w_v, attention_mask=None):
    """You set removed scores to 0, and exp(0) is 1: that key still gets a share. Its score must be far below
    all others."""
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    if attention_mask is not None:
        scores = scores * attention_mask
    weights = scores.softmax(dim=-1)
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def masks_the_queries(x, w_q, w_k, w_v, attention_mask=None):
    """You turned the mask over, so that it removes rows instead of columns. Rows ask, columns answer: use it
    as it is given."""
    if attention_mask is not None:
        attention_mask = attention_mask.transpose(-2, -1)
    return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)


@misconception("self_attention", produces_nan=True)
def leaves_nan_where_nothing_is_left(x, w_q, w_k, w_v, attention_mask=None):
    """In a row without keys all scores are -inf, and softmax makes nan of them. Choose 0 for the weights
    where the mask is False, or use a large finite number first."""
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, float("-inf"))
    weights = scores.softmax(dim=-1)
    return weights @ (x @ w_v), weights


@misconception("self_attention")
def shares_alike_where_nothing_is_left(x, w_q, w_k, w_v, attention_mask=None):
    """In a row without keys all scores are equally low, and softmax shares alike. Set the weights to 0 where
    the mask is False, after softmax too."""
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, -1e9)
    weights = scores.softmax(dim=-1)
    return weights @ (x @ w_v), weights


@misconception("self_attention", produces_nan=True)
def exponentiates_as_it_is(x, w_q, w_k, w_v, attention_mask=None):
    """`exp` of a large score is inf, and inf / inf is nan. Take torch's softmax, or subtract the largest score of
    each row first (lesson 03)."""
    return _exponentiates(x @ w_q, x @ w_k, x @ w_v, attention_mask)


def _exponentiates(queries, keys, values, attention_mask):
    powers = (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).exp()
    if attention_mask is not None:
        powers = torch.where(attention_mask, powers, 0.0)
    total = powers.sum(dim=-1, keepdim=True)
    weights = powers / torch.where(total == 0, 1.0, total)
    return weights @ values, weights


@misconception("self_attention")
def a_removed_score_that_is_not_low_enough(x, w_q, w_k, w_v, attention_mask=None):
    """You gave removed keys a score of about -20. Allowed ones may be lower still, and then the removed take the
    whole share. Use -inf, or `torch.finfo(torch.float32).min`."""
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    if attention_mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~attention_mask, -20.0).softmax(dim=-1) * attention_mask
    return weights @ (x @ w_v), weights


# SelfAttention


class _SelfAttention(nn.Module):
    def __init__(self, d_model, head_dim):
        super().__init__()
        self.query = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.value = nn.Linear(d_model, head_dim, bias=False)


@misconception("SelfAttention")
class ReshapesTheWeights(_SelfAttention):
    """`nn.Linear` keeps its weight as (out, in). Reshaped to (in, out), its numbers stand in the wrong
    places: it must be transposed."""

    def forward(self, x, attention_mask=None):
        w_q, w_k, w_v = (each.weight.reshape(each.weight.shape[::-1]) for each in self.children())
        return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)


@misconception("SelfAttention")
class ForgetsTheMask(_SelfAttention):
    """Your module takes a mask and does not use it. Hand it on to `self_attention`."""

    def forward(self, x, attention_mask=None):
        return _attend(self.query(x), self.key(x), self.value(x), None)


@misconception("SelfAttention", produces_nan=True)
class LeavesNanInAnEmptyRow(_SelfAttention):
    """In a row without keys all scores are -inf, and softmax makes nan of them. Call `self_attention`, which gives
    zeros; or set the weights to 0 where the mask is False."""

    def forward(self, x, attention_mask=None):
        scores = self.query(x) @ self.key(x).transpose(-2, -1) / self.query.out_features**0.5
        if attention_mask is not None:
            scores = scores.masked_fill(~attention_mask, float("-inf"))
        weights = scores.softmax(dim=-1)
        return weights @ self.value(x), weights


@misconception("SelfAttention")
class SharesAlikeInAnEmptyRow(_SelfAttention):
    """In a row without keys all scores are equally low, and softmax shares alike. Call `self_attention`, which gives
    zeros; or set the weights to 0 where the mask is False, after softmax too."""

    def forward(self, x, attention_mask=None):
        scores = self.query(x) @ self.key(x).transpose(-2, -1) / self.query.out_features**0.5
        if attention_mask is not None:
            scores = scores.masked_fill(~attention_mask, -1e9)
        weights = scores.softmax(dim=-1)
        return weights @ self.value(x), weights


@misconception("SelfAttention", produces_nan=True)
class ExponentiatesAsItIs(_SelfAttention):
    """`exp` of a large score is inf, and inf / inf is nan. Call `self_attention`, or take torch's softmax, which
    subtracts the largest score of each row first."""

    def forward(self, x, attention_mask=None):
        return _exponentiates(self.query(x), self.key(x), self.value(x), attention_mask)


@misconception("SelfAttention")
class ReturnsTheOutputOnly(_SelfAttention):
    """Return both, the output and the weights: later lessons look at who attends to whom."""

    def forward(self, x, attention_mask=None):
        return _attend(self.query(x), self.key(x), self.value(x), attention_mask)[0]


@misconception("SelfAttention")
class ExchangesQueryAndKey(_SelfAttention):
    """Queries and keys are exchanged: `self.query` makes the queries, which ask, and each has its row."""

    def forward(self, x, attention_mask=None):
        return _attend(self.key(x), self.query(x), self.value(x), attention_mask)


@misconception("SelfAttention")
class UsesQueriesAsKeys(_SelfAttention):
    """Your keys are your queries: both came from `self.query`. Keys come from `self.key`."""

    def forward(self, x, attention_mask=None):
        return _attend(self.query(x), self.query(x), self.value(x), attention_mask)


@misconception("SelfAttention")
class UsesKeysAsValues(_SelfAttention):
    """The weights are right, but you mixed the keys. What is handed on comes from `self.value`."""

    def forward(self, x, attention_mask=None):
        return _attend(self.query(x), self.key(x), self.key(x), attention_mask)


@misconception("SelfAttention")
class ScalesByDModel(_SelfAttention):
    """You divided by √d_model. The dot product runs over the numbers of a query: divide by √head_dim."""

    def forward(self, x, attention_mask=None):
        scale = x.shape[-1] ** 0.5
        return _attend(self.query(x), self.key(x), self.value(x), attention_mask, scale=scale)


@misconception("SelfAttention")
class LeavesTheNotesOfTheWeights(_SelfAttention):
    """Your numbers are right, but training cannot reach the three layers: `.data`, `.detach()` and
    `torch.tensor(…)` give a weight's numbers without torch's notes. Use `.weight` itself, turned."""

    def forward(self, x, attention_mask=None):
        w_q, w_k, w_v = (each.weight.data.T for each in (self.query, self.key, self.value))
        return _attend(x @ w_q, x @ w_k, x @ w_v, attention_mask)


@misconception("SelfAttention")
class LeavesTorch(_SelfAttention):
    """Your numbers are right, but they come without torch's notes, so nothing can be trained through them.
    Stay in torch from start to end."""

    def forward(self, x, attention_mask=None):
        output, weights = _attend(self.query(x), self.key(x), self.value(x), attention_mask)
        return output.detach(), weights.detach()


@misconception("SelfAttention")
class HasOneLayerForAll(_SelfAttention):
    """You used one layer for all three. Queries, keys and values each have a layer of their own."""

    def forward(self, x, attention_mask=None):
        return _attend(self.query(x), self.query(x), self.query(x), attention_mask)


@misconception("SelfAttention")
class ForgetsToScale(_SelfAttention):
    """Your scores are not scaled: divide by the square root of head_dim, or call `self_attention`, which
    does it."""

    def forward(self, x, attention_mask=None):
        return _attend(self.query(x), self.key(x), self.value(x), attention_mask, scale=1)


# is_permutation_equivariant


def _exchanged(tensor, first, second, dim=-2):
    order = list(range(tensor.shape[dim]))
    order[first], order[second] = second, first
    return tensor.index_select(dim, torch.tensor(order))


def _goes_along_with_the_pair(f, x, pair, dim=-2):
    return torch.allclose(f(_exchanged(x, *pair, dim)), _exchanged(f(x), *pair, dim), atol=1e-5)


def _goes_along(f, x, order):
    return torch.allclose(f(x[..., order, :]), f(x)[..., order, :], atol=1e-5)


@misconception("is_permutation_equivariant")
def tests_invariance(f, x):
    """You asked whether the output stays the same when positions are exchanged: that is invariance.
    Equivariant means that the outputs are exchanged too."""
    pairs = combinations(range(x.shape[-2]), 2)
    return all(torch.allclose(f(_exchanged(x, *pair)), f(x), atol=1e-5) for pair in pairs)


@misconception("is_permutation_equivariant")
def exchanges_features(f, x):
    """You exchanged columns: features, not positions. Positions are the last axis but one."""
    pairs = combinations(range(x.shape[-1]), 2)
    return all(
        f(_exchanged(x, *pair, dim=-1)).shape == f(x).shape
        and torch.allclose(f(_exchanged(x, *pair, dim=-1)), f(x), atol=1e-5)
        for pair in pairs
    )


@misconception("is_permutation_equivariant")
def tries_only_the_reversed_order(f, x):
    """You tried one new order, the reversed one. A function may go along with that and not with others:
    try every pair of positions."""
    return _goes_along(f, x, list(range(x.shape[-2]))[::-1])


@misconception("is_permutation_equivariant")
def tries_only_a_shift(f, x):
    """You tried only a shift, where all positions move on by one. A function may go along with that and not
    with others: try every pair of positions."""
    seq = x.shape[-2]
    return _goes_along(f, x, [seq - 1, *range(seq - 1)])


@misconception("is_permutation_equivariant")
def exchanges_only_the_first_two(f, x):
    """You exchanged the first two positions only. A function may treat these alike and others not: try every
    pair."""
    return _goes_along(f, x, [1, 0, *range(2, x.shape[-2])])


@misconception("is_permutation_equivariant")
def exchanges_only_neighbours(f, x):
    """You exchanged neighbours only. At one x, a function may go along with all of these and not with a pair
    further apart: try every pair."""
    return all(_goes_along_with_the_pair(f, x, (place, place + 1)) for place in range(x.shape[-2] - 1))


@misconception("is_permutation_equivariant")
def exchanges_only_with_the_first(f, x):
    """You exchanged the first position with each other one. The others among themselves are pairs too."""
    return all(_goes_along_with_the_pair(f, x, (0, place)) for place in range(1, x.shape[-2]))


@misconception("is_permutation_equivariant")
def compares_only_the_exchanged(f, x):
    """You compared the two exchanged positions only. Nothing else may happen: compare all positions."""
    before = f(x)
    for first, second in combinations(range(x.shape[-2]), 2):
        after = f(_exchanged(x, first, second))
        there, back = after[..., [first, second], :], before[..., [second, first], :]
        if not torch.allclose(there, back, atol=1e-5):
            return False
    return True


@misconception("is_permutation_equivariant")
def allows_too_much(f, x):
    """Your comparison lets differences of a tenth pass. Allow for rounding only: `atol=1e-5`."""
    pairs = combinations(range(x.shape[-2]), 2)
    return all(torch.allclose(f(_exchanged(x, *pair)), _exchanged(f(x), *pair), atol=0.1) for pair in pairs)


@misconception("is_permutation_equivariant")
def allows_no_rounding(f, x):
    """Right but for rounding: another order of adding rounds differently, and near 0 torch's usual tolerance
    is almost none. Give `torch.allclose` an `atol=1e-5`."""
    pairs = combinations(range(x.shape[-2]), 2)
    return all(torch.allclose(f(_exchanged(x, *pair)), _exchanged(f(x), *pair)) for pair in pairs)


@misconception("is_permutation_equivariant")
def tries_another_x(f, x):
    """You tried numbers of your own instead of the given x. A function may go along there and not here."""
    x = torch.sin(torch.arange(float(x.numel()))).reshape(x.shape)
    return all(_goes_along_with_the_pair(f, x, pair) for pair in combinations(range(x.shape[-2]), 2))


@misconception("is_permutation_equivariant")
def counts_the_first_axis(f, x):
    """You exchanged the right axis, but counted another: `x.shape[0]` is the batch, if there is one. The
    number of positions is `x.shape[-2]`."""
    return all(_goes_along_with_the_pair(f, x, pair) for pair in combinations(range(len(x)), 2))


@misconception("is_permutation_equivariant")
def one_pair_is_enough(f, x):
    """You say True as soon as one pair of positions goes along. All of them must."""
    return any(_goes_along_with_the_pair(f, x, pair) for pair in combinations(range(x.shape[-2]), 2))


@misconception("is_permutation_equivariant")
def exchanges_along_the_first_axis(f, x):
    """You exchanged along the first axis. With a batch in front, that exchanges sentences: positions are the
    last axis but one."""
    return all(_goes_along_with_the_pair(f, x, pair, dim=0) for pair in combinations(range(len(x)), 2))


@misconception("is_permutation_equivariant")
def says_the_opposite(f, x):
    """Your answers are the wrong way round: True means that the outputs go along."""
    return not all(_goes_along_with_the_pair(f, x, pair) for pair in combinations(range(x.shape[-2]), 2))
