"""A task with two questions at once: at each place of a row, name its left and its right neighbour, in order.

    outcome = train_on_neighbours(MultiHeadAttention(D_MODEL, num_heads=2), add_positions)
    outcome.accuracy                                 # share of places where both names are right, on new rows
    left, right = each_side(outcome.model)           # each side by itself
    outcome.model.weights(rows(1))                   # who looked at whom, in each head

The model holds one attention and nothing that could do its work: a vector a symbol before it, a linear layer after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spotlight.training import train

if TYPE_CHECKING:
    import torch

SYMBOLS = 10  # so guessing gets a pair right once in a hundred
SEQ = 12
D_MODEL = 32
BATCH = 64
TEST_ROWS = 1000


class Trained(NamedTuple):
    """What came of a training.

    `accuracy` is the share of inner places, over new rows, where both neighbours are named rightly; `losses` one
    number a step; `model` what was trained; `parameters` how many numbers that are.
    """

    accuracy: float
    losses: np.ndarray
    model: Any
    parameters: int


def rows(number: int, seed: int = 0) -> torch.Tensor:
    """Draw rows of symbols: `(number, SEQ)` int64, each from 0 to SYMBOLS - 1."""
    import torch

    return torch.tensor(np.random.RandomState(seed).randint(SYMBOLS, size=(number, SEQ)))


def neighbours(symbols: torch.Tensor) -> torch.Tensor:
    """What is to be named at the inner places, those with a neighbour on each side.

    Args:
        symbols: `(batch, seq)`.

    Returns:
        `(batch, seq - 2, 2)`: the symbol to the left, and the one to the right.
    """
    import torch

    return torch.stack([symbols[:, :-2], symbols[:, 2:]], dim=-1)


def train_on_neighbours(
    attention: Any,
    add_positions: Callable[[torch.Tensor], torch.Tensor],
    steps: int = 400,
    seed: int = 0,
    *,
    d_model: int = D_MODEL,
    learning_rate: float = 5e-3,
    title: str = "neighbours",
) -> Trained:
    """Train one attention to name both neighbours of each symbol, and test it on rows that it has not seen.

    Each symbol becomes a learned vector; positions are added; then comes the attention, with queries, keys and
    values from the row; then a linear layer that gives SYMBOLS scores for the left and SYMBOLS for the right. All
    of it is trained, with Adam.

    Args:
        attention: an `nn.Module`, trained in place. Its forward takes queries, keys and values, each
            `(batch, seq, d_model)`, and returns (output `(batch, seq, d_model)`, weights
            `(batch, num_heads, seq, seq)`).
        add_positions: takes `(batch, seq, d_model)` and returns it with positions in.
        steps: updates, each on 64 new rows.
        seed: of the other parameters and of the rows. The attention brings its own parameters.

    Returns:
        Accuracy, losses, the trained model and its size.
    """
    import torch

    torch.manual_seed(seed)
    model = _model(attention, add_positions, d_model)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)

    def step(number: int) -> torch.Tensor:
        symbols = rows(BATCH, seed=1_000_000 * (seed + 1) + number)
        scores = model(symbols)  # (batch, seq - 2, 2, SYMBOLS)
        loss = torch.nn.functional.cross_entropy(scores.flatten(0, 2), neighbours(symbols).flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    losses = train(step, steps, title=title)
    return Trained(accuracy(model), losses, model, sum(each.numel() for each in model.parameters()))


def accuracy(model: Any) -> float:
    """The share of inner places of 1000 new rows where both neighbours are named rightly."""
    return float(_right(model).all(dim=-1).double().mean())


def each_side(model: Any) -> tuple[float, float]:
    """The share of inner places of 1000 new rows where the left neighbour is named rightly, and the right one."""
    left, right = _right(model).double().mean(dim=(0, 1)).tolist()
    return left, right


def _right(model: Any) -> torch.Tensor:
    """`(TEST_ROWS, seq - 2, 2)`, True where a name is right."""
    import torch

    symbols = rows(TEST_ROWS)
    with torch.no_grad():
        return model(symbols).argmax(dim=-1) == neighbours(symbols)


def _model(attention: Any, add_positions: Callable[[torch.Tensor], torch.Tensor], d_model: int) -> Any:
    import torch

    class Namer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Embedding(SYMBOLS, d_model)
            self.add_positions = add_positions
            self.attention = attention
            self.name_both = torch.nn.Linear(d_model, 2 * SYMBOLS)

        def forward(self, symbols: torch.Tensor) -> torch.Tensor:
            output = self._attend(symbols)[0][:, 1:-1]  # the ends have one neighbour only
            return self.name_both(output).unflatten(-1, (2, SYMBOLS))  # (batch, seq - 2, 2, SYMBOLS)

        def weights(self, symbols: torch.Tensor) -> torch.Tensor:
            """Who looks at whom: `(batch, num_heads, seq, seq)`."""
            with torch.no_grad():
                return self._attend(symbols)[1]

        def _attend(self, symbols: torch.Tensor) -> Any:
            x = self.add_positions(self.embedding(symbols))  # (batch, seq, d_model)
            return self.attention(x, x, x)

    return Namer()
