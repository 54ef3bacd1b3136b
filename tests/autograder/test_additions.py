"""Does a cell only add names? And is that decided in time, however much code there is?"""

import time

import pytest

from autograder.additions import only_adds, words_of
from autograder.grade import _Run


@pytest.mark.parametrize(
    ("source", "earlier", "adds"),
    [
        ("def f(x):\n    return x", "y = 1", True),
        ("x = 1", "y = 1", True),
        ("x = 1", "y = x", False),
        ("x = f()", "", False),
        ("print(1)", "", False),
        ("%time", "", False),
    ],
)
def test_a_definition_under_a_new_name_only_adds(source: str, earlier: str, adds: bool) -> None:
    assert only_adds(source, words_of(earlier)) is adds


def test_many_cells_of_much_code_are_decided_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """All code above was read again for every cell: 5,000 cells took an hour, before any deadline began."""
    from nbformat.v4 import new_code_cell, new_notebook

    monkeypatch.setattr(_Run, "_new_shell", lambda self: None)
    monkeypatch.setattr(_Run, "_execute", lambda self, cell, extra: None)
    cells = [new_code_cell(f"name_{n} = 1\n# " + f"word{n} " * 100) for n in range(1000)]
    started = time.process_time()
    _Run("softmax", lambda exercise: {}, lambda: None).all(new_notebook(cells=cells))
    assert time.process_time() - started < 5
