"""Two small translators for the phrasebook: a GRU reads English, a GRU writes French. Lessons 07 and 11 train them.

    book = phrasebook.corpus(20_000)
    model = GRUTranslator(128)              # one vector goes over; GRUTranslator(128, attention) looks back too
    train_translator(model, book.train, target_tokens=1_000_000)
    model.translate([pair.source for pair in book.test])            # for each sentence, its French words

What they are trained on is counted in French words, the end of each sentence among them, never in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from spotlight.phrasebook import BEGIN, END, ENGLISH, FRENCH, PAD, Pair
from spotlight.training import train

BATCH_TOKENS = 700  # French words in a batch, about
LEARNING_RATE = 4e-3  # at its highest, a tenth of the way in
LARGEST_GRADIENT = 1.0
LONGEST = 80  # French words in a translation; the phrasebook's longest has fewer
TRANSLATED_AT_ONCE = 256  # sentences

Attention = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


class Read(NamedTuple):
    """What the encoder leaves to the decoder."""

    states: torch.Tensor  # (batch, seq_k, d_hidden): what each English word became; for attention only
    last: torch.Tensor  # (batch, d_hidden): the one vector that the decoder starts from
    token_mask: torch.Tensor  # (batch, seq_k), boolean: True = a word, False = padding


class Batch(NamedTuple):
    """Pairs as numbers. Their English sentences are equally long, the French ones padded."""

    source: torch.Tensor  # (batch, seq_k), int64
    inputs: torch.Tensor  # (batch, seq_q), int64: BEGIN, then the French words
    targets: torch.Tensor  # (batch, seq_q), int64: the French words, then END


class GRUTranslator(nn.Module):
    """Sutskever, Vinyals and Le (2014), small; with `attention`, about what Luong, Pham and Manning (2015) built.

    The encoder reads in both directions, each with half of the numbers. The decoder's state after input i (BEGIN,
    then the French words) writes word i.

    Args:
        d_hidden: size of all vectors, an even number.
        attention: None, or a function `attention(decoder_states, encoder_states, token_mask)` of (batch, seq_q,
            d_hidden), (batch, seq_k, d_hidden) and boolean (batch, seq_k) that returns output (batch, seq_q,
            d_hidden) and weights (batch, seq_q, seq_k); the decoder then writes from its state and the output,
            side by side. An `nn.Module` is trained with the rest.
    """

    def __init__(self, d_hidden: int, attention: Attention | None = None) -> None:
        super().__init__()
        self.english = nn.Embedding(len(ENGLISH), d_hidden)
        self.french = nn.Embedding(len(FRENCH), d_hidden)
        self.encoder = nn.GRU(d_hidden, d_hidden // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(d_hidden, d_hidden, batch_first=True)
        self.writer = nn.Linear(d_hidden if attention is None else 2 * d_hidden, len(FRENCH))
        self.attention = attention

    def encode(self, source: torch.Tensor) -> Read:
        """Read English sentences of one length: `(batch, seq_k)`."""
        states, last = self.encoder(self.english(source))  # last: (2, batch, d_hidden / 2)
        return Read(states, last.transpose(0, 1).flatten(1), source != PAD)

    def decode(
        self, inputs: torch.Tensor, state: torch.Tensor, read: Read
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor]:
        """Write on from `state`.

        Args:
            inputs: `(batch, seq_q)`: the word before each that is to be written, at first BEGIN.
            state: `(batch, d_hidden)`: the decoder's; `read.last` at the beginning.
            read: of the encoder; without attention the decoder does not look at it.

        Returns:
            scores: `(batch, seq_q, len(FRENCH))`.
            weights: `(batch, seq_q, seq_k)`, or None without attention.
            state: `(batch, d_hidden)`, to go on from.
        """
        states, after = self.decoder(self.french(inputs), state[None])  # (batch, seq_q, d_hidden)
        weights = None
        if self.attention is not None:
            found, weights = self.attention(states, read.states, read.token_mask)
            states = torch.cat([states, found], dim=-1)  # (batch, seq_q, 2 * d_hidden)
        return self.writer(states), weights, after[0]

    def forward(self, source: torch.Tensor, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Teacher forcing: every word is written after the true ones before it.

        Returns:
            Scores and weights, as `decode` gives them.
        """
        read = self.encode(source)
        return self.decode(inputs, read.last, read)[:2]

    @torch.no_grad()
    def translate(self, sentences: Sequence[Sequence[str]], longest: int = LONGEST) -> list[list[str]]:
        """Translate word by word, always with the likeliest (greedy decoding), many sentences at once.

        Args:
            sentences: English words, as `phrasebook.tokenise` splits them.
            longest: words after which a translation is broken off.

        Returns:
            The French words of each sentence, in the order of the sentences.
        """
        found: list[list[str]] = [[] for _ in sentences]
        for chosen in _of_one_length([len(words) for words in sentences], TRANSLATED_AT_ONCE):
            source = self._tensor([ENGLISH.ids(sentences[number]) for number in chosen])
            for number, ids in zip(chosen, self._write(source, longest), strict=True):
                words = ids[: ids.index(END)] if END in ids else ids
                found[number] = [FRENCH.words[each] for each in words]
        return found

    @torch.no_grad()
    def weights(self, english: Sequence[str], french: Sequence[str]) -> torch.Tensor:
        """Where the decoder looked while it was given this French, word by word.

        Returns:
            `(len(french) + 1, len(english))`: row i was computed after input i, which is BEGIN for row 0 and French
            word i - 1 for the others.

        Raises:
            ValueError: this translator has no attention.
        """
        source, inputs = [ENGLISH.ids(english)], [[BEGIN, *FRENCH.ids(french)]]
        weights = self(self._tensor(source), self._tensor(inputs))[1]
        if weights is None:
            raise ValueError("This translator has no attention, so there are no weights to look at.")
        return weights[0].cpu()

    def _write(self, source: torch.Tensor, longest: int) -> list[list[int]]:
        read = self.encode(source)
        state, written = read.last, torch.full_like(source[:, :1], BEGIN)
        columns, over = [], torch.zeros_like(written, dtype=torch.bool)
        for _ in range(longest):
            scores, _, state = self.decode(written, state, read)
            written = scores.argmax(dim=-1)  # (batch, 1)
            columns.append(written)
            over |= written == END
            if over.all():
                break
        return torch.cat(columns, dim=1).tolist() if columns else [[] for _ in source]

    def _tensor(self, ids: torch.Tensor | list[list[int]]) -> torch.Tensor:
        return torch.as_tensor(ids, device=self.english.weight.device)


