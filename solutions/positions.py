"""Reference answers to lesson 06: positions."""

import torch
from torch import nn


def sinusoidal_positions(seq: int, d_model: int) -> torch.Tensor:
    """One vector for each position, made of waves from fast to slow (Vaswani and others, 2017, section 3.5).

    Columns 2i and 2i + 1 are a pair: sin(angle) and cos(angle), where
    angle = position / 10000^(2i / d_model), in radians, and i = 0, 1, …, d_model/2 - 1.

    Args:
        seq: how many positions, counted from 0.
        d_model: how many columns, an even number.

    Returns:
        `(seq, d_model)`, a float32 tensor. Sines and cosines alternate: sin, cos, sin, cos, ….
    """
    positions = torch.arange(seq)[:, None]  # (seq, 1)
    wavelengths = 10000 ** (torch.arange(0, d_model, 2) / d_model)  # (d_model / 2,), each over 2π
    angles = positions / wavelengths  # (seq, d_model / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def add_positions(x: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Add to each vector of a sequence the vector of the place where it stands.

    Args:
        x: `(…, seq, d_model)`.
        positions: `(longest, d_model)`, one row a position, from 0 on; `longest` is at least `seq`.

    Returns:
        `(…, seq, d_model)`. Every sequence of a batch gets the same positions.
    """
    return x + positions[: x.shape[-2]]


class LearnedPositions(nn.Module):
    """Positions as parameters: a table with one vector a position, trained with the rest of the model."""

    def __init__(self, longest: int, d_model: int) -> None:
        super().__init__()
        self.table = nn.Embedding(longest, d_model)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add to each vector the table's row for the place where it stands.

        Args:
            x: `(…, seq, d_model)`, with `seq` at most `longest`.

        Returns:
            `(…, seq, d_model)`. Gradients reach the table.
        """
        places = torch.arange(x.shape[-2], device=x.device)  # (seq,)
        return x + self.table(places)


def rotary(x: torch.Tensor) -> torch.Tensor:
    """Turn each pair of features by an angle that grows with the position (Su and others, 2021).

    Features 2i and 2i + 1 are a pair, a point (a, b) in the plane. At position p it becomes
    (a cos φ - b sin φ, a sin φ + b cos φ), where φ = p / 10000^(2i / d), in radians.

    Args:
        x: `(…, seq, d)`, with d even; positions are counted from 0.

    Returns:
        `(…, seq, d)`. Position 0 stays as it is; no pair changes its length.
    """
    # The angles are those of the sinusoidal positions, so their sines and cosines are there already.
    seq, d = x.shape[-2:]
    waves = sinusoidal_positions(seq, d).to(x)  # (seq, d)
    sin, cos = waves[:, 0::2], waves[:, 1::2]  # (seq, d / 2)
    a, b = x[..., 0::2], x[..., 1::2]  # (…, seq, d / 2)
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


class RotaryAttention(nn.Module):
    """Self-attention whose scores know how far apart query and key stand."""

    def __init__(self, d_model: int, head_dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.value = nn.Linear(d_model, head_dim, bias=False)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """As `SelfAttention` of lesson 05, without a mask; queries and keys are turned by `rotary`.

        Not by torch's own `scaled_dot_product_attention`.

        Args:
            x: `(…, seq, d_model)`; head_dim is even.

        Returns:
            Output `(…, seq, head_dim)` and weights `(…, seq, seq)`. `backward` goes through both to the layers.
        """
        queries, keys = rotary(self.query(x)), rotary(self.key(x))  # (…, seq, head_dim)
        scores = queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5  # (…, seq, seq)
        weights = scores.softmax(dim=-1)
        return weights @ self.value(x), weights


# Write crash_shape = [batch, seq], two whole numbers.
crash_shape = [33, 16]

# Write what_it_adds = "a", "b", "c" or "d".
what_it_adds = "c"

# Write ends_only = "a", "b", "c" or "d".
ends_only = "b"
