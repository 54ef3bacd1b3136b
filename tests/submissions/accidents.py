"""Honest work, handed in with an accident: every point it deserves must stay."""

import base64

from submissions.making import FULL, RIGHT, WITHOUT_TOKEN_MASK, WRONG, Work, case

# ----------------------------------------------------------------------------------------------- the usual


@case(outcome="graded", score=FULL)
def nothing_odd(work: Work) -> None:
    """A solved notebook: no notes, every point."""


@case(outcome="graded", score=0, solved=False)
def untouched(work: Work) -> None:
    """The notebook as it was given out: no points, and nothing odd about it."""


@case(outcome="graded", score=2, solved=False)
def one_exercise_only(work: Work) -> None:
    """One exercise is solved, the others untouched."""
    work.write("token_mask", RIGHT)


# ----------------------------------------------------------------------------- order, copies, lost and found


@case(outcome="graded", score=FULL)
def cells_out_of_order(work: Work) -> None:
    """The answers were moved to the end, in reverse order: they are run at their places."""
    for name in ("weighted_average", "masked_softmax", "token_mask", "softmax"):
        work.cells.append(work.delete(name))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def stale_state(work: Work) -> None:
    """The answer uses a variable whose cell was deleted; it worked only in the learner's old session."""
    work.write("token_mask", "def token_mask(lengths, seq):\n    return positions[:seq] < lengths[:, None]")


@case(outcome="graded", score=FULL)
def a_variable_defined_below(work: Work) -> None:
    """The answer uses a variable that is defined further down: at the end it is there."""
    stale_state(work)
    work.add("positions = np.arange(100)")


@case(outcome="recovered", score=FULL, says=["2 different cells for `token_mask`"])
def a_copy_wrong_then_right(work: Work) -> None:
    """The answer cell was copied: first wrong, then right. As in the notebook, the second counts."""
    work.write("token_mask", WRONG)
    work.copy_of("token_mask", RIGHT, below="token_mask")


@case(outcome="recovered", score=WITHOUT_TOKEN_MASK, says=["2 different cells for `token_mask`"])
def a_copy_right_then_wrong(work: Work) -> None:
    """The other way round: run from top to bottom, the wrong one stands at the check and at the end."""
    work.write("token_mask", RIGHT)
    work.copy_of("token_mask", WRONG, below="token_mask")


@case(outcome="recovered", score=FULL, says=["2 different cells for `token_mask`"])
def a_wrong_copy_below_the_check(work: Work) -> None:
    """The answer is right; further down stands a copy for experiments. What stood at the check counts."""
    work.copy_of("token_mask", WRONG, below="token_mask-check")


@case(outcome="recovered", score=FULL, says=["2 different cells for `token_mask`"])
def a_right_copy_below_the_check(work: Work) -> None:
    """The first try is in its place, the right answer further down: what stands at the end is better."""
    work.write("token_mask", WRONG)
    work.copy_of("token_mask", RIGHT, below="token_mask-check")


@case(outcome="recovered", score=FULL, says=["`token_mask` was there 2 times"])
def a_copy_of_the_stub_above(work: Work) -> None:
    """The stub was kept for reference, above the answer."""
    work.copy_of("token_mask", work.stubs["token_mask"], above="token_mask")


@case(outcome="recovered", score=FULL, says=["`token_mask` was there 2 times"])
def a_copy_of_the_stub_below(work: Work) -> None:
    """The stub was kept below the answer, where it would undo it."""
    work.copy_of("token_mask", work.stubs["token_mask"], below="token_mask")


@case(outcome="recovered", score=FULL, says=["`token_mask`"])
def a_split_answer(work: Work) -> None:
    """The answer cell was split; both halves carry its name."""
    work.write("token_mask", "def positions(seq):\n    return np.arange(seq)")
    second = "def token_mask(lengths, seq):\n    return positions(seq) < lengths[:, None]"
    work.copy_of("token_mask", second, below="token_mask")


@case(outcome="recovered", score=FULL, says=["`token_mask`"])
def an_answer_split_below_it(work: Work) -> None:
    """The answer cell was split after the answer; the lower half only tries it out."""
    work.copy_of("token_mask", "print(token_mask(np.array([1, 2]), 3))", below="token_mask")


