"""nbgrader's gradebook and converters: register, convert, read grades. nbgrader does the work."""

import contextlib
import errno
import functools
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbgrader.api
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import COURSE, UsageError
from autograder.nbgrader_log import cause, kept_log

# nbgrader opens the gradebook anew for every step, and SQLAlchemy compiles all statements anew for every engine.
nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)


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
                continue  # `settle_one` says what to do about it
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


def autograde(lesson: str, student: str, without_sandbox: bool) -> str | None:
    """nbgrader's autograde of one submission; None, or what went wrong in a line."""
    config = _config()
    config.Grade.without_sandbox = without_sandbox
    return _convert(Autograde, config, lesson, student)


def write_feedback(lesson: str, student: str) -> str | None:
    """nbgrader's feedback page of one graded submission; None, or what went wrong in a line."""
    return _convert(GenerateFeedback, _config(), lesson, student)


def feedback_page(lesson: str, student: str) -> Path:
    """Where nbgrader's feedback page of a submission lies, once it is graded."""
    return COURSE / "feedback" / student / lesson / f"{lesson}.html"


def safe_name(student: str) -> str:
    """A student's name as a folder that every tool can handle: letters, digits and `_ . @ -`."""
    composed = unicodedata.normalize("NFC", student.strip())  # macOS takes é apart
    return re.sub(r"[^\w.@-]+", "_", composed)[:80].lstrip(".-").rstrip(".") or "unnamed"


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
    try:
        with kept_log(), Gradebook(f"sqlite:///{COURSE / 'gradebook.db'}", "spotlight") as gradebook:
            yield gradebook
    except SQLAlchemyError as error:
        _stop_if_nobody_can_go_on(str(error))
        raise


def _convert(converter: Any, config: Config, lesson: str, student: str) -> str | None:
    """Run one of nbgrader's converters for one student; returns None, or what went wrong in a line."""
    config.CourseDirectory.root = str(COURSE)
    config[converter.__name__].force = True
    folder = CourseDirectory(config=config, assignment_id=lesson, student_id=student)
    with kept_log() as lines:
        try:
            converter(coursedir=folder, config=config).start()
            return None
        except (Exception, SystemExit) as error:
            said = cause(lines, error)
            _stop_if_nobody_can_go_on("\n".join([*lines, str(error)]))
            return said


def _stop_if_nobody_can_go_on(said: str) -> None:
    """Stop the run where what happened to one submission would happen to all others too.

    Raises:
        UsageError: another program holds the gradebook.
        OSError: the disk is full (ENOSPC).
    """
    if "database is locked" in said:
        raise UsageError(
            "The gradebook is in use by another program (a database browser, another nbgrader?). Close it there, "
            "then run the same command again; nothing is lost."
        )
    if "disk is full" in said or "No space left on device" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
