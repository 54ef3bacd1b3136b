"""What a learner does from the terminal: open the course, check, hand in, look back, start again."""

import contextlib
import getpass
import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autograder import keys
from autograder.course import (
    CARD,
    COURSE,
    ROOT,
    UsageError,
    is_clone,
    lesson_names,
    release_path,
    work_folder,
)
from autograder.exercise import Puzzle, Quiz
from autograder.grade import Graded
from autograder.progress import attempts, next_lesson, progress
from spotlight import memory

CLOSING_SECONDS = 6
TRIES = 3  # after so many failed tries the reference may be read


def open_lab(browser: bool) -> int:
    """Give out the notebooks that are not there yet, and start JupyterLab in the learner's view."""
    import importlib.util
    import subprocess

    if importlib.util.find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed here; run: pip install jupyterlab")
    work = give_out()
    first = next_lesson(progress())
    view = Path(__file__).parent / "learner_view"
    paths = [str(view), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={work}"]
    command += [f"--LabApp.default_url=/lab/tree/{first}/{first}.ipynb"] if first else []
    command += [] if browser else ["--no-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
    process = subprocess.Popen(command, cwd=work, env=environment)
    print("JupyterLab is starting. Control-C in this terminal closes it.", flush=True)
    try:
        return process.wait()
    except KeyboardInterrupt:  # JupyterLab has got it too, and is ending its kernels
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            return process.wait(CLOSING_SECONDS)
    process.kill()  # now and then a thread of its outlives its work; its kernels end with it
    process.wait()
    return 0


def give_out() -> Path:
    """Copy every release notebook that the learner has not got yet; never touches one that is there."""
    work = work_folder()
    work.mkdir(parents=True, exist_ok=True)
    memory.start(work)
    for lesson in lesson_names():
        place = work / lesson / f"{lesson}.ipynb"
        if not place.exists() and release_path(lesson).exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(release_path(lesson), place)
    card = COURSE / "release" / CARD
    if card.exists():  # no work of theirs: the latest one is best
        shutil.copyfile(card, work / CARD)
    return work


def own_notebook(lesson: str) -> Path:
    """The learner's notebook of a lesson.

    Raises:
        UsageError: it is not there.
    """
    path = work_folder() / lesson / f"{lesson}.ipynb"
    if not path.exists():
        raise UsageError(f"There is no {path}. Run `spotlight lab`, which puts the notebooks there.")
    return path


def check_lesson(lesson: str) -> Graded:
    """Run the learner's notebook from top to bottom in a new process, and check every exercise."""
    import nbformat

    from autograder.grade import grade
    from autograder.rebuild import rebuild
    from autograder.submission import read_submission

    submission = read_submission(own_notebook(lesson).read_bytes())
    if not submission.readable:
        raise UsageError(" ".join(submission.notes))
    notebook = rebuild(nbformat.read(release_path(lesson), 4), submission).notebook
    return grade(notebook, lesson, keys.public_seeds)


def submit_lesson(lesson: str) -> Iterator[str]:
    """Hand in; yields lines to show. With the course here it is graded at once, else packed."""
    path = own_notebook(lesson)
    student = getpass.getuser()
    now = datetime.now(UTC)
    if not is_clone():
        yield from _pack(path, lesson, student, now)
        return
    from autograder.classroom import settle_one, write_one
    from autograder.collect import store
    from autograder.gradebook import feedback_page, register, safe_name
    from autograder.guarantees import missing_guarantees
    from autograder.lock import only_one

    student = safe_name(student)
    with only_one(f"submit {lesson}"):
        yield store(student, lesson, path.read_bytes(), now, path.name)
        register(lesson, [student])
        result = settle_one(lesson, student, isolated=not missing_guarantees())
        write_one(result)
    yield from result.notes
    if result.settled is None or result.outcome == "our_fault":
        raise UsageError(f"{lesson} could not be graded. Try: spotlight doctor")
    for exercise in result.settled.exercises:
        yield f"{exercise['name']}: {exercise['score']:g} of {exercise['points']:g}"
    yield f"{result.settled.score:g} of {result.settled.max_score:g} points"
    yield f"Your feedback: {feedback_page(lesson, student)}"


def _pack(path: Path, lesson: str, student: str, now: datetime) -> Iterator[str]:
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    receipt = f"{lesson} by {student}\nhanded in {now:%Y-%m-%d %H:%M:%S} UTC\nsha256 {digest}\n"
    place = work_folder() / f"{lesson}-{student}-{now:%Y%m%d-%H%M%S}.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{student}/{lesson}/{lesson}.ipynb", raw)
        archive.writestr(f"{student}/{lesson}/receipt.txt", receipt)
    yield f"Packed {place}"
    yield "Upload this file where your course collects work. Your receipt:"
    yield receipt.rstrip()


def reset_lesson(lesson: str, exercise: str | None) -> str:
    """Put back the notebook, or one exercise's cell, as it was given out; the old file is kept aside."""
    import json

    path, original = own_notebook(lesson), release_path(lesson)
    stem = lesson.split("_", 1)[1]
    if exercise is not None and exercise not in keys.exercises(stem):
        raise UsageError(f"{lesson} has no exercise {exercise!r}; it has: {', '.join(keys.exercises(stem))}.")
    content = original.read_text("utf-8")
    if exercise is not None:
        try:
            mine = json.loads(path.read_text("utf-8"))
            cells = {cell["id"]: cell for cell in mine["cells"] if "id" in cell}
            fresh = {cell.get("id"): cell for cell in json.loads(content)["cells"]}
            cells[exercise]["source"] = fresh[exercise]["source"]
            cells[exercise]["outputs"] = []
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"The cell of {exercise} was not found in {path}; reset the whole lesson instead."
            ) from None
        content = json.dumps(mine, indent=1, ensure_ascii=False) + "\n"
    kept = path.with_name(f"{lesson}-before-{datetime.now():%Y-%m-%dT%H-%M-%S}.ipynb.kept")
    shutil.copyfile(path, kept)
    new = path.with_suffix(".new")
    new.write_text(content, "utf-8")
    os.replace(new, path)
    what = f"`{exercise}` in {lesson}" if exercise else lesson
    return f"{what} is as it was given out; what you had is in {kept}"


def solution_of(name: str) -> str:
    """The reference beside the learner's last passing answer.

    Raises:
        UsageError: no such exercise, no solutions on this machine, or too early.
    """
    found = keys.find_exercise(name)
    if found is None:
        raise UsageError(f"There is no exercise {name!r}; `spotlight progress` lists them.")
    if not keys.have_solutions():
        raise UsageError("The solutions are not on this machine; ask whoever gave you the course.")
    entry = attempts().get(name, {})
    tries = int(entry.get("tries", 0))
    if not entry.get("passed") and tries < TRIES:
        left = TRIES - tries
        more = "1 more try" if left == 1 else f"{left} more tries"
        raise UsageError(
            f"Not yet: pass `{name}`, or give it {more} first. The hints under the exercise help."
        )
    stem, exercise = found
    own = work_folder() / ".spotlight" / "passed" / f"{name}.py"
    lines = (
        [f"# Yours, as it last passed ({own.relative_to(ROOT)})", own.read_text("utf-8")]
        if own.exists()
        else []
    )
    reference = (
        f"{name} = {getattr(keys.load_solutions(stem), name)!r}"
        if isinstance(exercise, (Quiz, Puzzle))
        else keys.source_of(stem, name)
    )
    return "\n".join([*lines, f"# The reference (solutions/{stem}.py)", reference])
