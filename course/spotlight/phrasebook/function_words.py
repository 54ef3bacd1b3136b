"""The small words of the phrasebook: pronouns, prepositions, conjunctions, and names for who is spoken to."""

from __future__ import annotations

from typing import NamedTuple

from spotlight.phrasebook.french import Agreement
from spotlight.phrasebook.phrases import FUTURE, PAST, PRESENT, Pronoun

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
    main: int = 0  # the English word that carries the meaning


NEAR = Preposition(("near",), ("près", "de"), "LNPw", "LnPw", "nPw", "L", "LN")
WITH = Preposition(("with",), ("avec",), "Pk", "PA")
PREPOSITIONS = (
    NEAR,
    WITH,
    Preposition(("in",), ("dans",), "I", "Ii", "i"),
    Preposition(("on",), ("sur",), "U", "Uu", "u"),
    Preposition(("under",), ("sous",), "N", "n", "n"),
    Preposition(("behind",), ("derrière",), "dNw", "dnw", "nw", "dw", "N"),
    Preposition(("in", "front", "of"), ("devant",), "Lw", "Ldw", "dw", "Lw", "L", main=1),
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
CONJUNCTIONS = (
    (("and",), ("et",)),
    (("but",), ("mais",)),
    (("so",), ("donc",)),
    (("because",), ("parce", "que")),
)
TIMES = {PAST: ("yesterday", "hier"), PRESENT: ("today", "aujourd'hui"), FUTURE: ("tomorrow", "demain")}
DEGREES = {"very": "très", "too": "trop"}
