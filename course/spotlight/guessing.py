"""Guess the next token: of random rows, where nobody can know it, and of a text, where one can learn to.

    outcome = train_to_guess(causal_self_attention, shift_right)
    outcome.loss          # mean cross-entropy on new rows: ln 10 for who knows nothing and cannot look
    writer = train_to_write(causal_self_attention, shift_right)
    writer.step(tokens)   # scores of the next character, after a list of them

Both take the attention that the learner wrote: attend(x, w_q, w_k, w_v) -> output and weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from spotlight.training import train

Attend = Callable[..., Any]
Shift = Callable[[torch.Tensor, int], Any]

SYMBOLS = 10
START = SYMBOLS  # the token before the first
SEQ = 16
D_MODEL = 32
BATCH = 64
TEST_ROWS = 1000
FLOOR = math.log(SYMBOLS)  # nats: the mean loss of the best guess about a random symbol

WINDOW = 48  # characters that a writer sees
WRITER_SIZE = 64


class Guessed(NamedTuple):
    """What came of a training: mean loss in nats on new rows, one loss a step, and the model."""

    loss: float
    losses: np.ndarray
    model: Guesser


def random_rows(number: int, seed: int = 0) -> torch.Tensor:
    """`(number, SEQ)` int64: symbols 0 … 9, each drawn by itself, so that none says anything about another."""
    return torch.tensor(np.random.RandomState(seed).randint(SYMBOLS, size=(number, SEQ)))


class Guesser(nn.Module):
    """Vectors of symbols and places, one attention, and a layer that names a symbol. Nothing else.

    Args:
        attend: called with x `(batch, seq, d_model)` and three matrices `(d_model, d_model)`.
    """

    def __init__(self, attend: Attend) -> None:
        super().__init__()
        self.attend = attend
        self.symbols = nn.Embedding(SYMBOLS + 1, D_MODEL)
        self.places = nn.Embedding(SEQ, D_MODEL)
        self.matrices = _matrices(D_MODEL)
        self.name_symbol = nn.Linear(D_MODEL, SYMBOLS)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Scores `(batch, seq, SYMBOLS)` after tokens `(batch, seq)`, START among them."""
        return self.name_symbol(self.from_vectors(self.vectors(tokens)))

    def vectors(self, tokens: torch.Tensor) -> torch.Tensor:
        """`(batch, seq, d_model)`: what the attention is given."""
        return self.symbols(tokens) + self.places.weight[: tokens.shape[1]]

    def from_vectors(self, x: torch.Tensor) -> torch.Tensor:
        """The attention's output `(batch, seq, d_model)` for its input x, of the same shape."""
        return self.attend(x, *self.matrices)[0]


def train_to_guess(
    attend: Attend, shift: Shift, steps: int = 600, seed: int = 0, *, title: str = "guessing"
) -> Guessed:
    """Train one attention to name each symbol of a random row from those before it.

    Args:
        attend: attend(x, w_q, w_k, w_v) -> output `(batch, seq, d_model)` and weights.
        shift: shift(tokens, start) -> `(batch, seq)`: what the model is given in place of the tokens.
        steps: updates with Adam, each on 64 new rows of 16.
        seed: of the parameters and of the rows.
    """
    torch.manual_seed(seed)
    model = Guesser(attend)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)

    def loss_on(rows: torch.Tensor) -> torch.Tensor:
        scores = model(shift(rows, START))
        return nn.functional.cross_entropy(scores.flatten(0, 1), rows.flatten())

    def step(number: int) -> torch.Tensor:
        return _updated(optimiser, loss_on(random_rows(BATCH, 1_000_000 * (seed + 1) + number)))

    losses = train(step, steps, title=title)
    with torch.no_grad():
        return Guessed(float(loss_on(random_rows(TEST_ROWS, seed))), losses, model)


def text() -> str:
    """The course's own sentences about the cat, the bank and the river, one a line."""
    return (files("spotlight") / "assets" / "sentences.txt").read_text("utf-8")