@case(outcome="graded", score=FULL)
def an_answer_split_without_its_name(work: Work) -> None:
    """The same, in an editor that gives the name to the first half only."""
    work.write("token_mask", "def positions(seq):\n    return np.arange(seq)")
    work.add(
        "def token_mask(lengths, seq):\n    return positions(seq) < lengths[:, None]", below="token_mask"
    )


@case(outcome="graded", score=FULL)
def answers_moved_to_the_end(work: Work) -> None:
    """An answer cell was dragged below everything else."""
    work.cells.append(work.delete("token_mask"))


@case(outcome="graded", score=FULL)
def a_new_cell_below_the_stub(work: Work) -> None:
    """The stub is untouched; the answer stands in a new cell below it."""
    work.write("token_mask", work.stubs["token_mask"])
    work.write("zero_score", work.stubs["zero_score"])
    work.add(RIGHT, below="token_mask")
    work.add("zero_score = 'b'", below="zero_score")


@case(outcome="graded", score=FULL)
def a_new_cell_below_the_check(work: Work) -> None:
    """The stub is untouched; the answer stands in a new cell below the check."""
    work.write("token_mask", work.stubs["token_mask"])
    work.add(RIGHT, below="token_mask-check")


@case(outcome="graded", score=FULL)
def a_new_cell_above_the_stub(work: Work) -> None:
    """The stub is untouched; the answer stands in a new cell above it, which the stub would undo."""
    work.write("token_mask", work.stubs["token_mask"])
    work.add(RIGHT, above="token_mask")


@case(outcome="graded", score=FULL)
def a_new_cell_at_the_end(work: Work) -> None:
    """The stub is untouched; the answer stands at the very end."""
    work.write("token_mask", work.stubs["token_mask"])
    work.add(RIGHT)


@case(outcome="recovered", score=FULL, says=["check cell of `token_mask` had been edited"])
def an_answer_in_the_check_cell(work: Work) -> None:
    """The answer was typed into the check cell, above the check."""
    work.write("token_mask", work.stubs["token_mask"])
    work.write("token_mask-check", RIGHT + '\ncheck("token_mask")')


@case(outcome="recovered", score=FULL, says=["answer to `token_mask` stood in a cell for trying things out"])
def an_answer_in_a_predict_cell(work: Work) -> None:
    """The answer stands in a cell that is never run while grading: this one is."""
    work.write("token_mask", work.stubs["token_mask"])
    work.tagged("predict")["source"] = "my_guess = 1\n" + RIGHT


@case(outcome="recovered", score=FULL, says=["`token_mask`, `zero_score`"])
def answers_in_an_experiment_cell(work: Work) -> None:
    """Two answers stand in a cell for experiments, a function and a quiz's letter."""
    for name in ("token_mask", "zero_score"):
        work.write(name, work.stubs[name])
    work.tagged("experiment")["source"] = RIGHT + "\nzero_score = 'b'"


@case(outcome="recovered", score=FULL, says=["`token_mask`"])
def an_answer_in_a_see_cell(work: Work) -> None:
    """The answer stands in a cell that shows a picture."""
    work.write("token_mask", work.stubs["token_mask"])
    work.tagged("see")["source"] += "\n" + RIGHT


@case(outcome="graded", score=FULL)
def a_helper_in_an_experiment_cell(work: Work) -> None:
    """A function that the answer uses was written in a cell for experiments."""
    work.write("token_mask", "def token_mask(lengths, seq):\n    return positions(seq) < lengths[:, None]")
    work.tagged("experiment")["source"] += "\ndef positions(seq):\n    return np.arange(seq)"


@case(
    outcome="recovered", score=FULL, says=["`token_mask` had been turned into text", "`zero_score` had been"]
)
def answers_turned_into_text(work: Work) -> None:
    """Two answer cells were turned into Markdown and raw text."""
    work["token_mask"]["cell_type"] = "markdown"
    work["zero_score"]["cell_type"] = "raw"


@case(outcome="recovered", score=FULL, says=["check cell of `token_mask` had been turned into text"])
def a_check_turned_into_text(work: Work) -> None:
    """A check cell was turned into Markdown."""
    work["token_mask-check"]["cell_type"] = "markdown"


@case(outcome="recovered", score=FULL, says=["check cell of `token_mask` was missing"])
def a_deleted_check(work: Work) -> None:
    """A check cell was deleted."""
    work.delete("token_mask-check")


