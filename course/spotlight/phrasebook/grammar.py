"""A grammar that chooses what a sentence says, about as many words long as asked."""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple
from zlib import crc32

from spotlight.phrasebook.french import Agreement
from spotlight.phrasebook.lexicon import (
    ADJECTIVES,
    BANKS,
    BE,
    GIVING,
    INDIRECT,
    INTRANSITIVE,
    NOUNS,
    SAYING,
    TRANSITIVE,
    Adjective,
    Noun,
    Verb,
)
from spotlight.phrasebook.phrases import (
    ADVERBS,
    FUTURE,
    PAST,
    PRESENT,
    Phrase,
    Pronoun,
    noun_phrase,
    verb_group,
    words,
)

HELD_OUT_PERCENT = 12

# Whoever speaks is a man, and "they" with nobody mentioned before are men: English does not say, French must.
SPEAKER = Pronoun("i", "me", "je", "me", "me", Agreement(0, "m", False))
SPEAKERS = Pronoun("we", "us", "nous", "nous", "nous", Agreement(3, "m", True))
HE = Pronoun("he", "him", "il", "le", "lui", Agreement(2, "m", False))
SHE = Pronoun("she", "her", "elle", "la", "lui", Agreement(2, "f", False))
IT = {
    "m": Pronoun("it", "it", "il", "le", "lui", Agreement(2, "m", False)),
    "f": Pronoun("it", "it", "elle", "la", "lui", Agreement(2, "f", False)),
}
THEY = {
    "m": Pronoun("they", "them", "ils", "les", "leur", Agreement(5, "m", True)),
    "f": Pronoun("they", "them", "elles", "les", "leur", Agreement(5, "f", True)),
}
# Whom the sentence speaks to decides what "you" is.
ADDRESSED = (
    ("dad", ("papa",), Pronoun("you", "you", "tu", "te", "te", Agreement(1, "m", False))),
    ("mum", ("maman",), Pronoun("you", "you", "tu", "te", "te", Agreement(1, "f", False))),
    ("sir", ("monsieur",), Pronoun("you", "you", "vous", "vous", "vous", Agreement(4, "m", False))),
    ("madam", ("madame",), Pronoun("you", "you", "vous", "vous", "vous", Agreement(4, "f", False))),
    ("children", ("les", "enfants"), Pronoun("you", "you", "vous", "vous", "vous", Agreement(4, "m", True))),
    ("ladies", ("mesdames",), Pronoun("you", "you", "vous", "vous", "vous", Agreement(4, "f", True))),
)


class Preposition(NamedTuple):
    """A preposition, and the kinds of noun that may follow it, by what is there."""

    english: tuple[str, ...]
    french: tuple[str, ...]
    person: str = ""  # kinds that follow it where a person is
    animal: str = ""
    carried: str = ""
    thing: str = ""
    place: str = ""


NEAR = Preposition(("near",), ("près", "de"), "LNPw", "LnPw", "nPw", "L", "LN")
WITH = Preposition(("with",), ("avec",), "Pk", "PA")
PREPOSITIONS = (
    NEAR,
    WITH,
    Preposition(("in",), ("dans",), "I", "Ii", "i"),
    Preposition(("on",), ("sur",), "U", "Uu", "u"),
    Preposition(("under",), ("sous",), "N", "n", "n"),
    Preposition(("behind",), ("derrière",), "dNw", "dnw", "nw", "dw", "N"),
    Preposition(("in", "front", "of"), ("devant",), "Lw", "Ldw", "dw", "Lw", "L"),
    Preposition(("beside",), ("à", "côté", "de"), "LNP", "LnP", "nP", "Lw", "L"),
    Preposition(("far", "from"), ("loin", "de"), "L", "L", "", "L", "L"),
    Preposition(("of",), ("de",), carried="P"),
)
DIRECTIONS = (
    Preposition(("towards",), ("vers",), "LNP", "LNP"),
    Preposition(("to",), ("jusque", "à"), "L", "L"),
)
# French verbs that not every preposition goes with.
WHERE = {"partir": (WITH,), "nager": (NEAR,), "voler": (NEAR,)}
CONJUNCTIONS = (("and", ("et",)), ("but", ("mais",)), ("so", ("donc",)), ("because", ("parce", "que")))
TIMES = {PAST: ("yesterday", "hier"), PRESENT: ("today", "aujourd'hui"), FUTURE: ("tomorrow", "demain")}
DEGREES = {"very": "très", "too": "trop"}
SHAPES = {
    "be": (BE,),
    "intransitive": INTRANSITIVE,
    "transitive": TRANSITIVE,
    "indirect": INDIRECT,
    "giving": GIVING,
    "saying": SAYING,
}
LEAST_AFTER_SUBJECT = {"be": 2, "intransitive": 1, "transitive": 3, "indirect": 4, "giving": 6, "saying": 5}
PEOPLE, PLACE = frozenset("P"), frozenset("L")


