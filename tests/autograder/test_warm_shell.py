"""Warm shells end when they must, and what one of them takes or breaks is its own loss."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import pytest
from submissions.making import FULL, LESSON, RIGHT, WITHOUT_TOKEN_MASK, Work

from autograder import sandbox, warm_shell
from autograder.course import COURSE, ROOT
from autograder.forkserver import memory_of_tree
from autograder.grade import OurFault
from autograder.guarantees import missing_guarantees
from autograder.nbgrader_steps import rebuilt_from
from autograder.settle import Settled, settle
from autograder.warm_shell import WarmShell

pytestmark = pytest.mark.skipif(
    bool(missing_guarantees()), reason=f"the sandbox does not hold here: {', '.join(missing_guarantees())}"
)
SECONDS = 2.0  # within which everything must have ended
MB = 1 << 20
# A grader whose two submissions, one of them isolated, have three processes each that listen to nobody.
GRADER = """
import threading
from autograder import warm_shell
light = "from autograder import forkserver, shell; forkserver.warm = shell.make_shell; forkserver.main()"
warm_shell.PROGRAM = ("-c", light)
cell = '''
import os, signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
os.fork() and os.fork()
time.sleep(600)
'''
for isolated in (True, False):
    shell = warm_shell.WarmShell(None, isolated)
    threading.Thread(target=shell.run, args=(cell, 600, print)).start()
print(warm_shell.server()._process.pid, flush=True)
"""
# Memory held by a process, by its child, by a child of its thread, and by one whose main thread has ended.
FAMILY = """
import ctypes, os, sys, threading, time
size = int(sys.argv[1])
shared = os.urandom(size)
reading, writing = os.pipe()

def hold(more):
    block = os.urandom(size) if more else b""
    os.write(writing, b".")
    time.sleep(600)

def headless():
    threading.Thread(target=hold, args=(True,)).start()
    ctypes.CDLL(None).pthread_exit(None)

def child(work, *given):
    if os.fork() == 0:
        work(*given)

child(hold, False)
child(hold, True)
def stay():  # else its child becomes the main thread's
    child(hold, True)
    time.sleep(600)

threading.Thread(target=stay).start()
child(headless)
for _ in range(4):
    os.read(reading, 1)
print("ready", flush=True)
time.sleep(600)
"""


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    try:
        return [int(child) for task in tasks for child in task.read_text().split()]
    except OSError:
        return []


def family_of(pid: int) -> list[int]:
    """A process and its descendants."""
    return [pid, *(each for child in children_of(pid) for each in family_of(child))]


def runs(pid: int) -> bool:
    """Is there a thread of it left? The main one may have ended."""
    try:
        return any(") Z" not in task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/stat"))
    except OSError:
        return False


def still_running(pids: list[int], seconds: float = SECONDS) -> list[int]:
    deadline = time.monotonic() + seconds
    while (alive := list(filter(runs, pids))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """What a test starts is ended, whatever comes of it."""
    found: list[subprocess.Popen[str]] = []
    yield found
    for process in found:
        for pid in family_of(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


def python(code: str, *words: object) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "course")])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], env=environment, stdout=subprocess.PIPE, text=True
    )


@dataclass
class Grader:
    """A grader at work: its process ids, and those of a guard and its shell's family for each kind of shell."""

    pid: int
    server: int
    guards: dict[str, int]
    shells: dict[str, list[int]]


@pytest.fixture
def grader(started: list[subprocess.Popen[str]]) -> Grader:
    process = python(GRADER)
    started.append(process)
    assert process.stdout is not None
    found = Grader(process.pid, int(process.stdout.readline()), {}, {})
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and len(found.guards) < 2:
        time.sleep(0.02)
        for guard in children_of(found.server):
            family = family_of(guard)[1:]
            if len(family) == 3:
                kind = "isolated" if namespace(family[0]) != namespace(found.pid) else "not isolated"
                found.guards[kind], found.shells[kind] = guard, family
    assert set(found.guards) == {"isolated", "not isolated"}
    return found


