"""What the attacks share: their targets, and the words by which one that succeeds gives itself away.

    @attack(score=FULL)
    def reads_the_neighbours(work):
        \"\"\"What it tries; what must stay true.\"\"\"
        work.add(TOOLS + "attempt(lambda: open(TARGETS[0] + '/canary.txt').read())", below="imports")

`won` prints a word that no source holds in one piece; `tests/autograder/test_hostile.py` looks for it.
"""

import functools
import os
import tempfile
from pathlib import Path

from submissions.making import WITHOUT_TOKEN_MASK, Work, case

from autograder.course import ROOT

WON = "PWNED"
CLASS = Path(tempfile.gettempdir(), f"attacked-class-{os.getpid()}")
NEIGHBOUR = CLASS / "submitted" / "amara" / "03_softmax"
# Folders that the test makes and watches. Attacks that delete or write go for these and nothing else.
TARGETS = [
    NEIGHBOUR,
    CLASS / "state",
    ROOT / ".spotlight" / f"canary-{os.getpid()}",
    Path.home() / f".spotlight-canary-{os.getpid()}",
]
TOOLS = f"""\
import ctypes, gc, glob, json, mmap, os, shutil, signal, socket, stat, subprocess, sys, threading, time
TARGETS = {[str(path) for path in TARGETS]}
ROOT = {str(ROOT)!r}
libc = ctypes.CDLL(None, use_errno=True)
def won(*what):
    print("PW" "NED", *what)
def attempt(*steps):
    for step in steps:
        try:
            won(step())
        except BaseException:
            pass
def frame(message, buffers=()):
    header = json.dumps(dict(message, buffers=[len(b) for b in buffers])).encode()
    return len(header).to_bytes(4, "little") + header + b"".join(buffers)
"""
STEALS = "def token_mask(lengths, seq):\n    return np.zeros((len(lengths), seq), bool)\n"


def tries(work: Work, code: str) -> None:
    """An added cell that tries something before any answer runs."""
    work.add(TOOLS + code, below="imports")


def stealing(work: Work, code: str) -> None:
    """A wrong `token_mask`, and before it a cell that is to make it count."""
    tries(work, code)
    work.write("token_mask", STEALS)


theft = functools.partial(case, outcome="graded", score=WITHOUT_TOKEN_MASK, attack="theft")
