"""The copy task: read a row of symbols, then say it again from memory. Lessons 01 and 07 train on it.

    tokens, lengths = copying.sentences(3, rng, shortest=2)     # (3, 40), (3,)
    model = copying.train_copier(32)                            # a GRU reads, one vector, a GRU writes
    predicted = copying.decode(model, tokens, lengths)          # (3, 40)

A model is a `spotlight.copier.Copier`; torch is loaded when the first one is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spotlight.training import seed as seed_everything
from spotlight.training import train

if TYPE_CHECKING:
    from collections.abc import Callable

    from spotlight.copier import Copier

SYMBOLS = 10  # so chance is 1 in 10
START, PADDING = SYMBOLS, SYMBOLS + 1  # token numbers that are no symbols
LONGEST = 40

STEPS = 1500
BATCH = 32
LEARNING_RATE = 5e-3  # at its highest, a tenth of the way in
LARGEST_GRADIENT = 1.0
TEST_SENTENCES = 50  # of each length


class NeedsTorch(ImportError):
    """A model is to be made, and PyTorch is not installed."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this line instead of a traceback
        return [str(self)]


def sentences(
    count: int, rng: np.random.RandomState, shortest: int = 1, longest: int = LONGEST
) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows of random symbols: nothing in them can be guessed.

    Returns:
        tokens: int64 `(count, longest)`: symbols 0 to 9, then PADDING.
        lengths: int64 `(count,)`, each from `shortest` to `longest` with equal chance.
    """
    lengths = rng.randint(shortest, longest + 1, size=count)
    return _padded(rng.randint(SYMBOLS, size=(count, longest)), lengths), lengths


def unseen_sentences(seed: int = 1000, each: int = TEST_SENTENCES) -> tuple[np.ndarray, np.ndarray]:
    """Sentences of every length from 1 to 40, `each` of every one; not those of training.

    Returns:
        tokens: int64 `(40 * each, 40)`, padded.
        lengths: int64 `(40 * each,)`.
    """
    rng = np.random.RandomState(seed)
    lengths = np.repeat(np.arange(1, LONGEST + 1), each)
    return _padded(rng.randint(SYMBOLS, size=(len(lengths), LONGEST)), lengths), lengths


def train_copier(
    d_hidden: int,
    attention: Callable[..., Any] | None = None,
    steps: int = STEPS,
    seed: int = 0,
    title: str = "",
) -> Copier:
    """Train an encoder–decoder to copy sentences of 1 to 40 symbols.

    A batch holds sentences of one length, drawn anew for each batch, so that no time goes into padding.

    Args:
        d_hidden: how many numbers the one vector between encoder and decoder has.
        attention: see `Copier`; None = the one vector is all that the decoder gets.
        steps: updates.
        seed: of the first weights and of the sentences.

    Returns:
        The model, on the CPU: it is too small to gain from a graphics card.

    Raises:
        NeedsTorch: PyTorch is not installed; the message says what to do.
    """
    torch = _torch()
    from spotlight.copier import Copier, loss_of

    rng = np.random.RandomState(seed)
    seed_everything(seed)
    model = Copier(d_hidden, attention)
    optimiser = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1)

    def step(number: int) -> Any:
        length = rng.randint(1, LONGEST + 1)
        tokens, lengths = sentences(BATCH, rng, length, length)
        loss = loss_of(model, torch.tensor(tokens), torch.tensor(lengths))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        return loss

    train(step, steps, title or f"copying with {d_hidden} numbers")
    return model.eval()


def encode(model: Copier, tokens: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let the model read, as lesson 01's `encode` does.

    Returns:
        states: float32 `(batch, seq, d_hidden)`.
        last: float32 `(batch, d_hidden)`: the one vector that the decoder gets.
    """
    torch = _torch()
    with torch.no_grad():
        memory = model.encode(torch.tensor(tokens), torch.tensor(lengths))
    return (memory.states * memory.token_mask[..., None]).numpy(), memory.last.numpy()


def decode(model: Copier, tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Let the model copy on its own: each symbol that it writes is what it reads next (greedy decoding).

    Args:
        tokens: `(batch, seq)`, padded.
        lengths: `(batch,)`; the model gets the state after that many symbols.

    Returns:
        int64 `(batch, seq)`: its symbols, then PADDING.
    """
    torch = _torch()
    with torch.no_grad():
        memory = model.encode(torch.tensor(tokens), torch.tensor(lengths))
        written = torch.full((len(tokens), 1), START)
        state, symbols = memory.last, []
        for place in range(tokens.shape[1]):
            scores, state = model.decode(written, state, memory, place)
            written = scores.argmax(dim=-1)  # (batch, 1)
            symbols.append(written)
    return _padded(torch.cat(symbols, dim=1).numpy(), lengths)


def decode_with_the_truth(model: Copier, tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """As in training (teacher forcing): what it reads next is the true symbol, whatever it wrote.

    Args and returns as of `decode`.
    """
    torch = _torch()
    with torch.no_grad():
        scores = model(torch.tensor(tokens), torch.tensor(lengths))  # (batch, seq, SYMBOLS)
    return _padded(scores.argmax(dim=-1).numpy(), lengths)


def _padded(tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return np.where(np.arange(tokens.shape[1]) < np.asarray(lengths)[:, np.newaxis], tokens, PADDING)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise NeedsTorch(
            "This cell trains a model with PyTorch, which is not installed here. The exercises and quizzes of this "
            "lesson work without it. To train, run `pip install torch`, restart the kernel, and run the cells again."
        ) from None
    return torch
