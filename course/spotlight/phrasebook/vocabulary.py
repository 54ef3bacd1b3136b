"""Every word form that the phrasebook can write, in both languages."""

from __future__ import annotations

from spotlight.phrasebook import function_words as small
from spotlight.phrasebook import nouns, verbs
from spotlight.phrasebook.french import CONTRACTED, ELIDED, Agreement, agreed
from spotlight.phrasebook.grammar import SHAPES
from spotlight.phrasebook.phrases import ADVERBS, BEFORE_VOWEL, FRENCH_DETERMINERS, NUMERALS

_VERBS = tuple(verb for same_shape in SHAPES.values() for verb in same_shape)
_NOUNS = (*nouns.NOUNS, *nouns.BANKS.values())
_PRONOUNS = (
    small.SPEAKER,
    small.SPEAKERS,
    small.HE,
    small.SHE,
    *small.IT.values(),
    *small.THEY.values(),
    *(pronoun for _, _, pronoun in small.ADDRESSED),
)
_ENGLISH = (
    "the a an some any this these my his her our their your . , that who to not never "
    "do does did am is are was were be going"
)
_FRENCH = ". , de des un une que qui à ne pas jamais se"
_PREPOSITIONS = (*small.PREPOSITIONS, *small.DIRECTIONS)
_AGREEMENTS = [Agreement(2, gender, plural) for gender in "mf" for plural in (False, True)]


def english_words() -> list[str]:
    """The English words, sorted."""
    found = {*_ENGLISH.split(), *NUMERALS, *ADVERBS, *small.DEGREES}
    found |= {form for noun in _NOUNS for form in noun.english if form}
    found |= {adjective.english for adjective in nouns.ADJECTIVES}
    found |= {form for verb in _VERBS for form in (*verb.english, *verb.particle)}
    found |= {form for pronoun in _PRONOUNS for form in (pronoun.english, pronoun.object)}
    found |= {word for preposition in _PREPOSITIONS for word in preposition.english}
    found |= {word for words, _ in small.CONJUNCTIONS for word in words}
    found |= {word for word, _ in small.TIMES.values()}
    return sorted(found | {name for name, _, _ in small.ADDRESSED})


def french_words() -> list[str]:
    """The French words, sorted; "jusque" is only ever "jusqu'"."""
    found = {*_FRENCH.split(), *CONTRACTED.values(), *ELIDED.values()}
    found |= {word for words in NUMERALS.values() for word in words}
    found |= {*ADVERBS.values(), *small.DEGREES.values(), *BEFORE_VOWEL.values()}
    found |= {form for forms in FRENCH_DETERMINERS.values() for form in forms}
    found |= {form for noun in _NOUNS for form in noun.french if form}
    for adjective in nouns.ADJECTIVES:
        found |= {adjective.before_vowel, *adjective.french.values()}
    for verb in _VERBS:
        found |= {verb.infinitive, *verb.french}
        if verb is not verbs.BE:
            found |= {agreed(verb.participle, agreement) for agreement in _agreements(verb)}
    found |= {*verbs.BE.french, *verbs.WAS, *verbs.HAVE, *verbs.GO}
    for pronoun in _PRONOUNS:
        found |= {pronoun.french, pronoun.direct, pronoun.indirect}
    found |= {word for preposition in _PREPOSITIONS for word in preposition.french}
    found |= {word for _, words in small.CONJUNCTIONS for word in words}
    found |= {word for _, word in small.TIMES.values()}
    found |= {word for _, words, _ in small.ADDRESSED for word in words}
    return sorted(found - {"jusque"})


def _agreements(verb: verbs.Verb) -> list[Agreement]:
    """What its participle can agree with: never with anything, where it has no direct object and no être."""
    changes = verb.auxiliary == "être" or (verb.objects and not verb.preposition)
    return _AGREEMENTS if changes else _AGREEMENTS[:1]
