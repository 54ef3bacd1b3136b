"""`make demo`: a sample class hands in lessons 03, 04 and 05; all are collected, graded, shown, and given feedback.

It happens in a copy of the course, `.demo/`, so that your own gradebook is not touched.
"""

import copy
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.build import build
from autograder.course import COURSE, ROOT
from tests.fixtures.class_copy import copy_course

LESSON = "03_softmax"
ATTENTION_LESSON = "04_scaling"
TORCH_LESSON = "05_self_attention"
DEMO = ROOT / ".demo"
WARNS = "import sys\nprint('RuntimeWarning: something to look at', file=sys.stderr)\n\n"

# student -> the exercise that went wrong, and how: mistakes as people make them.
MISTAKES = {
    "chloe": (
        "softmax",
        """\
def softmax(scores, axis=-1):
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)
""",
    ),
    "dmitri": (
        "softmax",
        """\
def softmax(scores, axis=-1):
    powers = np.exp(scores)
    return powers / powers.sum(axis=axis, keepdims=True)
""",
    ),
    "elif": (
        "masked_softmax",
        """\
def masked_softmax(scores, attention_mask):
    return softmax(scores) * attention_mask
""",
    ),
    "farid": (
        "masked_softmax",
        """\
def masked_softmax(scores, attention_mask):
    return softmax(np.where(attention_mask, scores, -np.inf))
""",
    ),
    "grace": (
        "weighted_average",
        """\
def weighted_average(weights, values):
    return weights / weights.shape[-1] @ values
""",
    ),
}

# The ten wrong attentions of lesson 04: student -> a line of `ATTENTION`, and what stands there instead.
SCALED = "scores = queries @ np.swapaxes(keys, -1, -2) / np.sqrt(queries.shape[-1])"
SHARES = "weights = softmax(scores) if attention_mask is None else masked_softmax(scores, attention_mask)"
ATTENTION = f"""\
def scaled_dot_product_attention(queries, keys, values, attention_mask=None):
    {SCALED}
    {SHARES}
    return weights @ values, weights
"""
WRONG_ATTENTIONS = {
    "chloe": (SCALED, "scores = queries @ np.swapaxes(keys, -1, -2) / queries.shape[-1]"),
    "dmitri": (SCALED, "scores = queries @ np.swapaxes(keys, -1, -2) / np.sqrt(keys.shape[-2])"),
    "elif": (SCALED, "scores = queries @ np.swapaxes(keys, -1, -2)"),
    "farid": (
        f"{SCALED}\n    {SHARES}",
        f"{SCALED.split(' / ')[0]}\n    {SHARES}\n    weights = weights / np.sqrt(queries.shape[-1])",
    ),
    "grace": (
        SHARES,
        "if attention_mask is not None:\n        scores = np.where(attention_mask, scores, -1e30)\n"
        "    weights = softmax(scores, axis=-2)\n    if attention_mask is not None:\n"
        "        weights = np.where(attention_mask, weights, 0)",
    ),
    "hana": ("return weights @ values, weights", "return values, weights"),
    "ines": (SHARES, "weights = softmax(scores)"),
    "jonas": (SHARES, SHARES.replace("(scores, attention_mask)", "(scores, ~attention_mask)")),
    "kemal": (SHARES, "weights = softmax(scores) * (1 if attention_mask is None else attention_mask)"),
    "lena": (
        SHARES,
        "weights = softmax(scores if attention_mask is None else np.where(attention_mask, scores, -np.inf))",
    ),
}

# Lesson 05, in torch: student -> the exercise, what stands in the reference's answer, and what they wrote instead.
TORCH_MISTAKES = {
    "chloe": ("self_attention", " / queries.shape[-1] ** 0.5", ""),
    "dmitri": (
        "self_attention",
        "return weights @ values, weights",
        "return weights.detach() @ values.detach(), weights.detach()",
    ),
    "elif": (
        "SelfAttention",
        "self.query.weight.T, self.key.weight.T, self.value.weight.T",
        "(part.weight.reshape(x.shape[-1], -1) for part in (self.query, self.key, self.value))",
    ),
    "farid": ("SelfAttention", "w_q, w_k, w_v, attention_mask)", "w_q, w_k, w_v)"),
    "grace": ("SelfAttention", "self.query", "self.to_queries"),
    "hana": ("train_step", "    optimiser.zero_grad()\n", ""),
    "ines": ("SelfAttention", "w_q, w_k, w_v =", "x = x.cuda()\n        w_q, w_k, w_v ="),
    "jonas": ("self_attention", "scores.softmax(dim=-1)", "scores.softmax(dim=-2)"),
}


