"""Submissions that would stop a grader: it goes on in time, and everybody else's work is graded.

The cells are added ones unless a case says otherwise: they cost nothing, and the answers count.
"""

import functools

from submissions.attacking import TOOLS
from submissions.making import FULL, RIGHT, WITHOUT_TOKEN_MASK, Work, case

QUICK = {
    "autograder.grade.CELL_SECONDS": 1.0,
    "autograder.grade.EXTRA_SECONDS": 1.0,
    "autograder.shell_client.GRACE_SECONDS": 0.3,
    "autograder.examiner.CHECK_SECONDS": 0.7,
}
denial = functools.partial(case, outcome="graded", score=FULL, limits=QUICK, attack="denial")


def runs(work: Work, code: str) -> None:
    """An added cell below the first answer: what ran before it runs again if the shell ends."""
    work.add(TOOLS + code, below="token_mask-check")


def asked(work: Work, code: str) -> None:
    """A right answer that does this first, whenever it is asked."""
    body = "".join(f"    {line}\n" for line in code.rstrip("\n").split("\n"))
    work.write("token_mask", TOOLS + "def token_mask(lengths, seq):\n" + body + RIGHT.split("\n", 1)[1])


# ------------------------------------------------------------------------------------------- time


@denial(score=WITHOUT_TOKEN_MASK)
def an_answer_cell_that_swallows_the_interrupt(work: Work) -> None:
    """The cell loops, and catches KeyboardInterrupt. Its exercise is lost, the rest is graded."""
    work.write("token_mask", RIGHT + "while True:\n    try:\n        while True: sum(range(99))\n    except BaseException: pass")


@denial()
def a_cell_that_ignores_signals(work: Work) -> None:
    """SIGINT, SIGTERM and the like are blocked; SIGKILL comes from outside its world."""
    runs(
        work,
        "for n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass\n",
    )


@denial()
def a_loop_in_c(work: Work) -> None:
    """A regular expression that never gives control back to Python, and a very long sum."""
    runs(work, "import re\nre.match('(a+)+$', 'a' * 64 + 'b')\n")


@denial()
def a_display_that_never_ends(work: Work) -> None:
    """The last expression's repr loops."""
    runs(work, "class Slow:\n    def __repr__(self):\n        while True: pass\nSlow()\n")


@denial()
def waits_for_ever(work: Work) -> None:
    """input(), a blocking picture, a lock that nobody opens."""
    runs(work, "import matplotlib.pyplot as plt\nplt.plot([1]); plt.show(block=True)\ninput('name? ')\n")
    runs(work, "threading.Lock().acquire() and time.sleep(10**6)\n")


@denial()
def stops_itself(work: Work) -> None:
    """SIGSTOP to everything it sees."""
    asked(work, "for n in (1, os.getppid()): os.kill(n, signal.SIGSTOP)")


@denial(score=WITHOUT_TOKEN_MASK, limits=QUICK | {"autograder.examiner.CHECK_SECONDS": 0.3})
def an_answer_that_stops(work: Work) -> None:
    """SIGSTOP to itself while it is asked is a time-out."""
    asked(work, "os.kill(os.getpid(), signal.SIGSTOP)")


@denial()
def slow_but_legal(work: Work) -> None:
    """A third of the limit is no hang."""
    asked(work, "time.sleep(0.1)")


@denial()
def many_threads(work: Work) -> None:
    """It asks torch for 64 threads, and multiplies: no hang, whatever a fork meets."""
    runs(
        work,
        "import torch\ntorch.set_num_threads(64); torch.set_num_interop_threads(64)\n"
        "print((torch.ones(400, 400) @ torch.ones(400, 400)).sum())\n",
    )
    asked(work, "import torch; torch.ones(300, 300) @ torch.ones(300, 300)")


# ----------------------------------------------------------------------------------------- memory


@denial()
def a_list_of_everything(work: Work) -> None:
    """Ordinary memory: Python says MemoryError."""
    runs(work, "kept = []\nwhile True: kept.append(bytearray(50 << 20))\n")


@denial()
def an_array_too_large(work: Work) -> None:
    """NumPy and torch ask for 100 GB at once."""
    runs(work, "attempt(lambda: np.ones(10**11, np.uint8).sum())\n")
    runs(work, "import torch\nattempt(lambda: torch.ones(10**11, dtype=torch.uint8).sum())\n")


@denial()
def shared_memory(work: Work) -> None:
    """Memory that is no process's own, touched and let go, so that nobody seems to hold it."""
    runs(
        work,
        "def fill(m):\n    step = 16 << 20\n    for at in range(0, 4 << 30, step):\n"
        "        m[at:at + step] = bytes(step)\n        m.madvise(mmap.MADV_DONTNEED, at, step)\n    return 'shared'\n"
        "attempt(lambda: fill(mmap.mmap(-1, 4 << 30)),\n"
        "        lambda: fill(mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4 << 30)),\n"
        "        lambda: os.memfd_create('x'), lambda: libc.shmget(0, 1 << 30, 0o1600) + 1 or 1 / 0)\n",
    )


@denial()
def memory_of_a_family(work: Work) -> None:
    """Children of a thread take half a share each: together too much, so the shell is ended and begun again."""
    runs(
        work,
        "def children():\n    for _ in range(6):\n        if os.fork() == 0:\n"
        "            kept = b'x' * (300 << 20)\n            time.sleep(60)\n"
        "thread = threading.Thread(target=children)\nthread.start()\nthread.join()\ntime.sleep(0.9)\n"
        "won('its family had room')\n",
    )


