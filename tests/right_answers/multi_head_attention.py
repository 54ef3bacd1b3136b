"""Right answers to lesson 09, written differently from the reference: every check must accept them."""

import copy
import math

import torch
from torch import nn

# split_heads


def split_heads__view_and_permute(x, num_heads):
    batch, seq, _ = x.size()
    return x.view(batch, seq, num_heads, -1).permute(0, 2, 1, 3).contiguous()


def split_heads__chunks(x, num_heads):
    return torch.stack(x.chunk(num_heads, dim=-1), dim=1)


def split_heads__unflatten(x, num_heads):
    return torch.unflatten(x, -1, (num_heads, -1)).swapaxes(1, 2)


def split_heads__features_first(x, num_heads):
    batch, seq, d_model = x.shape
    return x.transpose(1, 2).reshape(batch, num_heads, d_model // num_heads, seq).transpose(2, 3)


def split_heads__with_loops(x, num_heads):
    batch, seq, d_model = x.shape
    head_dim = d_model // num_heads
    result = x.new_zeros(batch, num_heads, seq, head_dim)
    for head in range(num_heads):
        for feature in range(head_dim):
            result[:, head, :, feature] = x[:, :, head * head_dim + feature]
    return result


# merge_heads


def merge_heads__contiguous_view(x):
    batch, num_heads, seq, head_dim = x.shape
    return x.transpose(1, 2).contiguous().view(batch, seq, num_heads * head_dim)


def merge_heads__one_beside_the_other(x):
    return torch.cat([x[:, head] for head in range(x.shape[1])], dim=-1)


def merge_heads__unbind(x):
    return torch.hstack([part.movedim(-1, 1) for part in x.unbind(1)]).movedim(1, -1)


def merge_heads__permute(x):
    return x.permute(0, 2, 1, 3).reshape(len(x), x.size(2), -1)


# MultiHeadAttention


class _Layers(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)


class MultiHeadAttention__a_head_at_a_time(_Layers):
    def forward(self, queries, keys, values, attention_mask=None):
        q, k, v = self.query(queries), self.key(keys), self.value(values)
        head_dim = q.shape[-1] // self.num_heads
        found, weights = [], []
        for head in range(self.num_heads):
            part = slice(head * head_dim, (head + 1) * head_dim)
            scores = q[..., part] @ k[..., part].mT / math.sqrt(head_dim)
            if attention_mask is not None:
                scores = scores.masked_fill(~attention_mask, -1e9)
            shares = scores.softmax(-1)
            if attention_mask is not None:
                shares = shares * attention_mask
            weights.append(shares)
            found.append(shares @ v[..., part])
        return self.output(torch.cat(found, dim=-1)), torch.stack(weights, dim=1)


class MultiHeadAttention__einsum(_Layers):
    def forward(self, queries, keys, values, attention_mask=None):
        q, k, v = (
            x.unflatten(-1, (self.num_heads, -1))
            for x in (self.query(queries), self.key(keys), self.value(values))
        )
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) * q.shape[-1] ** -0.5
        if attention_mask is not None:
            allowed = attention_mask if attention_mask.dim() == 2 else attention_mask[:, None]
            scores = scores.masked_fill(~allowed, float("-inf"))
        weights = scores.softmax(dim=-1).nan_to_num()
        return self.output(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(-2)), weights


class MultiHeadAttention__heads_in_the_batch(_Layers):
    def forward(self, queries, keys, values, attention_mask=None):
        batch, seq_q, d_model = queries.shape

        def cut(x):
            return torch.cat(x.chunk(self.num_heads, dim=-1), dim=0)  # (num_heads * batch, seq, head_dim)

        q, k, v = cut(self.query(queries)), cut(self.key(keys)), cut(self.value(values))
        scores = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(d_model // self.num_heads)
        if attention_mask is None:
            weights = scores.softmax(-1)
        else:
            allowed = attention_mask.expand(batch, seq_q, keys.shape[1]).repeat(self.num_heads, 1, 1)
            exps = torch.exp(scores - scores.amax(-1, keepdim=True)) * allowed
            weights = exps / exps.sum(-1, keepdim=True).clamp(min=1e-30)
        together = torch.cat(torch.bmm(weights, v).split(batch), dim=-1)
        return self.output(together), torch.stack(weights.split(batch), dim=1)


class MultiHeadAttention__torchs_own(_Layers):
    def forward(self, queries, keys, values, attention_mask=None):
        q, k, v = self.query(queries), self.key(keys), self.value(values)
        q, k, v = (torch.stack(x.chunk(self.num_heads, -1), 1) for x in (q, k, v))
        shape = (*q.shape[:-1], k.shape[-2])
        if attention_mask is None:
            may = torch.ones(shape, dtype=torch.bool, device=q.device)
        else:
            may = attention_mask.unsqueeze(-3).expand(shape)
        some = may.any(-1, keepdim=True)
        identity = torch.eye(k.shape[-2], dtype=k.dtype, device=k.device).expand(*k.shape[:-2], -1, -1)
        weights = nn.functional.scaled_dot_product_attention(q, k, identity, attn_mask=may | ~some) * some
        return [self.output((weights @ v).transpose(1, 2).flatten(2)), weights]


# to_pytorch_mask


def to_pytorch_mask__expanded(attention_mask, num_heads):
    batch, seq_q, seq_k = attention_mask.shape
    stretched = attention_mask[:, None].expand(batch, num_heads, seq_q, seq_k)
    return stretched.reshape(-1, seq_q, seq_k).logical_not()


def to_pytorch_mask__stacked(attention_mask, num_heads):
    return torch.stack([attention_mask == False] * num_heads, dim=1).flatten(0, 1)  # noqa: E712


def to_pytorch_mask__a_sequence_at_a_time(attention_mask, num_heads):
    return torch.cat([~each.repeat(num_heads, 1, 1) for each in attention_mask])


def to_pytorch_mask__as_a_list(attention_mask, num_heads):
    return [(~sequence).tolist() for sequence in attention_mask for _ in range(num_heads)]


# ablate_head


def ablate_head__by_a_factor(attention, head):
    ablated = copy.deepcopy(attention)
    head_dim = attention.output.weight.shape[1] // attention.num_heads
    keep = torch.ones_like(attention.output.weight)
    keep[:, head * head_dim : (head + 1) * head_dim] = 0
    ablated.output.weight = nn.Parameter((attention.output.weight * keep).detach())
    return ablated


def ablate_head__its_values(attention, head):
    ablated = copy.deepcopy(attention)
    head_dim = ablated.value.out_features // ablated.num_heads
    rows = torch.arange(head * head_dim, head * head_dim + head_dim)
    ablated.value.weight.data[rows] = 0.0
    ablated.value.bias.data[rows] = 0.0
    return ablated


def ablate_head__a_new_module(attention, head):
    ablated = type(attention)(attention.query.in_features, attention.num_heads)
    ablated.load_state_dict(attention.state_dict())
    weight = ablated.output.weight.detach()
    weight.unflatten(1, (attention.num_heads, -1))[:, head].zero_()
    return ablated.to(attention.output.weight)


def ablate_head__in_the_dictionary(attention, head):
    numbers = {name: number.clone() for name, number in attention.state_dict().items()}
    parts = list(numbers["output.weight"].chunk(attention.num_heads, dim=1))
    parts[head] = torch.zeros_like(parts[head])
    numbers["output.weight"] = torch.cat(parts, dim=1)
    ablated = copy.deepcopy(attention)
    ablated.load_state_dict(numbers)
    return ablated
