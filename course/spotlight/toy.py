"""Toy embeddings whose every number has a name, so that a learner can say why a score is large.

The vectors are chosen by hand, and said to be: nothing here was learned.
"""

import numpy as np

FEATURES = ("noun", "verb", "animal", "water", "money")

_WORDS = {
    #          noun verb animal water money
    "the":      (0, 0, 0, 0, 0),
    "cat":      (1, 0, 1, 0, 0),
    "sat":      (0, 1, 0, 0, 0),
    "on":       (0, 0, 0, 0, 0),
    "mat":      (1, 0, 0, 0, 0),
    "bank":     (1, 0, 0, 0.5, 0.5),
    "by":       (0, 0, 0, 0, 0),
    "river":    (1, 0, 0, 1, 0),
    "was":      (0, 1, 0, 0, 0),
    "peaceful": (0, 0, 0, 0.2, 0),
    "money":    (1, 0, 0, 0, 1),
    "loan":     (1, 0, 0, 0, 1),
    "boat":     (1, 0, 0, 0.8, 0),
    "fish":     (1, 0, 1, 0.8, 0),
}  # fmt: skip

# Keys of lesson 02, two numbers each so that they can be drawn.
ARROWS = {
    "cat": (3.5, 0.0),
    "fish": (1.0, 1.0),  # inside the shape that the others span, so no query scores it highest
    "river": (0.0, 3.0),
    "boat": (-1.0, 1.0),  # its own direction picks the river
    "mat": (-0.5, -2.5),
}


def words_of(sentence: str) -> list[str]:
    """Split a sentence into its words, as written: "The cat sat" -> ["The", "cat", "sat"]."""
    return sentence.split()


def embed(words: str | list[str]) -> np.ndarray:
    """Look up the hand-made vectors of words.

    Args:
        words: a sentence, or a list of words; upper and lower case are one.

    Returns:
        float64 `(seq, 5)`, one row a word, one column a feature of `FEATURES`.

    Raises:
        KeyError: a word has no vector; the message lists the words that have one.
    """
    words = words_of(words) if isinstance(words, str) else words
    unknown = [word for word in words if word.lower() not in _WORDS]
    if unknown:
        raise KeyError(f"no toy vector for {unknown[0]!r}; there is one for: {', '.join(sorted(_WORDS))}")
    return np.array([_WORDS[word.lower()] for word in words], dtype=np.float64)
