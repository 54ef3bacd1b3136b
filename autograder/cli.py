"""The command `spotlight`: what learners and instructors type. Every error is one sentence and what to do."""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.course import COURSE, ROOT, UsageError, find_lesson, lesson_paths
from autograder.exercise import AuthorError
from autograder.keys import have_solutions

# nbformat imports it for a check that no notebook needs, and it takes 0.9 s.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

NEEDS_HUMAN, USAGE = 1, 2
Lesson = Annotated[str, typer.Argument(help="a lesson: 3, 03, softmax or 03_softmax")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON only")]


def main() -> None:
    """The entry point: turns what can go wrong into a sentence and an exit code."""
    # Arrays and models are tiny here: a second thread costs more than it brings, on a busy machine far more.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        sys.exit(app(standalone_mode=False))  # what typer.Exit was given; None is 0
    except UsageError as error:
        _stop(str(error), USAGE)
    except AuthorError as error:  # a lesson cannot be built, which collecting and grading need too
        _stop(str(error).replace(f"{ROOT}/", ""), NEEDS_HUMAN)
    except typer.Abort:
        _stop("Stopped.", NEEDS_HUMAN)
    except KeyboardInterrupt:
        _stop("Stopped. Run the same command again to go on.", NEEDS_HUMAN)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _stop(
                "The disk is full. Make room, then run the same command again; nothing is lost.", NEEDS_HUMAN
            )
        _stop(f"{error.filename or 'A file'}: {error.strerror or error}.", NEEDS_HUMAN)
    except Exception as error:
        if type(error).__module__.startswith(("click", "typer")) and hasattr(error, "format_message"):
            _stop(f"{error.format_message()} Try: spotlight --help", USAGE)
        raise


def _stop(says: str, code: int) -> NoReturn:
    err.print(escape(says), soft_wrap=True)
    sys.exit(code)


def _needs_course() -> None:
    if not have_solutions() or not (COURSE / "lessons").is_dir():
        raise UsageError("This needs the whole course: a clone of the repository, not the learner's bundle.")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


# ---------------------------------------------------------------------------------------------- learning


@app.command()
def lab(browser: Annotated[bool, typer.Option(help="open a browser")] = True) -> None:
    """Open the course in JupyterLab."""
    from autograder.learner import open_lab

    sys.exit(open_lab(browser))


@app.command()
def check(lesson: Lesson, as_json: AsJson = False) -> None:
    """Run the checks of your notebook, without opening it."""
    from autograder.learner import check_lesson

    graded = check_lesson(find_lesson(lesson))
    if as_json:
        print(json.dumps(graded.exercises(), indent=1))
    else:
        for examined in graded.examined.values():
            colour = "green" if examined.message.passed else "red"
            out.print(
                escape(examined.message.as_text()),
                style=colour if examined.message.passed else None,
                soft_wrap=True,
            )
        out.print(f"\n{round(graded.score, 2):g} of {graded.max_score:g} points" if graded.score is not None else "")
    raise typer.Exit(0 if all(each.verdict.passed for each in graded.examined.values()) else NEEDS_HUMAN)


@app.command()
def submit(lesson: Lesson) -> None:
    """Hand your notebook in: graded here if the course is here, else packed with a receipt."""
    from autograder.learner import submit_lesson

    for line in submit_lesson(find_lesson(lesson)):
        out.print(escape(line), soft_wrap=True)


@app.command()
def progress() -> None:
    """Show the course as a path: what you have passed, and what is next."""
    from autograder.progress import next_lesson
    from autograder.progress import progress as steps_of_the_path

    steps = steps_of_the_path()
    following = next_lesson(steps)
    for step in steps:
        here = step.lesson == following and bool(step.todo)
        count = f"{sum(step.passed.values())}/{len(step.passed)}"
        colour = {"●": "green", "◐": "yellow", "○": "dim"}[step.mark]
        number = step.lesson.split("_", 1)[0]
        out.print(
            f"[{colour}]{step.mark}[/]  [bold]{number}[/] {escape(step.title)}  [dim]{count}[/]",
            soft_wrap=True,
        )
        if step.mark != "○" or here:
            said = " ".join(
                f"[green]✓ {name}[/]" if done else f"[dim]· {name}[/]" for name, done in step.passed.items()
            )
            out.print(f"[{colour}]│[/]     [italic]{escape(step.question)}[/]", soft_wrap=True)
            out.print(f"[{colour}]│[/]     {said}", soft_wrap=True)
    todo = next((step.todo for step in steps if step.todo), [])
    says = f"Next: `{todo[0]}` in {following}. Run: spotlight lab" if todo else "You have passed everything."
    out.print(says, soft_wrap=True)


@app.command()
def reset(
    lesson: Lesson, exercise: Annotated[str | None, typer.Argument(help="only this exercise")] = None
) -> None:
    """Start a lesson, or one exercise, again; what you wrote is kept aside."""
    from autograder.learner import reset_lesson

    out.print(escape(reset_lesson(find_lesson(lesson), exercise)), soft_wrap=True)


@app.command()
def solution(exercise: str) -> None:
    """Show the reference beside your answer, once you have passed or tried three times."""
    from autograder.learner import solution_of

    out.print(solution_of(exercise), markup=False, soft_wrap=True)


@app.command()
def data(
    name: Annotated[str, typer.Argument(help="tatoeba: English–French sentences that people wrote")],
) -> None:
    """Fetch data that does not come with the course: real sentences."""
    from spotlight import tatoeba

    if name != "tatoeba":
        raise UsageError(f"There is no data {name!r}; there is: tatoeba")
    try:
        with err.status("Fetching 3.4 MB of sentences ..."):
            path = tatoeba.fetch()
    except tatoeba.NotFetched as error:
        _stop(str(error), NEEDS_HUMAN)
    out.print(f"{path}: the sentences are here.", markup=False, soft_wrap=True)
    out.print(tatoeba.LICENCE, markup=False, soft_wrap=True)
    out.print("In a notebook: spotlight.tatoeba.corpus(longest=8)")


@app.command()
def doctor() -> None:
    """Is this machine ready?"""
    from autograder.doctor import examine_machine

    bad = False
    for good, line in examine_machine():
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]•[/]"}[good]
        out.print(f"{mark} {escape(line)}", soft_wrap=True)
        bad |= good is False
    raise typer.Exit(NEEDS_HUMAN if bad else 0)


