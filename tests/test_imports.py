"""Who may import whom: imports point one way, and the answers are reached through one module."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("numpy", "torch", "matplotlib", "IPython")

# What each may import besides the standard library; a package stands for everything in it.
RULES = {
    "solutions/*.py": ("numpy", "torch", "spotlight"),
    "solutions/misconceptions/*.py": ("numpy", "torch", "spotlight", "autograder.exercise"),
    "autograder/exercises/*.py": ("numpy", "torch", "spotlight", "autograder.exercise"),
    "course/spotlight/**/*.py": (*LIBRARIES, "ipywidgets", "pooch", "requests", "spotlight"),
    "course/release/*/*.ipynb": (*LIBRARIES, "spotlight", "autograder.check"),
}
# The package itself, to ask where it is, and what it remembers and fetches; of libraries, any.
OF_THE_ENGINE = ("spotlight", "spotlight.memory", "spotlight.tatoeba")
NEVER_THE_ENGINE = ("solutions", "spotlight_solutions", "autograder.exercises", "course", "tests")

# keys.py knows where the answers are; leaks.py says that a wheel must not hold them.
KNOW_THE_PATH = {"keys.py", "leaks.py"}
# What opens them, and who does: the author's side; ledger.py, to hash them; learner.py, for who has passed;
# guarantees.py, to see that student code cannot.
OPENERS = {
    "SOLUTIONS",
    "solution_path",
    "misconceptions_path",
    "load_solutions",
    "load_misconceptions",
    "source_of",
}
AUTHORS_SIDE = {"keys.py", "modules.py", "authoring.py", "proving.py", "leaks.py", "build.py"}
MAY_OPEN = AUTHORS_SIDE | {"ledger.py", "learner.py", "guarantees.py"}


def broken_rules(root: Path) -> list[str]:
    """One sentence for each import, in the tree at `root`, that goes the wrong way."""
    broken = []
    for pattern, allowed in RULES.items():
        for path in sorted(root.glob(pattern)):
            for name in imports(path):
                if name.startswith("."):
                    reason = relative(root, path, name)
                    broken += [f"{path.name} imports {name}: {reason}"] if reason else []
                elif not within(name, (*allowed, *sys.stdlib_module_names)):
                    broken.append(f"{path.name} imports {name}")
    for path in sorted((root / "autograder").glob("*.py")):
        for name in imports(path):
            of_the_package = within(name, ("spotlight",)) and name not in OF_THE_ENGINE
            if name.startswith(".") or of_the_package or within(name, NEVER_THE_ENGINE):
                broken.append(f"{path.name} imports {name}")
        broken += [f"{path.name} {what}" for what in reaches(root, path)]
    return broken


def trees(path: Path) -> Iterator[ast.AST]:
    if path.suffix == ".ipynb":
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                yield ast.parse(re.sub(r"(?m)^\s*[%!].*$", "", cell.source))
    else:
        yield ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Dotted names: `import a.b` is a.b; `from a import b` is a.b; `from .a import b` is .a."""
    for tree in trees(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level and node.module:
                yield "." * node.level + node.module
            elif isinstance(node, ast.ImportFrom):
                yield from (
                    "." * node.level + (f"{node.module}." if node.module else "") + a.name for a in node.names
                )


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def relative(root: Path, path: Path, name: str) -> str:
    """What is wrong with a relative import; "" if nothing is."""
    dots, other = len(name) - len(name.lstrip(".")), name.lstrip(".")
    if "solutions" not in path.parts:
        return "" if dots == 1 and path.parent.name == "spotlight" else "not from here"
    order = [lesson.stem.split("_", 1)[1] for lesson in sorted((root / "course" / "lessons").glob("*.md"))]
    own = path.parent.name == "misconceptions"
    if dots != 1 + own or other not in order or path.stem not in order:
        return "not a solution"
    late = order.index(other) > order.index(path.stem) or (other == path.stem and not own)
    return "not an earlier lesson" if late else ""


def reaches(root: Path, path: Path) -> Iterator[str]:
    """Where an engine module names a lesson, or reaches the answers without leave."""
    lessons = [lesson.stem for lesson in (root / "course" / "lessons").glob("*.md")]
    stems = [lesson.split("_", 1)[1] for lesson in lessons]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if text in lessons or text in [f"autograder.exercises.{stem}" for stem in stems]:
            yield f"names the lesson {text}"
        if text in ("solutions", "spotlight_solutions") and path.name not in KNOW_THE_PATH:
            yield "knows the path of the answers"
        called = (
            node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else ""
        )
        if called in OPENERS and path.name not in MAY_OPEN:
            yield f"uses {called}"


def test_imports_point_one_way() -> None:
    assert broken_rules(ROOT) == []


def test_the_rules_see_the_tree() -> None:
    for pattern in (*RULES, "autograder/*.py"):
        found = list(ROOT.glob(pattern))
        assert found
        assert pattern.startswith("solutions/mis") or any(name for path in found for name in imports(path))


WRONG = {
    "a solution that imports the engine": ("solutions/mix.py", "from autograder.asking import ask"),
    "a solution that imports exercises": ("solutions/mix.py", "import autograder.exercises.mix"),
    "a solution that imports a later one": ("solutions/mix.py", "from .wide import wide"),
    "a solution that imports itself": ("solutions/mix.py", "from .mix import mix"),
    "a solution that imports a library": ("solutions/mix.py", "from scipy.special import softmax"),
    "a solution that is imported by name": ("solutions/wide.py", "from solutions.mix import mix"),
    "a misconception that imports the judge": (
        "solutions/misconceptions/mix.py",
        "from autograder import judge",
    ),
    "a misconception that imports a later answer": (
        "solutions/misconceptions/mix.py",
        "from ..wide import wide",
    ),
    "exercises that import a solution": ("autograder/exercises/mix.py", "from solutions.mix import mix"),
    "exercises that load a solution": (
        "autograder/exercises/mix.py",
        "from autograder.keys import load_solutions",
    ),
    "exercises that import others": ("autograder/exercises/wide.py", "from autograder.exercises import mix"),
    "exercises that import others near by": ("autograder/exercises/wide.py", "from .mix import mix"),
    "the package that imports the engine": (
        "course/spotlight/toy.py",
        "def show():\n    from autograder import check",
    ),
    "the package that imports a solution": ("course/spotlight/deep/toy.py", "from solutions.mix import mix"),
    "the package that imports upwards": ("course/spotlight/toy.py", "from ..solutions import mix"),
    "an engine that imports a lesson": ("autograder/grade.py", "from autograder.exercises import mix"),
    "an engine that loads a lesson": ("autograder/grade.py", "load('autograder.exercises.mix')"),
    "an engine that names a lesson": ("autograder/grade.py", "special = '02_mix'"),
    "an engine that imports the answers": ("autograder/grade.py", "import solutions.mix"),
    "an engine that knows the path": ("autograder/grade.py", "path = ROOT / 'solutions' / 'mix.py'"),
    "an engine that opens the answers": ("autograder/grade.py", "answer = keys.load_solutions('mix')"),
    "an engine that imports an opener": ("autograder/grade.py", "from autograder.keys import SOLUTIONS"),
    "an engine that uses a lesson's data": ("autograder/grade.py", "from spotlight import toy"),
    "a notebook that imports the engine": (
        "course/release/02_mix/02_mix.ipynb",
        "from autograder import keys",
    ),
    "a notebook that imports a solution": ("course/release/02_mix/02_mix.ipynb", "%time\nimport solutions"),
    "a notebook that imports a library": ("course/release/02_mix/02_mix.ipynb", "import scipy"),
}
RIGHT = {
    "solutions/mix.py": "import math\nimport torch.nn as nn\nfrom spotlight.toy import rows",
    "solutions/wide.py": "from .mix import mix",
    "solutions/misconceptions/wide.py": "import autograder.exercise\nfrom ..wide import wide",
    "autograder/exercises/mix.py": "import spotlight.toy\nfrom autograder.exercise import Quiz",
    "course/spotlight/toy.py": "import numpy\nfrom . import figures\nfrom .picture import draw",
    "autograder/forkserver.py": "import spotlight",
    "autograder/judge.py": "import typer\nimport spotlight.memory\nimport autograder.keys\n'mix'",
    "autograder/modules.py": "from autograder.keys import solution_path",
    "autograder/keys.py": "SOLUTIONS = ROOT / 'solutions'",
    "course/release/02_mix/02_mix.ipynb": "%time\nimport spotlight\nfrom autograder import check",
}


def plant(root: Path, name: str, code: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ipynb":
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    else:
        path.write_text(code + "\n", "utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small course that keeps every rule."""
    for lesson in ("02_mix", "03_wide"):
        plant(tmp_path, f"course/lessons/{lesson}.md", "")
    for name, code in RIGHT.items():
        plant(tmp_path, name, code)
    return tmp_path


def test_right_imports_are_allowed(tree: Path) -> None:
    assert broken_rules(tree) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_planted_import_is_seen(tree: Path, name: str) -> None:
    plant(tree, *WRONG[name])
    broken = broken_rules(tree)
    assert len(broken) == 1
    assert broken[0].startswith(Path(WRONG[name][0]).name)
