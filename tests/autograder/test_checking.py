"""`check("…")` as a learner meets it: in a notebook's shell, cell by cell."""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from fixtures import fake_course
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import autograder
from autograder import CheckFailed, keys
from autograder.checking import check_in, definition, names_in
from autograder.prints import few_prints

RIGHT = """
    def centre(rows):
        return rows - rows.mean(axis=-1, keepdims=True)
"""
WRONG = """
    def centre(rows):
        return rows - rows.mean(axis=-2, keepdims=True)
"""
SPREAD = """
    def spread(rows, power=2, *, scale=1.0):
        distances = np.abs(centre(rows)) ** power
        return scale * distances.mean(axis=-1) ** (1 / power)
"""


class Notebook:
    """A notebook's shell, and what its cells show."""

    def __init__(self, capsys):
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=config)
        self.capsys = capsys
        self.run("import numpy as np\nfrom autograder import check")

    def run(self, cell: str) -> str:
        """Run a cell; what it printed, and the traceback that it showed."""
        self.capsys.readouterr()
        self.result = self.shell.run_cell(textwrap.dedent(cell).strip(), store_history=True)
        return self.capsys.readouterr().out

    @property
    def raised(self):
        return self.result.error_in_exec or self.result.error_before_exec


@pytest.fixture
def notebook(tiny_course, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    yield Notebook(capsys)
    InteractiveShell.clear_instance()


@pytest.fixture
def without_solutions(tiny_course, tmp_path, monkeypatch):
    """As a learner's wheel: the published examples are there, `solutions` is not."""
    published = tmp_path / "published"
    published.mkdir()
    (published / "blend.json").write_text(keys.publish("blend"), "utf-8")
    monkeypatch.setattr(keys, "PUBLISHED", published)
    monkeypatch.setattr(keys, "SOLUTIONS", tmp_path / "no such folder")
    for name in [name for name in sys.modules if name.startswith("spotlight_solutions")]:
        monkeypatch.delitem(sys.modules, name)
    return published


# One exercise, from nothing to right


def test_what_is_not_defined_yet_is_a_sentence(notebook):
    text = notebook.run('check("centre")')
    assert "✗ there is no `centre` yet" in text
    assert "Run the cell that defines `centre`" in text
    assert "CheckFailed" not in text and "Traceback" not in text
    assert text.strip().split("\n")[-1] == "there is no `centre` yet"


def test_a_function_that_prints_much_does_not_hide_what_the_check_says(notebook):
    notebook.run("def centre(rows):\n    for n in range(50):\n        print('row', n)\n    return rows")
    text = notebook.run('check("centre")')
    assert text.startswith("row 0\nrow 1\n")
    before, after = text.split("… ")
    assert before.count("\n") == 20 and "more lines were printed while your code was checked.\n" in after
    assert "✗ each row loses its mean" in after
    notebook.run("print('as always', end='')")
    assert notebook.run("print('still ' * 3)") == "still still still \n"


def test_a_long_line_without_an_end_is_cut_too(capsys):
    with few_prints():
        print("x" * 10_000)
        print("short, and after what was left out")
    assert capsys.readouterr().out == "… 2 more lines were printed while your code was checked.\n"
    with few_prints():
        print("open", end="")
        sys.stdout.writelines(["\n"] * 20 + ["last\n"])
    assert capsys.readouterr().out == (
        "open" + "\n" * 20 + "… 1 more line was printed while your code was checked.\n"
    )


def test_a_name_that_is_almost_right_is_noticed(notebook):
    notebook.run(RIGHT.replace("centre", "center"))
    text = notebook.run('check("centre")')
    assert "You have `center`, though." in text and "Rename `center` to `centre`" in text


def test_another_exercise_or_a_library_is_not_a_misspelling(notebook, monkeypatch):
    from autograder import checking

    notebook.run("def center(x): pass\nfrom numpy import exp as centered")
    assert "You have `center`" in notebook.run('check("centre")')
    find = checking.find_exercise
    monkeypatch.setattr(checking, "find_exercise", lambda name: find("centre" if name == "center" else name))
    assert "You have" not in notebook.run('check("centre")')


def test_an_unstarted_exercise_is_not_started_and_not_wrong(notebook):
    notebook.run("""
        def centre(rows):
            raise NotImplementedError("Yours to write")
    """)
    text = notebook.run('check("centre")')
    assert "✗ centre: not started yet" in text and "not right" not in text
    assert text.strip().split("\n")[-1] == "centre: not started yet"


def test_a_wrong_answer_shows_its_panel_and_one_line_of_traceback(notebook):
    notebook.run(WRONG)
    text = notebook.run('check("centre")')
    assert "✗ each row loses its mean · centre: 2 of 2 checks to go" in text
    assert "You subtracted the mean of each column." in text
    line = text.rstrip().rsplit("\n", 1)[1]
    assert line == "centre: not right yet"
    assert "Traceback" not in text and "checking.py" not in text and "----" not in text
    assert isinstance(notebook.raised, CheckFailed)


def test_a_right_answer_shows_one_line_and_raises_nothing(notebook):
    notebook.run(RIGHT)
    assert notebook.run('check("centre")').strip() == "✓ centre: all 2 checks pass · 2 points"
    assert notebook.raised is None


def test_a_mended_answer_is_asked_anew(notebook):
    for cell, mark in ((WRONG, "✗"), (RIGHT, "✓"), (WRONG, "✗")):
        notebook.run(cell)
        assert notebook.run('check("centre")').startswith(mark)


def test_run_all_stops_at_a_failed_check(notebook):
    notebook.run('check("centre")\nreached = True')
    assert "reached" not in notebook.shell.user_ns


def test_a_class_a_quiz_and_a_puzzle_are_checked_too(notebook):
    notebook.run("""
        import torch
        from torch import nn

        class Blend(nn.Module):
            def __init__(self, d_model, head_dim):
                super().__init__()
                self.query = nn.Linear(d_model, head_dim)
                self.value = nn.Linear(d_model, head_dim, bias=False)

            def forward(self, x):
                queries = self.query(x)
                powers = torch.exp(queries @ queries.mT)
                return powers / powers.sum(-1, keepdim=True) @ self.value(x)

        which_axis = "B"
        heavy_pair = 3, 2
    """)
    for name in ("Blend", "which_axis", "heavy_pair"):
        assert notebook.run(f'check("{name}")').startswith("✓"), name
    notebook.run('which_axis = "a"')
    text = notebook.run('check("which_axis")')
    assert "Axis 0 counts the rows." in text
    assert text.strip().split("\n")[-1] == "which_axis: not right yet"


def test_the_panel_is_html_where_html_is_shown(notebook, monkeypatch):
    from autograder import checking

    shown = []
    monkeypatch.setattr(checking, "_show", shown.append)
    notebook.run(WRONG)
    notebook.run('check("centre")')
    assert shown[0]._repr_html_().startswith("<div") and "✗" in repr(shown[0])


def test_an_exception_in_the_answer_shows_its_own_line(notebook):
    notebook.run("""
        def centre(rows):
            means = rows.mean(axis=-1)
            return rows - means
    """)
    text = notebook.run('check("centre")')
    assert "line 3 of your code:  return rows - means" in text and "ValueError: operands" in text


def test_prints_and_changed_settings_of_an_answer_do_no_harm(notebook):
    notebook.run("""
        def centre(rows):
            print("here")
            np.set_printoptions(precision=1)
            np.random.seed(0)
            return rows - rows.mean(axis=-1, keepdims=True)
    """)
    text = notebook.run('check("centre")')
    assert text.count("here") == 9 and text.endswith("✓ centre: all 2 checks pass · 2 points\n")


# Parts


def test_the_part_that_failed_is_to_be_mended_first(notebook):
    notebook.run(WRONG)
    notebook.run(SPREAD)
    text = notebook.run('check("spread")')
    assert "→ First mend `centre`, which `spread` calls." in text
    notebook.run(RIGHT)
    assert notebook.run('check("spread")').startswith("✓")


def test_a_part_that_is_right_is_not_blamed(notebook):
    notebook.run(RIGHT)
    notebook.run(SPREAD.replace("(1 / power)", "1"))
    text = notebook.run('check("spread")')
    assert "First mend" not in text and "You forgot the root." in text


def test_a_part_that_is_only_mentioned_is_not_blamed(notebook):
    notebook.run(WRONG)
    notebook.run('''
        def spread(rows, power=2, *, scale=1.0):
            """As centre does."""
            return rows  # centre
    ''')
    assert "First mend" not in notebook.run('check("spread")')


def test_an_unwritten_part_is_named(notebook):
    notebook.run("def centre(rows):\n    raise NotImplementedError('Yours to write')")
    notebook.run(SPREAD)
    text = notebook.run('check("spread")')
    assert "It calls `centre`, which is not written yet." in text
    assert text.strip().split("\n")[-1] == "spread: not started yet"


# Called in odd ways


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("check(centre)", 'check takes the exercise\'s name in quotes: check("centre").'),
        ("check(len)", "check takes the exercise's name in quotes"),
        ("check(3)", "check takes the exercise's name in quotes"),
        ("check(None)", "check takes the exercise's name in quotes"),
        ("check('center')", "There is no exercise named 'center'. Did you mean check(\"centre\")?"),
        ("check('blend')", "There is no exercise named 'blend'. Did you mean check(\"Blend\")?"),
        ("check('xyz')", "There is no exercise named 'xyz'."),
        ("check('')", "There is no exercise named ''."),
    ],
)
def test_check_called_in_another_way_says_how(notebook, call, sentence):
    notebook.run(RIGHT)
    text = notebook.run(call)
    assert text.startswith(sentence), text
    assert len(text.strip().split("\n")) == 1 and isinstance(notebook.raised, CheckFailed)


