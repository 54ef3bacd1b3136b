"""Authors' modules as text: what they define and where, what that uses, and what a learner sees of it."""

import ast
import builtins
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from autograder import keys
from autograder.exercise import AuthorError, Check, Exercise

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
IN_EVERY_NOTEBOOK = "import numpy as np\nimport spotlight\nfrom autograder import check"

Loaded = TypeVar("Loaded")


def parse(path: Path) -> ast.Module:
    """An author's module as a syntax tree.

    Raises:
        AuthorError: there is no such file, or it is not Python.
    """
    if not path.exists():
        raise AuthorError(f"{path}: there is no such file")
    try:
        return ast.parse(path.read_text("utf-8"))
    except SyntaxError as error:
        raise AuthorError(f"{path}:{error.lineno}: not Python: {error.msg}") from None


def loaded(load: Callable[[str], Loaded], stem: str, path: Path) -> Loaded:
    """`load(stem)`, which imports the module at `path`; what that raises becomes an AuthorError."""
    parse(path)
    try:
        return load(stem)
    except Exception as error:
        frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename) == path]
        says = str(error) if isinstance(error, AuthorError) else f"{type(error).__name__}: {error}"
        raise AuthorError(f"{path}:{frames[-1].lineno if frames else 1}: {says}") from error


def definitions(path: Path) -> dict[str, ast.stmt]:
    """What a module defines at its top level, by name: functions, classes and assigned values.

    Raises:
        AuthorError: a name is defined twice, so that one of the two would be lost.
    """
    found: dict[str, ast.stmt] = {}
    for node in parse(path).body:
        for name in _names(node):
            if name in found:
                first = found[name].lineno
                raise AuthorError(f"{path}:{node.lineno}: `{name}` is defined in line {first} already")
            found[name] = node
    return found


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def exercise_lines(stem: str) -> dict[str, int]:
    """Where each exercise of a lesson is made.

    Raises:
        AuthorError: two have the same name.
    """
    path = keys.exercises_path(stem)
    lines: dict[str, int] = {}
    for node in ast.walk(parse(path)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("Exercise", "Quiz", "Puzzle"):
            continue
        name = ast.unparse(node.args[0]).strip("'\"") if node.args else ""
        if name in lines:
            raise AuthorError(f"{path}:{node.lineno}: two exercises are named `{name}`")
        lines[name] = node.lineno
    return lines


def place_of(stem: str, exercise: Exercise, check: Check | None = None) -> str:
    """File and line of an exercise or of one of its checks."""
    path = keys.exercises_path(stem)
    code = (check.accepts or check.question).__code__ if check else None
    if code is not None and code.co_filename == str(path):
        return f"{path}:{code.co_firstlineno}"
    return f"{path}:{exercise_lines(stem).get(exercise.name, 1)}"


def import_lines(stem: str) -> set[str]:
    """The imports that a lesson's solutions need; those of earlier lessons become given cells instead."""
    return {
        ast.unparse(node)
        for node in parse(keys.solution_path(stem)).body
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0)
    }


def imported_names(lines: set[str]) -> set[str]:
    """The names that some import lines define, together with those of every notebook."""
    tree = ast.parse("\n".join([IN_EVERY_NOTEBOOK, *lines]))
    aliases = [alias for node in ast.walk(tree) for alias in getattr(node, "names", [])]
    return {alias.asname or alias.name.split(".")[0] for alias in aliases}


def names_needed(node: ast.stmt) -> set[str]:
    """The names that a definition takes from around it, annotations and defaults included."""
    read: set[str] = set()
    own = set(dir(builtins))
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            (read if isinstance(part.ctx, ast.Load) else own).add(part.id)
        elif isinstance(part, ast.arg):
            own.add(part.arg)
        elif isinstance(part, ast.alias):
            own.add(part.asname or part.name.split(".")[0])
        elif isinstance(part, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            own |= {part.name} if part.name else set()
    return read - own


def with_markers(stem: str, name: str) -> str:
    """The reference's source with nbgrader's markers around what the learner writes.

    Of a function, everything behind the docstring; of a class, that of every method but `__init__`; of a
    quiz or puzzle, the assignment itself, below the comment that stands above it.
    """
    path = keys.solution_path(stem)
    lines = path.read_text("utf-8").split("\n")
    node = definitions(path)[name]
    assert node.end_lineno is not None
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        comment = _comment_above(lines, node.lineno)
        return "\n".join([*comment, BEGIN, *lines[node.lineno - 1 : node.end_lineno], END])
    assert isinstance(node, (ast.FunctionDef, ast.ClassDef))
    if isinstance(node, ast.ClassDef):
        functions = [part for part in node.body if isinstance(part, ast.FunctionDef)]
        methods = [each for each in functions if each.name != "__init__"]
    else:
        methods = [node]
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    for method in reversed(methods):
        begin, end = _body_lines(method, lines)
        indent = " " * method.body[0].col_offset
        lines[begin:end] = [indent + BEGIN, *lines[begin:end], indent + END]
    last = node.end_lineno + 2 * len(methods)
    return "\n".join(lines[first - 1 : last])


def _body_lines(function: ast.FunctionDef, lines: list[str]) -> tuple[int, int]:
    """Where the lines behind a function's docstring begin and end, comments above them included."""
    assert function.end_lineno is not None
    if ast.get_docstring(function) is not None:
        begin = function.body[0].end_lineno
        assert begin is not None
        return begin, function.end_lineno
    line = function.body[0].lineno
    return line - 1 - len(_comment_above(lines, line)), function.end_lineno


def _comment_above(lines: list[str], line: int) -> list[str]:
    first = line - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return lines[first : line - 1]
