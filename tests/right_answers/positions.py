"""Right answers to lesson 06, written differently from the reference: every check must accept them."""

import math

import numpy as np
import torch
from torch import nn

# sinusoidal_positions


def sinusoidal_positions__with_loops(seq, d_model):
    table = torch.zeros(seq, d_model)
    for position in range(seq):
        for i in range(d_model // 2):
            angle = position / 10000 ** (2 * i / d_model)
            table[position, 2 * i] = math.sin(angle)
            table[position, 2 * i + 1] = math.cos(angle)
    return table


def sinusoidal_positions__by_exp_of_log(seq, d_model):
    pe = torch.zeros(seq, d_model)
    position = torch.arange(seq, dtype=torch.float32).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe


def sinusoidal_positions__in_numpy(seq, d_model):
    columns = np.arange(d_model)
    angles = np.arange(seq)[:, None] / 10000 ** (columns // 2 * 2 / d_model)
    return torch.tensor(np.where(columns % 2, np.cos(angles), np.sin(angles)), dtype=torch.float32)


def sinusoidal_positions__cosine_as_a_late_sine(seq, d_model):
    columns = torch.arange(d_model)
    angles = torch.outer(torch.arange(seq).double(), 10000.0 ** (-(columns - columns % 2).double() / d_model))
    return torch.sin(angles + columns % 2 * math.pi / 2).float()


def sinusoidal_positions__complex(seq, d_model):
    speeds = 10000.0 ** (-torch.arange(d_model // 2).double() * 2 / d_model)
    hands = torch.polar(torch.ones(seq, d_model // 2).double(), torch.arange(seq)[:, None] * speeds)
    return torch.stack([hands.imag, hands.real], -1).reshape(seq, d_model).float()


# add_positions


def add_positions__sliced_by_rows(x, positions):
    return positions[: x.size(-2), :] + x


def add_positions__place_by_place(x, positions):
    return torch.stack([x[..., place, :] + positions[place] for place in range(x.shape[-2])], dim=-2)


def add_positions__on_a_copy(x, positions):
    result = x.clone()
    for place in range(x.shape[-2]):
        result[..., place, :] += positions[place]
    return result


def add_positions__expanded(x, positions):
    rows = positions.narrow(0, 0, x.shape[-2])
    return torch.add(x, rows.expand_as(x))


# LearnedPositions


class LearnedPositions__by_the_weight(nn.Module):
    def __init__(self, longest, d_model):
        super().__init__()
        self.table = nn.Embedding(longest, d_model)

    def forward(self, x):
        return x + self.table.weight[: x.shape[-2]]


class LearnedPositions__through_functional(nn.Module):
    def __init__(self, longest, d_model):
        super().__init__()
        self.table = nn.Embedding(longest, d_model)

    def forward(self, x):
        places = torch.tensor(list(range(x.size(-2))))
        return torch.nn.functional.embedding(places, self.table.weight).expand_as(x) + x


class LearnedPositions__one_hot(nn.Module):
    def __init__(self, longest, d_model):
        super().__init__()
        self.table = nn.Embedding(longest, d_model)

    def forward(self, x):
        which = torch.eye(x.shape[-2], self.table.num_embeddings)
        return which @ self.table.weight + x


class LearnedPositions__all_places_looked_up(nn.Module):
    def __init__(self, longest, d_model):
        super().__init__()
        self.table = nn.Embedding(longest, d_model)

    def forward(self, x):
        places = torch.arange(x.shape[-2]).expand(x.shape[:-1])
        return self.table(places) + x


# rotary


def rotary__with_loops(x):
    d = x.shape[-1]
    result = torch.zeros_like(x)
    for p in range(x.shape[-2]):
        for i in range(d // 2):
            angle = p / 10000 ** (2 * i / d)
            a, b = x[..., p, 2 * i], x[..., p, 2 * i + 1]
            result[..., p, 2 * i] = a * math.cos(angle) - b * math.sin(angle)
            result[..., p, 2 * i + 1] = a * math.sin(angle) + b * math.cos(angle)
    return result


def rotary__complex_numbers(x):
    seq, d = x.shape[-2:]
    speeds = 10000.0 ** (-torch.arange(0, d, 2) / d)
    hands = torch.polar(torch.ones(seq, d // 2), torch.arange(seq)[:, None] * speeds)
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], d // 2, 2))
    return torch.view_as_real(pairs * hands).flatten(-2)


def rotary__neighbour_swapped(x):
    seq, d = x.shape[-2:]
    angles = torch.arange(seq)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    sin, cos = (wave.repeat_interleave(2, dim=-1) for wave in (angles.sin(), angles.cos()))
    swapped = torch.stack([-x[..., 1::2], x[..., 0::2]], dim=-1).reshape(x.shape)
    return x * cos + swapped * sin


def rotary__rotation_matrices(x):
    seq, d = x.shape[-2:]
    rows = []
    for p in range(seq):
        blocks = []
        for i in range(d // 2):
            angle = p / 10000 ** (2 * i / d)
            blocks.append(
                torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            )
        rows.append(x[..., p, :] @ torch.block_diag(*blocks).T)
    return torch.stack(rows, dim=-2)


# RotaryAttention


def turned(x):
    return rotary__complex_numbers(x)


class _Attention(nn.Module):
    def __init__(self, d_model, head_dim):
        super().__init__()
        self.query = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.value = nn.Linear(d_model, head_dim, bias=False)


class RotaryAttention__einsum(_Attention):
    def forward(self, x):
        q, k, v = turned(self.query(x)), turned(self.key(x)), self.value(x)
        scores = torch.einsum("...id,...jd->...ij", q, k) / math.sqrt(self.query.out_features)
        exps = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
        weights = exps / exps.sum(dim=-1, keepdim=True)
        return torch.einsum("...ij,...jd->...id", weights, v), weights


class RotaryAttention__scaled_queries(_Attention):
    def forward(self, x):
        q = rotary__neighbour_swapped(self.query(x) * self.query.out_features**-0.5)
        k = rotary__neighbour_swapped(self.key(x))
        weights = torch.softmax(q.matmul(k.mT), -1)
        return (weights.matmul(self.value(x)), weights)


class RotaryAttention__turned_by_the_difference(_Attention):
    def forward(self, x):
        q, k = self.query(x), self.key(x)
        seq, d = q.shape[-2:]
        scores = x.new_zeros(*x.shape[:-2], seq, seq)
        for i in range(seq):
            for j in range(seq):
                distance = abs(i - j)
                late, early = (q[..., i, :], k[..., j, :]) if i >= j else (k[..., j, :], q[..., i, :])
                padded = torch.stack([torch.zeros_like(late)] * distance + [late], dim=-2)
                scores[..., i, j] = (turned(padded)[..., -1, :] * early).sum(-1) / d**0.5
        weights = scores.softmax(-1)
        return [weights @ self.value(x), weights]


class RotaryAttention__one_sequence_at_a_time(_Attention):
    def forward(self, x):
        if x.dim() > 2:
            outputs, weights = zip(*[self.forward(each) for each in x], strict=True)
            return torch.stack(outputs), torch.stack(weights)
        q, k = turned(self.query(x)), turned(self.key(x))
        weights = torch.stack([(k @ row / len(row) ** 0.5).softmax(0) for row in q])
        return weights @ self.value(x), weights


crash_shape__barely = [33, 1]
crash_shape__a_usual_batch = (64, 32)
crash_shape__huge = np.array([1000.0, 2.0])