def test_a_value_in_the_functions_place_is_told(notebook):
    notebook.run("centre = np.zeros(3)")
    text = notebook.run('check("centre")')
    assert "`centre` is a ndarray here, not a function" in text


def test_check_works_outside_a_notebook(tiny_course, capsys):
    namespace = {"check": autograder.check}
    exec(textwrap.dedent(RIGHT), namespace)
    exec('check("centre")', namespace)
    assert capsys.readouterr().out.startswith("✓ centre")
    with pytest.raises(CheckFailed, match="there is no `spread` yet"):
        exec('check("spread")', namespace)


# Without solutions: the published examples


def test_without_solutions_the_same_is_said(notebook, without_solutions):
    notebook.run(WRONG)
    text = notebook.run('check("centre")')
    assert "✗ each row loses its mean" in text and "You subtracted the mean of each column." in text
    notebook.run(RIGHT)
    assert notebook.run('check("centre")').startswith("✓")
    notebook.run("which_axis, heavy_pair = 'b', [9, 1]")
    for name in ("which_axis", "heavy_pair"):
        assert notebook.run(f'check("{name}")').startswith("✓")
    assert not [name for name in sys.modules if name.startswith("spotlight_solutions")]


def test_without_solutions_parts_are_still_mended_first(notebook, without_solutions):
    notebook.run(WRONG)
    notebook.run(SPREAD)
    assert "First mend `centre`" in notebook.run('check("spread")')