@case(outcome="recovered", score=WITHOUT_TOKEN_MASK, says=["cell of `token_mask` was missing"])
def a_deleted_answer(work: Work) -> None:
    """An answer cell was deleted: nothing to grade there, and the others count."""
    work.delete("token_mask")


@case(outcome="recovered", score=FULL, says=["cell of `token_mask` had lost its name tag"])
def a_deleted_answer_written_anew(work: Work) -> None:
    """An answer cell was deleted, and the answer written into a new one."""
    work.delete("token_mask")
    work.add(RIGHT, above="token_mask-check")


@case(outcome="recovered", score=FULL, says=["given cells of `imports`, `dot_product_scores` were missing"])
def deleted_given_cells(work: Work) -> None:
    """The cells with the imports and with a given function were deleted."""
    work.delete("imports")
    work.delete("given-dot_product_scores")


@case(outcome="graded", score=FULL)
def more_imports(work: Work) -> None:
    """An import was added to the given cell, and an answer uses it."""
    work["imports"]["source"] += "\nimport math as mathematics"
    work.write("token_mask", RIGHT + "\nassert mathematics.pi > 3")


@case(outcome="graded", score=FULL)
def a_given_function_that_was_changed(work: Work) -> None:
    """The learner tried something in a given function: the given one is used."""
    work.write("given-dot_product_scores", "def dot_product_scores(queries, keys):\n    return None")


@case(outcome="recovered", score=WITHOUT_TOKEN_MASK, says=["check cell of `token_mask` had been edited"])
def an_easier_check(work: Work) -> None:
    """`assert True` in place of a check, more points, and a wrong answer: check and points are ours."""
    work.write("token_mask", WRONG)
    work.write("token_mask-check", "assert True")
    work["token_mask-check"]["metadata"]["nbgrader"]["points"] = 14


@case(outcome="graded", score=FULL)
def edited_metadata(work: Work) -> None:
    """Points, flags, tags and checksums were changed by some tool: the release's are used."""
    for cell in work.cells:
        tags = cell["metadata"].pop("tags", [])
        cell["metadata"]["tags"] = [] if tags else ["experiment", "skip-execution", "raises-exception"]
        if "nbgrader" in cell["metadata"]:
            mine = {"grade": True, "solution": False, "locked": False, "points": -5, "checksum": "0"}
            cell["metadata"]["nbgrader"] |= mine


@case(outcome="recovered", score=FULL, says=["`softmax`, `token_mask`", "lost their name tags"])
def all_metadata_lost(work: Work) -> None:
    """Another editor saved cells without ids and metadata: answers are found by what they define."""
    work.content = {"nbformat": 4, "nbformat_minor": 4, "cells": work.cells}
    for cell in work.cells:
        del cell["id"]
        cell["metadata"] = {}


@case(outcome="graded", score=0, solved=False)
def all_metadata_lost_from_the_untouched(work: Work) -> None:
    """The same, and nothing was written: nothing odd about it, and no picture or experiment is run."""
    all_metadata_lost(work)


@case(outcome="graded", score=FULL)
def ids_lost(work: Work) -> None:
    """An old Jupyter dropped the ids and kept the metadata."""
    for cell in work.cells:
        del cell["id"]


@case(outcome="graded", score=FULL)
def name_tags_lost(work: Work) -> None:
    """A converter dropped the metadata and kept the ids."""
    for cell in work.cells:
        cell["metadata"] = {}


# --------------------------------------------------------------------------------------------- scratch cells


@case(outcome="graded", score=FULL)
def scratch_cells_that_fail(work: Work) -> None:
    """Cells of the learner's own crash in every usual way; none of them matters."""
    for number, source in enumerate(
        [
            "1 / 0",
            "this is not Python",
            "open('C:\\\\Users\\\\me\\\\data.csv')\nopen('/content/drive/MyDrive/data.csv')",
            "from google.colab import drive\ndrive.mount('/content/drive')",
            "name = input('Your name? ')",
            "import torch_geometric",
            "raise SystemExit(1)",
            "exit()",
            "quit()",
            "import sys; sys.exit('done')",
            "np.ones(10**13)",
            "def f(n): return f(n + 1)\nf(0)",
            "from IPython.core.getipython import get_ipython\nget_ipython().kernel.do_shutdown(True)",
            "await something()",
        ]
    ):
        work.add(source, below="imports", id=f"scratch-{number}")


