"""Answers that loop, exit, or change what they are given. It costs them, and nobody else."""

from submissions.making import FULL, RIGHT, WITHOUT_TOKEN_MASK, Work, case

QUICK = {"autograder.examiner.CHECK_SECONDS": 0.7}


def in_the_function(line: str) -> str:
    """A right answer that does something else first."""
    return f"import os, sys, signal\ndef token_mask(lengths, seq):\n    {line}\n" + RIGHT.split("\n", 1)[1]


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def changes_its_argument(work: Work) -> None:
    """The answer is right, and the caller's array is not what it was."""
    work.write(
        "token_mask",
        "def token_mask(lengths, seq):\n    mask = np.arange(seq) < np.asarray(lengths)[:, None]\n"
        "    lengths -= 1\n    return mask",
    )


@case(outcome="graded", score=FULL)
def exits_below_the_answer(work: Work) -> None:
    """`exit()` and `sys.exit()` end a cell, not the notebook."""
    work.write("token_mask", RIGHT + "\nexit()")
    work["weighted_average"]["source"] += "\nimport sys\nsys.exit(0)"


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def exits_in_the_function(work: Work) -> None:
    """`sys.exit()` while it is asked is an error like any other."""
    work.write("token_mask", in_the_function("sys.exit(0)"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def ends_the_process_in_the_function(work: Work) -> None:
    """`os._exit` while it is asked costs this exercise; the shell does not notice."""
    work.write("token_mask", in_the_function("os._exit(0)"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def ends_the_process_in_the_cell(work: Work) -> None:
    """`os._exit` in the cell ends the shell: cells before it are run again, it is lost, the rest counts."""
    work.write("token_mask", RIGHT + "\nimport os\nos._exit(3)")


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def kills_itself(work: Work) -> None:
    """A signal to its own process."""
    work.write("token_mask", in_the_function("os.kill(os.getpid(), signal.SIGKILL)"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def kills_its_parent(work: Work) -> None:
    """A signal to the shell that asks: the exercise is lost, a new shell grades the rest."""
    work.write("token_mask", in_the_function("os.kill(os.getppid(), signal.SIGKILL)"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK, limits=QUICK)
def loops_in_the_function(work: Work) -> None:
    """It never answers: one time limit is spent on it, not one for each question."""
    work.write("token_mask", in_the_function("while True: pass"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK, limits=QUICK)
def loops_and_swallows_the_interrupt(work: Work) -> None:
    """It never answers and catches everything."""
    loop = "while True:\n        try:\n            while True: pass\n        except BaseException: pass"
    work.write("token_mask", in_the_function(loop))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def calls_itself_without_end(work: Work) -> None:
    """Recursion ends in an error."""
    work.write("token_mask", in_the_function("return token_mask(lengths, seq)"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def crashes_python(work: Work) -> None:
    """A segmentation fault while it is asked."""
    work.write("token_mask", in_the_function("import ctypes; ctypes.string_at(0)"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def needs_what_is_not_installed(work: Work) -> None:
    """An import that fails while it is asked."""
    work.write("token_mask", in_the_function("import jax.numpy as jnp"))


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def hard_codes_the_public_cases(work: Work) -> None:
    """It knows the answers to the questions that `check` asks, and only those."""
    work.write(
        "token_mask",
        "from autograder import exercise\nfrom autograder.exercises import softmax as checks\n_known = {}\n"
        "def _real(lengths, seq):\n    return np.arange(seq) < np.asarray(lengths)[:, None]\n"
        "def _key(*given):\n    return str([np.asarray(each).tolist() for each in given])\n"
        "def _note(lengths, seq):\n    _known[_key(lengths, seq)] = _real(lengths, seq)\n"
        "    return _real(lengths, seq)\n"
        "for c in checks.token_mask.checks:\n    for n in range(exercise.PUBLIC_SEEDS):\n"
        "        c.question(_note, np.random.RandomState(c.public_seed(n)))\n"
        "def token_mask(lengths, seq):\n"
        "    return _known.get(_key(lengths, seq), np.zeros((len(lengths), seq), bool))",
    )


@case(outcome="graded", score=WITHOUT_TOKEN_MASK)
def writes_to_the_line(work: Work) -> None:
    """It writes into every open file it can find, the grader's line among them: it alone is lost."""
    work.write("token_mask", in_the_function("[os.write(n, b'x' * 99) for n in range(3, 40) if _open(n)]"))
    work["token_mask"]["source"] += (
        "def _open(n):\n    import os\n    try:\n        os.fstat(n); os.write(n, b'\\0'); return True\n"
        "    except OSError: return False\n"
    )


@case(outcome="graded", score=FULL)
def leaves_processes_behind(work: Work) -> None:
    """Children of a cell and of the function must end with the shell, or before."""
    line = "import subprocess; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(98765)'])"
    work.write("token_mask", in_the_function(line))
    work.add("import subprocess, sys\n" + line, below="imports")