def test_without_either_one_sentence_says_what_to_do(notebook, without_solutions):
    (without_solutions / "blend.json").unlink()
    notebook.run(RIGHT)
    text = notebook.run('check("centre")')
    assert "install Spotlight again" in text and len(text.strip().split("\n")) == 1


def other_numbers(published):
    """Publish examples that were made with other draws."""
    record = json.loads((published / "blend.json").read_text())
    for example in record["centre"]["checks"]["each_row_loses_its_mean"]:
        example["inputs"] = "0" * 16
    (published / "blend.json").write_text(json.dumps(record))


def test_other_draws_are_not_called_wrong(notebook, without_solutions):
    other_numbers(without_solutions)
    notebook.run(WRONG)
    text = notebook.run('check("centre")')
    assert "✗ centre: cannot be checked here" in text and "your answer may be right" in text
    assert "each row" not in text
    assert text.strip().split("\n")[-1] == "centre: cannot be checked here"


def test_an_answer_that_is_right_anyway_passes_with_other_draws(notebook, without_solutions):
    other_numbers(without_solutions)
    notebook.run(RIGHT)
    assert notebook.run('check("centre")').startswith("✓")


# What is remembered


def remember_in(folder):
    (folder / ".spotlight").mkdir()
    (folder / ".spotlight" / "attempts.json").write_text("{}\n")


def attempts(folder):
    return json.loads((folder / ".spotlight" / "attempts.json").read_text())


def test_tries_are_counted_until_the_first_pass(notebook, tmp_path):
    remember_in(tmp_path)
    seen = []
    for cell in (WRONG, WRONG, RIGHT, WRONG):
        notebook.run(cell)
        notebook.run('check("centre")')
        seen.append(attempts(tmp_path)["centre"])
    assert seen == [
        {"tries": 1, "passed": False},
        {"tries": 2, "passed": False},
        {"tries": 3, "passed": True},
        {"tries": 3, "passed": True},
    ]


def test_the_source_of_the_last_passing_version_is_kept(notebook, tmp_path):
    remember_in(tmp_path)
    kept = tmp_path / ".spotlight" / "passed" / "centre.py"
    notebook.run(WRONG)
    notebook.run('check("centre")')
    assert not kept.exists()
    other = RIGHT.replace("rows.mean(axis=-1", "np.mean(rows, axis=-1")
    for cell in (RIGHT, "unrelated = 1" + textwrap.dedent(other) + "after = 2", WRONG):
        notebook.run(cell)
        notebook.run('check("centre")')
    assert kept.read_text() == textwrap.dedent(other).strip() + "\n"


