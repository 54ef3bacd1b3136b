"""The leak gate: a planted answer closes it wherever it stands, and a look-alike does not."""

import zipfile
from pathlib import Path
from textwrap import indent

import nbformat
import pytest
from fixtures.authored import FIRST, SECOND, Desk

from autograder import course
from autograder.build import student_tree
from autograder.exercise import AuthorError
from autograder.leaks import leaks, wheel_leaks

LESSON, NEXT = f"course/lessons/{FIRST}.md", f"course/lessons/{SECOND}.md"
CODE = "```{code-cell} python\n"

BODY = "means = numbers.mean(axis=-1, keepdims=True)\nreturn numbers - means"
OTHERWISE_LAID_OUT = """\
means = numbers.mean(
    axis=-1,  # each row
    keepdims=True)
return ( numbers
         - means )
"""
INSIDE_ANOTHER = """\
def middle(numbers):
    '''Another docstring.'''
    if numbers.size:
        # and another comment
        means = numbers.mean(axis = -1, keepdims = True)

        return numbers-means
"""
METHOD = "larger = numbers * self.factor\nreturn larger"
LATER = "distances = np.abs(centre(numbers))\nreturn distances.mean(axis=-1)"
WRONG = "mean_of_all = numbers.mean()\nreturn numbers - mean_of_all"
ONE_LINER = "def from_zero(numbers):\n    return np.abs(numbers).mean(axis=-1)"


def fenced(code: str, fence: str = "```") -> str:
    return f"{fence}python\n{code}\n{fence}"


