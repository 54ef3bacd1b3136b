"""Grading in shells: every case gets the score it deserves, and nothing private gets out."""

import copy
import functools
import os
import re
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode
from submissions.making import FULL, LESSON, RIGHT, Case, Work, all_cases
from submissions.tensors import FULL as TORCH_FULL
from submissions.tensors import LESSON as TORCH_LESSON

from autograder import keys
from autograder.call_code import call_code
from autograder.course import COURSE
from autograder.examiner import private_seeds
from autograder.exercise import Exercise
from autograder.grade import Graded, content_hash, grade
from autograder.nbgrader_steps import rebuilt_from
from autograder.rebuild import key_of, role
from autograder.shell_client import Shell

SECRET = b"a secret of the tests"
FULL_SCORES = {LESSON: FULL, TORCH_LESSON: TORCH_FULL}
GRADED: dict[str, Graded] = {}  # by content: many cases are rebuilt to the same code


@functools.cache
def release(lesson: str) -> NotebookNode:
    return nbformat.read(COURSE / "release" / lesson / f"{lesson}.ipynb", 4)


def graded(raw: bytes, lesson: str = LESSON) -> Graded:
    notebook = rebuilt_from(raw, release(lesson))
    content = content_hash(notebook)
    return grade(notebook, lesson, lambda exercise: private_seeds(SECRET, "amara", exercise, content))


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(each for each in notebook.cells if key_of(each) == name)


def shown(notebook: NotebookNode) -> str:
    """Everything that a graded notebook says, sources aside."""
    return "\n".join(str(each.outputs) for each in notebook.cells if each.cell_type == "code")