def test_the_source_is_kept_from_a_cell_with_magic_and_decorators(notebook, tmp_path):
    remember_in(tmp_path)
    notebook.run("import functools")
    notebook.run(
        "%matplotlib --list\n\n@functools.lru_cache(None)\ndef unused(): pass\n" + textwrap.dedent(RIGHT)
    )
    notebook.run('check("centre")')
    assert (tmp_path / ".spotlight" / "passed" / "centre.py").read_text() == textwrap.dedent(
        RIGHT
    ).strip() + "\n"


def test_it_is_remembered_in_the_nearest_folder_upwards(notebook, tmp_path, monkeypatch):
    remember_in(tmp_path)
    (tmp_path / "03_blend" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "03_blend" / "deeper")
    notebook.run(RIGHT)
    notebook.run('check("centre")')
    assert attempts(tmp_path)["centre"]["passed"]
    assert [path.name for path in tmp_path.rglob(".spotlight")] == [".spotlight"]


def test_nothing_is_remembered_where_there_is_no_such_folder(notebook, tmp_path):
    (tmp_path / ".spotlight").mkdir()  # without attempts.json it is not a learner's
    notebook.run(RIGHT)
    notebook.run('check("centre")')
    assert list((tmp_path / ".spotlight").iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ["", "[1]", "{not json", '{"centre": 3}', '{"centre": {"tries": "x"}}', '{"centre": {"tries": null}}'],
)
def test_a_spoilt_memory_does_not_keep_a_check_from_running(notebook, tmp_path, text):
    remember_in(tmp_path)
    (tmp_path / ".spotlight" / "attempts.json").write_text(text)
    notebook.run(RIGHT)
    assert notebook.run('check("centre")').startswith("✓")
    assert attempts(tmp_path)["centre"] == {"tries": 1, "passed": True}


def test_a_full_disk_does_not_cost_the_message(notebook, tmp_path, monkeypatch):
    def no_space(*_):
        raise OSError("No space left on device")

    remember_in(tmp_path)
    monkeypatch.setattr("spotlight.memory.write", no_space)
    notebook.run(RIGHT)
    text = notebook.run('check("centre")')
    assert text.startswith("✓") and "could not be noted: No space left" in text and notebook.raised is None


# The text of an answer


def test_the_last_definition_among_the_cells_is_the_one_that_counts():
    cells = [
        "def f():\n    return 1",
        "x = 2\n\n@deco\ndef f():\n    return 2\n\ny = 3",
        "f()",
        "f = (",
        "class f2: pass",
    ]
    assert definition(cells, "f") == "@deco\ndef f():\n    return 2"
    assert definition([*cells, "g = 1\nf = lambda: 3"], "f") == "f = lambda: 3"
    assert definition(cells, "g") is None and definition([], "f") is None
    assert definition(["class f:\n    x = 1"], "f") == "class f:\n    x = 1"


def test_the_names_that_a_source_reads():
    assert names_in("def f(x):\n    y = g(x)\n    return h.i(y)") == {"g", "x", "h", "y"}
    assert names_in("def f(:") == set() and names_in(None) == set() and names_in("\0") == set()


def test_several_broken_parts_are_named_in_one_order(tiny_course):
    namespace = {"centre": lambda rows: rows, "spread": lambda rows: rows, "Blend": lambda *a: None}
    source = "def Blend(d_model, head_dim):\n    return spread(centre(d_model))\n"
    for _ in range(3):
        verdict, _ = check_in(namespace, "blend", keys.exercises("blend")["Blend"], source)
        assert verdict.mend_first == "centre"


def test_a_check_needs_neither_torch_nor_the_tools_of_teaching(tmp_path):
    """In a clone of its own: what `check` imports for an exercise of NumPy."""
    program = """
        import sys
        import numpy as np
        from autograder import check
        def weighted_average(weights, values):
            return weights @ values
        check("weighted_average")
        heavy = {"torch", "nbformat", "nbgrader", "jupytext", "matplotlib", "IPython", "yaml", "ipywidgets"}
        print(sorted(heavy & set(sys.modules)))
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        env=fake_course.environment(fake_course.ROOT),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip().split("\n")[-1] == "[]"


def test_examples_are_drawn_as_the_check_draws_them(notebook):
    notebook.run(RIGHT)
    notebook.run('import autograder\nfound = autograder.example("centre", "each_row_loses_its_mean", 1)')
    seed = keys.exercises("blend")["centre"].checks[0].public_seed(1)
    wanted = np.random.RandomState(seed).normal(size=(3, 4)).round(1)
    assert np.array_equal(notebook.shell.user_ns["found"]["rows"], wanted)
