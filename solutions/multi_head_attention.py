"""Reference answers to lesson 09: multi-head attention."""

import copy

import torch
from torch import nn


def split_heads(x: torch.Tensor, num_heads: int) -> torch.Tensor:
    """Cut the features of each position into `num_heads` parts of equal size, one for each head.

    Head 0 gets the first d_model / num_heads features of every position, head 1 the next, and so on.

    Args:
        x: `(batch, seq, d_model)`.
        num_heads: how many heads; it divides d_model.

    Returns:
        `(batch, num_heads, seq, head_dim)`, where head_dim = d_model / num_heads.
    """
    batch, seq, d_model = x.shape
    return x.reshape(batch, seq, num_heads, d_model // num_heads).transpose(1, 2)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Put the parts of all heads side by side again: undo `split_heads`.

    Args:
        x: `(batch, num_heads, seq, head_dim)`.

    Returns:
        `(batch, seq, num_heads * head_dim)`: for each position the features of head 0, then of head 1, ….
    """
    return x.transpose(1, 2).flatten(-2)


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own part of the features; `output` mixes what they bring."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Project, split into heads, let every head attend, merge, project.

        Each head attends as in lesson 04: softmax(q kᵀ / sqrt(head_dim)) v, with its own q, k and v.

        Args:
            queries: `(batch, seq_q, d_model)`, before the projection.
            keys: `(batch, seq_k, d_model)`, before the projection.
            values: `(batch, seq_k, d_model)`, before the projection.
            attention_mask: boolean, broadcastable to `(batch, seq_q, seq_k)`, True = may attend, the same for
                all heads. None: every query may attend to every key.

        Returns:
            The output `(batch, seq_q, d_model)`, and the weights `(batch, num_heads, seq_q, seq_k)`. A query that
            may attend to nothing gets weights of 0, and its heads bring 0: its output is the bias of `output`.
        """
        q, k, v = (
            split_heads(x, self.num_heads) for x in (self.query(queries), self.key(keys), self.value(values))
        )
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (batch, num_heads, seq_q, seq_k)
        if attention_mask is None:
            attention_mask = torch.ones_like(scores[:, 0], dtype=torch.bool)
        may = attention_mask.unsqueeze(-3)  # the axis of the heads
        scores = torch.where(may, scores, torch.finfo(scores.dtype).min)
        weights = torch.where(may, scores.softmax(dim=-1), 0.0)
        return self.output(merge_heads(weights @ v)), weights


def to_pytorch_mask(attention_mask: torch.Tensor, num_heads: int) -> torch.Tensor:
    """Our mask, as `torch.nn.MultiheadAttention` wants its `attn_mask`.

    Args:
        attention_mask: boolean `(batch, seq_q, seq_k)`, True = may attend.
        num_heads: how many heads get the same mask.

    Returns:
        Boolean `(batch * num_heads, seq_q, seq_k)`, True = may NOT attend: all heads of the first sequence, then all
        heads of the second, and so on.
    """
    return ~attention_mask.repeat_interleave(num_heads, dim=0)


def ablate_head(attention: "MultiHeadAttention", head: int) -> "MultiHeadAttention":
    """A copy of an attention in which one head brings nothing; the original stays as it is.

    Args:
        attention: a `MultiHeadAttention`.
        head: the number of the head, from 0.

    Returns:
        A new `MultiHeadAttention` whose output is what the other heads and the bias of `output` give.
    """
    ablated = copy.deepcopy(attention)
    head_dim = ablated.output.in_features // ablated.num_heads
    with torch.no_grad():
        ablated.output.weight[:, head * head_dim : (head + 1) * head_dim] = 0
    return ablated


one_head_fails = "b"

what_a_map_says = "c"
