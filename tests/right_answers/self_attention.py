"""Right answers to lesson 05, written differently from the reference: every check must accept them."""

import itertools
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# gradient_of


def gradient_of__torch_autograd_grad(f, x):
    own = x.clone().detach().requires_grad_(True)
    (slopes,) = torch.autograd.grad(f(own), own)
    return slopes


def gradient_of__torch_func(f, x):
    return torch.func.grad(f)(x)


def gradient_of__a_new_tensor(f, x):
    own = torch.tensor(x.tolist(), requires_grad=True)
    value = f(own)
    value.backward()
    return own.grad


def gradient_of__zeros_added(f, x):
    own = (x.detach() + 0).requires_grad_()
    f(own).sum().backward()
    return own.grad.clone()


def gradient_of__a_parameter(f, x):
    own = nn.Parameter(x.clone())
    f(own).backward()
    return own.grad.numpy()


# train_step


def train_step__zero_grad_first(model, inputs, targets, optimiser):
    optimiser.zero_grad(set_to_none=False)
    loss = F.mse_loss(model(inputs), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def train_step__model_zero_grad(model, inputs, targets, optimiser):
    outputs = model.forward(inputs)
    errors = outputs - targets
    loss = (errors * errors).sum() / errors.numel()
    model.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def train_step__with_a_closure(model, inputs, targets, optimiser):
    def closure():
        optimiser.zero_grad()
        loss = torch.mean(torch.square(targets - model(inputs)))
        loss.backward()
        return loss

    return optimiser.step(closure)


def train_step__sets_the_gradients(model, inputs, targets, optimiser):
    loss = nn.MSELoss()(model(inputs), targets)
    parameters = list(model.parameters())
    for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = slope
    optimiser.step()
    return float(loss)


# self_attention


def self_attention__einsum(x, w_q, w_k, w_v, attention_mask=None):
    q = torch.einsum("...sd,dh->...sh", x, w_q)
    k = torch.einsum("...sd,dh->...sh", x, w_k)
    v = torch.einsum("...sd,dh->...sh", x, w_v)
    scores = torch.einsum("...ih,...jh->...ij", q, k) * w_q.size(1) ** -0.5
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, float("-inf"))
    weights = F.softmax(scores, dim=-1).nan_to_num(0.0)
    return torch.einsum("...ij,...jh->...ih", weights, v), weights


def self_attention__one_matrix_in_the_middle(x, w_q, w_k, w_v, attention_mask=None):
    middle = w_q @ w_k.T / math.sqrt(w_q.shape[1])
    scores = x @ middle @ x.transpose(-1, -2)
    if attention_mask is None:
        weights = torch.softmax(scores, -1)
    else:
        weights = torch.softmax(scores.masked_fill(attention_mask.logical_not(), -1e30), -1) * attention_mask
    return (weights @ x) @ w_v, weights


def self_attention__by_hand(x, w_q, w_k, w_v, attention_mask=None):
    queries, keys, values = (x.matmul(w) for w in (w_q, w_k, w_v))
    scores = queries.matmul(keys.mT) / queries.shape[-1] ** 0.5
    if attention_mask is None:
        attention_mask = torch.tensor(True)
    allowed = attention_mask.expand(scores.shape)
    powers = torch.exp(scores - scores.amax(dim=-1, keepdim=True)) * allowed
    total = powers.sum(dim=-1, keepdim=True)
    weights = powers / torch.where(total > 0, total, 1.0)
    return weights @ values, weights


def self_attention__with_loops(x, w_q, w_k, w_v, attention_mask=None):
    if x.dim() > 2:
        masks = [None] * len(x)
        if attention_mask is not None:
            masks = attention_mask.expand(*x.shape[:-1], x.shape[-2])
        pairs = [
            self_attention__with_loops(one, w_q, w_k, w_v, mask) for one, mask in zip(x, masks, strict=True)
        ]
        return torch.stack([output for output, _ in pairs]), torch.stack([weights for _, weights in pairs])
    seq = len(x)
    allowed = (
        torch.ones(seq, seq, dtype=torch.bool) if attention_mask is None else attention_mask.expand(seq, seq)
    )
    weights, output = torch.zeros(seq, seq), torch.zeros(seq, w_v.shape[1])
    for i in range(seq):
        keys = [j for j in range(seq) if allowed[i, j]]
        scores = [(x[i] @ w_q) @ (x[j] @ w_k) / math.sqrt(w_q.shape[1]) for j in keys]
        powers = [torch.exp(score - max(map(float, scores))) for score in scores]
        for j, power in zip(keys, powers, strict=True):
            weights[i, j] = power / sum(powers)
            output[i] = output[i] + power / sum(powers) * (x[j] @ w_v)
    return output, weights


# SelfAttention