@case(outcome="graded", score=FULL)
def magics(work: Work) -> None:
    """Jupyter's own commands, in cells of their own and in an answer; `!` and `%pip` change nothing here."""
    for source in [
        "!pip install --target stolen numpy==1.0",
        "%pip uninstall -y numpy",
        "files = !ls",
        "%%bash\nrm -rf ~",
        "%matplotlib inline",
        "%load_ext autoreload\n%autoreload 2",
        "%time sum(range(10))",
        "%timeit -n1 -r1 sum(range(10))",
        "%%writefile helpers.py\ndef positions(seq):\n    import numpy\n    return numpy.arange(seq)",
        "from helpers import positions",
        "?np.where",
        "%config InlineBackend.figure_format = 'retina'",
        "%cd /",
        "%env SECRET=1",
    ][::-1]:
        work.add(source, below="imports")
    work.write("softmax", "%%time\n" + work["softmax"]["source"])
    work.write(
        "token_mask",
        "def token_mask(lengths, seq):\n    return positions(seq) < lengths[:, None]\n%time 1 + 1",
    )


@case(outcome="graded", score=FULL)
def much_output(work: Work) -> None:
    """Scratch cells print without end and show pictures: what is kept of it is bounded."""
    work.add("for _ in range(200_000):\n    print('again and again', end=' ')", below="imports")
    work.add("for number in range(2000):\n    display(number)", below="imports")
    work.add("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", below="imports")