def namespace(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/pid")


def test_kill_9_of_the_grader_ends_everything(grader: Grader) -> None:
    environment = Path(f"/proc/{grader.server}/environ").read_bytes().split(b"\0")
    (folder,) = (each.removeprefix(b"HOME=").decode() for each in environment if each.startswith(b"HOME="))
    assert Path(folder, "socket").exists()
    os.kill(grader.pid, signal.SIGKILL)
    shells = [pid for family in grader.shells.values() for pid in family]
    everything = [grader.server, *grader.guards.values(), *shells]
    assert len(everything) == 9
    assert still_running(everything) == []
    assert not Path(folder).exists()


def test_kill_9_of_the_guards_ends_their_shells(grader: Grader) -> None:
    """And what they started, where they are isolated; else nobody knows it any more."""
    for guard in grader.guards.values():
        os.kill(guard, signal.SIGKILL)
    alive = still_running([*grader.shells["isolated"], grader.shells["not isolated"][0]])
    for pid in filter(runs, grader.shells["not isolated"]):
        os.kill(pid, signal.SIGKILL)
    assert alive == [] and runs(grader.server)


# -------------------------------------------------------------------------------- the fork server ends


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known yet, and the submissions of these tests may use little memory."""
    monkeypatch.setattr("autograder.ledger.FOLDER", tmp_path / "ledger")
    monkeypatch.setattr("autograder.settle.STATE", tmp_path)
    monkeypatch.setattr(sandbox, "Limits", partial(sandbox.Limits, memory_bytes=256 * MB))


def settled(work: Work, student: str = "amara") -> Settled:
    release = nbformat.read(COURSE / "release" / LESSON / f"{LESSON}.ipynb", 4)
    return settle(rebuilt_from(work.saved(), release), student, LESSON, None, isolated=True)


def kill_the_server() -> int:
    pid = warm_shell.server()._process.pid
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_shell_outlives_its_fork_server_and_the_next_one_has_a_new() -> None:
    """The guard stands alone: what is being graded is not lost."""
    heard: list[str] = []
    with WarmShell(None, isolated=True) as shell:
        (guard,) = filter(runs, children_of(warm_shell.server()._process.pid))
        family = family_of(guard)
        killed = kill_the_server()
        assert shell.run("print(6 * 7)", 10, lambda message: heard.append(str(message.get("text"))))
        assert "42" in "".join(heard)
        assert still_running([killed]) == []
        with WarmShell(None, isolated=True) as other:
            assert other.run("1", 10, lambda message: None)
        assert warm_shell.server()._process.pid != killed
        assert still_running(family, 0) == family
    assert still_running(family) == []


def test_a_fork_server_killed_under_way_costs_no_points(
    ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed just before each of the first two shells is asked for."""
    real, kills = warm_shell.WarmShell.__init__, [1, 2]

    def start(*given: object, **named: object) -> None:
        if kills:
            kills.pop()
            kill_the_server()
        real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(warm_shell.WarmShell, "__init__", start)
    result = settled(Work())
    assert kills == [] and result.score == FULL


def test_without_a_fork_server_it_is_our_fault_and_can_be_done_again(
    ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(warm_shell, "_SERVERS", [])
        patch.setattr(warm_shell, "PROGRAM", ("-c", "raise SystemExit(1)"))
        with pytest.raises(OurFault, match="the shell did not start"):
            settled(Work())
        for server in warm_shell._SERVERS:
            server.stop()
    assert settled(Work()).score == FULL


# ---------------------------------------------------------------------------------------------- memory


def test_memory_is_that_of_the_whole_family_and_what_is_shared_counts_once(
    started: list[subprocess.Popen[str]],
) -> None:
    """Five processes share 64 MB; three of them hold 64 MB more."""
    size = 64 * MB
    process = python(FAMILY, size)
    started.append(process)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        whole, bound = (memory_of_tree(process.pid, proc, enough) for enough in (0, sys.maxsize))
    finally:
        os.close(proc)
    assert 4 * size <= whole < 5 * size
    assert 8 * size <= bound < 9 * size  # where that is little enough, nothing is divided


@pytest.mark.parametrize("headless", [False, True])
def test_a_family_beyond_the_limit_loses_its_exercise_and_the_next_submission_nothing(
    headless: bool, ledger: None
) -> None:
    """Each process keeps to its own limit; only together they are too large, even where main threads have ended."""
    work = Work()
    end = "import ctypes\n            ctypes.CDLL(None).pthread_exit(None)" if headless else "hold()"
    work.write(
        "token_mask",
        f"""{RIGHT.splitlines()[0]}
    import os, threading, time
    def hold():
        block = b"x" * (80 << 20)
        time.sleep(60)
    for _ in range(6):
        if os.fork() == 0:
            threading.Thread(target=hold).start()
            {end}
    time.sleep(60)
    {RIGHT.splitlines()[1].strip()}
""",
    )
    result = settled(work, "mallory")
    (lost,) = [each for each in result.exercises if each["name"] == "token_mask"]
    assert lost["score"] == 0 and result.score == WITHOUT_TOKEN_MASK
    assert "ended its own Python process" in str(result.outputs)
    assert settled(Work()).score == FULL