def batch_of(pairs: Sequence[Pair]) -> Batch:
    """Pairs of one English length, as numbers."""
    french = [FRENCH.ids(pair.target) for pair in pairs]
    seq_q = max(map(len, french)) + 1
    padding = [[PAD] * (seq_q - 1 - len(ids)) for ids in french]
    return Batch(
        torch.tensor([ENGLISH.ids(pair.source) for pair in pairs]),
        torch.tensor([[BEGIN, *ids, *after] for ids, after in zip(french, padding, strict=True)]),
        torch.tensor([[*ids, END, *after] for ids, after in zip(french, padding, strict=True)]),
    )


def batches(
    pairs: Sequence[Pair], target_tokens: int, rng: np.random.RandomState, batch_tokens: int = BATCH_TOKENS
) -> list[Batch]:
    """Deal pairs into batches, all of them again and again, each time anew, until `target_tokens` French words and
    ends of sentences are dealt.

    Returns:
        Batches of about `batch_tokens` French words, in random order. The English sentences of a batch are equally
        long.
    """
    dealt: list[Batch] = []
    left = target_tokens
    while left > 0:
        order = rng.permutation(len(pairs))
        groups: dict[int, list[list[Pair]]] = {}
        tokens: dict[int, int] = {}
        for number in order:
            pair = pairs[number]
            length = len(pair.source)
            if length not in groups or tokens[length] >= batch_tokens:
                groups.setdefault(length, []).append([])
                tokens[length] = 0
            groups[length][-1].append(pair)
            tokens[length] += len(pair.target) + 1
        every = [group for same_length in groups.values() for group in same_length]
        for number in rng.permutation(len(every)):
            dealt.append(batch_of(every[number]))
            left -= sum(len(pair.target) + 1 for pair in every[number])
            if left <= 0:
                break
    return dealt


def train_translator(
    model: GRUTranslator, pairs: Sequence[Pair], target_tokens: int, seed: int = 0, title: str = "translating"
) -> np.ndarray:
    """Train with Adam, the true French given before each word (teacher forcing).

    Args:
        model: changed in place, on the device where it is; left in evaluation mode.
        target_tokens: how many French words and ends of sentences it is trained on, all passes together.
        seed: of the order of the pairs; the first weights are the model's own.

    Returns:
        The loss of each step, float64.
    """
    device = model.english.weight.device
    dealt = batches(pairs, target_tokens, np.random.RandomState(seed))
    optimiser = torch.optim.Adam(model.parameters())
    steps = max(2, len(dealt))  # OneCycleLR divides by zero if its first part has one step only
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps, pct_start=max(0.1, 2 / steps)
    )
    model.train()

    def step(number: int) -> torch.Tensor:
        source, inputs, targets = (each.to(device) for each in dealt[number])
        scores, _ = model(source, inputs)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=PAD)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        return loss

    losses = train(step, len(dealt), title)
    model.eval()
    return losses


def _of_one_length(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """The numbers of the sentences, those of one length together, at most `most` at once."""
    groups: dict[int, list[int]] = {}
    for number, length in enumerate(lengths):
        groups.setdefault(length, []).append(number)
    for group in groups.values():
        for start in range(0, len(group), most):
            yield group[start : start + most]