@pytest.mark.parametrize(
    "case", [each for each in all_cases() if each.outcome != "unreadable"], ids=lambda case: case.name
)
def test_every_case_gets_the_score_that_it_names(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in case.limits.items():
        monkeypatch.setattr(name, value)
    content = content_hash(rebuilt_from(case.file(), release(case.lesson)))
    known = GRADED.get(content) or graded(case.file(), case.lesson)
    if not case.limits:
        GRADED[content] = known
    assert known.score == case.score, {name: each.message.as_text() for name, each in known.examined.items()}
    assert known.max_score == FULL_SCORES[case.lesson]


def test_a_verdict_is_one_display_and_then_one_number() -> None:
    """nbgrader reads the first number; any error or stderr in a check cell would be a zero."""
    work = Work()
    work.write("token_mask", RIGHT + "\nimport sys\nprint('!', file=sys.stderr)")
    work.write("zero_score", "zero_score = 'a'")
    result = graded(work.saved())
    for each in result.notebook.cells:
        if role(each) == "check":
            display, number = each.outputs
            assert display.output_type == "display_data"
            assert set(display.data) == {"text/plain", "text/html"}
            assert number.output_type == "execute_result"
            score = result.examined[key_of(each).removesuffix("-check")].verdict.score
            assert float(number.data["text/plain"]) == score
        elif each.cell_type == "code":
            assert all(output.get("name") != "stderr" for output in each.outputs)
    nbformat.validate(copy.deepcopy(result.notebook))


def test_what_a_cell_prints_is_kept_as_text_and_pictures_only() -> None:
    work = Work(solved=False)
    work.add(
        "from IPython.display import HTML, Javascript, Image, display\n"
        "class Trap:\n"
        "    def _repr_mimebundle_(self, **_):\n"
        "        return {'text/html': '<script src=//x.y>', 'image/png': '\"><script src=//x.y>', "
        "'text/markdown': '![](//x.y)', 'image/svg+xml': '<svg onload=alert(1)>', 'text/plain': 'a trap'}\n"
        "display(Trap(), HTML('<script src=//x.y>'), Javascript('alert(1)'))\n"
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()\n"
        "print('half a letter:', '\\ud83d')\nraise ValueError('\\ud83d')",
        id="trap",
    )
    work.add("print('x' * 10_000_000)")
    notebook = graded(work.saved()).notebook
    outputs = [output for each in notebook.cells if role(each) == "extra" for output in each.outputs]
    assert {name for output in outputs for name in output.get("data", {})} == {"text/plain", "image/png"}
    assert "a trap" in str(outputs) and "<script" not in str([output.get("data") for output in outputs])
    assert len(str(outputs)) < 1_200_000 and "more was printed" in str(outputs)
    nbformat.writes(notebook).encode("utf-8")


def test_cells_for_seeing_and_trying_out_are_never_run() -> None:
    work = Work(solved=False)
    for each in work.cells:
        if set(each["metadata"].get("tags", [])) & {"predict", "see", "experiment"}:
            each["source"] += "\nprint('I ran')"
    work.add("print('but I did')")
    text = shown(graded(work.saved()).notebook)
    assert "I ran" not in text and "but I did" in text


def test_private_seeds_are_not_the_public_ones_and_change_with_the_answer() -> None:
    exercise = keys.exercises("softmax")["softmax"]
    seeds = private_seeds(SECRET, "amara", exercise, "content")
    assert seeds == private_seeds(SECRET, "amara", exercise, "content")
    public = keys.public_seeds(exercise)
    for other in (
        public,
        private_seeds(SECRET, "ben", exercise, "content"),
        private_seeds(SECRET, "amara", exercise, "other content"),
        private_seeds(b"another secret", "amara", exercise, "content"),
    ):
        for check, own in seeds.items():
            assert not set(own) & set(other[check])


def private_inputs(exercise: Exercise, seeds: dict[str, list[int]]) -> set[str]:
    """The inputs of private questions, as every form in which a message could print them."""
    found = set()
    for check in exercise.checks:
        for answer in keys.key_for("softmax", exercise, seeds).reference(check):
            for call in answer.calls:
                found.add(call_code(exercise.name, call, check.name, 0))
                for value in (*call.arguments.values(), call.result):
                    if isinstance(value, np.ndarray) and value.size > 5 and value.dtype.kind == "f":
                        found |= {
                            str(value),
                            np.array2string(value, precision=3, separator=", "),
                            repr(value),
                        }
    return found


def test_no_private_input_is_shown_whatever_is_wrong() -> None:
    work = Work()
    work.write("softmax", "def softmax(scores, axis=-1):\n    raise ValueError(scores.tolist())")
    work.write(
        "masked_softmax", "def masked_softmax(scores, attention_mask):\n    print(scores)\n    return scores"
    )
    work.write(
        "weighted_average", "seen = []\ndef weighted_average(w, v):\n    seen.append(w)\n    return w[:1] @ v"
    )
    work.add("print(seen)", below="weighted_average-check")
    notebook = rebuilt_from(work.saved(), release(LESSON))
    used: dict[str, dict[str, list[int]]] = {}

    def seeds_of(exercise: Exercise) -> dict[str, list[int]]:
        used[exercise.name] = private_seeds(SECRET, "amara", exercise, content_hash(notebook))
        return used[exercise.name]

    result = grade(notebook, LESSON, seeds_of)
    assert result.score == 3
    text = re.sub(r"\s+", " ", shown(result.notebook)).replace("\\n", " ")
    text = re.sub(r"\s+", " ", text)
    assert "ValueError: [[" in text  # at public inputs it is shown
    for name in ("softmax", "masked_softmax", "weighted_average"):
        inputs = private_inputs(keys.exercises("softmax")[name], used[name])
        assert len(inputs) > 9
        for each in inputs:
            assert re.sub(r"\s+", " ", each) not in text
    for seeds in used.values():
        for own in seeds.values():
            assert not [seed for seed in own if str(seed) in text]


def test_hard_coded_public_answers_earn_nothing_and_are_told_so() -> None:
    result = graded(next(each for each in all_cases() if each.name == "hard_codes_the_public_cases").file())
    examined = result.examined["token_mask"]
    assert [each.outcome for each in examined.verdict.results] == ["wrong", "wrong"]
    assert "token_mask(" in examined.message.as_text()  # a throw-away question shows where it fails


def test_a_cell_that_stopped_says_so_where_its_answer_is_missing() -> None:
    work = Work()
    work.write("token_mask", "def token_mask(lengths, seq:\n    pass")
    text = graded(work.saved()).examined["token_mask"].message.as_text()
    assert (
        "Its cell stopped with an error" in text and "SyntaxError" in text and "(line 1 of the cell)" in text
    )


def test_a_new_shell_runs_the_earlier_cells_again() -> None:
    work = Work()
    work.add("import os\nos._exit(1)", below="token_mask-check")
    work.add("print('still here:', token_mask(np.array([1]), 2).tolist())", above="masked_softmax")
    result = graded(work.saved())
    assert result.score == 14
    text = shown(result.notebook)
    assert "still here: [[True, False]]" in text and "it ended its own Python process" in text


def test_a_shell_that_dies_again_and_again_is_given_up() -> None:
    work = Work()
    for _ in range(6):
        work.add("import os\nos._exit(1)", above="softmax")
    started = time.monotonic()
    result = graded(work.saved())
    assert result.score == 0 and time.monotonic() - started < 30
    assert "again and again" in result.examined["softmax"].message.as_text()


def commands() -> list[str]:
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(each.read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="looks for processes in /proc")
def test_a_stopped_shell_leaves_no_process_behind() -> None:
    work = Work()
    spawn = (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(87654)'])\n"
    )
    work.add(spawn, below="imports")
    work.write("token_mask", spawn + "def token_mask(lengths, seq):\n    while True: pass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.examiner.CHECK_SECONDS", 0.5)
        assert graded(work.saved()).score == 12
    with Shell() as shell:
        shell.run(spawn, 5, lambda message: None)
        assert any("87654" in each for each in commands())
    time.sleep(0.2)
    assert not [each for each in commands() if "87654" in each]


ODD = """
class Equal:
    def __eq__(self, other): return True
    def __array__(self, *a, **k): raise RuntimeError("no")
class Lying(np.ndarray):
    def __eq__(self, other): return np.array(True)
class Hidden:
    def __getattr__(self, name): raise KeyError(name)
deep = []
for _ in range(10_000): deep = [deep]
circle = []; circle.append(circle)
ODD = [
    None, True, 0, 2**70, 1j, float("nan"), "text", "\\ud83d", b"bytes", (), [], {}, {1: 2, "1": 3}, set(),
    object(), Equal(), Hidden(), deep, circle, range(3), (x for x in range(3)), print, Ellipsis, type, np,
    NotImplemented, np.zeros((0, 3)), np.zeros(()), np.zeros((1,) * 30), np.full((3, 4), np.nan),
    np.array([1, "a", None], dtype=object), np.array(["a", "b"]), np.zeros(3, "i4,f8"), np.zeros(3, "M8[s]"),
    np.ones((3, 4)).view(Lying), np.ma.masked_array(np.ones((3, 4)), True), np.zeros((3, 4), np.longdouble),
    np.zeros((3, 4), "f2"), np.zeros((3, 4), ">f8"), np.zeros((1800, 1800)),
    np.broadcast_to(0.0, (10**6, 10**6)),
    [[1, 2], [3]], [np.ones(3), None, "x"], np.full(3, np.inf), NotImplementedError, ValueError("a value"),
]
"""


def test_no_answer_however_odd_is_our_fault() -> None:
    """Whatever a learner returns or raises is a wrong answer with a message, and never a fault of ours."""
    from autograder.examiner import examine

    exercise = keys.exercises("softmax")["weighted_average"]
    seeds = keys.public_seeds(exercise)
    with Shell() as shell:
        shell.run("import numpy as np\n" + ODD, 10, lambda message: None)
        sizes: list[str] = []
        shell.run("print(len(ODD))", 10, lambda message: sizes.append(message.get("text", "")))
        for number in range(int("".join(sizes))):
            for way in ("return ODD[n]", "raise Exception(ODD[n])", "raise ODD[n]"):
                if way != "return ODD[n]" and number % 5:
                    continue
                source = f"def weighted_average(weights, values, n={number}):\n    {way}"
                shell.run(source, 10, lambda message: None)
                found = examine("softmax", exercise, seeds, shell.ask)
                assert found.verdict.score == 0, (number, way)
                assert found.message.as_text()