# ---------------------------------------------------------------------------------------------- teaching


@app.command()
def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="which lessons; all if none is named")] = None,
    check: Annotated[bool, typer.Option("--check", help="write nothing; say what is stale")] = False,
) -> None:
    """Make the notebooks from lessons and solutions."""
    _needs_course()
    from autograder.build import build as make

    by_name = {path.stem: path for path in lesson_paths()}
    wanted = [by_name[find_lesson(each)] for each in lessons or []]
    done = make(wanted or None, check)
    for path in done.stale:
        out.print(f"stale: {path.relative_to(ROOT)}  (run: spotlight build)", soft_wrap=True)
    for name in done.written:
        out.print(f"built {name}")
    if not done.written and not done.stale:
        out.print("Everything is up to date.")
    raise typer.Exit(NEEDS_HUMAN if done.stale else 0)


@app.command()
def collect(
    paths: list[Path],
    student: Annotated[str | None, typer.Option(help="who handed these in")] = None,
) -> None:
    """Take in notebooks, folders and zips."""
    _needs_course()
    from autograder.collect import collect as take
    from autograder.gradebook import register
    from autograder.lock import only_one

    refused = 0
    seen: dict[str, list[str]] = {}
    with only_one("collect"):
        for item in take(paths, student):
            refused += item.student is None
            mark = "[green]✓[/]" if item.student else "[red]✗[/]"
            out.print(f"{mark} {escape(item.path)}: {escape(item.says)}", soft_wrap=True)
            if item.student and item.lesson:
                seen.setdefault(item.lesson, []).append(item.student)
        for lesson, students in seen.items():
            register(lesson, students)
    out.print(f"{sum(map(len, seen.values()))} taken in, {refused} refused.")
    if seen:
        out.print("Next: " + ", ".join(f"spotlight grade {lesson[:2]}" for lesson in sorted(seen)))
    raise typer.Exit(NEEDS_HUMAN if refused else 0)


