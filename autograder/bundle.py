"""`spotlight bundle 03`: one zip for learners, with a wheel, tested versions and the notebooks up to 03."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from autograder.build import build
from autograder.course import CARD, COURSE, ROOT, UsageError, lesson_names, lesson_paths, release_path
from autograder.leaks import wheel_leaks

README = """Spotlight: attention, built from scratch

You need Python 3.11 or newer. In this folder:

    python -m venv .venv
    .venv/bin/pip install --constraint requirements.txt {wheel} jupyterlab
    .venv/bin/spotlight lab

On Windows write .venv\\Scripts\\ where it says .venv/bin/.

Lesson 01's experiment and the lessons from 05 on need PyTorch as well:

    .venv/bin/pip install --constraint requirements.txt torch

(on Linux without a GPU, the smaller CPU build: add the index that pytorch.org/get-started names for CPU).

Check a lesson with `.venv/bin/spotlight check 00`, and hand it in with `.venv/bin/spotlight submit 00`.
"""


def make_bundle(lesson: str, folder: Path) -> Path:
    """Pack the lessons up to `lesson`.

    Returns:
        The zip's path.

    Raises:
        UsageError: the wheel cannot be made, or would hold an answer.
    """
    build()
    names = [name for name in lesson_names() if name <= lesson]
    with tempfile.TemporaryDirectory(prefix="spotlight-") as place:
        wheel = make_wheel(Path(place))
        for leak in wheel_leaks(wheel, lesson_paths()):
            raise UsageError(f"The wheel would give an answer away: {leak}")
        folder.mkdir(parents=True, exist_ok=True)
        bundle = folder / f"spotlight-{lesson}.zip"
        top = f"spotlight-{lesson[:2]}"
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(wheel, f"{top}/{wheel.name}")
            archive.write(ROOT / "requirements.txt", f"{top}/requirements.txt")
            archive.writestr(f"{top}/README.txt", README.format(wheel=wheel.name))
            archive.writestr(f"{top}/.spotlight/attempts.json", "{}\n")
            archive.write(COURSE / "release" / CARD, f"{top}/{CARD}")
            for name in names:
                archive.write(release_path(name), f"{top}/{name}/{name}.ipynb")
                archive.write(release_path(name), f"{top}/.spotlight/release/{name}/{name}.ipynb")
    return bundle


def make_wheel(folder: Path) -> Path:
    """Build the learner's wheel into a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = (done.stderr or done.stdout).strip().split("\n")
        raise UsageError(f"The wheel could not be built ({lines[-1]}); run: make setup")
    return wheels[0]
