"""Reference answers to lesson 08: causal attention."""

from collections.abc import Callable

import torch

from .self_attention import self_attention


def causal_mask(seq: int) -> torch.Tensor:
    """Who may look at whom, if nobody may look ahead: each position at itself and at all before it.

    Args:
        seq: how many positions.

    Returns:
        `(seq, seq)`, a boolean tensor. Row i, column j: True = position i may attend to position j.
    """
    return torch.ones(seq, seq, dtype=torch.bool).tril()


def combine_masks(causal: torch.Tensor, token_mask: torch.Tensor) -> torch.Tensor:
    """One mask from two: a pair may attend if both masks allow it.

    Args:
        causal: `(seq, seq)`, boolean. True = this query may attend to this key, in every sentence.
        token_mask: `(batch, seq)`, boolean. True = a real token, False = padding, which nobody may attend to.

    Returns:
        `(batch, seq, seq)`, boolean. True = may attend.
    """
    return causal & token_mask[:, None, :]  # (seq, seq) meets (batch, 1, seq)


def causal_self_attention(
    x: torch.Tensor,
    w_q: torch.Tensor,
    w_k: torch.Tensor,
    w_v: torch.Tensor,
    token_mask: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """As `self_attention` of lesson 05, but no position attends to a later one.

    Args:
        x: `(batch, seq, d_model)`.
        w_q, w_k: `(d_model, head_dim)`.
        w_v: `(d_model, value_dim)`.
        token_mask: `(batch, seq)`, boolean. True = a real token. None: all are.

    Returns:
        Output `(batch, seq, value_dim)` and weights `(batch, seq, seq)`. A position that may attend to nothing
        has weights and output of zero, never NaN. `backward` goes through both to x and the matrices.
    """
    attention_mask = causal_mask(x.shape[-2]).to(x.device)  # (seq, seq)
    if token_mask is not None:
        attention_mask = combine_masks(attention_mask, token_mask)  # (batch, seq, seq)
    return self_attention(x, w_q, w_k, w_v, attention_mask)


def shift_right(tokens: torch.Tensor, start: int) -> torch.Tensor:
    """What a model reads while it learns to write `tokens`: at each position, the token before it.

    Args:
        tokens: `(batch, seq)`, int64. It stays as it is.
        start: the number that stands before the first token of every sentence.

    Returns:
        `(batch, seq)`, int64, on the device of `tokens`.
    """
    before_the_first = torch.full_like(tokens[:, :1], start)  # (batch, 1)
    return torch.cat([before_the_first, tokens[:, :-1]], dim=1)


def leaks(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Find the positions that see their future: their output is another if only what comes after them is.

    Args:
        f: takes `(batch, seq, d)`, with this batch and this seq, and returns `(batch, seq, d_out)`. Asked
            about the same twice, it answers the same.
        x: `(batch, seq, d)`, where to try it. It stays as it is.

    Returns:
        `(seq,)`, boolean. True at i: in some sentence the output at i depends on inputs at positions after i.
        Differences below a hundred-thousandth are rounding.
    """
    before, seen = f(x), []
    for i in range(x.shape[-2]):
        # A random future: one that is only longer, negated or raised by 1 can look the same to f.
        changed = torch.cat([x[:, : i + 1], torch.randn_like(x[:, i + 1 :])], dim=1)
        seen.append(not torch.allclose(f(changed)[:, i], before[:, i], atol=1e-5))
    return torch.tensor(seen)


def generate(
    step: Callable[[list[int]], torch.Tensor],
    prompt: list[int],
    length: int,
    choose: Callable[[torch.Tensor], int],
    temperature: float = 1.0,
) -> list[int]:
    """Write on, token by token: share = softmax(scores / temperature), and one token is chosen by its shares.

    Args:
        step: takes the list of all tokens so far, returns the scores of the next one, `(vocabulary,)`.
        prompt: the tokens to begin with; the list stays as it is.
        length: how many tokens to add.
        choose: takes the shares `(vocabulary,)`, returns the number of a token.
        temperature: above 0. Below 1 the likely become likelier, above 1 all come closer together.

    Returns:
        The prompt and the `length` new tokens, as one list.
    """
    tokens = list(prompt)
    for _ in range(length):
        shares = (step(tokens) / temperature).softmax(dim=-1)
        tokens.append(int(choose(shares)))
    return tokens


def attend_with_cache(
    x_new: torch.Tensor,
    w_q: torch.Tensor,
    w_k: torch.Tensor,
    w_v: torch.Tensor,
    cache: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """The last row of `causal_self_attention`, where keys and values of all earlier positions are kept.

    Args:
        x_new: `(batch, 1, d_model)`, the newest position alone.
        w_q, w_k: `(d_model, head_dim)`.
        w_v: `(d_model, value_dim)`.
        cache: keys `(batch, seq, head_dim)` and values `(batch, seq, value_dim)` of the positions before, the
            oldest first; they stay as they are. None at the first position.

    Returns:
        The output at the newest position, `(batch, 1, value_dim)`, and the cache for the next call: a pair
        of keys and values, now of `seq + 1` positions.
    """
    query, keys, values = x_new @ w_q, x_new @ w_k, x_new @ w_v  # (batch, 1, …)
    if cache is not None:
        keys = torch.cat([cache[0], keys], dim=1)  # (batch, seq + 1, head_dim)
        values = torch.cat([cache[1], values], dim=1)
    scores = query @ keys.transpose(-2, -1) / query.shape[-1] ** 0.5  # (batch, 1, seq + 1)
    return scores.softmax(dim=-1) @ values, (keys, values)


# Write below_the_floor = "a", "b", "c" or "d".
below_the_floor = "c"

# Write which_attention = "a", "b", "c" or "d".
which_attention = "b"
