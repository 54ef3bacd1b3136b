"""A lesson that builds on an earlier one runs on the learner's own answer, and grading on the reference."""

import json
import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from autograder import keys
from autograder.build import build
from autograder.course import COURSE, lesson_names
from spotlight import memory

GIVEN = re.compile(r"^@spotlight\.yours\n(?:def|class) (\w+)", re.MULTILINE)


def code_of(lesson: str) -> list[str]:
    cells = json.loads((COURSE / "release" / lesson / f"{lesson}.ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def given_cells() -> list[tuple[str, str]]:
    """(lesson, exercise) of every given cell of the course."""
    return [
        (lesson, found[1])
        for lesson in lesson_names()
        for source in code_of(lesson)
        if (found := GIVEN.search(source))
    ]


def run_given(lesson: str, name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the lesson calls `name` after its import cell and its given cells up to this one."""
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    sources = code_of(lesson)
    exec(sources[0], vars(main))
    for source in sources:
        if found := GIVEN.search(source):
            exec(source, vars(main))
            if found[1] == name:
                return vars(main)[name]
    raise AssertionError(name)


def test_every_lesson_from_03_on_builds_on_an_earlier_one() -> None:
    build()
    assert {lesson for lesson, _ in given_cells()} >= {"03_softmax", "04_scaling", "06_positions"}
    assert {("04_scaling", "softmax"), ("06_positions", "self_attention")} <= set(given_cells())


@pytest.mark.parametrize(("lesson", "name"), given_cells())
def test_a_given_cell_takes_the_learners_own_and_grading_has_none(
    lesson: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded, learning = tmp_path / "graded", tmp_path / "work"
    graded.mkdir()
    monkeypatch.chdir(graded)
    assert not hasattr(run_given(lesson, name, monkeypatch), "mine")
    stem = next(stem for stem in keys.stems() if name in keys.exercises(stem))
    (memory.start(learning) / "passed").mkdir()
    own = keys.source_of(stem, name) + f"\n\n{name}.mine = True\n"
    (learning / ".spotlight" / "passed" / f"{name}.py").write_text(own, "utf-8")
    monkeypatch.chdir(learning)
    assert run_given(lesson, name, monkeypatch).mine
