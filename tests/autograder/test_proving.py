"""Answers that are not what their author thinks: one sentence each, and its file and line are right."""

import pytest
from fixtures.authored import Desk, Mistake

EXERCISES, SOLUTIONS = "autograder/exercises/shift.py", "solutions/shift.py"
MISCONCEPTIONS = "solutions/misconceptions/shift.py"


OF_REFERENCES = {
    "guessable check": Mistake(
        EXERCISES,
        "return centre(rng.normal(size=(2, 3, 4)).round(1))",
        "return centre(rng.normal(size=(2, 3, 4))).shape",
        "@centre.check\ndef more",
        "check more_axes_in_front can be guessed",
    ),
    "check that fails for the reference": Mistake(
        EXERCISES,
        "return Scale(float(",
        "return Scale(str(",
        "@scale.check",
        "the reference fails check numbers_grow: TypeError",
    ),
    "quiz answer that is no option": Mistake(
        SOLUTIONS, 'letter = "b"', 'letter = "c"', 'letter = "c"', "none of the quiz's options: a, b"
    ),
    "puzzle answer that is refused": Mistake(
        SOLUTIONS, "[1.0, 3.0]", "[1.0, 4.0]", "@pair.accepts", "Yours do not add up to 4.", EXERCISES
    ),
    "changes its argument": Mistake(
        SOLUTIONS,
        "    return numbers - means",
        "    numbers -= means\n    return numbers",
        "@centre.check\ndef rows",
        "changes `numbers` in place",
        EXERCISES,
    ),
}

OF_MISCONCEPTIONS = {
    "syntax error": Mistake(MISCONCEPTIONS, "return numbers /", "return numbers / /", "/ /", "not Python"),
    "equals the reference": Mistake(
        MISCONCEPTIONS,
        "numbers.mean()",
        "numbers.mean(axis=-1, keepdims=True)",
        '@misconception("centre")',
        "one_mean_for_all equals the reference",
    ),
    "raises": Mistake(
        MISCONCEPTIONS,
        "return numbers / self.factor",
        "return numbers / self.divisor",
        '@misconception("Scale")',
        "DividesByTheFactor raises in check numbers_grow: AttributeError",
    ),
    "of an unknown exercise": Mistake(
        MISCONCEPTIONS,
        '@misconception("Scale")',
        '@misconception("Scales")',
        '@misconception("Scales")',
        "is of `Scales`, which",
    ),
    "of a quiz": Mistake(
        MISCONCEPTIONS,
        '@misconception("Scale")',
        '@misconception("letter")',
        '@misconception("letter")',
        "is of `letter`, which",
    ),
    "two with one name": Mistake(
        MISCONCEPTIONS,
        "class DividesByTheFactor",
        "class one_mean_for_all",
        "class one_mean_for_all",
        "defined in line",
    ),
    "a hint that the lesson does not have": Mistake(
        MISCONCEPTIONS,
        "You divided by the factor. Multiply.",
        'You divided by the factor. Open the hint "Multiply".',
        '@misconception("Scale")',
        'DividesByTheFactor names the hint "Multiply"',
    ),
    "without a docstring": Mistake(
        MISCONCEPTIONS,
        '    """You divided by the factor. Multiply."""\n',
        "",
        '@misconception("Scale")',
        "has no docstring",
    ),
    "another signature": Mistake(
        MISCONCEPTIONS,
        '(numbers: np.ndarray) -> np.ndarray:\n    """You sub',
        '(table: np.ndarray) -> np.ndarray:\n    """You sub',
        '@misconception("centre")',
        "(table), not (numbers)",
    ),
    "another constructor": Mistake(
        MISCONCEPTIONS,
        "factor: float)",
        "factor: float = 2)",
        '@misconception("Scale")',
        "(self, factor=2), not (self, factor)",
    ),
}


@pytest.mark.parametrize("name", OF_REFERENCES)
def test_a_mistake_about_a_reference_stops_the_build(desk: Desk, name: str) -> None:
    desk.suffers(OF_REFERENCES[name])


@pytest.mark.parametrize("name", OF_MISCONCEPTIONS)
def test_a_mistake_about_a_misconception_stops_the_build(desk: Desk, name: str) -> None:
    desk.suffers(OF_MISCONCEPTIONS[name])