class Writer(nn.Module):
    """A small language model of characters: two layers of causal attention, with what lesson 10 puts around it.

    Args:
        attend: as in `Guesser`.
        alphabet: the characters, in the order of their numbers; the number after the last is the start.
    """

    def __init__(self, attend: Attend, alphabet: str) -> None:
        super().__init__()
        self.attend, self.alphabet, self.start = attend, alphabet, len(alphabet)
        self.characters = nn.Embedding(len(alphabet) + 1, WRITER_SIZE)
        self.places = nn.Embedding(WINDOW, WRITER_SIZE)
        self.layers = nn.ModuleList(_Layer() for _ in range(2))
        self.norm = nn.LayerNorm(WRITER_SIZE)
        self.name_character = nn.Linear(WRITER_SIZE, len(alphabet))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Scores `(batch, seq, characters)` of what follows each of the tokens `(batch, seq)`, seq at most WINDOW."""
        x = self.characters(tokens) + self.places.weight[: tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, self.attend)
        return self.name_character(self.norm(x))

    def step(self, tokens: list[int]) -> torch.Tensor:
        """Scores `(characters,)` of the character after a list of them, of any length, the empty list included."""
        seen = [self.start, *tokens][-WINDOW:]
        with torch.no_grad():
            return self(torch.tensor([seen]))[0, -1]

    def numbers(self, written: str) -> list[int]:
        """The numbers of a text's characters."""
        return [self.alphabet.index(character) for character in written]

    def spelt(self, tokens: list[int]) -> str:
        """The text of these numbers."""
        return "".join(self.alphabet[token] for token in tokens)


class Written(NamedTuple):
    """What came of a training: the model, one loss a step, and the mean loss in nats on the sentences kept back."""

    model: Writer
    losses: np.ndarray
    loss_on_kept_back: float


def train_to_write(
    attend: Attend, shift: Shift, steps: int = 400, seed: int = 0, *, title: str = "writing"
) -> Written:
    """Train a `Writer` on the course's sentences; every tenth is kept back, to test it on.

    Args:
        attend, shift: as in `train_to_guess`.
        steps: updates with Adam, each on 32 pieces of 48 characters.
        seed: of the parameters and of the pieces.
    """
    torch.manual_seed(seed)
    sentences = text().splitlines(keepends=True)
    model = Writer(attend, "".join(sorted(set(text()))))
    read, kept_back = (
        torch.tensor(model.numbers("".join(part)))
        for part in ([s for n, s in enumerate(sentences) if n % 10], sentences[::10])
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    rng = np.random.RandomState(seed)

    def loss_on(pieces: torch.Tensor) -> torch.Tensor:
        scores = model(shift(pieces, model.start))
        return nn.functional.cross_entropy(scores.flatten(0, 1), pieces.flatten())

    def step(number: int) -> torch.Tensor:
        begins = rng.randint(len(read) - WINDOW, size=32)
        return _updated(optimiser, loss_on(torch.stack([read[begin : begin + WINDOW] for begin in begins])))

    losses = train(step, steps, title=title)
    with torch.no_grad():
        pieces = kept_back[: len(kept_back) // WINDOW * WINDOW].reshape(-1, WINDOW)
        return Written(model, losses, float(loss_on(pieces)))


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        size = WRITER_SIZE
        self.norm_1, self.norm_2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.matrices = _matrices(size)
        self.feed_forward = nn.Sequential(nn.Linear(size, 4 * size), nn.ReLU(), nn.Linear(4 * size, size))

    def forward(self, x: torch.Tensor, attend: Attend) -> torch.Tensor:
        x = x + attend(self.norm_1(x), *self.matrices)[0]
        return x + self.feed_forward(self.norm_2(x))


def _matrices(size: int) -> nn.ParameterList:
    """W_q, W_k and W_v, `(size, size)` each."""
    return nn.ParameterList(nn.Parameter(torch.randn(size, size) / size**0.5) for _ in range(3))


def _updated(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> torch.Tensor:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss
