"""`spotlight build`: lessons and solutions become notebooks; nothing is replaced before all of it is good.

Heavy imports come only after a hash has said that there is work.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import re
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from autograder import keys
from autograder.course import CARD, COURSE, ROOT, lesson_paths, stem_of
from autograder.exercise import AuthorError
from autograder.nbgrader_log import cause, kept_log

STAMP = COURSE / "source" / "built.json"
TOOLS = ("jupytext", "nbgrader", "nbformat", "nbconvert", "numpy")


@dataclass(frozen=True)
class Built:
    """What a build did: lessons written anew, and files that a `--check` found stale."""

    written: list[str]
    stale: list[Path]


def build(wanted: list[Path] | None = None, check: bool = False) -> Built:
    """Build lessons.

    Args:
        wanted: paths of lessons; None means all.
        check: write nothing; name what a build would change.

    Raises:
        AuthorError: a mistake in a lesson or its modules; every committed file is as it was.
    """
    lessons = wanted or lesson_paths()
    todo = lessons if check else [path for path in lessons if is_stale(path)]
    if not todo:
        return Built([], [])
    (COURSE / "source").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=COURSE / "source") as staging:
        files = stage(todo, Path(staging))
        if check:
            committed = {new: final for new, final in files.items() if "release" in final.parts}
            return Built([], [final for new, final in committed.items() if _differ(new, final)])
        for new, final in files.items():
            final.parent.mkdir(parents=True, exist_ok=True)
            if _differ(new, final):
                os.replace(new, final)
    stamps = _known() | {path.stem: _stamp(path) for path in todo}
    STAMP.write_text(json.dumps(stamps, indent=1, sort_keys=True) + "\n", "utf-8")
    return Built([path.stem for path in todo], [])


def _differ(new: Path, final: Path) -> bool:
    return not final.exists() or final.read_bytes() != new.read_bytes()


def stage(lessons: list[Path], staging: Path) -> dict[Path, Path]:
    """Build into the folder `staging`; returns new file -> the place where it belongs.

    Raises:
        AuthorError: as `build`.
    """
    import nbformat

    from autograder.authoring import verify
    from autograder.leaks import leaks
    from autograder.lesson import read_lesson
    from autograder.notebook import source_notebook

    read = [read_lesson(path) for path in lessons]
    files: dict[Path, Path] = {}
    for lesson in read:
        notebook = source_notebook(lesson, verify(lesson))
        source = staging / "source" / lesson.name / f"{lesson.name}.ipynb"
        source.parent.mkdir(parents=True)
        nbformat.write(notebook, source)
        files[source] = COURSE / "source" / lesson.name / source.name
    _generate(staging, [lesson.name for lesson in read])
    for lesson in read:
        release = staging / "release" / lesson.name / f"{lesson.name}.ipynb"
        files[release] = COURSE / "release" / lesson.name / release.name
        examples = staging / f"{lesson.stem}.json"
        examples.write_text(keys.publish(lesson.stem), "utf-8")
        files[examples] = keys.PUBLISHED / examples.name
    page = staging / CARD
    page.write_text(card(), "utf-8")
    files[page] = COURSE / "release" / CARD
    for lesson in read:
        for leak in leaks(lesson.path, student_tree(lesson.path, staging)):
            raise AuthorError(leak.replace(f"{staging}{os.sep}", f"course{os.sep}"))
    return files


def card() -> str:
    """The course's shapes and names on one page: the lessons' sections "Card", in order."""
    parts = ["# Shapes and names, on one page", "`spotlight build` makes this page from the lessons' cards."]
    for path in lesson_paths():
        text = path.read_text("utf-8")
        found = re.search(r"(?ms)^## Card\n+((?:^\|.*?\n)+)", text)
        title = re.search(r'(?m)^title: *"?(.*?)"?$', text)
        if found and title:
            parts.append(f"## {path.stem[:2]} {title[1]}\n\n{found[1].strip()}")
    return "\n\n".join(parts) + "\n"


def student_tree(upto: Path, staging: Path | None = None) -> list[Path]:
    """Every file that a learner of the lesson `upto` receives: notebooks up to it, and the package."""
    notebooks = []
    for path in lesson_paths():
        if path.stem <= upto.stem:
            name = Path("release", path.stem, f"{path.stem}.ipynb")
            new = staging / name if staging else None
            notebooks.append(new if new is not None and new.exists() else COURSE / name)
    modules = [*(COURSE / "spotlight").rglob("*.py"), *(ROOT / "autograder").rglob("*.py")]
    return [*(path for path in notebooks if path.exists()), *sorted(modules)]


def _generate(staging: Path, names: list[str]) -> None:
    """nbgrader's own generate_assignment, without a database, in the staging folder."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config, PyFileConfigLoader

    try:
        config = Config(PyFileConfigLoader("nbgrader_config.py", str(COURSE)).load_config())
    except Exception as error:
        raise AuthorError(f"{COURSE / 'nbgrader_config.py'}: {type(error).__name__}: {error}") from error
    config.GenerateAssignment.no_database = True
    config.GenerateAssignment.create_assignment = False
    config.SaveCells.enabled = False
    with kept_log() as lines:
        for name in names:
            folder = CourseDirectory(config=config, root=str(staging), assignment_id=name)
            try:
                GenerateAssignment(coursedir=folder, config=config).start()
            except (Exception, SystemExit) as error:
                raise AuthorError(
                    f"nbgrader could not make the release of {name}: {cause(lines, error)}"
                ) from error


def is_stale(lesson: Path) -> bool:
    """Has anything changed since the notebooks of `lesson` (a path) were built?"""
    return _stamp(lesson) != _known().get(lesson.stem)


def _known() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stamp(lesson: Path) -> str:
    """A hash of everything that a lesson's notebooks depend on, and of the notebooks themselves."""
    stem = stem_of(lesson)
    engine = (ROOT / "autograder").glob("*.py")
    package = (COURSE / "spotlight").rglob("*.py")  # its data are in the examples, and the leak gate reads it
    modules = [*keys.SOLUTIONS.rglob("*.py"), *keys.EXERCISES.glob("*.py")]
    outputs = [
        COURSE / "source" / lesson.stem / f"{lesson.stem}.ipynb",
        COURSE / "release" / lesson.stem / f"{lesson.stem}.ipynb",
        keys.PUBLISHED / f"{stem}.json",
    ]
    digest = hashlib.sha256()
    for path in [lesson, COURSE / "nbgrader_config.py", *sorted([*engine, *package, *modules]), *outputs]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes() if path.exists() else b"(none)")
    for tool in TOOLS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{tool} {version(tool)}\0".encode())
    return digest.hexdigest()