PLANTED = {
    "the body in the text, fenced": (LESSON, fenced(BODY)),
    "fenced with tildes": (LESSON, fenced(OTHERWISE_LAID_OUT, "~~~")),
    "fenced in a list": (LESSON, "- look:\n\n" + indent(fenced(BODY), "  ")),
    "indented in a fence": (LESSON, fenced(indent(OTHERWISE_LAID_OUT, "    "))),
    "in a hint": (LESSON, f"<details><summary>Hint: All of it</summary>\n\n{fenced(BODY)}\n\n</details>"),
    "as lines of text": (LESSON, BODY),
    "otherwise laid out": (LESSON, fenced(OTHERWISE_LAID_OUT)),
    "inside another function": (LESSON, fenced(INSIDE_ANOTHER)),
    "in a given code cell": (LESSON, f"{CODE}{INSIDE_ANOTHER}```"),
    "a method": (LESSON, fenced(METHOD)),
    "a misconception": (LESSON, fenced(WRONG)),
    "a misconception of one line": (NEXT, fenced(ONE_LINER)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_answer_closes_the_gate(desk: Desk, name: str) -> None:
    file, text = PLANTED[name]
    desk.edit(file, "That is all.", text)
    with pytest.raises(
        AuthorError, match=r"course/release/.*\.ipynb \(cell \w+\): holds an answer that stands at"
    ):
        desk.build()


@pytest.mark.parametrize(
    "name", ["course/spotlight/training.py", "autograder/panel.py", "autograder/exercises/spread.py"]
)
def test_an_answer_in_a_module_that_learners_receive_closes_the_gate(desk: Desk, name: str) -> None:
    path = desk.root / name
    before = path.read_text("utf-8") if path.exists() else ""
    path.write_text(f"{before}\n\n{INSIDE_ANOTHER}", "utf-8")
    with pytest.raises(AuthorError) as caught:
        desk.build()
    origin = desk.place("solutions/shift.py", "means = numbers")
    assert str(caught.value) == f"{path}: holds an answer that stands at {origin}"


def test_a_pair_of_statements_inside_a_loop_or_branch_is_an_answer_too(desk: Desk) -> None:
    inner = "total = total + number\ncount = count + 1"
    answer = (
        "    total, count = 0.0, 0\n"
        "    for number in np.ravel(numbers):\n"
        "        try:\n"
        "            if number:\n"
        "                total = total + number\n"
        "                count = count + 1\n"
        "        except ValueError:\n"
        "            pass\n"
    )
    desk.edit("solutions/shift.py", "    # One mean for each row.\n", answer)
    desk.build()
    desk.edit(LESSON, "That is all.", fenced(inner))
    with pytest.raises(AuthorError, match="holds an answer"):
        desk.build()


def test_a_nested_function_in_an_answer_is_found(desk: Desk) -> None:
    answer = "rows = numbers * 1\nif rows.size:\n\n    def nested(x):\n        return x\n"
    desk.edit("solutions/shift.py", "    # One mean for each row.\n", indent(answer, "    "))
    desk.edit(LESSON, "That is all.", fenced(answer.replace("\n\n", "\n")))
    with pytest.raises(AuthorError, match="holds an answer"):
        desk.build()


INNOCENT = {
    "a signature and docstring": 'def centre(numbers: np.ndarray):\n    """Shift each row."""\n    ...',
    "an import": "import math\nimport numpy as np",
    "one statement of two": "means = numbers.mean(axis=-1, keepdims=True)\nprint(means)",
    "both statements, apart": "means = numbers.mean(axis=-1, keepdims=True)\nprint()\nreturn numbers - means",
    "a given constructor": "def __init__(self, factor: float) -> None:\n    self.factor = math.fabs(factor)",
    "a value that is no secret": "pair = [1.0, 3.0]\nletter = 'b'",
}


@pytest.mark.parametrize("name", INNOCENT)
def test_a_look_alike_does_not_close_the_gate(desk: Desk, name: str) -> None:
    desk.edit(LESSON, "That is all.", fenced(INNOCENT[name]))
    assert desk.build().written == [FIRST, SECOND]


def test_a_body_too_short_to_be_a_secret_does_not(desk: Desk) -> None:
    desk.edit("solutions/spread.py", "    return distances.mean(axis=-1)", "    return distances.mean(-1)")
    desk.edit("solutions/misconceptions/spread.py", "np.abs(numbers).mean(axis=-1)", "numbers.mean(axis=-1)")
    desk.edit(NEXT, "That is all.", fenced("return numbers.mean(axis=-1)"))
    desk.build()


def test_an_earlier_answer_may_stand_in_a_later_notebook(desk: Desk) -> None:
    desk.edit(NEXT, "That is all.", fenced(BODY))
    desk.build()
    assert BODY.split("\n")[0] in desk.cells(SECOND)["given-centre"].source


def test_a_later_answer_must_not_stand_in_an_earlier_notebook(desk: Desk) -> None:
    desk.edit(LESSON, "That is all.", fenced(LATER))
    with pytest.raises(AuthorError, match=f"course/release/{FIRST}/{FIRST}.ipynb .*solutions/spread.py"):
        desk.build()


def test_the_gate_looks_at_the_committed_notebook_of_a_lesson_that_is_not_built_now(desk: Desk) -> None:
    desk.build()
    path = desk.root / "course" / "release" / FIRST / f"{FIRST}.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[2].source = LATER
    nbformat.write(notebook, path)
    desk.edit(NEXT, "That is all.", "That is enough.")
    with pytest.raises(AuthorError, match=f"{path} .*solutions/spread.py"):
        desk.build(SECOND)


def found(desk: Desk, lesson: str) -> list[str]:
    path = desk.root / "course" / "lessons" / f"{lesson}.md"
    return list(leaks(path, student_tree(path)))


@pytest.mark.parametrize("marker", ["### BEGIN SOLUTION", "### END SOLUTION"])
def test_a_marker_or_a_pairing_in_a_release_is_a_leak(desk: Desk, marker: str) -> None:
    desk.build()
    path = desk.root / "course" / "release" / FIRST / f"{FIRST}.ipynb"
    notebook = nbformat.read(path, 4)
    assert found(desk, FIRST) == []
    notebook.cells[1].source += f"\n{marker}"
    notebook.metadata["jupytext"] = {"formats": "ipynb,md:myst"}
    nbformat.write(notebook, path)
    assert found(desk, FIRST) == [
        f"{path} (cell imports): a solution marker",
        f"{path}: is paired with jupytext, which would carry the source along",
    ]


def test_an_answer_or_a_solution_in_the_wheel_is_a_leak(desk: Desk, tmp_path: Path) -> None:
    wheel = tmp_path / "spotlight.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("spotlight/__init__.py", "")
        archive.writestr("autograder/exercise.py", "import numpy as np")
    assert list(wheel_leaks(wheel, course.lesson_paths())) == []
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("spotlight/training.py", INSIDE_ANOTHER)
        archive.writestr("solutions/__init__.py", "")
        archive.writestr("spotlight/misconceptions/shift.py", "")
    origin = desk.place("solutions/shift.py", "means = numbers")
    assert list(wheel_leaks(wheel, course.lesson_paths())) == [
        "solutions/__init__.py must not be in it",
        "spotlight/misconceptions/shift.py must not be in it",
        f"spotlight/training.py: holds an answer that stands at {origin}",
    ]


def test_the_real_course_leaks_nothing() -> None:
    for lesson in course.lesson_paths():
        assert list(leaks(lesson, student_tree(lesson))) == []
