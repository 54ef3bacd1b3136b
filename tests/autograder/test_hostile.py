"""Attacks, graded in the sandbox: each scores what its header says, and nothing else in the world changes."""

import os
import resource
import secrets
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import pytest
from submissions.attacking import CLASS, NEIGHBOUR, TARGETS, WON
from submissions.leaks import NOTE
from submissions.making import FULL, LESSON, Case, Work, all_attacks

from autograder import sandbox, warm_shell
from autograder.course import COURSE
from autograder.guarantees import missing_guarantees
from autograder.nbgrader_steps import rebuilt_from
from autograder.settle import Settled, settle

RELEASE = nbformat.read(COURSE / "release" / LESSON / f"{LESSON}.ipynb", 4)
CANARY = f"canary {secrets.token_hex(16)}"
MALLORY = CLASS / "submitted" / "mallory" / LESSON
MOST_SECONDS = 30.0  # for any attack; most are done in one

pytestmark = pytest.mark.skipif(
    bool(missing_guarantees()), reason=f"the sandbox does not hold here: {', '.join(missing_guarantees())}"
)


@dataclass
class World:
    """What an attack must leave as it is."""

    listening: list[socket.socket]

    def state(self) -> dict[str, object]:
        """Everything watched, to be compared."""
        found: dict[str, object] = {
            str(path): (path.read_bytes() if path.is_file() else None, path.stat().st_mtime_ns, path.stat().st_mode)
            for target in TARGETS
            for path in (target, *sorted(target.rglob("*")))
        }
        packages = [Path(sys.prefix), Path(sys.base_prefix), Path("/usr"), *map(Path, sys.path)]
        found["packages"] = [path for place in packages for path in place.glob("attacked*")]
        found["host name"] = socket.gethostname()
        found["reached"] = [each.getsockname() for each in self.listening if _somebody_came(each)]
        # Other tests of this run may be filling a small disk of their own below pytest's folder.
        mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        found["mounts"] = [place for place in mounted if "/pytest-of-" not in place]
        return found

    def changed_since(self, before: dict[str, object]) -> list[str]:
        """What is not as it was."""
        now = self.state()
        return [name for name in before | now if before.get(name) != now.get(name)]


def _somebody_came(listening: socket.socket) -> bool:
    listening.setblocking(False)
    try:
        listening.accept()
    except BlockingIOError:
        return False
    return True


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Canaries in every place that matters, and a submission's folder with links to them."""
    for target in TARGETS:
        target.mkdir(parents=True)
        (target / "canary.txt").write_text(CANARY)
    (NEIGHBOUR / f"{LESSON}.ipynb").write_bytes(Work().saved())
    MALLORY.mkdir(parents=True)
    (MALLORY / "data.csv").write_text("1,2")
    (MALLORY / "linked.csv").symlink_to(NEIGHBOUR / "canary.txt")
    (MALLORY / "linked").symlink_to(NEIGHBOUR)
    (MALLORY / ".hidden").write_text(CANARY)
    (MALLORY / "other.ipynb").write_text(CANARY)
    (MALLORY / "a name\nof two lines.csv").write_text("3,4")
    os.mkfifo(MALLORY / "a pipe.csv")
    with open(MALLORY / "huge.csv", "wb") as file:
        file.truncate(1 << 40)
    listening = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
    listening[1].bind(f"\0{CLASS.name}")
    listening[1].listen()
    (MALLORY / "ports.txt").write_text(f"{listening[0].getsockname()[1]}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.ledger.FOLDER", CLASS / "ledger")
        patch.setattr("autograder.settle.STATE", TARGETS[1])
        patch.setattr(sandbox, "Limits", partial(sandbox.Limits, memory_bytes=512 << 20))
        graded(Work().saved(), "amara")  # so that secret and server are there before anything is compared
        yield World(listening)
    for each in listening:
        each.close()
    for target in (CLASS, *TARGETS):
        shutil.rmtree(target, ignore_errors=True)


def graded(raw: bytes, student: str = "mallory") -> Settled:
    return settle(rebuilt_from(raw, RELEASE), student, LESSON, MALLORY, isolated=True)


def shown(settled: Settled) -> str:
    return str(settled.outputs)


def left_behind() -> list[str]:
    """Processes that descend from the fork server."""
    server = warm_shell.server()._process.pid
    deadline = time.monotonic() + 2
    while children := Path(f"/proc/{server}/task/{server}/children").read_text().split():
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return children


@pytest.mark.parametrize("case", all_attacks(), ids=lambda case: f"{case.attack}-{case.name}")
def test_an_attack_scores_what_it_names_and_harms_nobody(
    case: Case, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in case.limits.items():
        monkeypatch.setattr(name, value)
    monkeypatch.setenv("SPOTLIGHT_TEST_PASSWORD", CANARY)
    before, started = world.state(), time.monotonic()
    result = graded(case.file())
    text = shown(result)
    assert result.score == case.score, (result.exercises, text[:3000])
    assert result.max_score == FULL and result.missing_guarantees == []
    assert WON not in text, text[text.index(WON) - 100 :][:1000]
    secret = (TARGETS[1] / "secret").read_bytes()
    for private in (CANARY, NOTE, secret.hex(), repr(secret)[2:-1]):
        assert private not in text
    for outputs in result.outputs.values():
        for output in outputs:
            verdict = "text/html" in output.get("data", {}) and "attacker.example" not in str(output)
            assert verdict or set(output.get("data", {})) <= {"text/plain", "image/png"}
    assert world.changed_since(before) == []
    assert left_behind() == []
    assert time.monotonic() - started < MOST_SECONDS


def test_there_are_enough_attacks_of_every_group() -> None:
    groups = [each.attack for each in all_attacks()]
    assert len(groups) >= 60 and all(groups.count(name) >= 12 for name in ("theft", "leaks", "denial", "harm"))


def test_honest_work_beside_an_attack_keeps_every_point(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork bomb of busy processes runs while a neighbour is graded."""
    bomb = next(each for each in all_attacks() if each.name == "a_fork_bomb")
    monkeypatch.setattr("autograder.grade.EXTRA_SECONDS", 3.0)
    attack = threading.Thread(target=graded, args=(bomb.file(),))
    attack.start()
    work = Work()
    work.add("# graded beside an attack")  # no result of it is kept yet
    assert graded(work.saved(), "amara").score == FULL
    attack.join()
    work.add("# graded after all attacks")
    assert graded(work.saved(), "amara").score == FULL


def test_the_whole_notebook_has_a_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cells take their time each: it ends, and what is not answered by then earns nothing."""
    monkeypatch.setattr("autograder.grade.NOTEBOOK_SECONDS", 2.0)
    work = Work()
    for _ in range(30):
        work.add("import time\ntime.sleep(0.5)", above="softmax")
    started = time.monotonic()
    result = graded(work.saved())
    assert result.score < FULL and time.monotonic() - started < 5
    assert "for the whole notebook were over" in shown(result)


def test_a_flood_leaves_the_grader_small(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sent, this process holds little of it."""
    monkeypatch.setattr("autograder.grade.EXTRA_SECONDS", 3.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("a_flood_on_the_line", "a_gigabyte_of_output", "a_frame_of_deep_lists"):
        graded(next(each for each in all_attacks() if each.name == name).file() + b" ", "flood")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10  # in KB