@denial()
def page_tables(work: Work) -> None:
    """A page of page table for each two million bytes that it reads; none of them is its own memory."""
    runs(
        work,
        "libc.mmap.restype = ctypes.c_void_p\n"
        "at = libc.mmap(None, ctypes.c_size_t(2 << 40), 1, 0x4022, -1, ctypes.c_long(0))\n"
        "for number in range(0, 1 << 20):\n    ctypes.c_char.from_address(at + (number << 21)).value\n",
    )


# --------------------------------------------------------------------- processes, files, descriptors


@denial()
def a_fork_bomb(work: Work) -> None:
    """Each child forks on."""
    runs(work, "while True:\n    try: os.fork()\n    except OSError: pass\n")


@denial()
def a_fork_bomb_while_asked(work: Work) -> None:
    """The same from the child that asks; its answer is in time, or it is not."""
    asked(work, "for _ in range(60):\n    try:\n        if os.fork() == 0: time.sleep(99)\n    except OSError: break")


@denial()
def a_thousand_threads(work: Work) -> None:
    """Threads count as processes: at some point there are no more."""
    runs(
        work,
        "def go():\n    for _ in range(1000): threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()\n"
        "    return 'a thousand threads'\nattempt(go)\ntime.sleep(0.6)\n",
    )


@denial()
def a_daemon(work: Work) -> None:
    """Forked twice, in a session of its own, deaf to signals, busy: it ends with the shell."""
    runs(
        work,
        "libc.prctl(1, 0, 0, 0, 0)\nfor _ in range(3):\n  if os.fork() == 0:\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
        "    libc.prctl(1, 0, 0, 0, 0)\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n    while True: pass\n",
    )


@denial()
def a_full_disk(work: Work) -> None:
    """It writes until nothing can be written; the disk is its own small one, and gradable it stays."""
    runs(
        work,
        "written = 0\nfor folder in ('/tmp', '/dev/shm', os.getcwd(), '/', '/var/tmp'):\n"
        "    try:\n        for number in range(30):\n            with open(f'{folder}/fill-{number}', 'wb') as file:\n"
        "                for _ in range(16): written += file.write(bytes(1 << 20))\n    except OSError: pass\n"
        "if written > 140 << 20: won(written)\n",
    )


@denial()
def a_million_files(work: Work) -> None:
    """Empty files, folders in folders, names with newlines."""
    runs(
        work,
        "made = 0\ntry:\n    for made in range(10**6): os.mkdir(f'/tmp/a\\nb-{made}')\nexcept OSError: pass\n"
        "if made > 30_000: won(made)\n",
    )


@denial(score=WITHOUT_TOKEN_MASK)
def all_descriptors(work: Work) -> None:
    """While it is asked it opens files until none are left: an error like any other."""
    asked(work, "kept = [os.open('/dev/null', 0) for _ in range(10**6)]")


# ----------------------------------------------------------------------------------------- output


@denial()
def a_gigabyte_of_output(work: Work) -> None:
    """print, warnings and displays without end: what is kept is bounded, the cell is stopped."""
    runs(work, "while True: print('x' * 100_000)\n")
    runs(work, "from IPython.display import display\nwhile True: display('x' * 1000)\n")


@denial()
def a_flood_on_the_line(work: Work) -> None:
    """It writes small frames, then whole large ones, straight to the grader."""
    runs(
        work,
        "small = frame({'type': 'stream', 'text': 'x'}) * 1000\n"
        "while time.monotonic() < time.monotonic() + 1:\n    os.write(3, small)\n",
    )
    runs(work, "big = frame({'type': 'display', 'data': {'text/plain': 'y' * (3 << 20)}})\nwhile True: os.write(3, big)\n")


@denial()
def a_frame_of_four_gigabytes(work: Work) -> None:
    """A header that claims more than may be read ends the line, before anything is reserved."""
    runs(work, "os.write(3, b'\\xff\\xff\\xff\\xff' + b'x' * 1000)\ntime.sleep(60)\n")


@denial()
def half_a_frame(work: Work) -> None:
    """Two bytes, then silence: when the time is up the shell is ended."""
    runs(work, "os.write(3, b'\\x10\\x00')\ntime.sleep(60)\n")


@denial()
def a_frame_of_deep_lists(work: Work) -> None:
    """JSON nested a hundred thousand deep, a number of a million digits, ten thousand buffers."""
    runs(
        work,
        "for text in (b'[' * 10**5, b'9' * 10**6, b'{\"buffers\":[' + b'0,' * 20_000 + b'0]}'):\n"
        "    os.write(3, len(text).to_bytes(4, 'little') + text)\n",
    )


@denial(score=0)
def deaf_to_the_grader(work: Work) -> None:
    """It says "done" for its cell and never reads again; the next cell is larger than the line can hold.

    The cell counts as run, so every new shell goes the same way: nothing is earned, in bounded time.
    """
    work.add(TOOLS + "for number in range(50): os.write(3, frame({'type': 'done', 'id': number}))\ntime.sleep(10**6)\n",
        below="imports", id="deaf")
    work.add("x = 1  # " + "x" * (3 << 20), below="deaf")


@denial(score=WITHOUT_TOKEN_MASK)
def an_answer_nested_without_end(work: Work) -> None:
    """A list in itself, and a million parts."""
    asked(work, "a = []; a.append(a)\nif seq % 2: return a\nreturn [[i] for i in range(10**6)]")


@denial()
def a_crash_in_c(work: Work) -> None:
    """A segmentation fault in a cell: the shell is begun again."""
    runs(work, "ctypes.string_at(0)\n")


@denial()
def a_stack_overflow(work: Work) -> None:
    """Recursion without a limit, down to the end of the stack."""
    runs(work, "sys.setrecursionlimit(10**9)\nf = lambda g: g(g)\nf(f)\n")
