"""The sample class of `make demo`: what README shows is what it prints."""

import os
import re
import subprocess
import sys

import pytest

from autograder.course import ROOT

# student -> (outcome, points, words that the table must show)
DESERVED = {
    "amara": ("graded", "14 of 14", ""),
    "ben": ("graded", "6 of 14", "not right yet: masked_softmax"),
    "chloe": ("graded", "6 of 14", "softmax:"),
    "dmitri": ("graded", "11.4 of 14", "softmax:"),
    "elif": ("graded", "10 of 14", "masked_softmax:"),
    "farid": ("graded", "13 of 14", "masked_softmax:"),
    "grace": ("graded", "11 of 14", "weighted_average:"),
    "hana": ("graded", "0 of 14", "nothing right yet"),
    "ines": ("graded", "14 of 14", ""),
    "jonas": ("recovered", "14 of 14", "softmax"),
    "kemal": ("recovered", "14 of 14", "masked_softmax"),
    "lena": ("unreadable", "0 of 14", "cut off"),
    "mateo": ("recovered", "14 of 14", "softmax (1).ipynb"),
}


# student -> the words that name the wrong attention of lesson 04
NAMED = {
    "chloe": "You divided by head_dim.",
    "dmitri": "root of the number of keys",
    "elif": "You did not divide the scores.",
    "farid": "You divided after softmax",
    "grace": "the queries compete for a key",
    "hana": "values as they came, not mixed",
    "ines": "the mask was not used",
    "jonas": "your mask is upside down",
    "kemal": "after softmax, so the row no longer sums to 1",
    "lena": "softmax makes nan of them",
}

# student -> (points, words) in lesson 05: a mistake in torch each, but for Ines, who only asks for a GPU
TORCH = {
    "amara": ("18 of 18", ""),
    "ben": ("0 of 18", "nothing right yet"),
    "chloe": ("12 of 18", "self_attention: Your scores are not scaled"),
    "dmitri": ("16.83 of 18", "without torch's notes"),
    "elif": ("16 of 18", "SelfAttention: `nn.Linear` keeps its weight as (out, in)."),
    "farid": ("17.5 of 18", "SelfAttention: Your module takes a mask and does not use it."),
    "grace": ("16 of 18", "not right yet: SelfAttention"),
    "hana": ("16 of 18", "train_step: The gradients of the first step are still in the second"),
    "ines": ("18 of 18", ""),
    "jonas": ("12 of 18", "self_attention: Each column of your weights sums to 1."),
}


@pytest.fixture(scope="module")
def printed() -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "demo.py")],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.strip() == ""
    return done.stdout


def test_every_student_gets_the_outcome_and_the_points_deserved(printed):
    rows = student_rows(printed.split("$ spotlight grade 04")[0])
    assert list(rows) == sorted(DESERVED)
    for student, (outcome, points, words) in DESERVED.items():
        assert rows[student][:2] == (outcome, points), student
        assert words in rows[student][2], student


def test_ten_wrong_attentions_are_refused_and_each_is_named(printed):
    rows = student_rows(printed.split("$ spotlight grade 04")[1].split("$ spotlight grade 05")[0])
    assert rows["amara"] == ("graded", "13 of 13", "") and rows["ben"][1] == "0 of 13"
    assert set(rows) == {"amara", "ben", *NAMED} and len(NAMED) == 10
    for student, words in NAMED.items():
        assert "scaled_dot_product_attention: " in rows[student][2] and words in rows[student][2], student
        assert rows[student][1] != "13 of 13"


def test_a_class_of_torch_gets_what_it_deserves(printed):
    rows = student_rows(printed.split("$ spotlight grade 05")[1])
    assert list(rows) == list(TORCH)
    for student, (points, words) in TORCH.items():
        assert rows[student][1] == points, student
        assert words in rows[student][2], student


def test_the_readme_shows_this_very_table(printed):
    table = printed[printed.index("03_softmax  ") :].split("Feedback:")[0]
    lines = [line.rstrip() for line in table.rstrip().split("\n")]
    assert "\n".join(lines) in (ROOT / "README.md").read_text("utf-8")


def test_everybody_but_nobody_else_gets_a_feedback_page(printed):
    pages = {path.parts[-3] for path in (ROOT / ".demo" / "course" / "feedback").glob("*/*/*.html")}
    assert pages == set(DESERVED) | set(NAMED) | set(TORCH)
    chloe = (ROOT / ".demo/course/feedback/chloe/03_softmax/03_softmax.html").read_text("utf-8")
    assert "expected (3, 4)" in chloe


def student_rows(text: str) -> dict[str, tuple[str, str, str]]:
    """student -> (outcome, points, to know), from the printed table."""
    rows: dict[str, tuple[str, str, str]] = {}
    last = ""
    for line in text.split("\n"):
        cells = [cell.strip() for cell in re.split("[│┃]", line)[1:-1]]
        if len(cells) != 4 or cells[0] == "student":
            continue
        last = cells[0] or last
        before = rows.get(last, ("", "", ""))
        rows[last] = (before[0] or cells[1], before[1] or cells[2], f"{before[2]} {cells[3]}".strip())
    return rows
