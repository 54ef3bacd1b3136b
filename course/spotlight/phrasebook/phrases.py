"""Pieces of a sentence, in both languages at once: given what is to be said, how each language says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spotlight.phrasebook.french import Agreement, Source, Target, agreed
from spotlight.phrasebook.nouns import Adjective, Noun
from spotlight.phrasebook.verbs import BE, GO, HAVE, WAS, Verb

PRESENT, PAST, FUTURE = "present", "past", "future"


@dataclass
class Phrase:
    """English words, and French words that know where they come from."""

    english: list[Source] = field(default_factory=list)
    french: list[Target] = field(default_factory=list)

    def add(self, other: Phrase) -> Phrase:
        self.english += other.english
        self.french += other.french
        return self


@dataclass(frozen=True)
class Pronoun:
    """A pronoun in its places: he sees him, il le voit, il lui parle."""

    english: str
    object: str
    french: str
    direct: str
    indirect: str
    agreement: Agreement


# The French of "the", "this" and possessives before a masculine noun, a feminine noun, and several nouns.
FRENCH_DETERMINERS = {
    "the": ("le", "la", "les"),
    "this": ("ce", "cette", "ces"),
    "my": ("mon", "ma", "mes"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "our": ("notre", "notre", "nos"),
    "their": ("leur", "leur", "leurs"),
    "your tu": ("ton", "ta", "tes"),
    "your vous": ("votre", "votre", "vos"),
}
BEFORE_VOWEL = {"ce": "cet", "ma": "mon", "sa": "son", "ta": "ton"}
NUMERALS = {"two": ("deux",), "three": ("trois",), "many": ("beaucoup", "de")}
ADVERBS = {"often": "souvent", "always": "toujours", "sometimes": "parfois"}
_REFLEXIVE = ("me", "te", "se", "nous", "vous", "se")


def words(english: Sequence[str], french: Sequence[str], main: int = 0) -> Phrase:
    """Words that translate one another as a whole: "in front of" is "devant".

    Args:
        main: which English word the French ones come from first; the others come after it.
    """
    sources = [Source(word) for word in english]
    ordered = (sources[main], *sources[:main], *sources[main + 1 :])
    return Phrase(sources, [Target(word, *ordered, continues=place > 0) for place, word in enumerate(french)])


def noun_phrase(
    noun: Noun, plural: bool, determiner: str, adjectives: Sequence[Adjective] = (), negated: bool = False
) -> Phrase:
    """A noun with its determiner and adjectives.

    Args:
        determiner: "the", "a" (in the plural "some", or "any"), "this", a possessive, "two", "three" or "many".
        adjectives: in their English order.
        negated: the object of a negation, where French says "de": il ne mange pas de pomme.
    """
    form = noun.gender + "sp"[plural]
    head = Source(noun.english[plural])
    described = [(adjective, Source(adjective.english)) for adjective in adjectives]
    before = [
        Target(a.french[form], word, before_vowel=a.before_vowel if form == "ms" else "")
        for a, word in described
        if a.precedes
    ]
    after = [Target(a.french[form], word) for a, word in reversed(described) if not a.precedes]
    following = described[0][1].text if described else head.text
    first = Source(_english_determiner(determiner, plural, following, negated))
    if determiner in NUMERALS:
        articles = [Target(word, first) for word in NUMERALS[determiner]]
    elif determiner == "a":
        feminine = noun.gender == "f"
        article = ("de" if before else "des") if plural else ("une" if feminine else "un")
        articles = [Target("de" if negated else article, first)]
    else:
        article = FRENCH_DETERMINERS[determiner][2 if plural else noun.gender == "f"]
        vowel = BEFORE_VOWEL.get(article, "")
        articles = [Target(article, first, before_vowel=vowel, article=determiner == "the")]
    english = [first, *(word for _, word in described), head]
    return Phrase(english, [*articles, *before, Target(noun.french[plural], head), *after])


def _english_determiner(determiner: str, plural: bool, following: str, negated: bool) -> str:
    if determiner == "a":
        singular = "an" if following[0] in "aeiou" else "a"
        return ("any" if negated else "some") if plural else singular
    if determiner == "this":
        return "these" if plural else "this"
    return determiner.split()[0]


def verb_group(
    verb: Verb,
    tense: str,
    subject: Agreement,
    negation: str = "",
    adverb: str = "",
    clitic: Pronoun | None = None,
    preceding: Agreement | None = None,
) -> Phrase:
    """A verb with its auxiliaries, negation, adverb and pronoun object: did not see her, ne l'a pas vue.

    Args:
        tense: "present"; "past", in French the passé composé (of "be" the imparfait); "future", going to, in
            French the futur proche.
        subject: whom the verb agrees with.
        negation: "not", "never" or none.
        adverb: "often", "always", "sometimes" or none.
        clitic: the object, where it is a pronoun.
        preceding: a direct object that stands before the verb; participles agree with it.

    Returns:
        The English words as far as "for" in "look for" or the pronoun; the French words as far as "à" or "de".
    """
    person, third = subject.person, subject.person == 2
    denied = Source(negation) if negation else None
    modified = Source(adverb) if adverb else None
    particles = [Source(word) for word in verb.particle]
    with_verb = () if verb.preposition else tuple(particles)  # the "to" of "speak to" is the French "à"
    ne = [Target("ne", denied)] if denied else []
    after = [Target({"not": "pas", "never": "jamais"}[negation], denied)] if denied else []
    after += [Target(ADVERBS[adverb], modified)] if modified else []
    between = [word for word in (denied, modified) if word]

    if tense == FUTURE:
        be, going, to, main = (
            Source(_be(person, PRESENT)),
            Source("going"),
            Source("to"),
            Source(verb.english[0]),
        )
        english = [be, *between, going, to, main]
        finite = Target(GO[person], going, be)
        last = [Target(verb.infinitive, main, *with_verb, to)]
    elif verb is BE:
        main = Source(_be(person, tense))
        english = [main, *between]
        finite = Target((verb.french if tense == PRESENT else WAS)[person], main)
        last = []
    else:
        if negation == "not":
            auxiliary = Source("did" if tense == PAST else "does" if third else "do")
            main = Source(verb.english[0])
            english, helped = [auxiliary, *between, main], [auxiliary]
        else:
            main = Source(verb.english[2 if tense == PAST else third])
            english, helped = [*between, main], []
        if tense == PRESENT:
            finite, last = Target(verb.french[person], main, *with_verb, *helped), []
        else:
            with_be = verb.auxiliary == "être"
            participle = agreed(verb.participle, subject if with_be else preceding or _of(clitic, verb))
            finite = Target((BE.french if with_be else HAVE)[person], *helped, main, *with_verb)
            last = [Target(participle, main, *with_verb, *helped)]

    english += particles
    pronouns = [Target(_REFLEXIVE[person], main, *with_verb)] if verb.reflexive else []
    if clitic:
        word = Source(clitic.object)
        english.append(word)
        if verb.preposition:
            pronouns.append(Target(clitic.indirect, word, *particles))
        else:
            pronouns.append(Target(clitic.direct, word))
    # The pronouns stand before their verb: before the auxiliary, but before the infinitive of the future.
    french = (
        [*ne, finite, *after, *pronouns, *last]
        if tense == FUTURE
        else [*ne, *pronouns, finite, *after, *last]
    )
    if verb.preposition and not clitic:
        french.append(Target(verb.preposition, *(particles or [main])))
    return Phrase(english, french)


def _of(clitic: Pronoun | None, verb: Verb) -> Agreement | None:
    return clitic.agreement if clitic and not verb.preposition else None


def _be(person: int, tense: str) -> str:
    if tense == PAST:
        return "was" if person in (0, 2) else "were"
    return "am" if person == 0 else "is" if person == 2 else "are"
