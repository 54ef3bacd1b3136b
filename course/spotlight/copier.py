"""The model of the copy task: a GRU reads, one vector goes over, a GRU writes. See `copying` for its training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from spotlight.copying import LONGEST, PADDING, START, SYMBOLS


class Memory(NamedTuple):
    """What the encoder leaves to the decoder."""

    states: torch.Tensor  # (batch, seq, d_hidden): the memory after each symbol; for attention only
    last: torch.Tensor  # (batch, d_hidden): the memory after the last real symbol
    token_mask: torch.Tensor  # (batch, seq), boolean: True = a symbol, False = padding


class Copier(nn.Module):
    """Sutskever, Vinyals and Le (2014), small: an encoder–decoder with one vector between.

    Each symbol's vector has the vector of its place added, in encoder and decoder, so that nothing must be
    counted: what is lost is lost in the one vector.

    Args:
        d_hidden: size of all vectors.
        attention: None, or a function `attention(decoder_states, encoder_states, token_mask)` of
            (batch, seq_q, d_hidden), (batch, seq_k, d_hidden) and boolean (batch, seq_k) that returns
            (batch, seq_q, d_hidden), or a tuple that begins with it; the decoder then writes from its state and
            this, side by side. An `nn.Module` is trained with the rest.
    """

    def __init__(self, d_hidden: int, attention: Callable[..., Any] | None = None) -> None:
        super().__init__()
        self.symbols = nn.Embedding(SYMBOLS + 2, d_hidden)  # START and PADDING have a row too
        self.places = nn.Embedding(LONGEST, d_hidden)
        self.encoder = nn.GRU(d_hidden, d_hidden, batch_first=True)
        self.decoder = nn.GRU(d_hidden, d_hidden, batch_first=True)
        self.writer = nn.Linear(d_hidden if attention is None else 2 * d_hidden, SYMBOLS)
        self.attention = attention

    def encode(self, tokens: torch.Tensor, lengths: torch.Tensor) -> Memory:
        """Read `(batch, seq)` tokens; `lengths` `(batch,)` says which state is the last."""
        states, _ = self.encoder(self._vectors(tokens, 0))
        last = states[torch.arange(len(tokens)), lengths - 1]
        return Memory(states, last, torch.arange(tokens.shape[1]) < lengths[:, None])

    def decode(
        self, tokens: torch.Tensor, state: torch.Tensor, memory: Memory, place: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write on from `state`.

        Args:
            tokens: `(batch, seq_q)`: what was written before each place, beginning with START.
            state: `(batch, d_hidden)`: the decoder's; `memory.last` at the beginning.
            memory: of the encoder; without attention the decoder does not look at it.
            place: the number of the first place that is written.

        Returns:
            scores: `(batch, seq_q, SYMBOLS)`.
            state: `(batch, d_hidden)`, to go on from.
        """
        states, state = self.decoder(self._vectors(tokens, place), state[None])  # (batch, seq_q, d_hidden)
        if self.attention is not None:
            found = self.attention(states, memory.states, memory.token_mask)
            found = found[0] if isinstance(found, tuple) else found
            states = torch.cat([states, found], dim=-1)  # (batch, seq_q, 2 * d_hidden)
        return self.writer(states), state[0]

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: every place is written after the true symbols before it.

        Returns:
            scores: `(batch, seq, SYMBOLS)`.
        """
        memory = self.encode(tokens, lengths)
        start = torch.full((len(tokens), 1), START)
        scores, _ = self.decode(torch.cat([start, tokens[:, :-1]], dim=1), memory.last, memory, place=0)
        return scores

    def _vectors(self, tokens: torch.Tensor, place: int) -> torch.Tensor:
        return self.symbols(tokens) + self.places.weight[place : place + tokens.shape[1]]


def loss_of(model: Copier, tokens: torch.Tensor, lengths: torch.Tensor) -> Any:
    """Mean cross-entropy over the real symbols; padding counts nothing."""
    scores = model(tokens, lengths)
    return nn.functional.cross_entropy(scores.flatten(0, 1), tokens.flatten(), ignore_index=PADDING)
