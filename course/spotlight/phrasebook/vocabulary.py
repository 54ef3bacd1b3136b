"""Every word form that the phrasebook can write, in both languages."""

from __future__ import annotations

from spotlight.phrasebook import grammar, lexicon
from spotlight.phrasebook.french import CONTRACTED, ELIDED, Agreement, agreed
from spotlight.phrasebook.phrases import ADVERBS, BEFORE_VOWEL, FRENCH_DETERMINERS, NUMERALS

_VERBS = tuple(verb for verbs in grammar.SHAPES.values() for verb in verbs)
_NOUNS = (*lexicon.NOUNS, *lexicon.BANKS.values())
_PRONOUNS = (
    grammar.SPEAKER,
    grammar.SPEAKERS,
    grammar.HE,
    grammar.SHE,
    *grammar.IT.values(),
    *grammar.THEY.values(),
    *(pronoun for _, _, pronoun in grammar.ADDRESSED),
)
_PREPOSITIONS = (*grammar.PREPOSITIONS, *grammar.DIRECTIONS)
_AGREEMENTS = [Agreement(2, gender, plural) for gender in "mf" for plural in (False, True)]


def english_words() -> list[str]:
    """The English words, sorted."""
    found = set(["the", "a", "an", "some", "any", "this", "these", "my", "his", "her", "our", "their", "your", ".", ",", "that", "who", "to", "not", "never"])
    found |= set(["do", "does", "did", "am", "is", "are", "was", "were", "be", "going"]) | {*NUMERALS, *ADVERBS, *grammar.DEGREES}
    found |= {form for noun in _NOUNS for form in noun.english if form}
    found |= {adjective.english for adjective in lexicon.ADJECTIVES}
    found |= {form for verb in _VERBS for form in (*verb.english, *verb.particle)}
    found |= {form for pronoun in _PRONOUNS for form in (pronoun.english, pronoun.object)}
    found |= {word for preposition in _PREPOSITIONS for word in preposition.english}
    found |= {word for word, _ in (*grammar.CONJUNCTIONS, *grammar.TIMES.values())}
    return sorted(found | {name for name, _, _ in grammar.ADDRESSED})


def french_words() -> list[str]:
    """The French words, sorted; "jusque" is only ever "jusqu'"."""
    found = (
        set([".", ",", "de", "des", "un", "une", "que", "qui", "à", "ne", "pas", "jamais"])
        | set(CONTRACTED.values())
        | set(ELIDED.values())
    )
    found |= {word for words in NUMERALS.values() for word in words}
    found |= {*ADVERBS.values(), *grammar.DEGREES.values(), *BEFORE_VOWEL.values()}
    found |= {form for forms in FRENCH_DETERMINERS.values() for form in forms}
    found |= {form for noun in _NOUNS for form in noun.french if form}
    for adjective in lexicon.ADJECTIVES:
        found |= {adjective.before_vowel, *adjective.french.values()}
    for verb in _VERBS:
        found |= {verb.infinitive, *verb.french}
        if verb is not lexicon.BE:
            found |= {agreed(verb.participle, agreement) for agreement in _agreements(verb)}
    found |= {*lexicon.BE.french, *lexicon.WAS, *lexicon.HAVE, *lexicon.GO, "se"}
    for pronoun in _PRONOUNS:
        found |= {pronoun.french, pronoun.direct, pronoun.indirect}
    found |= {word for preposition in _PREPOSITIONS for word in preposition.french}
    found |= {word for _, words in grammar.CONJUNCTIONS for word in words}
    found |= {word for _, word in grammar.TIMES.values()}
    found |= {word for _, words, _ in grammar.ADDRESSED for word in words}
    return sorted(found - {"jusque"})


def _agreements(verb: lexicon.Verb) -> list[Agreement]:
    """What its participle can agree with: never with anything, where it has no direct object and no être."""
    changes = verb.auxiliary == "être" or (verb.objects and not verb.preposition)
    return _AGREEMENTS if changes else _AGREEMENTS[:1]
