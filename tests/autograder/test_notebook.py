"""A built notebook: stubs, checks, given cells, imports, ids and metadata."""

import nbformat
import pytest
from fixtures import fake_course
from fixtures.authored import FIRST, SECOND, Desk
from nbgrader.preprocessors import CheckCellMetadata

LESSON, NEXT = f"course/lessons/{FIRST}.md", f"course/lessons/{SECOND}.md"
STUB = 'raise NotImplementedError("Yours to write: replace this line, then run the check below.")'


@pytest.fixture(scope="module")
def course_as_built(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The two lessons, built once: for tests that only read."""
    with pytest.MonkeyPatch.context() as patch:
        desk = Desk(tmp_path_factory.mktemp("built"), patch)
        desk.build()
    fake_course.forget()
    return desk


def test_a_release_has_a_worded_stub_and_no_answer(course_as_built: Desk) -> None:
    cells = course_as_built.cells(FIRST)
    assert cells["centre"].source.endswith(f'    """\n    {STUB}')
    assert "One mean for each row" not in cells["centre"].source
    assert "means" not in cells["centre"].source
    assert "SOLUTION" not in str(cells)


def test_a_class_keeps_its_constructor_and_the_learner_writes_the_rest(course_as_built: Desk) -> None:
    assert course_as_built.cells(FIRST)["Scale"].source == (
        "class Scale:\n"
        '    """Makes numbers larger by a fixed factor."""\n\n'
        "    def __init__(self, factor: float) -> None:\n"
        "        self.factor = math.fabs(factor)\n\n"
        "    def forward(self, numbers: np.ndarray) -> np.ndarray:\n"
        '        """Return `numbers` times the factor."""\n'
        f"        {STUB}"
    )


def test_a_comment_above_a_body_without_docstring_is_part_of_the_answer(desk: Desk) -> None:
    old = '        """Return `numbers` times the factor."""\n        larger'
    desk.edit("solutions/shift.py", old, "        # Times, not divided by.\n        larger")
    desk.build()
    assert desk.cells(FIRST)["Scale"].source.endswith(f"-> np.ndarray:\n        {STUB}")


def test_a_quiz_and_a_puzzle_show_their_comment_and_the_stub(course_as_built: Desk) -> None:
    cells = course_as_built.cells(FIRST)
    assert cells["letter"].source == f'# Write letter = "a" or "b".\n{STUB}'
    assert cells["pair"].source == f"# Write pair = [2.0, 0.5], with two numbers of your own.\n{STUB}"


def test_a_source_notebook_is_solved(course_as_built: Desk) -> None:
    namespace: dict = {"check": lambda name: None}
    for lesson in (FIRST, SECOND):
        for cell in course_as_built.notebook(lesson, "source").cells:
            if cell.cell_type == "code" and not cell.source.startswith("check("):
                exec(cell.source, namespace)
        for name in ("centre", "Scale", "pair", "letter") if lesson == FIRST else ("centre", "spread"):
            assert name in namespace


def test_an_exercise_is_an_answer_cell_and_a_locked_check_right_below(course_as_built: Desk) -> None:
    cells = course_as_built.cells(FIRST)
    order = list(cells)
    for name, points in {"centre": 3, "Scale": 3, "pair": 1, "letter": 0.5}.items():
        answer, check = cells[name].metadata.nbgrader, cells[f"{name}-check"].metadata.nbgrader
        assert (answer.grade_id, answer.solution, answer.grade, answer.locked) == (name, True, False, False)
        assert (check.grade_id, check.solution, check.grade, check.locked) == (
            f"{name}-check",
            False,
            True,
            True,
        )
        assert check.points == points
        assert cells[f"{name}-check"].source == f'check("{name}")'
        assert order.index(f"{name}-check") == order.index(name) + 1


def test_nbgrader_accepts_the_metadata(course_as_built: Desk) -> None:
    for kind in ("source", "release"):
        notebook = course_as_built.notebook(FIRST, kind)
        CheckCellMetadata().preprocess(notebook, {})
        nbformat.validate(notebook)
        versions = {
            cell.metadata.nbgrader.schema_version for cell in notebook.cells if "nbgrader" in cell.metadata
        }
        assert versions == {3}


def test_a_release_has_no_outputs_and_no_counts(course_as_built: Desk) -> None:
    for cell in course_as_built.notebook(FIRST).cells:
        assert cell.cell_type == "markdown" or (cell.outputs, cell.execution_count) == ([], None)


def test_cells_say_what_they_are_for(desk: Desk) -> None:
    desk.edit(LESSON, "[experiment]", "[predict, see]")
    desk.build()
    tags = {cell.source: cell.metadata.get("tags") for cell in desk.notebook(FIRST).cells}
    assert tags["row = np.array([1.0, 2.0, 6.0])\nprint(row.mean())"] == ["predict", "see"]
    assert desk.cells(FIRST)["imports"].metadata.tags == ["given"]


def test_the_title_says_what_there_is_to_do(course_as_built: Desk) -> None:
    assert course_as_built.notebook(FIRST).cells[0].source == (
        "# Shift\n\n*Where is the middle?*\n\nAbout 10 minutes.\n\n"
        "| you will write | difficulty | importance | points |\n|---|---|---|---|\n"
        "| `centre` | ●●○○○ | ●●●●● | 3 |\n"
        "| `Scale` | ●●●○○ | ●○○○○ | 3 |\n"
        "| `pair` | ●○○○○ | ●○○○○ | 1 |\n"
        "| 1 quiz question | ●○○○○ | ●●●○○ | 0.5 |"
    )


def test_the_import_cell_has_what_the_solutions_and_given_cells_import(desk: Desk) -> None:
    desk.edit(
        "solutions/shift.py", "numbers.mean(axis=-1, keepdims=True)", "math.fsum(numbers) / len(numbers)"
    )
    desk.edit("autograder/exercises/shift.py", "size=(3, 4)", "size=(3,)")
    desk.edit("autograder/exercises/shift.py", "size=(2, 3, 4)", "size=(4,)")
    desk.edit("solutions/misconceptions/shift.py", "numbers.mean()", "numbers.max()")
    desk.edit("autograder/exercises/spread.py", "size=(3, 4)", "size=(4,)")
    desk.build()
    wanted = "import math\nimport numpy as np\n\nimport spotlight\nfrom autograder import check"
    for lesson in (FIRST, SECOND):
        assert desk.notebook(lesson).cells[1].source == wanted


def test_a_given_cell_is_the_reference_unless_you_have_your_own(course_as_built: Desk) -> None:
    given = course_as_built.cells(SECOND)["given-centre"]
    assert given.source.startswith("@spotlight.yours\ndef centre(numbers: np.ndarray)")
    body = "    means = numbers.mean(axis=-1, keepdims=True)\n    return numbers - means"
    assert given.source.endswith(f"    # One mean for each row.\n{body}")
    assert given.metadata == {"tags": ["given"]}
    assert "from .shift" not in str(course_as_built.notebook(SECOND))


def test_a_given_value_has_no_decorator(desk: Desk) -> None:
    desk.edit(NEXT, "## Exercise", "```{code-cell} python\n:given: pair\n```\n\n## Exercise")
    desk.build()
    given = desk.cells(SECOND)["given-pair"].source
    assert given == "# Write pair = [2.0, 0.5], with two numbers of your own.\npair = [1.0, 3.0]"


def test_an_inserted_cell_changes_no_other_id(desk: Desk) -> None:
    desk.build()
    before = list(desk.cells(FIRST))
    desk.edit(LESSON, "## Exercise", "A new remark.\n\n```{code-cell} python\nprint(row)\n```\n\n## Exercise")
    desk.build()
    after = list(desk.cells(FIRST))
    assert len(after) > len(before)
    assert [one for one in after if one in before] == before


def test_equal_cells_have_different_ids(desk: Desk) -> None:
    desk.edit(
        LESSON,
        "That is all.",
        "```{code-cell} python\nprint(row)\n```\n\n```{code-cell} python\nprint(row)\n```",
    )
    desk.build()
    ids = [cell.id for cell in desk.notebook(FIRST).cells]
    assert ids[-1] == f"{ids[-2]}-2"
    assert len(set(ids)) == len(ids)