class _SelfAttention(nn.Module):
    def __init__(self, d_model, head_dim):
        super().__init__()
        self.query = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.value = nn.Linear(d_model, head_dim, bias=False)


class SelfAttention__calls_its_layers(_SelfAttention):
    def forward(self, x, attention_mask=None):
        queries, keys, values = self.query(x), self.key(x), self.value(x)
        scores = queries @ keys.mT / math.sqrt(queries.shape[-1])
        if attention_mask is not None:
            scores = scores.masked_fill(~attention_mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if attention_mask is not None:
            weights = weights * attention_mask
        return weights @ values, weights


class SelfAttention__projects_first(_SelfAttention):
    def forward(self, x, attention_mask=None):
        one = torch.eye(self.value.out_features)
        joined = torch.cat([self.query(x), self.key(x), self.value(x)], dim=-1)
        blocks = [torch.zeros(3 * len(one), len(one)) for _ in range(3)]
        for number, block in enumerate(blocks):
            block[number * len(one) : (number + 1) * len(one)] = one
        return self_attention__einsum(joined, *blocks, attention_mask)


class SelfAttention__keeps_the_order_of_its_layers(nn.Module):
    def __init__(self, d_model, head_dim):
        super().__init__()
        self.value = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.query = nn.Linear(d_model, head_dim, bias=False)

    def forward(self, x, attention_mask=None):
        turned = [layer.weight.transpose(0, 1) for layer in (self.query, self.key, self.value)]
        return list(self_attention__by_hand(x, *turned, attention_mask=attention_mask))


class SelfAttention__asks_torch_for_the_output(_SelfAttention):
    def forward(self, x, attention_mask=None):
        queries, keys, values = self.query(x), self.key(x), self.value(x)
        output = F.scaled_dot_product_attention(queries, keys, values, attn_mask=attention_mask)
        identity = torch.eye(x.shape[-2]).expand(*x.shape[:-2], -1, -1)
        return output, F.scaled_dot_product_attention(queries, keys, identity, attn_mask=attention_mask)


# is_permutation_equivariant


def is_permutation_equivariant__pairs_from_the_end(f, x):
    for j in range(x.shape[-2] - 1, 0, -1):
        for i in range(j):
            order = torch.arange(x.shape[-2])
            order[[i, j]] = order[[j, i]]
            if (f(x[..., order, :]) - f(x)[..., order, :]).abs().max() > 1e-3:
                return False
    return True


def is_permutation_equivariant__random_orders(f, x):
    random = torch.Generator().manual_seed(0)
    for _ in range(60):
        order = torch.randperm(x.shape[-2], generator=random)
        if not torch.allclose(f(x[..., order, :]), f(x)[..., order, :], rtol=1e-4, atol=1e-5):
            return False
    return True


def is_permutation_equivariant__every_order(f, x):
    before = f(x).numpy()
    return all(
        np.allclose(f(x[..., list(order), :]).numpy(), before[..., list(order), :], atol=1e-4)
        for order in itertools.permutations(range(x.shape[-2]))
    )


def is_permutation_equivariant__matrices(f, x):
    answers = []
    for i in range(x.shape[-2]):
        for j in range(i):
            exchange = torch.eye(x.shape[-2])
            exchange[[i, j]] = exchange[[j, i]]
            answers.append(torch.isclose(f(exchange @ x), exchange @ f(x), rtol=1e-3, atol=1e-4).all())
    return torch.stack(answers).all()


def is_permutation_equivariant__on_clones(f, x):
    y = f(x)
    for i, j in itertools.product(range(x.shape[-2]), repeat=2):
        new_x, new_y = x.clone(), y.clone()
        new_x[..., i, :], new_x[..., j, :] = x[..., j, :], x[..., i, :]
        new_y[..., i, :], new_y[..., j, :] = y[..., j, :], y[..., i, :]
        if not torch.allclose(f(new_x), new_y, rtol=1e-3, atol=1e-4):
            return False
    return True


# puzzles

w_q_for_the_story__larger_for_sat = [[2.0, 2.0], [0.5, -0.5], [2.0, -2.5]]
w_q_for_the_story__smaller = [[1.8, 1.8], [0.9, -0.2], [1.2, -1.8]]
w_q_for_the_story__tilted = np.array([[2.1, 2.0], [0.4, -0.6], [0.9, -2.1]])
w_q_for_the_previous__larger = [[0.0, -10.0], [10.0, 0.0]]
w_q_for_the_previous__a_little_tilted = np.array([[1.0, -8.0], [8.0, 1.0]])
w_q_for_the_previous__whole_numbers = [[0, -5], [5, 0]]
w_q_for_two__larger = [[10.0, -10.0], [10.0, 10.0]]
w_q_for_two__smaller = [[3.0, -3.0], [3.0, 3.0]]
w_q_for_two__whole_numbers = np.array([[5, -5], [5, 5]])
