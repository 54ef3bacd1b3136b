"""The build: the same bytes each time, only when something changed, and all files or none."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures import fake_course
from fixtures.authored import FIRST, SECOND, TWO_LESSONS, Desk

from autograder import build, course
from autograder.exercise import AuthorError

LESSON, NEXT = f"course/lessons/{FIRST}.md", f"course/lessons/{SECOND}.md"
BUILT = ("course/source", "course/release", "autograder/published")


def built(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.startswith(BUILT)}


# When it is built


def test_two_fresh_builds_are_byte_identical(desk: Desk) -> None:
    desk.build()
    first = desk.files()
    for folder in BUILT:
        shutil.rmtree(desk.root / folder)
    desk.build()
    assert desk.files() == first
    assert len(built(first)) == 2 + 2 + 2 + 1 + 1  # sources, releases, examples, the stamp, the card


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
    card = (release / course.CARD).read_text("utf-8")
    assert card == build.card(), "run: spotlight build"
    assert "`masked_softmax(scores, attention_mask)`" in card and card.count("\n## ") == len(names)


REAL_CARD = course.COURSE / "release" / course.CARD  # before any test puts another course in its place


def test_building_another_course_leaves_this_ones_card_alone(desk: Desk) -> None:
    before = REAL_CARD.read_bytes()
    desk.build()
    assert (build.COURSE / "release" / course.CARD).exists() and REAL_CARD.read_bytes() == before


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
