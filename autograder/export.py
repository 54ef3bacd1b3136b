"""Grades as CSV for a learning platform."""

import csv
import io
from collections.abc import Callable

from autograder.course import UsageError
from autograder.gradebook import Grade, grades_of

Row = list[str]


def as_csv(lesson: str, format: str) -> str:
    """The gradebook's grades of a lesson; whoever is not graded is left blank.

    Args:
        format: "plain", "canvas" or "moodle".

    Raises:
        UsageError: an unknown format, or no grades.
    """
    if format not in FORMATS:
        raise UsageError(f"There is no format {format!r}; there are: {', '.join(FORMATS)}.")
    grades = grades_of(lesson)
    if not grades:
        raise UsageError(f"Nobody's {lesson} is graded yet. First: spotlight grade {lesson[:2]}")
    text = io.StringIO()
    header, row = FORMATS[format]
    writer = csv.writer(text, lineterminator="\n")
    for line in header(lesson, grades):
        writer.writerow(line)
    for grade in grades:
        writer.writerow([_harmless(field) for field in row(grade)])
    return text.getvalue()


def _points(grade: Grade) -> str:
    return "" if grade.score is None else f"{grade.score:g}"


def _harmless(field: str) -> str:
    """A spreadsheet must not take a student's name for a formula."""
    return "'" + field if field[:1] in ("=", "+", "-", "@", "\t", "\r") else field


FORMATS: dict[str, tuple[Callable[[str, list[Grade]], list[Row]], Callable[[Grade], Row]]] = {
    "plain": (
        lambda lesson, grades: [["student", "lesson", "score", "max_score"]],
        lambda grade: [grade.student, grade.lesson, _points(grade), f"{grade.max_score:g}"],
    ),
    # Canvas: the columns of its gradebook import; a second header line holds the points possible.
    "canvas": (
        lambda lesson, grades: [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lesson],
            ["    Points Possible", "", "", "", "", f"{grades[0].max_score:g}"],
        ],
        lambda grade: [grade.student, "", "", grade.student, "", _points(grade)],
    ),
    # Moodle: the grade import maps columns by header; the user name identifies.
    "moodle": (
        lambda lesson, grades: [["username", lesson]],
        lambda grade: [grade.student, _points(grade)],
    ),
}
