"""A class's submissions: settled in parallel, written to the gradebook one by one.

One odd submission never stops the others, and each has a named outcome.
"""

import errno
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder import gradebook, keys
from autograder.course import COURSE, UsageError
from autograder.grade import OurFault
from autograder.gradebook import safe_name
from autograder.nbgrader_steps import NOTES, rebuilt_from
from autograder.settle import Settled, settle
from autograder.submission import OUR_FAULT, bytes_of


def students_of(lesson: str) -> list[str]:
    """Who has handed in a lesson, in order of name."""
    folders = (COURSE / "submitted").glob(f"*/{lesson}")
    return sorted(folder.parent.name for folder in folders if folder.is_dir())


@dataclass
class Result:
    """What became of one submission; `settled` is None where there is no verdict."""

    student: str
    lesson: str
    outcome: str
    notes: list[str]
    settled: Settled | None


def settle_one(lesson: str, student: str, isolated: bool) -> Result:
    """Read, rebuild and grade one submission; the gradebook is not touched. Any thread may call it."""
    folder = COURSE / "submitted" / student / lesson
    if student != safe_name(student):
        says = f"nbgrader cannot handle the folder name {student!r}; rename it to {safe_name(student)!r}."
        return Result(student, lesson, OUR_FAULT, [says], None)
    result = Result(student, lesson, OUR_FAULT, [], None)
    try:
        give_release_name(folder, lesson)
        notebook = rebuilt_from(bytes_of(folder / f"{lesson}.ipynb"), release_notebook(lesson), folder)
        about = notebook.metadata[NOTES]
        result.outcome, result.notes = about["outcome"], list(about["notes"])
        result.settled = settle(notebook, student, lesson, folder, isolated)
    except OurFault as error:
        _blame_us(result, str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:  # nobody else would fare better
            raise
        _blame_us(result, f"{type(error).__name__}: {error}")
    except Exception as error:  # whatever it is, it must not stop the others; a person is told
        _blame_us(result, f"{type(error).__name__}: {error}")
    return result


def write_one(result: Result) -> None:
    """Write a settled result to the gradebook and the feedback page.

    Again even if they hold it: a due date, a penalty or a comment may have changed since.
    """
    if result.settled is None:
        return
    without_sandbox = bool(result.settled.missing_guarantees)
    said = gradebook.autograde(result.lesson, result.student, without_sandbox)
    said = said or gradebook.write_feedback(result.lesson, result.student)
    if said is not None:
        _blame_us(result, said)


def _blame_us(result: Result, why: str) -> None:
    result.outcome = OUR_FAULT
    result.notes.append(f"This was not graded, for a reason that is not yours: {why}")


def grade_class(lesson: str, students: list[str], workers: int, isolated: bool) -> Iterator[Result]:
    """Grade many: `workers` threads run and ask submissions, this one alone writes to the gradebook.

    Each thread waits most of the time for a shell, which is a process; so they run in parallel.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(settle_one, lesson, student, isolated) for student in students]
        try:
            for number, each in enumerate(waiting):
                result = each.result()
                write_one(result)
                if number == 0:
                    # All is loaded now, and stays: looking for garbage in it took a tenth of the time.
                    gc.collect()
                    gc.freeze()
                yield result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def give_release_name(folder: Path, lesson: str) -> None:
    """Make sure that the folder has a notebook of the release's name; nbgrader skips any other.

    Where there is no notebook at all an empty one is made, which is then told and graded like any empty file.
    """
    wanted, notes = folder / f"{lesson}.ipynb", folder / "collected.txt"
    links = [path for path in (*folder.glob("*.ipynb"), notes) if path.is_symlink()]
    for path in links:
        path.unlink()  # what we write must not go to where it leads
    others = sorted(folder.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
    if wanted.exists() and (wanted.stat().st_size or others == [wanted]):
        return
    others = [path for path in others if path != wanted]
    wanted.write_bytes(bytes_of(others[-1]) if others else b"")
    note = "There was no notebook in the folder that was handed in."
    if links:
        note = f"{links[0].name!r} was a link to another file; links are not followed."
    if others:
        note = f"The file was called {others[-1].name!r}; it was taken for {wanted.name!r}."
    if len(others) > 1:
        note += f" The folder holds {len(others)} notebooks; the newest one counts."
    with open(notes, "a", encoding="utf-8") as file:
        file.write(note + "\n")


def record(result: Result) -> dict[str, Any]:
    """One record of `spotlight grade --json`."""
    settled = result.settled if result.outcome != OUR_FAULT else None
    return {
        "student": result.student.encode("utf-8", "replace").decode(),
        "lesson": result.lesson,
        "outcome": result.outcome,
        "score": settled.score if settled else None,
        "max_score": settled.max_score if settled else points_of(result.lesson),
        "notes": result.notes,
        "missing_guarantees": settled.missing_guarantees if settled else [],
        "exercises": settled.exercises if settled else [],
    }


def points_of(lesson: str) -> float:
    """The points of a lesson in all."""
    return float(sum(exercise.points for exercise in keys.exercises(lesson.split("_", 1)[1]).values()))


def release_notebook(lesson: str) -> nbformat.NotebookNode:
    """The learner's notebook of a lesson, as it was given out.

    Raises:
        UsageError: it is not built.
    """
    path = COURSE / "release" / lesson / f"{lesson}.ipynb"
    if not path.exists():
        raise UsageError(f"Lesson {lesson} is not built yet; run: spotlight build")
    return nbformat.read(path, 4)
