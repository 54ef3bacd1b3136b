"""Who and what a sentence is about: the choice of nouns, of their company, and of pronouns that stay clear."""

from __future__ import annotations

import random
from functools import cache
from zlib import crc32

from spotlight.phrasebook.french import Agreement
from spotlight.phrasebook.function_words import (
    HE,
    IT,
    PREPOSITIONS,
    SHE,
    SPEAKER,
    SPEAKERS,
    THEY,
    Preposition,
)
from spotlight.phrasebook.nouns import ADJECTIVES, BANKS, NOUNS, Adjective, Noun
from spotlight.phrasebook.phrases import Phrase, Pronoun, words
from spotlight.phrasebook.verbs import Verb

HELD_OUT_PERCENT = 12
PEOPLE = frozenset("P")


def is_held_out(adjective: str, noun: str) -> bool:
    """Whether training never shows this adjective with this noun, in any number or place."""
    if noun == "bank":
        return False
    return crc32(f"{adjective} {noun}".encode()) % 100 < HELD_OUT_PERCENT


@cache
def _nouns(kinds: frozenset[str], scenes: tuple[str, ...]) -> tuple[Noun, ...]:
    return tuple(noun for noun in NOUNS if noun.kinds & kinds and noun.scene in scenes)


@cache
def adjectives_for(noun: Noun) -> tuple[Adjective, ...]:
    return tuple(adjective for adjective in ADJECTIVES if adjective.kinds & noun.kinds)


@cache
def following(preposition: Preposition, there: frozenset[str]) -> frozenset[str]:
    """The kinds of noun that may follow a preposition."""
    by_kind = {
        "P": preposition.person,
        "A": preposition.animal,
        "h": preposition.carried,
        "T": preposition.thing,
        "L": preposition.place,
    }
    return frozenset(next(may_follow for kind, may_follow in by_kind.items() if kind in there))


class Mention:
    """Somebody or something in a sentence: its words, what agrees with it, its kinds."""

    __slots__ = ("agreement", "kinds", "noun", "phrase")

    def __init__(
        self, phrase: Phrase, agreement: Agreement, kinds: frozenset[str], noun: Noun | None = None
    ) -> None:
        self.phrase, self.agreement, self.kinds, self.noun = phrase, agreement, kinds, noun


