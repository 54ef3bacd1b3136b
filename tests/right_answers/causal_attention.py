"""Right answers to lesson 08, written differently from the reference: every check must accept them."""

import math

import numpy as np
import torch

# causal_mask


def causal_mask__by_comparison(seq):
    place = torch.arange(seq)
    return place[:, None] >= place


def causal_mask__with_loops(seq):
    return torch.tensor([[j <= i for j in range(seq)] for i in range(seq)])


def causal_mask__not_the_future(seq):
    return ~torch.triu(torch.ones((seq, seq)), diagonal=1).bool()


def causal_mask__through_numpy(seq):
    return torch.from_numpy(np.tri(seq, dtype=bool))


# combine_masks


def combine_masks__unsqueezed(causal, token_mask):
    return torch.logical_and(causal.unsqueeze(0), token_mask.unsqueeze(1))


def combine_masks__sentence_by_sentence(causal, token_mask):
    return torch.stack([causal & real for real in token_mask])


def combine_masks__by_loops(causal, token_mask):
    batch, seq = token_mask.shape
    result = torch.zeros(batch, seq, seq, dtype=torch.bool)
    for b in range(batch):
        for i in range(seq):
            for j in range(seq):
                result[b, i, j] = causal[i, j] and token_mask[b, j]
    return result


def combine_masks__by_product(causal, token_mask):
    return causal * token_mask[:, None, :]


def combine_masks__filled(causal, token_mask):
    return causal.expand(len(token_mask), -1, -1).masked_fill(~token_mask[:, None], False)


# causal_self_attention


def causal_self_attention__einsum(x, w_q, w_k, w_v, token_mask=None):
    seq = x.shape[1]
    q, k, v = (torch.einsum("bsd,dh->bsh", x, w) for w in (w_q, w_k, w_v))
    scores = torch.einsum("bih,bjh->bij", q, k) / math.sqrt(w_q.shape[1])
    may = causal_mask__by_comparison(seq)[None]
    if token_mask is not None:
        may = may * token_mask[:, None]
    weights = torch.nan_to_num(scores.masked_fill(~may, float("-inf")).softmax(-1))
    return torch.einsum("bij,bjh->bih", weights, v), weights


def causal_self_attention__renormalised_after_softmax(x, w_q, w_k, w_v, token_mask=None):
    seq = x.shape[1]
    shares = torch.softmax(x @ w_q @ (x @ w_k).mT * w_q.shape[1] ** -0.5, dim=-1)
    may = torch.ones(1, seq, seq).to(x).tril()
    if token_mask is not None:
        may = may * token_mask[:, None, :]
    shares = shares * may
    weights = shares / shares.sum(-1, keepdim=True).clamp(min=1e-30)
    return weights @ x @ w_v, weights


def causal_self_attention__by_added_numbers(x, w_q, w_k, w_v, token_mask=None):
    seq = x.shape[-2]
    may = torch.ones(seq, seq, dtype=torch.bool).tril().expand(len(x), seq, seq)
    if token_mask is not None:
        may = may & token_mask[:, None, :]
    scores = x @ w_q @ (x @ w_k).transpose(1, 2) / w_q.shape[-1] ** 0.5
    weights = torch.nn.functional.softmax(scores + (~may) * -1e9, dim=2) * may
    return [weights @ (x @ w_v), weights]


def causal_self_attention__position_by_position(x, w_q, w_k, w_v, token_mask=None):
    batch, seq = x.shape[:2]
    outputs, rows = [], []
    for i in range(seq):
        past = x[:, : i + 1]
        scores = ((x[:, i : i + 1] @ w_q) * (past @ w_k)).sum(-1) / w_q.shape[-1] ** 0.5  # (batch, i + 1)
        powers = (scores - scores.amax(-1, keepdim=True)).exp()
        if token_mask is not None:
            powers = powers * token_mask[:, : i + 1]
        total = powers.sum(-1, keepdim=True)
        shares = powers / torch.where(total > 0, total, torch.ones_like(total))
        outputs.append((shares[:, :, None] * (past @ w_v)).sum(1))
        rows.append(torch.cat([shares, torch.zeros(batch, seq - 1 - i).to(x)], dim=1))
    return torch.stack(outputs, 1), torch.stack(rows, 1)


# shift_right


def shift_right__rolled(tokens, start):
    shifted = tokens.roll(1, dims=1)
    shifted[:, 0] = start
    return shifted


def shift_right__filled_in(tokens, start):
    shifted = torch.empty_like(tokens)
    shifted[:, 0] = start
    shifted[:, 1:] = tokens[:, :-1]
    return shifted


def shift_right__by_lists(tokens, start):
    return torch.tensor([[start, *row[:-1]] for row in tokens.tolist()])


def shift_right__padded(tokens, start):
    return torch.nn.functional.pad(tokens, (1, 0), value=start)[:, :-1]


def shift_right__concatenated(tokens, start):
    return torch.concat((torch.full((tokens.shape[0], 1), start), tokens), 1)[:, : tokens.size(1)]


# leaks


