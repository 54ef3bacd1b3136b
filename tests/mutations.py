"""Change one thing in each reference answer and see whether a check refuses the result.

    python tests/mutations.py [EXERCISE …]      a table of what was refused, by which check, and what survived

A mutant that survives and is really wrong is a check that is missing.
"""

import ast
import contextlib
import copy
import inspect
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder import keys
from autograder.asking import ask
from autograder.exercise import PUBLIC_SEEDS, Exercise, Puzzle, Quiz
from autograder.judge import judge
from autograder.keys import LiveKey, public_seeds

PRIVATE_ROUNDS = 2
SECONDS = 5  # a mutant whose loop does not end

OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.MatMult: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}
NAMES = {
    "max": ["min", "mean"],
    "min": ["max"],
    "amax": ["amin"],
    "sum": ["mean", "max"],
    "mean": ["sum"],
    "argmax": ["argmin"],
    "argmin": ["argmax"],
    "exp": ["exp2", "expm1"],
    "log": ["log2"],
    "tanh": ["sin"],
    "sqrt": ["square"],
    "triu": ["tril"],
    "tril": ["triu"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "zeros_like": ["ones_like"],
    "any": ["all"],
    "all": ["any"],
    "var": ["std"],
    "relu": ["sigmoid"],
    "sigmoid": ["tanh"],
}


@dataclass(frozen=True)
class Mutant:
    """`was` and `now`: the statement before and after the change."""

    was: str
    now: str
    code: Any


def mutants(stem: str, name: str) -> Iterator[Mutant]:
    """Every mutant of one reference answer, each with exactly one change."""
    module = keys.load_solutions(stem)
    source = inspect.getsource(getattr(module, name))
    original = _without_docstrings(ast.parse(source))
    seen = {ast.unparse(original)}
    for place, _ in enumerate(_written(original)):
        count = len(list(_alternatives(list(_written(original))[place], original)))
        for number in range(count):
            tree = copy.deepcopy(original)
            node = list(_written(tree))[place]
            changed = list(_alternatives(node, tree))[number]
            was, now = _exchange(tree, node, changed)
            text = ast.unparse(ast.fix_missing_locations(tree))
            if text not in seen:
                seen.add(text)
                namespace = dict(vars(module))
                exec(compile(text, f"<mutant of {name}>", "exec"), namespace)
                yield Mutant(was, now, namespace[name])


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in [*node.args.args, *node.args.kwonlyargs]:
                argument.annotation = None
    return tree


def _written(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that a learner writes: not a class's given `__init__`."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef) and child.name == "__init__":
            continue
        yield child
        yield from _written(child)


def _alternatives(node: ast.AST, tree: ast.AST) -> Iterator[ast.AST | None]:
    """What could stand in the node's place; None drops a statement."""
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), []):
            yield ast.BinOp(node.left, other(), node.right)
        if not isinstance(node.op, ast.Add | ast.Mult | ast.BitAnd | ast.BitOr):
            yield ast.BinOp(node.right, node.op, node.left)
        yield node.left
        yield node.right
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS.get(type(node.ops[0]), []):
            yield ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node.value)
    elif isinstance(node, ast.Attribute):
        for other in NAMES.get(node.attr, []):
            yield ast.Attribute(node.value, other, node.ctx)
        if node.attr in ("T", "mT"):
            yield node.value
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield node.value
        if isinstance(node.slice, ast.Tuple):
            for first in range(len(node.slice.elts) - 1):
                order = list(node.slice.elts)
                order[first], order[first + 1] = order[first + 1], order[first]
                yield ast.Subscript(node.value, ast.Tuple(order, ast.Load()), node.ctx)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        parameters = [each.arg for each in ast.walk(tree) if isinstance(each, ast.arg) and each.arg != "self"]
        if node.id in parameters:
            yield ast.UnaryOp(ast.USub(), node)
            yield ast.BinOp(node, ast.Add(), node)
            for other in parameters:
                yield ast.Name(other, ast.Load())
    elif isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.UnaryOp(ast.USub(), node.value))
        yield ast.Return(ast.BinOp(node.value, ast.Mult(), ast.Constant(2)))
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.If | ast.For):
        yield None


def _other_constants(value: Any) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    for number in range(len(node.args) - 1):
        order = list(node.args)
        order[number], order[number + 1] = order[number + 1], order[number]
        yield ast.Call(node.func, order, node.keywords)
    for number in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:number] + node.keywords[number + 1 :])
    library = (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("np", "torch", "F", "nn")
    )
    if isinstance(node.func, ast.Attribute) and not library:
        yield node.func.value
    else:
        yield from (each for each in node.args if not isinstance(each, ast.Constant))


def _exchange(tree: ast.AST, node: ast.AST, changed: ast.AST | None) -> tuple[str, str]:
    """Put `changed` in the node's place; the statement around it before and after."""
    statement, current = node, node
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    while not isinstance(statement, ast.stmt):
        statement = parents[statement]
    was = _first_line(statement)
    if changed is None:
        changed = ast.Pass()
    parent = parents[current]
    for field, value in ast.iter_fields(parent):
        if value is current:
            setattr(parent, field, changed)
        elif isinstance(value, list) and any(item is current for item in value):
            value[next(n for n, item in enumerate(value) if item is current)] = changed
    if statement is node:
        statement = changed
    return was, _first_line(ast.fix_missing_locations(statement))


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(statement).split("\n")[0]


class Judging:
    """Refuses or accepts mutants of one exercise, with the public seeds and with private ones."""

    def __init__(self, stem: str, exercise: Exercise) -> None:
        rng = np.random.RandomState(20240607)
        self.exercise = exercise
        rounds = [public_seeds(exercise)]
        for _ in range(PRIVATE_ROUNDS):
            rounds.append({each: rng.randint(2**31, size=PUBLIC_SEEDS).tolist() for each in rounds[0]})
        self.rounds = [(seeds, LiveKey(stem, exercise, seeds)) for seeds in rounds]

    def refused_by(self, code: Any) -> str | None:
        """The first check that refuses the code, in every round; None if some round accepts it."""
        checks: list[str] = []
        for seeds, key in self.rounds:
            with _time_limit():
                answers = {
                    each.name: [ask(self.exercise, each, code, seed) for seed in seeds[each.name]]
                    for each in self.exercise.checks
                }
                problem = judge(self.exercise, answers, key).first_problem
                if problem is None:
                    return None
                checks.append(problem.check.name)
                continue
            checks.append("time")
        return checks[0]


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """Leave the block after SECONDS; what the block would have done is then left undone."""

    class Late(BaseException):
        pass

    def late(*_: Any) -> None:
        raise Late

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with contextlib.suppress(Late):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def written_exercises() -> list[tuple[str, Exercise]]:
    """(stem, exercise) of every function and class that a learner writes."""
    return [
        (stem, exercise)
        for stem in keys.stems()
        for exercise in keys.exercises(stem).values()
        if not isinstance(exercise, Quiz | Puzzle)
    ]


def main(wanted: list[str]) -> None:
    for stem, exercise in written_exercises():
        if wanted and exercise.name not in wanted:
            continue
        judging = Judging(stem, exercise)
        rows = [(mutant, judging.refused_by(mutant.code)) for mutant in mutants(stem, exercise.name)]
        refused = sum(by is not None for _, by in rows)
        print(f"\n{exercise.name}: {refused} of {len(rows)} mutants refused")
        for mutant, by in rows:
            print(f"  {by or 'SURVIVED':42.42}  {mutant.now}")
            if by is None:
                print(f"  {'':42}  was: {mutant.was}")


if __name__ == "__main__":
    main(sys.argv[1:])