class Cast:
    """Chooses who and what is in one sentence, and remembers them.

    Args:
        scene: "river" or "money" where the sentence is to have a bank, and another word that tells which.
    """

    def __init__(self, chance: random.Random, scene: str = "") -> None:
        self.chance, self.scene = chance, scene
        self.bank = self.cue = self.in_relative = False
        self.cue_soon = 0.5
        self.earlier = 0  # how many were mentioned in earlier clauses
        self.dated = False  # "yesterday always" and "tomorrow never" would be odd
        self.you: Pronoun | None = None
        self.said: Preposition | None = None
        self.mentioned: list[Mention] = []
        self.described: list[tuple[Adjective, Noun]] = []

    def maybe(self, probability: float) -> bool:
        return self.chance.random() < probability

    def anybody(self) -> list[Pronoun]:
        """Pronouns that need nobody mentioned before."""
        return [SPEAKER, SPEAKERS, HE, SHE] + ([self.you] * 2 if self.you else [])

    def pronoun_subject(self, first: bool) -> Mention | None:
        """A pronoun, for somebody mentioned before if there is one; None if no pronoun would be clear."""
        choices: list[tuple[Pronoun, frozenset[str]]] = []
        if self.you:
            choices += [(self.you, PEOPLE)] * 4
        back = [mention for mention in self.mentioned if mention.noun]
        if back and self.maybe(0.7):
            found = [(pronoun, m.kinds) for m in back[-3:] if (pronoun := self.pronoun_of(m))]
            choices += found + [(pronoun, kinds) for pronoun, kinds in found if pronoun.english == "it"] * 2
        else:
            choices += [(pronoun, PEOPLE) for pronoun in (SPEAKER, SPEAKERS, HE, SHE)]
            if first:
                choices.append((THEY["m"], PEOPLE))
        if not choices:
            return None
        pronoun, kinds = self.chance.choice(choices)
        mention = Mention(words((pronoun.english,), (pronoun.french,)), pronoun.agreement, kinds)
        if first and pronoun is THEY["m"]:
            self.mentioned.append(mention)
        return mention

    def pronoun_of(self, mention: Mention) -> Pronoun | None:
        """The pronoun for what was mentioned; None if it could be taken for something of another gender."""
        agreement = mention.agreement
        if not agreement.plural and "P" in mention.kinds:
            return SHE if agreement.gender == "f" else HE
        rivals = {
            other.agreement.gender
            for other in self.mentioned
            if other.agreement.plural == agreement.plural and (agreement.plural or "P" not in other.kinds)
        }
        if len(rivals) > 1:
            return None
        return (THEY if agreement.plural else IT)[agreement.gender]

    def pronoun_object(self, verb: Verb, subject: Mention) -> Pronoun | None:
        """A pronoun for what an earlier clause mentioned, or for somebody; None if none would be clear."""
        back = [m for m in self.mentioned[: self.earlier] if m.noun and m.kinds & verb.objects]
        choices = [pronoun for m in back if (pronoun := self.pronoun_of(m))]
        if "P" in verb.objects and not choices:
            choices = self.anybody()
        same = {subject.agreement.person, {0: 3, 3: 0, 1: 4, 4: 1}.get(subject.agreement.person, 2)}
        choices = [p for p in choices if subject.noun or p.agreement.person not in same]
        return self.chance.choice(choices) if choices else None

    def noun(self, kinds: frozenset[str]) -> Noun:
        """A noun of one of the kinds; in a scene, the bank and the word that tells which come soon."""
        if not self.scene:
            return self.another(_nouns(kinds, ("", "river", "money")))
        if "L" in kinds and not self.bank and self.maybe(0.8):
            self.bank = True
            return BANKS[self.scene]
        if not self.cue and self.maybe(self.cue_soon) and (cues := _nouns(kinds, (self.scene,))):
            self.cue = True
            return self.another(cues)
        noun = self.another(_nouns(kinds, ("", self.scene)))
        self.cue = self.cue or noun.scene == self.scene
        return noun

    def another(self, nouns: tuple[Noun, ...]) -> Noun:
        """One that is not in the sentence yet, if two draws find one."""
        noun = self.chance.choice(nouns)
        if any(mention.noun is noun for mention in self.mentioned):
            noun = self.chance.choice(nouns)
        return noun

    def determiner(self, noun: Noun, plural: bool, definite: bool, negated: bool, known: bool) -> str:
        choices = ["the"] * 6 + ["a"] * 2 + ["this"]
        if "r" in noun.kinds:
            choices += ["my", "his", "her", "our", "their"]
        if self.you and "r" in noun.kinds:
            choices += ["your tu" if self.you.french == "tu" else "your vous"] * 2
        if plural and not negated and not known:
            choices += ["two", "three"] if definite else ["two", "three", "many"]
        if known or (plural and definite):
            choices = [choice for choice in choices if choice != "a"]
        return self.chance.choice(choices)

    def adjectives(self, noun: Noun, room: int) -> list[Adjective]:
        """None, one or two adjectives in English order, a colour last."""
        chosen: list[Adjective] = []
        if room >= 1 and self.maybe(0.55):
            chosen.append(self.chance.choice(adjectives_for(noun)))
            if room >= 2 and chosen[0].precedes and self.maybe(0.4):
                chosen += self.chance.choices([a for a in adjectives_for(noun) if not a.precedes], k=1)
            self.described += [(adjective, noun) for adjective in chosen]
        return chosen

    def preposition(self, kinds: frozenset[str]) -> Preposition:
        """One that can say where somebody or something of these kinds is; another than the last one."""
        fits = [p for p in PREPOSITIONS if p is not self.said and following(p, kinds)]
        self.said = self.chance.choice(fits)
        return self.said
