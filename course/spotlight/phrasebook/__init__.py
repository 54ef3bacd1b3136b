"""A phrasebook: English sentences, their French, and which English words each French word comes from.

A small grammar writes it, so there is nothing to download, and the alignment is known rather than guessed.

    book = phrasebook.corpus(20_000)
    pair = book.train[0]
    print(phrasebook.detokenise(pair.source), "→", phrasebook.detokenise(pair.target))
    ids = phrasebook.FRENCH.ids(pair.target)
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from spotlight.phrasebook.cast import is_held_out
from spotlight.phrasebook.french import join
from spotlight.phrasebook.grammar import Writer
from spotlight.phrasebook.vocabulary import english_words, french_words

__all__ = [
    "BEGIN",
    "BUCKETS",
    "END",
    "ENGLISH",
    "FRENCH",
    "PAD",
    "Corpus",
    "Pair",
    "Vocabulary",
    "corpus",
    "detokenise",
    "tokenise",
]

PAD, BEGIN, END = 0, 1, 2
SPECIAL = ("<pad>", "<begin>", "<end>")
# Lengths of English sentences in words, the full stop among them; both ends belong to the bucket.
BUCKETS = ((3, 5), (6, 8), (9, 12), (13, 16), (17, 20), (21, 25), (26, 30), (31, 35), (36, 40))
SHORTEST, LONGEST = BUCKETS[0][0], BUCKETS[-1][1]
_SPLIT_PERCENT = 8  # of all sources, for validation, and as many for test
_SENSES = {"river": "rive", "money": "banque"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence in both languages. All words are lower case; detokenise makes them readable.

    Attributes:
        source: the English words.
        target: the French words; what is elided is a word of its own: "l'", "arbre".
        links: for each French word, the positions in `source` of the words that it comes from; the first is
            the main one. No French word is without.
        bank: "rive" or "banque", where the sentence has a bank; else "".
        described: (adjective, noun), in English, in the singular, for each adjective said of a noun.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    links: tuple[tuple[int, ...], ...]
    bank: str
    described: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Corpus:
    """Pairs to learn from and pairs to be examined on.

    No source is in two of them, nor twice in one: a sentence belongs to its split whatever the seed.
    `composition` holds the sentences with an adjective and a noun that the others never show together, though
    they show both.
    """

    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    test: tuple[Pair, ...]
    composition: tuple[Pair, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Words and their numbers. 0 is padding, 1 begins a sentence, 2 ends it."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def ids(self, words: Iterable[str]) -> list[int]:
        """The number of each word. BEGIN and END are not added.

        Raises:
            KeyError: the phrasebook has no such word.
        """
        try:
            return [self._number[word] for word in words]
        except KeyError as error:
            raise KeyError(
                f"The phrasebook has no word {error.args[0]!r}. Its words are lower case, and split as "
                "phrasebook.tokenise(text) splits them."
            ) from None

    def text(self, ids: Iterable[int]) -> str:
        """Readable text, as far as the first END; BEGIN and PAD are left out."""
        words = []
        for number in ids:
            if number == END:
                break
            if number not in (PAD, BEGIN):
                words.append(self.words[number])
        return detokenise(words)


ENGLISH = Vocabulary((*SPECIAL, *english_words()))
FRENCH = Vocabulary((*SPECIAL, *french_words()))


def corpus(
    pairs: int,
    seed: int = 0,
    shortest: int = SHORTEST,
    longest: int = 20,
    bank_share: float = 0.2,
    examined: int = 1000,
) -> Corpus:
    """Write a corpus. The same arguments write the same corpus, on any machine.

    Args:
        pairs: how many pairs `train` has.
        shortest, longest: the least and the most English words, the full stop among them. Each length is about
            as frequent as any other, while there are different sentences: of three words there are few.
        bank_share: which share of the sentences is about a bank, half of them of a river, half for money. It
            takes six words; shorter sentences have none.
        examined: how many pairs each of `validation`, `test` and `composition` has.

    Raises:
        ValueError: the lengths are not within 3 to 40, or there are not so many different sentences.
    """
    if not SHORTEST <= shortest <= longest <= LONGEST:
        raise ValueError(f"Sentences have {SHORTEST} to {LONGEST} words, not {shortest} to {longest}.")
    wanted = {"train": pairs, "validation": examined, "test": examined, "composition": examined}
    found: dict[str, list[Pair]] = {split: [] for split in wanted}
    seen: set[tuple[str, ...]] = set()
    repeated = 0
    for pair in _pairs(random.Random(f"phrasebook {seed}"), shortest, longest, bank_share):
        if pair.source in seen:
            repeated += 1
            if repeated > 20 * (len(seen) + 1000):
                counts = ", ".join(
                    f"{len(kept):,} of {wanted[split]:,} for {split}" for split, kept in found.items()
                )
                raise ValueError(
                    f"There are not so many different sentences of {shortest} to {longest} words ({counts}): "
                    "ask for fewer, or for longer ones."
                )
            continue
        seen.add(pair.source)
        kept = found[_split(pair)]
        if len(kept) < wanted[_split(pair)]:
            kept.append(pair)
            if all(len(found[split]) == wanted[split] for split in wanted):
                break
    return Corpus(**{split: tuple(kept) for split, kept in found.items()})


def tokenise(text: str) -> tuple[str, ...]:
    """Split text into the phrasebook's words: "L'ami dort." -> ("l'", "ami", "dort", ".")."""
    return tuple(re.findall(r"aujourd'hui|\w+'|\w+|[.,]", text.lower().replace("’", "'")))


def detokenise(words: Sequence[str]) -> str:
    """Make words readable: ("i", "sleep", ".") -> "I sleep."""
    text = " ".join("I" if word == "i" else word for word in words)
    text = re.sub(r" (?=[.,])|(?<=') ", "", text)
    return text[:1].upper() + text[1:]


def _pairs(chance: random.Random, shortest: int, longest: int, bank_share: float) -> Iterator[Pair]:
    while True:
        length = chance.randint(shortest, longest)
        scene = chance.choice(("river", "money")) if chance.random() < bank_share and longest > 5 else ""
        pair = None
        while pair is None:
            if scene and length < 6:  # too short for a bank and for what tells which
                length = chance.randint(max(6, shortest), longest)
            pair = _pair(chance, length, scene)
        yield pair


def _pair(chance: random.Random, length: int, scene: str) -> Pair | None:
    """One attempt at a pair of that length; None if it came out otherwise."""
    writer = Writer(chance, scene)
    phrase = writer.sentence(length)
    if len(phrase.english) != length:
        return None
    if scene and not (writer.bank and writer.cue):
        return None
    place = {id(word): number for number, word in enumerate(phrase.english)}
    french = join(phrase.french)
    return Pair(
        tuple(word.text for word in phrase.english),
        tuple(word.text for word in french),
        tuple(tuple(place[id(source)] for source in word.sources) for word in french),
        _SENSES.get(scene, ""),
        tuple((adjective.english, noun.english[0]) for adjective, noun in writer.described),
    )


def _split(pair: Pair) -> str:
    if any(is_held_out(adjective, noun) for adjective, noun in pair.described):
        return "composition"
    percent = crc32(" ".join(pair.source).encode()) % 100
    return "test" if percent < _SPLIT_PERCENT else "validation" if percent < 2 * _SPLIT_PERCENT else "train"