@case(outcome="graded", score=FULL)
def a_huge_output_saved(work: Work) -> None:
    """A saved output of 20 MB and a picture: outputs that were handed in are not read."""
    work["softmax"]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 20_000_000}]
    picture = base64.b64encode(bytes(1000)).decode()
    data = {"image/png": picture, "text/html": "<script src='//x.y/z.js'></script>"}
    work["softmax-check"]["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]


@case(outcome="graded", score=FULL)
def three_thousand_cells(work: Work) -> None:
    """A learner who never deletes a cell."""
    for number in range(3000):
        work.add(f"{number} + 1")


@case(
    outcome="graded",
    score=FULL,
    limits={"autograder.grade.EXTRA_SECONDS": 0.3, "autograder.grade.EXTRAS_SECONDS": 0.5},
)
def scratch_cells_that_take_long(work: Work) -> None:
    """Scratch cells above the answers take all the time there is (a little, here): the answers still run."""
    for _ in range(5):
        work.add("import time\ntime.sleep(60)", below="imports")


@case(outcome="graded", score=FULL, limits={"autograder.grade.EXTRA_SECONDS": 0.5})
def a_scratch_cell_that_will_not_stop(work: Work) -> None:
    """It ignores Ctrl-C, so its process is ended; the cells before it are run again, the rest graded."""
    loop = "while True:\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        pass"
    work.add("import time\n" + loop, below="token_mask-check")


@case(outcome="graded", score=FULL)
def odd_settings(work: Work) -> None:
    """Scratch cells change how Python, NumPy and the screen behave: no check may notice."""
    for source in [
        "import warnings\nwarnings.simplefilter('error')",
        "np.seterr(all='raise')\nnp.random.seed(0)",
        "import sys\nsys.stdout = open('log.txt', 'w')\nsys.stderr = None",
        "import os\nos.chdir('/')\nos.environ.clear()",
        "import matplotlib\nmatplotlib.use('agg')",
        "import threading\nthreading.Thread(target=lambda: [print(i) for i in range(10**6)]).start()",
    ]:
        work.add(source, below="imports")


@case(outcome="graded", score=FULL)
def names_taken_away(work: Work) -> None:
    """Later cells delete or overwrite what was right at its check, and `check` and `print` are redefined."""
    work.add("check = print = None\nlist = sum = 3", below="imports")
    work.add("del token_mask\nweighted_average = 3\nnp = None")


# ------------------------------------------------------------------------------------- answers that are right


@case(outcome="graded", score=FULL)
def warnings_and_prints(work: Work) -> None:
    """A right answer warns, prints and logs, on both streams: stock nbgrader would give it nothing."""
    body = "    import sys, warnings, logging\n    warnings.warn('old')\n    print('here', lengths)\n"
    body += "    print('there', file=sys.stderr)\n    logging.error('everywhere')\n"
    answer = RIGHT.replace("    return", body + "    return", 1)
    work.write(
        "token_mask",
        answer + "\nprint(token_mask(np.array([1]), 2))\nwarnings_shown = np.log(np.array(-1.0))",
    )


@case(outcome="graded", score=FULL)
def float32_for_float64(work: Work) -> None:
    """Single precision is precise enough."""
    work["softmax"]["source"] += "\n_double = softmax\ndef softmax(scores, axis=-1):\n"
    work["softmax"]["source"] += "    return _double(np.asarray(scores, dtype=np.float32), axis)"


@case(outcome="graded", score=FULL)
def lists_for_arrays(work: Work) -> None:
    """Lists of numbers are numbers."""
    work.write(
        "token_mask",
        RIGHT.rstrip() + "\n_array = token_mask\ndef token_mask(*a, **k): return _array(*a, **k).tolist()",
    )
    average = "def weighted_average(weights, values):\n    return (weights @ values).tolist()"
    work.write("weighted_average", average)


@case(outcome="graded", score=FULL)
def torch_on_a_gpu(work: Work) -> None:
    """Torch for NumPy, on a GPU that the grader does not have."""
    work.write(
        "token_mask",
        "import torch\ndevice = 'cuda'\n"
        "def token_mask(lengths, seq):\n"
        "    positions = torch.arange(seq, device=device)\n"
        "    return positions < torch.as_tensor(np.asarray(lengths)).cuda().to('cuda:0')[:, None]",
    )


@case(outcome="graded", score=FULL)
def an_error_above_the_answer(work: Work) -> None:
    """The cell stops above its answer with what worked elsewhere: what it defines below counts."""
    colab = "from google.colab import drive\ndrive.mount('/content/drive')\n"
    work.write("softmax", colab + work["softmax"]["source"])
    work.write("token_mask", "lengths = input('Lengths? ')\nimport math\n" + RIGHT)
    work.write("weighted_average", "import jax\n" + work["weighted_average"]["source"])
    work.write("zero_score", "open('/content/notes.txt')\nzero_score = 'b'")


@case(outcome="graded", score=FULL)
def an_error_below_the_answer(work: Work) -> None:
    """The cell defines the answer, then tries it out and fails."""
    work.write("token_mask", RIGHT + "\ntoken_mask(None, None)")


@case(outcome="graded", score=FULL, limits={"autograder.grade.CELL_SECONDS": 0.5})
def a_loop_below_the_answer(work: Work) -> None:
    """The cell defines the answer, then tries it out without end."""
    work.write("token_mask", RIGHT + "\nwhile True:\n    token_mask(np.array([1]), 2)")


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def a_syntax_error(work: Work) -> None:
    """One cell is no Python: the others count."""
    work.write("token_mask", RIGHT.replace("):", ")", 1))


@case(outcome="graded", score=FULL)
def windows_line_ends(work: Work) -> None:
    """Line ends of Windows and of old Macs; tabs."""
    work.write("token_mask", RIGHT.replace("\n", "\r\n").replace("    ", "\t"))
    work.write("weighted_average", work["weighted_average"]["source"].replace("\n", "\r"))
    work["imports"]["source"] = work["imports"]["source"].replace("\n", "\r\n")


@case(outcome="graded", score=FULL)
def sources_as_lists(work: Work) -> None:
    """Cells as lists of lines, the usual form on disk."""
    for cell in work.cells:
        cell["source"] = cell["source"].splitlines(keepends=True)


@case(outcome="graded", score=FULL)
def letters_of_the_world(work: Work) -> None:
    """Names and comments in other alphabets."""
    work.write(
        "token_mask",
        "# 每个句子的长度\ndef token_mask(lengths, seq):\n    größe = np.asarray(lengths)  # λ: длина 🙂\n"
        "    δ = np.arange(seq)\n    return δ < größe[:, None]",
    )


@case(outcome="graded", score=FULL)
def capital_letters_in_a_quiz(work: Work) -> None:
    """The right letter, as a capital and with a space."""
    work.write("zero_score", "zero_score = ' B '")


@case(outcome="graded", score=FULL)
def a_checked_notebook(work: Work) -> None:
    """The learner calls `check` in cells of their own, and by another name."""
    work.add("from autograder import check as c\nc('softmax'); check('nothing of that name')")
