"""Does a cell only add names, so that everything defined above it works as before?

Then the exercises above it can be asked together with those below, from one forked child.
"""

import ast
import re
from collections.abc import Set

from autograder.rebuild import parsed

EVALUATED = (ast.Call, ast.Await, ast.NamedExpr)


def words_of(source: str) -> set[str]:
    """Every word of some code, the names that it uses among them."""
    return set(re.findall(r"\w+", source))


def only_adds(source: str, earlier: Set[str]) -> bool:
    """True if a cell makes nothing but functions, classes and values, under names that `earlier` code never uses.

    Args:
        earlier: the words of all cells that ran before.
    """
    statements = parsed(source)
    if statements is None or not all(map(_is_plain, statements)):
        return False
    names = {name for each in statements for name in _names(each)}
    return not names & earlier


def _is_plain(statement: ast.stmt) -> bool:
    """Is it a definition, during which nobody's function is called?"""
    outside: list[ast.AST]
    if isinstance(statement, ast.FunctionDef):
        outside = [statement.args, *([statement.returns] if statement.returns else [])]
        return not statement.decorator_list and not _calls(outside)
    if isinstance(statement, ast.ClassDef):
        outside = [*statement.bases, *statement.keywords]
        return not statement.decorator_list and not _calls(outside) and all(map(_is_plain, statement.body))
    if isinstance(statement, ast.Assign):
        return all(isinstance(each, ast.Name) for each in statement.targets) and not _calls([statement.value])
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _calls(nodes: list[ast.AST]) -> bool:
    return any(isinstance(part, EVALUATED) for node in nodes for part in ast.walk(node))


def _names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
