"""An author's mistakes in exercises and solutions: one sentence each, and its file and line are right."""

import pytest
from fixtures.authored import FIRST, SECOND, Desk, Mistake

from autograder.exercise import AuthorError

LESSON, NEXT = f"course/lessons/{FIRST}.md", f"course/lessons/{SECOND}.md"
EXERCISES, SOLUTIONS = "autograder/exercises/shift.py", "solutions/shift.py"
CODE = "```{code-cell} python\n"


IN_THE_EXERCISES = {
    "two exercises with one name": Mistake(
        EXERCISES,
        'scale = Exercise("Scale"',
        'scale = Exercise("centre"',
        'scale = Exercise("centre"',
        "two exercises are named `centre`",
    ),
    "two exercises with one variable": Mistake(
        EXERCISES,
        "@centre.check\ndef rows",
        'centre = Exercise("centre", points=1)\n\n\n@centre.check\ndef rows',
        '"centre", points=1)',
        "two exercises are named `centre`",
    ),
    "two lessons with one exercise": Mistake(
        EXERCISES,
        'Puzzle("pair"',
        'Puzzle("spread"',
        'Puzzle("spread"',
        "lesson spread has an exercise named `spread` too",
    ),
    "exercise without a check": Mistake(
        EXERCISES,
        "letter = Quiz(",
        'lonely = Exercise("lonely", points=9)\n\nletter = Quiz(',
        '"lonely"',
        "has no check",
    ),
    "docstring without a next step": Mistake(
        EXERCISES,
        "    Use `self.factor`.\n",
        "",
        "@scale.check",
        "check numbers_grow of Scale: its docstring needs two",
    ),
    "two checks with one name": Mistake(
        EXERCISES,
        "def more_axes_in_front",
        "def rows_are_centred",
        "@centre.check",
        "two checks named rows_are_centred",
    ),
    "exercise without a solution": Mistake(
        EXERCISES,
        "letter = Quiz(\n",
        'other = Quiz(\n    "other", points=0.1, options={"a": ""}\n)\nletter = Quiz(\n',
        "other = Quiz(",
        "`other` has no solution in",
    ),
    "exercise without a cell": Mistake(
        LESSON, CODE + ":exercise: letter\n```\n", "", "letter = Quiz(", "`letter` has no cell in", EXERCISES
    ),
    "syntax error": Mistake(EXERCISES, "pair = Puzzle(", "pair = = Puzzle(", "pair = =", "not Python"),
    "raises at import": Mistake(
        EXERCISES, "letter = Quiz(", "1 / 0\nletter = Quiz(", "1 / 0", "ZeroDivisionError"
    ),
    "hint that the lesson does not have": Mistake(
        EXERCISES,
        '"One mean a row"',
        '"One mean each row"',
        "@centre.check\ndef rows",
        'names the hint "One mean each row"',
    ),
    "too many points for quizzes": Mistake(
        EXERCISES,
        "points=0.5",
        "points=1",
        "letter = Quiz(",
        "quizzes hold more than 10 % of the lesson's 8 points",
    ),
}

IN_THE_SOLUTIONS = {
    "syntax error": Mistake(
        SOLUTIONS, "larger = numbers *", "larger = = numbers *", "larger = =", "not Python"
    ),
    "raises at import": Mistake(
        SOLUTIONS, "pair = [1.0", "LEVEL = len(5)\npair = [1.0", "len(5)", "TypeError"
    ),
    "unknown library": Mistake(
        SOLUTIONS, "import math", "import maths", "import maths", "No module named 'maths'"
    ),
    "imported solution": Mistake(
        SOLUTIONS,
        'letter = "b"',
        "from string import digits as letter",
        "letter = Quiz(",
        "has no solution",
        EXERCISES,
    ),
    "value where a function is asked": Mistake(
        SOLUTIONS,
        "def centre(numbers",
        "centre = np.sort\n\n\ndef centred(numbers",
        "centre = np.sort",
        "must be a function or class",
    ),
    "function where a value is asked": Mistake(
        SOLUTIONS, "pair = [1.0, 3.0]", "def pair():\n    return [1.0, 3.0]", "def pair", "must be a value"
    ),
    "defined twice": Mistake(
        SOLUTIONS, 'letter = "b"', 'letter = "a"\nletter = "b"', 'letter = "b"', "is defined in line"
    ),
    "function of the module": Mistake(
        SOLUTIONS,
        "    return numbers - means\n",
        "    return minus(numbers, means)\n\n\ndef minus(a, b):\n    return a - b\n",
        "def centre",
        "`centre` uses `minus`, which the notebook will not have",
    ),
    "constant of the module, in a class": Mistake(
        SOLUTIONS,
        "        larger = numbers * self.factor\n        return larger\n",
        "        return numbers * UNIT\n\n\nUNIT = 2.0\n",
        "class Scale",
        "uses `UNIT`",
    ),
    "type alias of the module": Mistake(
        SOLUTIONS,
        "def centre(numbers: np.ndarray)",
        "Row = np.ndarray\n\n\ndef centre(numbers: Row)",
        "def centre",
        "uses `Row`",
    ),
    "later exercise": Mistake(
        SOLUTIONS,
        "return numbers - means",
        "return Scale(1.0).forward(numbers - means)",
        "def centre",
        "uses `Scale`",
    ),
    "earlier solution that is not given": Mistake(
        NEXT, ":given: centre", ":tags: [see]", "def spread", "`spread` uses `centre`", "solutions/spread.py"
    ),
}


@pytest.mark.parametrize("name", IN_THE_EXERCISES)
def test_a_mistake_in_the_exercises_stops_the_build(desk: Desk, name: str) -> None:
    desk.suffers(IN_THE_EXERCISES[name])


@pytest.mark.parametrize("name", IN_THE_SOLUTIONS)
def test_a_mistake_in_the_solutions_stops_the_build(desk: Desk, name: str) -> None:
    desk.suffers(IN_THE_SOLUTIONS[name])


@pytest.mark.parametrize("name", [EXERCISES, SOLUTIONS, "solutions/misconceptions/shift.py"])
def test_a_missing_module_is_named(desk: Desk, name: str) -> None:
    (desk.root / name).unlink()
    with pytest.raises(AuthorError, match=f"{desk.root / name}: there is no such file"):
        desk.build()


def test_a_given_exercise_needs_what_it_uses_given_before_it(desk: Desk) -> None:
    for folder in ("autograder/exercises", "solutions", "solutions/misconceptions"):
        (desk.root / folder / "wide.py").touch()
    lesson = desk.root / "course" / "lessons" / "03_wide.md"
    header = "---\ntitle: Wide\nquestion: How wide?\nminutes: 5\n---\n\n"
    lesson.write_text(header + CODE + ":given: spread\n```\n", "utf-8")
    with pytest.raises(
        AuthorError, match=f"{lesson}:7: `spread` uses `centre`, which must be given before it"
    ):
        desk.build()
    lesson.write_text(header + CODE + ":given: centre\n```\n\n" + CODE + ":given: spread\n```\n", "utf-8")
    assert "03_wide" in desk.build().written


def test_a_mistake_in_another_lesson_has_its_own_place(desk: Desk) -> None:
    desk.edit("autograder/exercises/spread.py", "spread = Exercise", "spread = = Exercise")
    with pytest.raises(AuthorError) as caught:
        desk.build(FIRST)
    assert str(caught.value).startswith(
        desk.place("autograder/exercises/spread.py", "spread = =") + ": not Python"
    )