def is_held_out(adjective: str, noun: str) -> bool:
    """Whether training never shows this adjective with this noun, in any number or place."""
    if noun == "bank":
        return False
    return crc32(f"{adjective} {noun}".encode()) % 100 < HELD_OUT_PERCENT


@cache
def _nouns(kinds: frozenset[str], scenes: tuple[str, ...]) -> tuple[Noun, ...]:
    return tuple(noun for noun in NOUNS if noun.kinds & kinds and noun.scene in scenes)


@cache
def _adjectives(noun: Noun) -> tuple[Adjective, ...]:
    return tuple(adjective for adjective in ADJECTIVES if adjective.kinds & noun.kinds)


@cache
def _verbs(shape: str, subjects: frozenset[str] | None, objects: frozenset[str] | None) -> tuple[Verb, ...]:
    return tuple(
        verb
        for verb in SHAPES[shape]
        if (subjects is None or verb.subjects & subjects) and (objects is None or verb.objects & objects)
    )


class Mention:
    """Somebody or something in a sentence: its words, what agrees with it, its kinds."""

    __slots__ = ("agreement", "kinds", "noun", "phrase")

    def __init__(
        self, phrase: Phrase, agreement: Agreement, kinds: frozenset[str], noun: Noun | None = None
    ) -> None:
        self.phrase, self.agreement, self.kinds, self.noun = phrase, agreement, kinds, noun


