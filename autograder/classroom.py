"""A class's submissions through nbgrader: register, autograde one by one, write feedback, read grades.

Every step is nbgrader's own converter with `course/nbgrader_config.py`; what we add is that one odd
submission never stops the others, and that each has a named outcome.
"""

import contextlib
import io
import logging
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # 0.9 s of import that nothing here needs

import nbformat  # noqa: E402
from nbgrader.api import Gradebook, MissingEntry  # noqa: E402
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback  # noqa: E402
from nbgrader.coursedir import CourseDirectory  # noqa: E402
from traitlets.config import Config, PyFileConfigLoader  # noqa: E402

from autograder.course import COURSE, UsageError  # noqa: E402
from autograder.nbgrader_steps import RESULTS, Result  # noqa: E402
from autograder.submission import OUR_FAULT  # noqa: E402

MISSING_GUARANTEES = ["isolation"]  # a submission runs as an ordinary process of the grader's user


def students_of(lesson: str) -> list[str]:
    """Who has handed in a lesson, in order of name."""
    folders = (COURSE / "submitted").glob(f"*/{lesson}")
    return sorted(folder.parent.name for folder in folders if folder.is_dir())


def register(lesson: str, students: list[str]) -> None:
    """Tell the gradebook about a lesson and its students, so that stock nbgrader commands work too.

    Raises:
        UsageError: there is no source notebook, or grades exist for other exercises than it has.
    """
    if not (COURSE / "source" / lesson / f"{lesson}.ipynb").exists():
        raise UsageError(f"Lesson {lesson} is not built yet; run: spotlight build")
    with _gradebook() as gradebook:
        for student in students:
            if student != safe_name(student):
                continue  # `grade_one` says what to do about it
            try:
                gradebook.find_student(student)
            except MissingEntry:
                gradebook.add_student(student, last_name=student, first_name="")
    with tempfile.TemporaryDirectory(prefix="spotlight-") as staging:
        config = _config()
        config.CourseDirectory.release_directory = staging
        said = _convert(GenerateAssignment, config, lesson, ".")
    if said is not None:
        raise UsageError(
            f"The gradebook has grades for other exercises than {lesson} has now ({said}). Keep the old "
            f"lesson, or drop those grades: cd course && nbgrader db assignment remove {lesson} --force"
        )


def grade_one(lesson: str, student: str) -> Result:
    """Grade one registered student's submission and write it to the gradebook."""
    folder = COURSE / "submitted" / student / lesson
    if student != safe_name(student):
        says = f"nbgrader cannot handle the folder name {student!r}; rename it to {safe_name(student)!r}."
        return Result(student, lesson, OUR_FAULT, [says], None)
    give_release_name(folder, lesson)
    RESULTS.pop((student, lesson), None)
    said = _convert(Autograde, _config(), lesson, student)
    result = RESULTS.get((student, lesson)) or Result(student, lesson, OUR_FAULT, [], None)
    if said is not None:
        result.outcome = OUR_FAULT
        result.notes.append(f"This was not graded, for a reason that is not yours: {said}")
    return result


def safe_name(student: str) -> str:
    """A student's name as a folder that every tool can handle: letters, digits and `_ . @ -`."""
    composed = unicodedata.normalize("NFC", student.strip())  # macOS takes é apart
    return re.sub(r"[^\w.@-]+", "_", composed)[:80].lstrip(".-").rstrip(".") or "unnamed"


def write_feedback(lesson: str, student: str) -> Path | None:
    """nbgrader's feedback page of a graded submission; None if it could not be written."""
    said = _convert(GenerateFeedback, _config(), lesson, student)
    path = COURSE / "feedback" / student / lesson / f"{lesson}.html"
    return path if said is None and path.exists() else None


