"""The build: notebooks that are the same each time, follow the author's text, and change only as one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from fixtures import fake_course
from fixtures.authored import FIRST, SECOND, TWO_LESSONS, Desk
from nbgrader.preprocessors import CheckCellMetadata

from autograder import build, course
from autograder.exercise import AuthorError

LESSON, NEXT = f"course/lessons/{FIRST}.md", f"course/lessons/{SECOND}.md"
BUILT = ("course/source", "course/release", "autograder/published")
STUB = 'raise NotImplementedError("Yours to write: replace this line, then run the check below.")'


def built(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.startswith(BUILT)}


@pytest.fixture(scope="module")
def course_as_built(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The two lessons, built once: for tests that only read."""
    with pytest.MonkeyPatch.context() as patch:
        desk = Desk(tmp_path_factory.mktemp("built"), patch)
        desk.build()
    fake_course.forget()
    return desk


# What is built


def test_two_fresh_builds_are_byte_identical(desk: Desk) -> None:
    desk.build()
    first = desk.files()
    for folder in BUILT:
        shutil.rmtree(desk.root / folder)
    desk.build()
    assert desk.files() == first
    assert len(built(first)) == 2 + 2 + 2 + 1


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
        "| 1 quiz questions | ●○○○○ | ●●●○○ | 0.5 |"
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


# When it is built


def test_a_second_build_writes_nothing(desk: Desk) -> None:
    assert desk.build().written == [FIRST, SECOND]
    times = {path: path.stat().st_mtime_ns for path in desk.root.rglob("*")}
    assert desk.build() == build.Built([], [])
    assert times == {path: path.stat().st_mtime_ns for path in desk.root.rglob("*")}


def test_only_the_changed_lesson_is_built(desk: Desk) -> None:
    desk.build()
    before = desk.files()
    examples = desk.root / "autograder" / "published" / "shift.json"
    made = examples.stat().st_mtime_ns
    desk.edit(LESSON, "That is all.", "That is enough.")
    assert desk.build().written == [FIRST]
    assert examples.stat().st_mtime_ns == made
    changed = {name for name, content in desk.files().items() if content != before[name]}
    notebooks = {f"course/{kind}/{FIRST}/{FIRST}.ipynb" for kind in ("source", "release")}
    assert changed == {LESSON, "course/source/built.json"} | notebooks


@pytest.mark.parametrize(
    "name",
    [
        "solutions/shift.py",
        "solutions/misconceptions/shift.py",
        "autograder/exercises/shift.py",
        "course/nbgrader_config.py",
        f"course/release/{FIRST}/{FIRST}.ipynb",
        f"course/source/{FIRST}/{FIRST}.ipynb",
        "autograder/published/shift.json",
    ],
)
def test_a_change_of_anything_that_a_notebook_comes_from_or_of_itself_is_noticed(
    desk: Desk, name: str
) -> None:
    desk.build()
    good = built(desk.files())
    path = desk.root / name
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert FIRST in desk.build().written
    assert {**built(desk.files()), "course/source/built.json": b""} == {
        **good,
        "course/source/built.json": b"",
    }


def test_a_new_tool_or_a_new_module_of_the_package_is_noticed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.build()
    (desk.root / "course" / "spotlight" / "toy.py").write_text("ROWS = 3\n", "utf-8")
    assert desk.build().written == [FIRST, SECOND]
    monkeypatch.setattr(build, "version", lambda tool: "99")
    assert desk.build().written == [FIRST, SECOND]


def test_a_lost_or_damaged_stamp_only_costs_time(desk: Desk) -> None:
    desk.build()
    for damage in ("", "[1]", '{"01_shift": 3}'):
        build.STAMP.write_text(damage, "utf-8")
        assert desk.build().written == [FIRST, SECOND]
    assert desk.build().written == []


def test_check_names_what_is_stale_and_writes_nothing(desk: Desk) -> None:
    desk.build()
    assert desk.build(check=True) == build.Built([], [])
    desk.edit(LESSON, "That is all.", "That is enough.")
    before = desk.files()
    stale = desk.root / "course" / "release" / FIRST / f"{FIRST}.ipynb"
    assert desk.build(check=True) == build.Built([], [stale])
    assert desk.files() == before


def test_check_looks_at_the_bytes_whatever_the_stamp_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.build()
    stale = desk.root / "course" / "release" / SECOND / f"{SECOND}.ipynb"
    stale.write_text(stale.read_text("utf-8").replace("spread", "spred"), "utf-8")
    monkeypatch.setattr(build, "is_stale", lambda lesson: False)
    assert desk.build(check=True).stale == [stale]


