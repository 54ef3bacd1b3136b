"""What a learner waits for: `check` and the package come without anything heavy."""

import re
import subprocess
import sys

import pytest

from autograder import keys

HEAVY = {
    "nbformat",
    "nbgrader",
    "nbconvert",
    "jupytext",
    "jsonschema",
    "matplotlib",
    "IPython",
    "typer",
    "rich",
    "pooch",
    "requests",
}


def loaded_by(statement: str) -> set[str]:
    """The packages that a fresh process has loaded after `statement`."""
    script = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import autograder", "import spotlight", "import spotlight, autograder"]
)
def test_a_notebooks_imports_are_light(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "numpy" in loaded
    assert not loaded & {*HEAVY, "torch"}


def test_a_check_without_torch_does_not_load_it() -> None:
    """In a lesson whose exercises and solutions do not import torch, nothing else does."""
    plain = [stem for stem in keys.stems() if not mentions_torch(stem)]
    statement = "\n".join(f"import autograder.exercises.{stem}" for stem in plain)
    assert not loaded_by(f"from autograder import check\n{statement}") & {*HEAVY, "torch"}


def mentions_torch(stem: str) -> bool:
    texts = [path.read_text("utf-8") for path in (keys.exercises_path(stem), keys.solution_path(stem))]
    return any(re.search(r"(?m)^\s*(import|from) torch\b", text) for text in texts)