def give_release_name(folder: Path, lesson: str) -> None:
    """Make sure that the folder has a notebook of the release's name; nbgrader skips any other.

    Where there is no notebook at all an empty one is made, which is then told and graded like any empty file.
    """
    wanted = folder / f"{lesson}.ipynb"
    others = sorted(folder.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
    if wanted.exists() and (wanted.stat().st_size or others == [wanted]):
        return
    others = [path for path in others if path != wanted]
    wanted.write_bytes(others[-1].read_bytes() if others else b"")
    note = "There was no notebook in the folder that was handed in."
    if others:
        note = f"The file was called {others[-1].name!r}; it was taken for {wanted.name!r}."
    if len(others) > 1:
        note += f" The folder holds {len(others)} notebooks; the newest one counts."
    with open(folder / "collected.txt", "a", encoding="utf-8") as file:
        file.write(note + "\n")


def record(result: Result) -> dict[str, Any]:
    """One record of `spotlight grade --json`."""
    graded = result.graded if result.outcome != OUR_FAULT else None
    return {
        "student": result.student.encode("utf-8", "replace").decode(),
        "lesson": result.lesson,
        "outcome": result.outcome,
        "score": graded.score if graded else None if result.outcome == OUR_FAULT else 0.0,
        "max_score": graded.max_score if graded else points_of(result.lesson),
        "notes": result.notes,
        "missing_guarantees": MISSING_GUARANTEES,
        "exercises": result.graded.exercises() if result.graded else [],
    }


def points_of(lesson: str) -> float:
    """The points of a lesson in all."""
    from autograder import keys

    return float(sum(exercise.points for exercise in keys.exercises(lesson.split("_", 1)[1]).values()))


@dataclass(frozen=True)
class Grade:
    """A line of the gradebook; `score` is None where nothing is graded."""

    student: str
    lesson: str
    score: float | None
    max_score: float
    needs_manual_grade: bool


def grades_of(lesson: str) -> list[Grade]:
    """Everybody's grade in a lesson, as the gradebook has it, late penalties and manual grades included."""
    found = []
    with _gradebook() as gradebook:
        for student in sorted(gradebook.students, key=lambda each: each.id):
            try:
                submission = gradebook.find_submission(lesson, student.id)
            except MissingEntry:
                continue
            parts = [grade for notebook in submission.notebooks for grade in notebook.grades]
            ungraded = any(part.auto_score is None and part.manual_score is None for part in parts)
            score = None if ungraded else float(submission.score - submission.late_submission_penalty)
            waiting = bool(submission.needs_manual_grade)
            found.append(Grade(student.id, lesson, score, float(submission.max_score), waiting))
    return found


def _config() -> Config:
    return Config(PyFileConfigLoader("nbgrader_config.py", str(COURSE)).load_config())


@contextlib.contextmanager
def _gradebook() -> Iterator[Gradebook]:
    # nbgrader runs alembic, found on PATH, when it makes a gradebook.
    beside_python = str(Path(sys.executable).parent)
    if beside_python not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = beside_python + os.pathsep + os.environ.get("PATH", "")
    with _silence(), Gradebook(f"sqlite:///{COURSE / 'gradebook.db'}", "spotlight") as gradebook:
        yield gradebook


def _convert(converter: Any, config: Config, lesson: str, student: str) -> str | None:
    """Run one of nbgrader's converters for one student; returns None, or what went wrong in a line."""
    config.CourseDirectory.root = str(COURSE)
    config[converter.__name__].force = True
    folder = CourseDirectory(config=config, assignment_id=lesson, student_id=student)
    with _silence() as lines:
        try:
            converter(coursedir=folder, config=config).start()
            return None
        except (Exception, SystemExit) as error:
            causes = [line for line in lines if line.strip()]
            return (_cause(causes) or str(error) or type(error).__name__)[:300]


def _cause(lines: list[str]) -> str:
    """The last line of the last traceback that nbgrader logged: the error itself."""
    traces = [line for line in lines if line.startswith("Traceback")]
    return traces[-1].rstrip().split("\n")[-1] if traces else ""


@contextlib.contextmanager
def _silence() -> Iterator[list[str]]:
    """nbgrader's log, kept instead of shown; alembic's chatter too."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, entry: logging.LogRecord) -> None:
            lines.append(entry.getMessage())

    loggers = [logging.getLogger(name) for name in ("traitlets", "alembic", "nbgrader")]
    before = [(each, each.handlers[:], each.propagate, each.level) for each in loggers]
    for each in loggers:
        each.handlers, each.propagate = [Keep()], False
        each.setLevel(logging.WARNING)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield lines
    finally:
        for each, handlers, propagate, level in before:
            each.handlers, each.propagate = handlers, propagate
            each.setLevel(level)


def release_notebook(lesson: str) -> nbformat.NotebookNode:
    """The learner's notebook of a lesson, as it was given out.

    Raises:
        UsageError: it is not built.
    """
    path = COURSE / "release" / lesson / f"{lesson}.ipynb"
    if not path.exists():
        raise UsageError(f"Lesson {lesson} is not built yet; run: spotlight build")
    return nbformat.read(path, 4)
