"""The course as a path: what a learner has passed, and what comes next."""

import json
from dataclasses import dataclass

from autograder import keys
from autograder.course import lesson_names, release_path, work_folder
from spotlight import memory


@dataclass(frozen=True)
class Step:
    """A lesson on the path. `passed` holds all its exercises by name, `extra` those without points."""

    lesson: str
    title: str
    question: str
    passed: dict[str, bool]
    extra: frozenset[str]

    @property
    def todo(self) -> list[str]:
        """What is left that earns points."""
        return [name for name, done in self.passed.items() if not done and name not in self.extra]

    @property
    def mark(self) -> str:
        """● finished, ◐ begun, ○ not begun."""
        return "●" if not self.todo else "◐" if any(self.passed.values()) else "○"


def progress() -> list[Step]:
    """Every lesson with exercises, in order."""
    steps, tried = [], attempts()
    for lesson in lesson_names():
        stem = lesson.split("_", 1)[1]
        if stem in keys.stems():
            exercises = keys.exercises(stem)
            passed = {name: bool(tried.get(name, {}).get("passed")) for name in exercises}
            extra = frozenset(name for name, exercise in exercises.items() if not exercise.points)
            steps.append(Step(lesson, *_title_and_question(lesson), passed, extra))
    return steps


def next_lesson(steps: list[Step]) -> str | None:
    """The first lesson that is not finished; where all are, the first."""
    return next((step.lesson for step in steps if step.todo), steps[0].lesson if steps else None)


def attempts() -> dict[str, dict]:
    """exercise -> {"tries", "passed"}, as this machine remembers it."""
    return memory.read("attempts", work_folder() / ".spotlight")


def _title_and_question(lesson: str) -> tuple[str, str]:
    """From the head of the release notebook: all that a learner's machine has."""
    try:
        cells = json.loads(release_path(lesson).read_text("utf-8"))["cells"]
        lines = [line for line in "".join(cells[0]["source"]).split("\n") if line.strip()]
        return lines[0].removeprefix("# "), lines[1].strip("*")
    except (OSError, ValueError, LookupError, TypeError):
        return lesson, ""