@app.command()
def grade(
    lesson: Lesson,
    student: Annotated[str | None, typer.Option(help="only this student")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="submissions at once; default: cores")] = None,
    without_sandbox: Annotated[bool, typer.Option("--without-sandbox", help="run them as you")] = False,
    as_json: AsJson = False,
) -> None:
    """Grade what was handed in, and write everybody's feedback."""
    _needs_course()
    from autograder.build import build as make
    from autograder.classroom import grade_class, record, students_of
    from autograder.gradebook import register
    from autograder.lock import only_one

    name = find_lesson(lesson)
    students = students_of(name)
    if student is not None:
        if student not in students:
            raise UsageError(
                f"{student!r} has handed in no {name}; there are: {', '.join(students) or 'nobody yet'}."
            )
        students = [student]
    if not students:
        raise UsageError(f"Nobody has handed in {name}. First: spotlight collect PATH")
    if not without_sandbox:
        _refuse_without_sandbox()
    records = []
    with only_one(f"grade {name}"), _bar() as bar:
        make([path for path in lesson_paths() if path.stem == name])
        task = bar.add_task(f"grading {name}", total=len(students))
        register(name, students)
        for result in grade_class(name, students, workers or os.cpu_count() or 1, not without_sandbox):
            records.append(record(result))
            bar.update(task, advance=1, description=f"graded {result.student}")
    if as_json:
        print(json.dumps(records, indent=1, ensure_ascii=False))
    else:
        show_records(records)
    raise typer.Exit(NEEDS_HUMAN if any(each["outcome"] == "our_fault" for each in records) else 0)


def _refuse_without_sandbox() -> None:
    from autograder.guarantees import why_not_isolated

    says = why_not_isolated()
    if says:
        raise UsageError(says)


def show_records(records: list[dict[str, Any]]) -> None:
    """The class as a table: one line a student, with what to know about it."""
    table = Table("student", "outcome", "points", "to know", title=records[0]["lesson"], title_justify="left")
    for each in records:
        points = "–" if each["score"] is None else f"{round(each['score'], 2):g} of {each['max_score']:g}"
        table.add_row(
            escape(each["student"]), each["outcome"].replace("_", " "), points, escape(_to_know(each))
        )
    out.print(table)
    out.print("Feedback: course/feedback/STUDENT/LESSON/LESSON.html", soft_wrap=True)


def _to_know(each: dict[str, Any]) -> str:
    lines, open_exercises = list(each["notes"]), []
    for exercise in each["exercises"] if each["outcome"] != "unreadable" else []:
        if exercise["misconception"]:
            first = exercise["misconception"].split(". ")[0].rstrip(".")
            lines.append(f"{exercise['name']}: {first}.")
        elif exercise["score"] != exercise["points"]:
            open_exercises.append(exercise["name"])
    if open_exercises and each["score"] == 0:
        lines.append("nothing right yet")
    elif open_exercises:
        lines.append(f"not right yet: {', '.join(open_exercises)}")
    return "\n".join(lines)


@app.command()
def export(
    lesson: Lesson,
    format: Annotated[str, typer.Option(help="plain, canvas or moodle")] = "plain",
) -> None:
    """Print the grades as CSV, for your learning platform."""
    _needs_course()
    from autograder.export import as_csv

    sys.stdout.write(as_csv(find_lesson(lesson), format))


@app.command()
def bundle(
    lesson: Lesson,
    to: Annotated[Path, typer.Option(help="the folder to put the zip into")] = Path("."),
) -> None:
    """Pack what a learner needs for the lessons up to this one."""
    _needs_course()
    from autograder.bundle import make_bundle

    path = make_bundle(find_lesson(lesson), to)
    out.print(f"{path}: give this to learners; it holds no solutions.", soft_wrap=True)


if __name__ == "__main__":
    main()
