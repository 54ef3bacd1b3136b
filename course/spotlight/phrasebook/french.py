"""How French is spelt: agreement, and what happens where two words meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VOWELS = frozenset("aeiouàâäéèêëîïôöûüùœ")
# An h before which nothing is elided: le hibou, du hérisson.
ASPIRATED = frozenset({"hibou", "hiboux", "hérisson", "hérissons"})
ELIDED = {word: word[:-1] + "'" for word in ("le", "la", "je", "me", "te", "se", "ne", "de", "que", "jusque")}
CONTRACTED = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}


class Source:
    """One English word; its place in the sentence is known when the sentence is whole."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Target:
    """One French word, and the English words that it comes from, the main one first."""

    __slots__ = ("article", "before_vowel", "continues", "sources", "text")

    def __init__(
        self,
        text: str,
        *sources: Source,
        before_vowel: str = "",
        article: bool = False,
        continues: bool = False,
    ) -> None:
        self.text = text
        self.sources = sources
        self.before_vowel = before_vowel  # another form, used before a vowel (bel for beau, mon for ma)
        self.article = article  # a definite article, which à and de contract with
        self.continues = continues  # the rest of a preposition: the de of près de


@dataclass(frozen=True)
class Agreement:
    """What verbs, participles and adjectives agree with. Persons: 0 je, 1 tu, 2 il, 3 nous, 4 vous, 5 ils."""

    person: int
    gender: str  # "m" or "f"
    plural: bool

    @property
    def form(self) -> str:
        """Key of an adjective's forms: "ms", "fs", "mp" or "fp"."""
        return self.gender + "sp"[self.plural]


def begins_with_vowel(word: str) -> bool:
    """Whether a word lets the one before it lose its vowel: "arbre" and "homme" do, "hibou" does not."""
    return word[0] in VOWELS or (word[0] == "h" and word not in ASPIRATED)


def agreed(participle: str, agreement: Agreement | None) -> str:
    """A past participle with its ending: vu, vue, vus, vues; assis stays assis in the plural."""
    if agreement is None:
        return participle
    feminine = participle + ("e" if agreement.gender == "f" else "")
    return feminine + ("s" if agreement.plural and not feminine.endswith("s") else "")


def join(words: Sequence[Target]) -> list[Target]:
    """Elide, choose the forms that stand before a vowel, and contract: de + le + port is du port.

    Args:
        words: a sentence; its words are changed in place.

    Returns:
        The words as written. A contraction comes from the sources of both its parts.
    """
    joined: list[Target] = []
    following = "."
    for word in reversed(words):
        if begins_with_vowel(following):
            word.text = word.before_vowel or ELIDED.get(word.text, word.text)
        if joined and joined[-1].article and (word.text, joined[-1].text) in CONTRACTED:
            article = joined.pop()
            # Alone, "du" is first of all "of"; in "près du", near is said by "près", so "du" is first "the".
            word.text = CONTRACTED[word.text, article.text]
            first, second = (article, word) if word.continues else (word, article)
            word.sources = (*first.sources, *second.sources)
        joined.append(word)
        following = word.text
    return joined[::-1]