ANSWER = "distances = np.abs(centre(numbers))\nreturn distances.mean(axis=-1)"
MISTAKES = {
    "in the text": (NEXT, ":given: centre", ":given: center"),
    "in the answers": ("solutions/spread.py", "mean(axis=-1)", "mean(axis=-7)"),
    "a leak": (NEXT, "That is all.", f"```python\n{ANSWER}\n```"),
    "nbgrader's": ("course/nbgrader_config.py", "c.Autograde.force = True", "c.ClearSolutions.code_stub = 3"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_build_that_fails_leaves_every_file_as_it_was(desk: Desk, name: str) -> None:
    desk.build()
    desk.edit(LESSON, "That is all.", "A change that is good.")
    desk.edit(*MISTAKES[name])
    before = desk.files()
    with pytest.raises(AuthorError):
        desk.build()
    assert desk.files() == before


def test_the_learners_own_work_is_never_touched(desk: Desk) -> None:
    work = desk.root / "course" / "work" / FIRST / f"{FIRST}.ipynb"
    work.parent.mkdir(parents=True)
    work.write_text("mine", "utf-8")
    desk.build()
    desk.edit(LESSON, "That is all.", "That is enough.")
    desk.build()
    assert [path for path in (desk.root / "course" / "work").rglob("*") if path.is_file()] == [work]
    assert work.read_text("utf-8") == "mine"


# The command


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone on disk with the two lessons, built."""
    folder = fake_course.clone(tmp_path_factory.mktemp("clone"), TWO_LESSONS)
    run = spotlight(folder, "build")
    assert run.stdout == f"built {FIRST}\nbuilt {SECOND}\n", run.stderr
    return folder


def spotlight(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `spotlight` on a clone."""
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *arguments],
        cwd=folder,
        env=fake_course.environment(folder) | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_another_process_builds_the_same_bytes(clone: Path, desk: Desk) -> None:
    """Another order of sets and dicts, another folder, another working directory."""
    os.remove(clone / "course" / "source" / "built.json")
    assert spotlight(clone, "build", PYTHONHASHSEED="7").returncode == 0
    desk.build()
    for name, content in built(desk.files()).items():
        assert name.endswith("built.json") or (clone / name).read_bytes() == content


def test_the_command_checks(clone: Path) -> None:
    fresh = spotlight(clone, "build", "--check")
    assert (fresh.returncode, fresh.stdout) == (0, "Everything is up to date.\n")
    path = clone / "course" / "release" / FIRST / f"{FIRST}.ipynb"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"middle", b"muddle"))
    stale = spotlight(clone, "build", "--check")
    path.write_bytes(content)
    assert (stale.returncode, stale.stderr) == (1, "")
    assert stale.stdout == f"stale: course/release/{FIRST}/{FIRST}.ipynb  (run: spotlight build)\n"


def test_the_command_says_an_authors_mistake_in_one_line(clone: Path) -> None:
    path = clone / NEXT
    content = path.read_text("utf-8")
    path.write_text(content.replace("[see]", "[sea]"), "utf-8")
    run = spotlight(clone, "build")
    path.write_text(content, "utf-8")
    assert run.returncode == 1
    assert run.stderr == f"{NEXT}:14: unknown tag `sea`; there are: predict, see, experiment\n"


def test_nothing_to_do_is_found_out_quickly_and_without_heavy_imports(clone: Path) -> None:
    heavy = ["nbgrader", "jupytext", "nbformat", "nbconvert", "torch", "matplotlib"]
    script = (
        "import atexit, sys, time\n"
        f"atexit.register(lambda: print({heavy} & sys.modules.keys(), time.process_time()))\n"
        "sys.argv = ['spotlight', 'build']\n"
        "from autograder.cli import main\n"
        "main()\n"
    ).replace(str(heavy), str(set(heavy)))
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=fake_course.environment(clone), cwd=clone, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    said, loaded, seconds = re.fullmatch(r"(.*)\n(.*) (.*)\n", run.stdout).groups()
    assert (said, loaded) == ("Everything is up to date.", "set()")
    assert float(seconds) < 1


# The real course


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh build of the real lessons, in a folder of its own."""
    folder = tmp_path_factory.mktemp("fresh")
    build.stage(course.lesson_paths(), folder)
    return folder


def test_the_committed_release_is_what_a_build_makes(fresh: Path) -> None:
    names = [f"{path.stem}/{path.stem}.ipynb" for path in course.lesson_paths()]
    release = course.COURSE / "release"
    assert sorted(str(path.relative_to(release)) for path in release.rglob("*.ipynb")) == names
    stale = [
        name for name in names if (fresh / "release" / name).read_bytes() != (release / name).read_bytes()
    ]
    assert not stale, "run: spotlight build"


def test_stock_nbgrader_makes_the_same_release(fresh: Path, tmp_path: Path) -> None:
    """`nbgrader generate_assignment`, as an instructor types it in `course/`."""
    lesson = "03_softmax"
    shutil.copy(course.COURSE / "nbgrader_config.py", tmp_path)
    shutil.copytree(fresh / "source" / lesson, tmp_path / "source" / lesson)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader runs alembic
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", lesson, "--force"],
        cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    name = Path("release", lesson, f"{lesson}.ipynb")
    assert (tmp_path / name).read_bytes() == (fresh / name).read_bytes()
