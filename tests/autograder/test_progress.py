"""The course as a path: finished, begun, not begun; and what comes next."""

import pytest
from typer.testing import CliRunner

from autograder import cli, keys
from autograder.course import lesson_names
from autograder.progress import Step, next_lesson, progress


def passed(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> list[Step]:
    monkeypatch.setattr("autograder.progress.attempts", lambda: {name: {"passed": True} for name in names})
    return progress()


def test_a_lesson_is_not_begun_then_begun_then_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(keys.exercises("softmax"))
    marks = []
    for count in (0, 1, len(names)):
        steps = {step.lesson: step for step in passed(monkeypatch, names[:count])}
        marks.append(steps["03_softmax"].mark)
    assert marks == ["○", "◐", "●"]


def test_titles_and_questions_come_from_the_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    step = next(step for step in passed(monkeypatch, []) if step.lesson == "03_softmax")
    assert step.title.startswith("Softmax") and step.question.endswith("?")


def test_the_next_lesson_is_the_first_unfinished_one_and_extras_do_not_hold_it_up() -> None:
    done = Step("01_a", "", "", {"x": True, "bonus": False}, frozenset({"bonus"}))
    begun = Step("02_b", "", "", {"y": True, "z": False}, frozenset())
    assert next_lesson([done, begun]) == "02_b" and begun.todo == ["z"]
    assert next_lesson([done]) == "01_a" and next_lesson([]) is None


def test_the_path_is_printed_with_what_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    first = lesson_names()[0]
    said = CliRunner().invoke(cli.app, ["progress"]).stdout
    assert all(lesson.split("_")[0] in said for lesson in lesson_names()) and "Next: `" in said
    everything = [name for stem in keys.stems() for name in keys.exercises(stem)]
    monkeypatch.setattr(
        "autograder.progress.attempts", lambda: {name: {"passed": True} for name in everything}
    )
    said = CliRunner().invoke(cli.app, ["progress"]).stdout
    assert "You have passed everything." in said and f"● {first[:2]}" in " ".join(said.split())
