"""Reference answers to lesson 07: cross-attention."""

from collections.abc import Callable, Sequence

import torch


def cross_attention(
    decoder_states: torch.Tensor,
    encoder_states: torch.Tensor,
    w_q: torch.Tensor,
    w_k: torch.Tensor,
    w_v: torch.Tensor,
    token_mask: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let every position of one sequence look at all positions of another.

    weights = softmax(Q Kᵀ / √head_dim), output = weights V (Vaswani and others, 2017). The decoder asks, the
    encoder answers.

    Args:
        decoder_states: `(batch, seq_q, d_model)`: the French so far.
        encoder_states: `(batch, seq_k, d_model)`: the English sentence.
        w_q, w_k: `(d_model, head_dim)`.
        w_v: `(d_model, value_dim)`.
        token_mask: boolean `(batch, seq_k)`. True = a real token of the English sentence, False = padding.
            None: all are real.

    Returns:
        Output `(batch, seq_q, value_dim)` and weights `(batch, seq_q, seq_k)`. Padding has weight 0; where a
        sentence is all padding, weights and output are zero, never NaN. `backward` goes through both to the
        states and the matrices.
    """
    queries = decoder_states @ w_q  # (batch, seq_q, head_dim)
    keys, values = (
        encoder_states @ w_k,
        encoder_states @ w_v,
    )  # (batch, seq_k, head_dim), (batch, seq_k, value_dim)
    scores = queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5  # (batch, seq_q, seq_k)
    if token_mask is None:
        token_mask = torch.ones_like(encoder_states[..., 0], dtype=torch.bool)
    # The same for every query of a sentence, so the axis of the queries has size 1.
    real_key = token_mask[:, None, :]  # (batch, 1, seq_k)
    weights = torch.where(real_key, scores, torch.finfo(scores.dtype).min).softmax(dim=-1)
    weights = torch.where(real_key, weights, 0.0)
    return weights @ values, weights


def greedy_decode(
    step: Callable[[list[int]], torch.Tensor], start: int, end: int, max_length: int
) -> list[int]:
    """Write token by token, each time the one with the highest score.

    Args:
        step: takes the list of tokens so far, which begins with `start`, and returns scores `(vocabulary,)`: one
            for each token that may come next.
        start: the token that stands before the first.
        end: the token that says: finished.
        max_length: write at most so many tokens.

    Returns:
        The list of what was written, without `start` and `end`.
    """
    tokens = [start]
    for _ in range(max_length):
        best = int(step(tokens).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


def alignment(weights: torch.Tensor) -> torch.Tensor:
    """For each French word the English word that the decoder looked at most while it chose the French one.

    The decoder read <begin>, word 0, word 1, …, the last word. After each it chose what comes next: word 0, word 1,
    …, the last word, <end>.

    Args:
        weights: `(…, seq_q, seq_k)`: one row for each token that the decoder *read*, in this order.

    Returns:
        `(…, seq_q - 1)`, whole numbers: for each French word a position in the English sentence, from 0.
    """
    # The row that was computed after <begin> chose word 0, so rows and words agree; the last row chose <end>.
    return weights[..., :-1, :].argmax(dim=-1)


def alignment_error_rate(chosen: Sequence[Sequence[int]], gold: Sequence[Sequence[tuple[int, ...]]]) -> float:
    """How far an alignment is from the gold: 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|) (Och and Ney, 2003).

    A holds the chosen links, one a French word; S the sure ones, each word's first gold link; P the possible
    ones, all gold links. All four are counted over all sentences together.

    Args:
        chosen: for each sentence, for each French word, the position of an English word.
        gold: for each sentence, for each French word, the positions of all English words that it comes from, the
            main one first.

    Returns:
        One number: 0 where all is right, 1 where nothing is.
    """
    words = sure = possible = 0
    for positions, links in zip(chosen, gold, strict=True):
        for position, right in zip(positions, links, strict=True):
            words += 1  # one more link in A, and one more in S
            sure += position == right[0]
            possible += position in right
    return 1 - (sure + possible) / (2 * words)


# Write whose_shape = "a", "b", "c" or "d".
whose_shape = "b"

# Write what_to_check = "a", "b", "c" or "d".
what_to_check = "c"