class Writer:
    """Writes one sentence, and notes what it holds.

    Args:
        scene: "river" or "money" where the sentence is to have a bank, and another word that tells which.
    """

    def __init__(self, chance: random.Random, scene: str = "") -> None:
        self.chance, self.scene = chance, scene
        self.bank = self.cue = self.in_relative = False
        self.cue_soon = 0.5
        self.dated = False  # "yesterday always" and "tomorrow never" would be odd
        self.you: Pronoun | None = None
        self.mentioned: list[Mention] = []
        self.described: list[tuple[Adjective, Noun]] = []

    def maybe(self, probability: float) -> bool:
        return self.chance.random() < probability

    def sentence(self, length: int) -> Phrase:
        """About `length` English words, the full stop among them."""
        self.cue_soon = 0.9 if length < 10 else 0.5
        whole, tense = Phrase(), self.chance.choice((PRESENT, PRESENT, PAST, PAST, FUTURE))
        if length >= 6 and self.maybe(0.15):
            name, french, self.you = self.chance.choice(ADDRESSED)
            whole.add(words((name,), french)).add(words((",",), (",",)))
        if length >= 7 and self.maybe(0.15):
            english, french_time = TIMES[tense]
            self.dated = True
            whole.add(words((english,), (french_time,)))
        room = length - 1 - len(whole.english)
        clauses = 1 if room < 9 else self.chance.randint(-(-room // 14), room // 7)
        end = len(whole.english) + room
        conjunctions = self.chance.sample(CONJUNCTIONS + CONJUNCTIONS[:2], len(CONJUNCTIONS) + 2)
        for number in range(clauses):
            if number:
                english, french = conjunctions[number]
                whole.add(words((english,), french))
            left = clauses - number
            whole.add(self.clause((end - len(whole.english) - (left - 1)) // left, tense, first=not number))
        return whole.add(words((".",), (".",)))

    # Clauses

    def clause(self, room: int, tense: str, first: bool = True) -> Phrase:
        """Somebody does something, in about `room` English words."""
        wants_bank = bool(self.scene) and not self.bank
        pronoun = self.maybe(0.6 if room < 4 else 0.35) and not (wants_bank and first)
        subject = self.pronoun_subject(first) if pronoun else None
        room -= len(subject.phrase.english) if subject else 2
        negation, adverb = self.manner(room, tense)
        spent = (3 if tense == FUTURE else 0) + (2 if negation == "not" else 1 if negation or adverb else 0)
        shape = self.shape(room - spent, tense, negation, subject)
        verb = self.chance.choice(
            (wants_bank and _verbs(shape, subject.kinds if subject else None, PLACE))
            or _verbs(shape, subject.kinds if subject else None, None)
        )
        if not subject:
            spare = max(0, room - spent - LEAST_AFTER_SUBJECT[shape])
            given = 0 if shape == "saying" else self.chance.randint(0, spare)
            subject = self.mention(verb.subjects, given)
            room -= len(subject.phrase.english) - 2
        written = Phrase().add(subject.phrase)
        if shape == "saying":
            said = verb_group(verb, tense, subject.agreement, adverb=adverb).add(words(("that",), ("que",)))
            written.add(said)
            return written.add(self.clause(room - len(said.english), tense, first=False))
        return written.add(self.action(verb, subject, room, tense, negation, adverb))

    def manner(self, room: int, tense: str) -> tuple[str, str]:
        """A negation or an adverb, or neither."""
        if room >= 3 and self.maybe(0.22):
            return self.chance.choice(("not",) if self.dated else ("not", "not", "not", "never")), ""
        if room >= 2 and tense != FUTURE and not self.dated and self.maybe(0.12):
            return "", self.chance.choice(tuple(ADVERBS))
        return "", ""

    def shape(self, room: int, tense: str, negation: str, subject: Mention | None) -> str:
        """What kind of clause fits into `room` words after its subject."""
        weights = {
            "be": 18,
            "intransitive": 26 if room < 9 else 8,
            "transitive": 45,
            "indirect": 12,
            "giving": 14,
        }
        # After a past "said that", French would need another tense; after "does not think that", another mood.
        weights["saying"] = 12 if tense == PRESENT and not negation and room >= 6 else 0
        fits = {
            shape: weight
            for shape, weight in weights.items()
            if weight
            and (LEAST_AFTER_SUBJECT[shape] <= room or shape == "intransitive")
            and (subject is None or _verbs(shape, subject.kinds, None))
        }
        return self.chance.choices(list(fits), list(fits.values()))[0] if fits else "be"

    def action(
        self, verb: Verb, subject: Mention, room: int, tense: str, negation: str = "", adverb: str = ""
    ) -> Phrase:
        """A verb with what follows it, in about `room` English words."""
        if verb is BE:
            return verb_group(verb, tense, subject.agreement, negation, adverb).add(self.quality(subject))
        # An object pronoun saves a word; a "giving" verb still needs somebody to give to.
        bare = verb_group(verb, tense, subject.agreement, negation, adverb)
        room -= len(bare.english)
        least = 2 + 3 * (verb in GIVING)
        clitic = None
        if verb.objects and verb.takes_pronoun and (room < least or self.maybe(0.25)):
            clitic = self.pronoun_object(verb, subject)
        written = verb_group(verb, tense, subject.agreement, negation, adverb, clitic) if clitic else bare
        if clitic:
            room -= 1
        elif verb.objects:
            spare = max(0, room - least)
            thing = self.mention(
                verb.objects,
                min(2, spare) if verb in GIVING else spare,
                negated=bool(negation) and not verb.preposition,
                definite=bool(verb.preposition),
            )
            written.add(thing.phrase)
            room -= len(thing.phrase.english)
        if verb in GIVING:
            whom = self.mention(PEOPLE, max(0, room - 3), definite=True)
            return written.add(words(("to",), ("à",))).add(whom.phrase)
        if room >= 3 and (clitic or not verb.objects):
            written.add(self.whereabouts(verb, subject, room))
        return written

    def quality(self, subject: Mention) -> Phrase:
        """An adjective said of the subject: is very tired, est très fatiguée."""
        if subject.noun:
            adjective = self.chance.choice(_adjectives(subject.noun))
            self.described.append((adjective, subject.noun))
        else:
            adjective = self.chance.choice([a for a in ADJECTIVES if a.kinds & subject.kinds])
        said = words((adjective.english,), (adjective.french[subject.agreement.form],))
        if not adjective.gradable or self.maybe(0.6):
            return said
        degree = self.chance.choice(tuple(DEGREES))
        return words((degree,), (DEGREES[degree],)).add(said)

    def whereabouts(self, verb: Verb, subject: Mention, room: int) -> Phrase:
        """Where it happens, or where to."""
        if verb.motion and self.maybe(0.6):
            return self.place(self.chance.choice(DIRECTIONS), PEOPLE, room)
        if verb.infinitive in WHERE:
            return self.place(self.chance.choice(WHERE[verb.infinitive]), PEOPLE, room)
        return self.place(self.preposition(subject.kinds), subject.kinds, room)

    # Who and what

    def pronoun_subject(self, first: bool) -> Mention | None:
        """A pronoun, for somebody mentioned before if there is one; None if no pronoun would be clear."""
        choices: list[tuple[Pronoun, frozenset[str]]] = []
        if self.you:
            choices += [(self.you, PEOPLE)] * 4
        back = [mention for mention in self.mentioned if mention.noun]
        if back and self.maybe(0.7):
            choices += [(pronoun, m.kinds) for m in back[-3:] if (pronoun := self.pronoun_of(m))]
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
        back = [
            m for m in self.mentioned if m.noun and m.kinds & verb.objects and m.phrase is not subject.phrase
        ]
        choices = [pronoun for m in back if (pronoun := self.pronoun_of(m))]
        if "P" in verb.objects and not choices:
            choices = (
                [SPEAKER, SPEAKERS, HE, SHE] + [self.you] * 2 if self.you else [SPEAKER, SPEAKERS, HE, SHE]
            )
        same = {subject.agreement.person, {0: 3, 3: 0, 1: 4, 4: 1}.get(subject.agreement.person, 2)}
        choices = [p for p in choices if subject.noun or p.agreement.person not in same]
        return self.chance.choice(choices) if choices else None

    def noun(self, kinds: frozenset[str]) -> Noun:
        """A noun of one of the kinds; in a scene, the bank and the word that tells which come soon."""
        if not self.scene:
            return self.chance.choice(_nouns(kinds, ("", "river", "money")))
        if "L" in kinds and not self.bank and self.maybe(0.8):
            self.bank = True
            return BANKS[self.scene]
        if not self.cue and self.maybe(self.cue_soon) and (cues := _nouns(kinds, (self.scene,))):
            self.cue = True
            return self.chance.choice(cues)
        noun = self.chance.choice(_nouns(kinds, ("", self.scene)) or _nouns(kinds, ("",)))
        self.cue = self.cue or noun.scene == self.scene
        return noun

    def mention(
        self,
        kinds: frozenset[str],
        room: int,
        negated: bool = False,
        definite: bool = False,
        depth: int = 0,
    ) -> Mention:
        """A noun with its determiner, and at most about `room` more words.

        Args:
            negated: the object of a negation.
            definite: after à and de, where "some" and "many" are not used.
        """
        noun = self.noun(kinds)
        plural = bool(noun.english[1]) and self.maybe(0.3)
        determiner = self.determiner(noun, plural, definite, negated)
        agreement = Agreement(5 if plural else 2, noun.gender, plural)
        adjectives = self.adjectives(noun, room)
        room -= len(adjectives)
        phrase = noun_phrase(noun, plural, determiner, adjectives, negated and determiner == "a")
        mention = Mention(phrase, agreement, noun.kinds, noun)
        self.mentioned.append(mention)
        if negated and determiner == "a":
            return mention  # "not a cat that …" would need another mood
        if room >= 3 and depth < 2 and self.maybe(0.65):
            place = self.place(self.preposition(noun.kinds), noun.kinds, min(room, 7), depth + 1)
            phrase.add(place)
            room -= len(place.english)
        if room >= 3 and not depth and not self.in_relative and self.maybe(0.8):
            phrase.add(self.relative(mention, room))
        return mention

    def determiner(self, noun: Noun, plural: bool, definite: bool, negated: bool) -> str:
        choices = ["the"] * 6 + ["a"] * 2 + ["this"]
        if "r" in noun.kinds:
            choices += ["my", "his", "her", "our", "their"]
        if self.you and "r" in noun.kinds:
            choices += ["your tu" if self.you.french == "tu" else "your vous"] * 2
        if plural and not negated:
            choices += ["two", "three"] if definite else ["two", "three", "many"]
        if plural and definite:
            choices = [choice for choice in choices if choice != "a"]
        return self.chance.choice(choices)

    def adjectives(self, noun: Noun, room: int) -> list[Adjective]:
        """None, one or two adjectives in English order, a colour last."""
        chosen: list[Adjective] = []
        if room >= 1 and self.maybe(0.55):
            chosen.append(self.chance.choice(_adjectives(noun)))
            if room >= 2 and chosen[0].precedes and self.maybe(0.4):
                chosen += self.chance.choices([a for a in _adjectives(noun) if not a.precedes], k=1)
            self.described += [(adjective, noun) for adjective in chosen]
        return chosen

    def preposition(self, kinds: frozenset[str]) -> Preposition:
        """One that can say where somebody or something of these kinds is."""
        return self.chance.choice([p for p in PREPOSITIONS if _following(p, kinds)])

    def place(self, preposition: Preposition, there: frozenset[str], room: int, depth: int = 1) -> Phrase:
        """A preposition and its noun; `there` are the kinds of what is there."""
        main = words(preposition.english, preposition.french)
        definite = preposition.french[-1] in ("à", "de")
        where = self.mention(
            _following(preposition, there), room - len(main.english) - 2, definite=definite, depth=depth
        )
        return main.add(where.phrase)

    def relative(self, head: Mention, room: int) -> Phrase:
        """Who sleeps, that the girl sees: qui dort, que la fille voit."""
        self.in_relative = True
        tense = self.chance.choice((PRESENT, PAST))
        verbs = _verbs("transitive", None, head.kinds)
        negation = "not" if room >= 7 and self.maybe(0.15) else ""
        room -= 1 + 2 * bool(negation)
        if verbs and self.maybe(0.5):
            clause = self.seen_by_others(head, self.chance.choice(verbs), room, tense, negation)
        else:
            shape = self.shape(room, PAST, negation, head)
            shape = "be" if shape == "giving" else shape
            who = "who" if "P" in head.kinds else "that"
            does = _verbs(shape, head.kinds, None)
            clause = words((who,), ("qui",)).add(
                self.action(self.chance.choice(does or (BE,)), head, room, tense, negation)
            )
        self.in_relative = False
        return clause

    def seen_by_others(self, head: Mention, verb: Verb, room: int, tense: str, negation: str) -> Phrase:
        """That the girl sees: the head is the object, and a participle agrees with it."""
        clause = words(("that",), ("que",))
        if room < 4 or self.maybe(0.35):
            pronoun = self.chance.choice([SPEAKER, SPEAKERS, HE, SHE] + [self.you] * 2 * bool(self.you))
            clause.add(words((pronoun.english,), (pronoun.french,)))
            agreement = pronoun.agreement
        else:
            subject = self.mention(verb.subjects, room - 3, depth=1)
            clause.add(subject.phrase)
            agreement = subject.agreement
        return clause.add(verb_group(verb, tense, agreement, negation, preceding=head.agreement))


@cache
def _following(preposition: Preposition, there: frozenset[str]) -> frozenset[str]:
    """The kinds of noun that may follow a preposition."""
    column = next((kind for kind in "PAhT" if kind in there), "L")
    return frozenset(preposition[2 + "PAhTL".index(column)])
