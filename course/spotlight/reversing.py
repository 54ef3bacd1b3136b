"""A task that needs order: write a row of symbols backwards. The model holds one attention and nothing to hide it.

    outcome = train_to_reverse(SelfAttention)                 # without positions
    outcome = train_to_reverse(SelfAttention, add_positions)  # with them
    outcome.accuracy                                          # share of symbols right, on new rows
    outcome.model.weights(symbols)                            # who looked at whom
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spotlight.training import train

if TYPE_CHECKING:
    import torch

SYMBOLS = 10  # so guessing gets a tenth right
SEQ = 16
D_MODEL = 32
BATCH = 64
TEST_ROWS = 1000


class Reversed(NamedTuple):
    """What came of a training.

    `accuracy` is the share of symbols right, over positions of new rows; `losses` one number a step; `model`
    what was trained.
    """

    accuracy: float
    losses: np.ndarray
    model: Any


def rows(number: int, seq: int = SEQ, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw rows of symbols, and what is to be written below each.

    Returns:
        `(number, seq)` int64: the symbols, 0 … 9, and the same backwards.
    """
    import torch

    symbols = np.random.RandomState(seed).randint(SYMBOLS, size=(number, seq))
    return torch.tensor(symbols), torch.tensor(symbols[:, ::-1].copy())


def train_to_reverse(
    attention_class: Callable[[int, int], Any],
    add_positions: Callable[[torch.Tensor], torch.Tensor] | None = None,
    steps: int = 400,
    seed: int = 0,
    *,
    learning_rate: float = 5e-3,
    title: str = "reversing",
) -> Reversed:
    """Train one attention to write 16 symbols backwards, and test it on rows that it has not seen.

    Each symbol becomes a learned vector; then positions, if any; then one attention; then a linear layer
    that names a symbol for each position. All of it is trained, with Adam.

    Args:
        attention_class: called with (d_model, head_dim), both 32; gives an `nn.Module` whose
            forward takes x `(batch, seq, d_model)` and returns (output `(batch, seq, head_dim)`, weights
            `(batch, seq, seq)`).
        add_positions: takes the vectors `(batch, seq, d_model)` and returns them with positions in. An
            `nn.Module` is trained with the rest. Default: no positions.
        steps: updates, each on 64 new rows.
        seed: of the parameters and of the rows.

    Returns:
        Accuracy, losses and the trained model: `model(symbols)` gives `(batch, seq, 10)`, for any seq.
    """
    import torch

    torch.manual_seed(seed)
    model = _model(attention_class, add_positions)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)

    def step(number: int) -> torch.Tensor:
        symbols, backwards = rows(BATCH, seed=1_000_000 * (seed + 1) + number)
        loss = torch.nn.functional.cross_entropy(model(symbols).flatten(0, 1), backwards.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    losses = train(step, steps, title=title)
    return Reversed(accuracy(model), losses, model)


def accuracy(model: Any, seq: int = SEQ) -> float:
    """The share of symbols that a model writes right, over all positions of 1000 new rows of length `seq`."""
    import torch

    symbols, backwards = rows(TEST_ROWS, seq)
    with torch.no_grad():
        return float((model(symbols).argmax(dim=-1) == backwards).double().mean())


def best_without_order(seq: int = SEQ) -> float:
    """What is right at best for who knows which symbols are in the row, but not where, on the same new rows.

    The wanted symbol is one of the others, each as likely: name the commonest of them.
    """
    symbols = rows(TEST_ROWS, seq)[0].numpy()
    counts = (symbols[:, :, np.newaxis] == np.arange(SYMBOLS)).sum(axis=1)  # (rows, symbols)
    others = counts[:, np.newaxis, :] - np.eye(SYMBOLS, dtype=int)[symbols]  # (rows, seq, symbols)
    return float(others.max(axis=-1).mean() / (seq - 1))


def _model(attention_class: Callable[[int, int], Any], add_positions: Callable | None) -> Any:
    import torch

    class Reverser(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Embedding(SYMBOLS, D_MODEL)
            self.add_positions = add_positions
            self.attention = attention_class(D_MODEL, D_MODEL)
            self.name_symbol = torch.nn.Linear(D_MODEL, SYMBOLS)

        def forward(self, symbols: torch.Tensor) -> torch.Tensor:
            return self.name_symbol(self._attend(symbols)[0])  # (batch, seq, SYMBOLS)

        def weights(self, symbols: torch.Tensor) -> torch.Tensor:
            """Who looks at whom: `(batch, seq, seq)`."""
            with torch.no_grad():
                return self._attend(symbols)[1]

        def _attend(self, symbols: torch.Tensor) -> Any:
            x = self.embedding(symbols)  # (batch, seq, d_model)
            return self.attention(x if self.add_positions is None else self.add_positions(x))

    return Reverser()
