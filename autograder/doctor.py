"""`spotlight doctor`: is this machine ready, and what really holds here?"""

import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.course import COURSE, ROOT, UsageError, is_clone, lesson_paths, work_folder

NEEDED = ("numpy", "matplotlib", "ipykernel", "ipywidgets")
FOR_TEACHING = ("nbgrader", "jupytext", "jupyterlab")
LOW_DISK = 500 << 20


def examine_machine() -> Iterator[tuple[bool | None, str]]:
    """Findings in order: True is good, False needs mending, None is worth knowing."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield (
        sys.version_info >= (3, 11),
        f"Python {version}" + ("" if sys.version_info >= (3, 11) else ": 3.11 is needed"),
    )
    for name in NEEDED + (FOR_TEACHING if is_clone() else ("jupyterlab",)):
        yield _package(name, needed=True)
    yield _package("torch", needed=False)
    yield from _in_the_way()
    yield from _disk()
    if is_clone():
        yield from _built()
        yield _shell()
        yield from _isolation()


def _package(name: str, needed: bool) -> tuple[bool | None, str]:
    try:
        return True, f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        if needed:
            return False, f"{name} is missing; run: make setup (or pip install {name})"
        return None, f"{name} is not installed; lessons from 05 on need it: pip install {name}"


def _in_the_way() -> Iterator[tuple[bool | None, str]]:
    """Other packages or files that would be imported in place of the right ones."""
    for name in ("spotlight", "autograder"):
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        places = (ROOT, ROOT / "course")
        ok = origin is not None and origin.parent.parent in places
        yield (
            ok,
            f"{name} is this course's" if ok else f"another {name} is in the way: {origin}; uninstall it",
        )
    try:
        work = work_folder()
    except UsageError:
        return
    for path in sorted(work.rglob("*.py")):
        if path.stem in ("numpy", "torch", "spotlight", "autograder", "random", "types"):
            yield False, f"{path} will be imported instead of {path.stem}; rename it"


def _disk() -> Iterator[tuple[bool | None, str]]:
    free = shutil.disk_usage(ROOT).free
    enough = free >= LOW_DISK
    yield enough, f"{free / 1e9:.1f} GB of disk are free" + ("" if enough else "; make room before you grade")


def _built() -> Iterator[tuple[bool | None, str]]:
    from autograder.build import is_stale

    stale = [path.stem for path in lesson_paths() if is_stale(path)]
    yield (
        not stale,
        "the notebooks are up to date"
        if not stale
        else f"not built: {', '.join(stale)}; run: spotlight build",
    )
    if not (COURSE / "gradebook.db").exists():
        yield None, "there is no gradebook yet; collecting or grading makes it"


def _shell() -> tuple[bool, str]:
    from autograder.shell_client import Dead, Shell

    said: list[str] = []
    try:
        with Shell() as shell:
            shell.run("print(6 * 7)", 10, lambda message: said.append(str(message.get("text", ""))))
    except (Dead, OSError) as error:
        return False, f"a shell for grading does not start: {error}"
    return "42" in "".join(said), "a shell for grading starts and answers"


def _isolation() -> Iterator[tuple[bool | None, str]]:
    """Each promise of the sandbox, tried now; where one fails, grading asks for --without-sandbox."""
    from autograder.guarantees import examine_isolation

    for name, holds, says in examine_isolation():
        yield (True if holds else None), f"isolation, {name}: {says}"