def leaks__one_input_at_a_time(f, x):
    seq = x.shape[1]
    before = f(x)
    sees = torch.zeros(seq, seq, dtype=torch.bool)
    for j in range(seq):
        changed = x.clone()
        changed[:, j] += torch.randn(x[:, j].shape)
        sees[:, j] = ((f(changed) - before).abs() > 1e-5).any(dim=-1).any(dim=0)
    return sees.triu(1).any(dim=1)


def leaks__by_gradients(f, x):
    jacobian = torch.autograd.functional.jacobian(f, x)  # (batch, seq, d_out, batch, seq, d)
    sees = (jacobian.abs() > 1e-4).any(dim=5).any(dim=3).any(dim=2).any(dim=0)  # (seq, seq)
    return [bool(sees[i, i + 1 :].any()) for i in range(x.shape[1])]


def leaks__a_future_of_zeros(f, x):
    return [
        not torch.allclose(f(x * (torch.arange(x.shape[1]) <= i)[:, None])[:, i], f(x)[:, i], atol=1e-5)
        for i in range(x.shape[1])
    ]


def leaks__ten_times_as_wild(f, x):
    before = f(x)
    result = np.zeros(x.shape[1], bool)
    for i in range(x.shape[1] - 1):
        future = x.clone()
        future[:, i + 1 :] = 10 * torch.rand_like(x[:, i + 1 :]) - 5
        result[i] = (f(future)[:, i] - before[:, i]).abs().max() > 2e-5
    return result


def leaks__small_steps(f, x):
    before = f(x).detach()
    seen = torch.zeros(x.shape[1]).bool()
    for i in range(x.shape[1]):
        noise = 0.3 * torch.randn(x.shape)
        noise[:, : i + 1] = 0
        seen[i] = (f(x + noise)[:, i] - before[:, i]).abs().max().item() > 1e-5
    return seen


# generate


def generate__by_recursion(step, prompt, length, choose, temperature=1.0):
    if length == 0:
        return list(prompt)
    shares = torch.nn.functional.softmax(step(list(prompt)) / temperature, dim=0)
    return generate__by_recursion(step, [*prompt, choose(shares)], length - 1, choose, temperature)


def generate__in_numpy(step, prompt, length, choose, temperature=1.0):
    tokens = [*prompt]
    while len(tokens) < len(prompt) + length:
        scores = np.asarray(step(tokens)) / temperature
        powers = np.exp(scores - scores.max())
        tokens += [choose(powers / powers.sum())]
    return tokens


def generate__as_a_tensor(step, prompt, length, choose, temperature=1.0):
    tokens = torch.tensor(prompt)
    for _ in range(length):
        shares = torch.softmax(step(tokens.tolist()) / temperature, -1)
        tokens = torch.cat([tokens, torch.tensor([choose(shares)])])
    return tokens


def generate__powers_of_shares(step, prompt, length, choose, temperature=1.0):
    new = []
    for _ in range(length):
        shares = step(prompt + new).softmax(-1) ** (1 / temperature)
        new.append(choose(shares / shares.sum()))
    return prompt + new


# attend_with_cache


def attend_with_cache__starts_with_an_empty_cache(x_new, w_q, w_k, w_v, cache=None):
    empty = [torch.zeros(len(x_new), 0, w.shape[1]).to(x_new) for w in (w_k, w_v)]
    keys, values = cache or empty
    keys, values = torch.cat((keys, x_new @ w_k), 1), torch.cat((values, x_new @ w_v), 1)
    weights = torch.softmax(x_new @ w_q @ keys.mT / math.sqrt(keys.shape[-1]), -1)
    return weights @ values, (keys, values)


def attend_with_cache__einsum(x_new, w_q, w_k, w_v, cache=None):
    query, keys, values = x_new[:, 0] @ w_q, x_new @ w_k, x_new @ w_v
    if cache is not None:
        keys = torch.hstack([cache[0], keys])
        values = torch.hstack([cache[1], values])
    exps = torch.exp(torch.einsum("bh,bsh->bs", query, keys) * keys.shape[2] ** -0.5)
    return torch.einsum("bs,bsv->bv", exps / exps.sum(1, keepdim=True), values)[:, None], [keys, values]


def attend_with_cache__torchs_attention(x_new, w_q, w_k, w_v, cache=None):
    keys, values = x_new @ w_k, x_new @ w_v
    if cache is not None:
        old_keys, old_values = cache
        keys, values = torch.cat([old_keys, keys], dim=-2), torch.cat([old_values, values], dim=-2)
    return torch.nn.functional.scaled_dot_product_attention(x_new @ w_q, keys, values), (keys, values)


def attend_with_cache__one_table(x_new, w_q, w_k, w_v, cache=None):
    width = w_k.shape[1]
    table = x_new @ torch.cat([w_k, w_v], dim=1)  # keys and values side by side
    if cache is not None:
        table = torch.cat([torch.cat(list(cache), dim=2), table], dim=1)
    keys, values = table[..., :width], table[..., width:]
    weights = (keys @ (x_new @ w_q).mT / width**0.5).softmax(dim=1)  # (batch, seq + 1, 1)
    return (weights * values).sum(dim=1, keepdim=True), (keys, values)