def solved(lesson: str = LESSON) -> NotebookNode:
    """The release notebook with the reference's answers, as a good student hands it in."""
    notebook = nbformat.read(COURSE / "source" / lesson / f"{lesson}.ipynb", 4)
    for cell in notebook.cells:
        cell.source = re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", cell.source)
    return notebook


def untouched(lesson: str = LESSON) -> NotebookNode:
    return nbformat.read(COURSE / "release" / lesson / f"{lesson}.ipynb", 4)


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def with_answers(notebook: NotebookNode, **answers: str) -> NotebookNode:
    """A copy in which some exercises are answered with the given code."""
    changed = copy.deepcopy(notebook)
    for name, code in answers.items():
        cell_of(changed, name).source = code
    return changed


def sample_class() -> dict[str, tuple[str, bytes]]:
    """student -> (file name, content)"""
    right, blank = solved(), untouched()
    half = with_answers(blank, **{name: cell_of(right, name).source for name in ("softmax", "token_mask")})
    warns = with_answers(right, softmax=WARNS + cell_of(right, "softmax").source)
    copied, deleted = copy.deepcopy(right), copy.deepcopy(right)
    place = copied.cells.index(cell_of(copied, "softmax"))
    copied.cells.insert(place, copy.deepcopy(cell_of(blank, "softmax")))
    copied.cells[place].id = "a-copy"
    deleted.cells.remove(cell_of(deleted, "masked_softmax-check"))
    notebooks = {"amara": right, "ben": half}
    notebooks |= {
        student: with_answers(right, **{exercise: code}) for student, (exercise, code) in MISTAKES.items()
    }
    notebooks |= {"hana": blank, "ines": warns, "jonas": copied, "kemal": deleted}
    files = {
        student: (f"{LESSON}.ipynb", nbformat.writes(each).encode()) for student, each in notebooks.items()
    }
    files["lena"] = (f"{LESSON}.ipynb", nbformat.writes(right).encode()[:20_000])
    files["mateo"] = ("softmax (1).ipynb", nbformat.writes(right).encode())
    return files


def attention_class() -> dict[str, tuple[str, bytes]]:
    """student -> (file name, content): lesson 04, everything right but for one wrong attention each."""
    right, blank = solved(ATTENTION_LESSON), untouched(ATTENTION_LESSON)
    notebooks = {"amara": right, "ben": blank}
    for student, (line, instead) in WRONG_ATTENTIONS.items():
        assert line in ATTENTION
        notebooks[student] = with_answers(
            right, scaled_dot_product_attention=ATTENTION.replace(line, instead)
        )
    return {
        student: (f"{ATTENTION_LESSON}.ipynb", nbformat.writes(each).encode())
        for student, each in notebooks.items()
    }


def torch_class() -> dict[str, tuple[str, bytes]]:
    """student -> (file name, content): lesson 05, all right but for one mistake each; Ines only asks for a GPU."""
    right, blank = solved(TORCH_LESSON), untouched(TORCH_LESSON)
    notebooks = {"amara": right, "ben": blank}
    for student, (exercise, line, instead) in TORCH_MISTAKES.items():
        source = cell_of(right, exercise).source
        assert line in source
        notebooks[student] = with_answers(right, **{exercise: source.replace(line, instead)})
    return {
        student: (f"{TORCH_LESSON}.ipynb", nbformat.writes(each).encode())
        for student, each in notebooks.items()
    }


def hand_in(*classes: dict[str, tuple[str, bytes]]) -> Path:
    """The classes' files as one zip with a folder for each student, as learning platforms give them."""
    downloaded = DEMO / "downloaded.zip"
    with zipfile.ZipFile(downloaded, "w") as archive:
        for files in classes:
            for student, (name, content) in files.items():
                archive.writestr(f"{student}/{name}", content)
    return downloaded


def spotlight(*words: str) -> int:
    """Run a command in the copy, and show it."""
    print(f"\n$ spotlight {' '.join(words)}", flush=True)
    paths = os.pathsep.join([str(DEMO), str(DEMO / "course")])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *words], cwd=DEMO, env=environment
    ).returncode


def main() -> int:
    build()
    copy_course(DEMO)
    hand_in(sample_class(), attention_class(), torch_class())
    codes = [
        spotlight("collect", "downloaded.zip"),
        *(spotlight("grade", each) for each in ("03", "04", "05")),
    ]
    pages = sorted((DEMO / "course" / "feedback").glob("*/*/*.html"))
    print(
        f"\n{len(pages)} feedback pages, for example {pages[0].relative_to(ROOT)}"
        if pages
        else "\nno feedback"
    )
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
