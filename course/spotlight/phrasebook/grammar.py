"""A grammar that chooses what a sentence says, about as many words long as asked."""

from __future__ import annotations

from functools import cache

from spotlight.phrasebook.cast import PEOPLE, Cast, Mention, adjectives_for, following
from spotlight.phrasebook.french import Agreement
from spotlight.phrasebook.function_words import (
    ADDRESSED,
    CONJUNCTIONS,
    DEGREES,
    DIRECTIONS,
    TIMES,
    WHERE,
    Preposition,
)
from spotlight.phrasebook.nouns import ADJECTIVES
from spotlight.phrasebook.phrases import (
    ADVERBS,
    FUTURE,
    PAST,
    PRESENT,
    Phrase,
    noun_phrase,
    verb_group,
    words,
)
from spotlight.phrasebook.verbs import BE, GIVING, INDIRECT, INTRANSITIVE, SAYING, TRANSITIVE, Verb

SHAPES = {
    "be": (BE,),
    "intransitive": INTRANSITIVE,
    "transitive": TRANSITIVE,
    "indirect": INDIRECT,
    "giving": GIVING,
    "saying": SAYING,
}
LEAST_AFTER_SUBJECT = {"be": 2, "intransitive": 1, "transitive": 3, "indirect": 4, "giving": 6, "saying": 5}
PLACE = frozenset("L")
# "Often" and "never" are no matter of a day, and in "that he saw" the day could be another.
NOT_WITH_A_DAY = {*ADVERBS, "never", "who", "that", *(day for day, _ in TIMES.values())}


@cache
def _verbs(shape: str, subjects: frozenset[str] | None, objects: frozenset[str] | None) -> tuple[Verb, ...]:
    return tuple(
        verb
        for verb in SHAPES[shape]
        if (subjects is None or verb.subjects & subjects) and (objects is None or verb.objects & objects)
    )


class Writer(Cast):
    """Writes one sentence."""

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
        # Only "and" may come twice.
        conjunctions = self.chance.sample((*CONJUNCTIONS, CONJUNCTIONS[0]), len(CONJUNCTIONS) + 1)
        for number in range(clauses):
            if number:
                whole.add(words(*conjunctions[number]))
            left = clauses - number
            whole.add(self.clause((end - len(whole.english) - (left - 1)) // left, tense, first=not number))
        said = {word.text for word in whole.english}
        if len(whole.english) == length - 2 and not said & NOT_WITH_A_DAY:
            day, jour = TIMES[tense]
            whole.add(words((day,), (jour,)))
        return whole.add(words((".",), (".",)))

    # Clauses

    def clause(self, room: int, tense: str, first: bool = True) -> Phrase:
        """Somebody does something, in about `room` English words."""
        self.earlier = len(self.mentioned)
        wants_bank = bool(self.scene) and not self.bank
        likely = 0.6 if room < 4 or (first and self.you) else 0.3 if first else 0.5
        pronoun = self.maybe(likely) and not (wants_bank and first)
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
        if (
            verb.objects
            and verb.takes_pronoun
            and (room < least or self.maybe(0.4 if self.earlier else 0.25))
        ):
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
                known=verb.liking,
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
            adjective = self.chance.choice(adjectives_for(subject.noun))
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

    def mention(
        self,
        kinds: frozenset[str],
        room: int,
        negated: bool = False,
        definite: bool = False,
        known: bool = False,
        depth: int = 0,
    ) -> Mention:
        """A noun with its determiner, and at most about `room` more words.

        Args:
            negated: the object of a negation.
            definite: after à and de, where "some" and "many" are not used.
            known: neither "a", "some" nor numbers.
        """
        noun = self.noun(kinds)
        plural = bool(noun.english[1]) and self.maybe(0.3)
        determiner = self.determiner(noun, plural, definite, negated, known)
        agreement = Agreement(5 if plural else 2, noun.gender, plural)
        adjectives = self.adjectives(noun, room)
        room -= len(adjectives)
        phrase = noun_phrase(noun, plural, determiner, adjectives, negated and determiner == "a")
        mention = Mention(phrase, agreement, noun.kinds, noun)
        self.mentioned.append(mention)
        if negated and determiner == "a":
            return mention  # "not a cat that …" would need another mood
        # One or the other: in "the duck near the chair that is old", nobody could say which is old.
        if room >= 3 and not depth and not self.in_relative and self.maybe(0.5):
            phrase.add(self.relative(mention, room))
        elif room >= 3 and depth < 2 and self.maybe(0.8):
            phrase.add(self.place(self.preposition(noun.kinds), noun.kinds, room, depth + 1))
        return mention

    def place(self, preposition: Preposition, there: frozenset[str], room: int, depth: int = 1) -> Phrase:
        """A preposition and its noun; `there` are the kinds of what is there."""
        main = words(preposition.english, preposition.french, preposition.main)
        definite = preposition.french[-1] in ("à", "de")
        where = self.mention(
            following(preposition, there), room - len(main.english) - 2, definite=definite, depth=depth
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
            pronoun = self.chance.choice(self.anybody())
            clause.add(words((pronoun.english,), (pronoun.french,)))
            agreement = pronoun.agreement
        else:
            subject = self.mention(verb.subjects, room - 3, depth=1)
            clause.add(subject.phrase)
            agreement = subject.agreement
        return clause.add(verb_group(verb, tense, agreement, negation, preceding=head.agreement))
