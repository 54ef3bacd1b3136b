"""Authors' modules as text: what a definition takes from around it."""

import ast
import textwrap
from pathlib import Path

import pytest

from autograder.exercise import AuthorError
from autograder.modules import definitions, imported_names, names_needed

NEEDED = {
    "def f(x): return x": "",
    "def f(x): return g(x)": "g",
    "def f(x): return x.g": "",
    "def f(x: Row) -> Table: return x": "Row Table",
    "def f(x=LIMIT): return x": "LIMIT",
    "@memo\ndef f(x): return len(x)": "memo",
    "def f(*rows, axis, **more): return rows, axis, more": "",
    "def f(x):\n    y = z = x\n    y += z\n    return y": "",
    "def f(x): return [a + b for a, b in x if c]": "c",
    "def f(x): return (lambda a: a + b)(x)": "b",
    "def f(x):\n    def g(y):\n        return y\n    return g(x)": "",
    "def f(x):\n    class Inner(Base): ...\n    return Inner": "Base",
    "def f(x):\n    import math as m\n    import os.path\n    return m, os": "",
    "def f(x):\n    try:\n        return x\n    except Odd as error:\n        return error": "Odd",
    "def f(x):\n    with open(x) as file:\n        return file": "",
    "def f(x):\n    match x:\n        case [first, *rest]:\n            return first, rest, other": "other",
    "def f(x):\n    if (n := len(x)) > 3:\n        return n": "",
    "class C(nn.Module):\n    size = SIZE\n    def f(self):\n        return self.size + unit": "SIZE nn unit",
    "class C:\n    def __init__(self):\n        super().__init__()": "",
}


@pytest.mark.parametrize("code", NEEDED)
def test_what_a_definition_takes_from_around_it(code: str) -> None:
    assert " ".join(sorted(names_needed(ast.parse(code).body[0]))) == NEEDED[code]


def test_imports_give_names_to_a_notebook() -> None:
    names = imported_names(
        {"import math", "import torch.nn as nn", "import os.path", "from a.b import c, d as e"}
    )
    assert names == {"math", "nn", "os", "c", "e", "np", "spotlight", "check"}


def test_definitions_are_those_of_the_top_level(tmp_path: Path) -> None:
    path = tmp_path / "mix.py"
    path.write_text(
        textwrap.dedent(
            """
            import math
            def f():
                inner = 1
            class C: ...
            a = b = 1
            c: int = 2
            d: int
            math.pi = 3
            """
        )
    )
    assert set(definitions(path)) == {"f", "C", "a", "b", "c", "d"}
    path.write_text("def f(): ...\n\n\nf = 3\n")
    with pytest.raises(AuthorError, match=f"{path}:4: `f` is defined in line 1 already"):
        definitions(path)
