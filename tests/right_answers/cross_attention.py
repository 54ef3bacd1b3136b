"""Right answers to lesson 07, written differently from the reference: every check must accept them."""

import math

import numpy as np
import torch

# cross_attention


def cross_attention__einsum(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    q = torch.einsum("bid,dh->bih", decoder_states, w_q)
    k = torch.einsum("bjd,dh->bjh", encoder_states, w_k)
    v = torch.einsum("bjd,dh->bjh", encoder_states, w_v)
    scores = torch.einsum("bih,bjh->bij", q, k) / math.sqrt(w_k.shape[1])
    if token_mask is not None:
        scores = scores.masked_fill(~token_mask.unsqueeze(1), float("-inf"))
    weights = torch.nan_to_num(torch.softmax(scores, dim=2))
    return torch.einsum("bij,bjh->bih", weights, v), weights


def cross_attention__one_sentence_at_a_time(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    outputs, tables = [], []
    for b in range(len(decoder_states)):
        rows = []
        for state in decoder_states[b]:
            scores = encoder_states[b] @ w_k @ (state @ w_q) / w_q.shape[-1] ** 0.5
            powers = torch.exp(scores - scores.max())
            if token_mask is not None:
                real = token_mask[b]
                scores = torch.where(real, scores, -1e30)
                powers = torch.exp(scores - scores.max()) * real
            total = powers.sum()
            rows.append(powers / total if total > 0 else powers)
        tables.append(torch.stack(rows))
        outputs.append(tables[-1] @ (encoder_states[b] @ w_v))
    return torch.stack(outputs), torch.stack(tables)


def cross_attention__masked_fill_and_zero(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    q, k, v = decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v
    scores = torch.bmm(q * q.size(-1) ** -0.5, k.mT)
    if token_mask is None:
        w = torch.nn.functional.softmax(scores, dim=-1)
    else:
        hidden = ~token_mask[:, None].expand_as(scores)
        w = torch.nn.functional.softmax(scores.masked_fill(hidden, -1e9), dim=-1).masked_fill(hidden, 0)
    return [torch.bmm(w, v), w]


def cross_attention__added_mask(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    if token_mask is None:
        token_mask = torch.full(encoder_states.shape[:2], True, device=encoder_states.device)
    real = token_mask.unsqueeze(-2).to(encoder_states.dtype)
    scores = (decoder_states @ w_q) @ (encoder_states @ w_k).transpose(1, 2) / math.sqrt(w_q.shape[-1])
    weights = (scores + (1 - real) * -1e12).softmax(-1) * real
    return weights @ encoder_states @ w_v, weights


def cross_attention__library_call(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    q, k, v = decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v
    if token_mask is None:
        token_mask = k.new_ones(k.shape[:2], dtype=torch.bool)
    allowed = token_mask[:, None, :].expand(-1, q.shape[1], -1)
    identity = torch.eye(k.shape[1], dtype=k.dtype, device=k.device).expand(len(k), -1, -1)
    weights = torch.nn.functional.scaled_dot_product_attention(q, k, identity, attn_mask=allowed)
    weights = torch.where(allowed, weights, 0.0)
    return weights @ v, weights


# greedy_decode


def greedy_decode__while_loop(step, start, end, max_length):
    written = []
    while len(written) < max_length:
        scores = step([start, *written])
        token = torch.argmax(scores, dim=-1).item()
        if token == end:
            return written
        written.append(token)
    return written


def greedy_decode__recursive(step, start, end, max_length):
    def rest(tokens):
        if len(tokens) > max_length:
            return []
        best = int(torch.topk(step(list(tokens)), 1).indices[0])
        return [] if best == end else [best, *rest([*tokens, best])]

    return rest([start])


def greedy_decode__in_plain_python(step, start, end, max_length):
    tokens = [start]
    for _ in range(max_length):
        scores = step(tokens).tolist()
        tokens = [*tokens, scores.index(max(scores))]
    return tokens[1 : tokens.index(end, 1)] if end in tokens[1:] else tokens[1:]


def greedy_decode__tensors_in_a_list(step, start, end, max_length):
    tokens = [start]
    while len(tokens) - 1 < max_length:
        token = np.argmax(step(tokens).numpy())
        if token == end:
            break
        tokens.append(token)
    del tokens[0]
    return tokens


# alignment


def alignment__with_loops(weights):
    if weights.dim() > 2:
        return [alignment__with_loops(each) for each in weights]
    return [int(row.argmax()) for row in weights[:-1]]


def alignment__largest_then_cut(weights):
    return weights.max(dim=-1).indices[..., : weights.shape[-2] - 1]


def alignment__sorted(weights):
    rows = weights.narrow(-2, 0, weights.size(-2) - 1)
    return torch.argsort(rows, dim=-1, descending=True)[..., 0]


def alignment__in_numpy(weights):
    return np.argmax(np.asarray(weights), axis=-1)[..., :-1]


# alignment_error_rate


def alignment_error_rate__with_sets(chosen, gold):
    a, s, p = set(), set(), set()
    for number, (positions, links) in enumerate(zip(chosen, gold, strict=True)):
        a |= {(number, word, place) for word, place in enumerate(positions)}
        s |= {(number, word, each[0]) for word, each in enumerate(links)}
        p |= {(number, word, place) for word, each in enumerate(links) for place in each}
    return 1 - (len(a & s) + len(a & p)) / (len(a) + len(s))


def alignment_error_rate__flat(chosen, gold):
    pairs = [pair for sentence in zip(chosen, gold, strict=True) for pair in zip(*sentence, strict=True)]
    sure = np.mean([place == links[0] for place, links in pairs])
    possible = np.mean([place in links for place, links in pairs])
    return np.float64(1 - (sure + possible) / 2)


def alignment_error_rate__misses_counted(chosen, gold):
    lost = total = 0.0
    for s in range(len(gold)):
        for w in range(len(gold[s])):
            place, links = int(chosen[s][w]), list(gold[s][w])
            lost += 0.0 if place == links[0] else 0.5 if place in links else 1.0
            total += 1
    return torch.tensor(lost / total)
