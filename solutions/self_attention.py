"""Reference answers to lesson 05: self-attention."""

from collections.abc import Callable
from itertools import combinations

import torch
from torch import nn


def gradient_of(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """How much f(x) changes for each number of x: its gradient, by automatic differentiation.

    Args:
        f: takes a tensor of the shape of `x`, returns a tensor that holds one number.
        x: any shape, floating point; watched (with a `.grad` of its own) or not. It stays as it is.

    Returns:
        Same shape as `x`. Asked again, it gives the same again.
    """
    # A leaf of our own: what others asked about x is neither counted nor disturbed.
    place = x.detach().requires_grad_()
    f(place).backward()
    return place.grad  # type: ignore[return-value]  # backward has filled it


def train_step(
    model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, optimiser: torch.optim.Optimizer
) -> torch.Tensor:
    """Move the model's parameters once, so that its outputs come nearer to the targets.

    The loss is the mean squared error: (output - target)², averaged over all numbers.

    Args:
        model: `model(inputs)` has the shape of `targets`.
        inputs: `(batch, d_in)`.
        targets: `(batch, d_out)`.
        optimiser: was given the model's parameters, and knows how to move them. Gradients that are there
            already count for nothing.

    Returns:
        The loss before the move: a tensor that holds one number.
    """
    error = ((model(inputs) - targets) ** 2).mean()
    # backward adds to what is there, so the gradients of the last step must go first.
    optimiser.zero_grad()
    error.backward()
    optimiser.step()
    return error


def self_attention(
    x: torch.Tensor,
    w_q: torch.Tensor,
    w_k: torch.Tensor,
    w_v: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let every position of a sequence look at all positions of the same sequence.

    weights = softmax(Q Kᵀ / √head_dim), output = weights V, where Q = x w_q, K = x w_k, V = x w_v
    (Vaswani and others, 2017).

    Args:
        x: `(…, seq, d_model)`.
        w_q, w_k: `(d_model, head_dim)`.
        w_v: `(d_model, value_dim)`.
        attention_mask: boolean, broadcastable to `(…, seq, seq)`. True = may attend. None: all may.

    Returns:
        Output `(…, seq, value_dim)` and weights `(…, seq, seq)`. A position that may attend to nothing
        has weights and output of zero, never NaN. `backward` goes through both to x and the matrices.
    """
    queries, keys, values = x @ w_q, x @ w_k, x @ w_v  # (…, seq, head_dim) twice, (…, seq, value_dim)
    scores = queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5  # (…, seq, seq)
    if attention_mask is None:
        attention_mask = torch.ones_like(scores, dtype=torch.bool)
    # Unlike -inf, the most negative finite number leaves no NaN in a row without keys.
    scores = torch.where(attention_mask, scores, torch.finfo(scores.dtype).min)
    weights = torch.where(attention_mask, scores.softmax(dim=-1), 0.0)
    return weights @ values, weights


class SelfAttention(nn.Module):
    """Self-attention with matrices of its own, which an optimiser can train."""

    def __init__(self, d_model: int, head_dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.value = nn.Linear(d_model, head_dim, bias=False)

    def forward(
        self, x: torch.Tensor, attention_mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `self_attention`, with the three layers in place of the matrices.

        Args:
            x: `(…, seq, d_model)`.
            attention_mask: boolean, broadcastable to `(…, seq, seq)`. True = may attend. None: all may.

        Returns:
            Output `(…, seq, head_dim)` and weights `(…, seq, seq)`. `backward` goes through both to the layers.
        """
        w_q, w_k, w_v = self.query.weight.T, self.key.weight.T, self.value.weight.T
        return self_attention(x, w_q, w_k, w_v, attention_mask)


def is_permutation_equivariant(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> bool:
    """Say whether f goes along with a new order of its input: exchange two positions of x, and the same two
    of f(x) are exchanged, and nothing else happens.

    Args:
        f: takes `(…, seq, d)`, returns `(…, seq, d_out)`.
        x: `(…, seq, d)`, no two positions equal.

    Returns:
        True if it is so for every pair of positions, up to rounding.
    """
    before, seq = f(x), x.shape[-2]
    for first, second in combinations(range(seq), 2):
        order = list(range(seq))
        order[first], order[second] = second, first
        if not torch.allclose(f(x[..., order, :]), before[..., order, :], atol=1e-5):
            return False
    return True


# Write w_q_for_the_story = three rows of two numbers, for example [[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]].
w_q_for_the_story = [[2.0, 2.0], [0.5, -0.5], [1.0, -2.0]]

# Write w_q_for_the_previous = two rows of two numbers, for example [[1.0, 0.0], [0.0, 2.0]].
w_q_for_the_previous = [[0.0, -6.0], [6.0, 0.0]]

# Write w_q_for_two = two rows of two numbers, for example [[1.0, 0.0], [0.0, 2.0]].
w_q_for_two = [[4.0, -4.0], [4.0, 4.0]]

# Write words_in_a_new_order = "a", "b", "c" or "d".
words_in_a_new_order = "b"

# Write doubled_and_halved = "a", "b", "c" or "d".
doubled_and_halved = "c"
