"""Every promise of the sandbox holds, as root and as an ordinary user; and every hole in it is noticed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fixtures import holed_forkserver, ordinary_user
from fixtures.class_copy import Class, copy_course
from submissions.making import FULL, LESSON, Work

from autograder import guarantees, sandbox, warm_shell
from autograder.build import build
from autograder.course import ROOT
from autograder.guarantees import PROMISES, examine_isolation

pytestmark = pytest.mark.skipif(not sandbox.available(), reason="there is no sandbox on this system")
EXAMINE = """
import json, os
from autograder import sandbox
from autograder.guarantees import examine_isolation
print(json.dumps([os.getuid(), sandbox.is_privileged(), list(examine_isolation())]))
"""
MAY_HAVE_ITS_OWN_WORLD = f"""
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(os.strerror(ctypes.get_errno()) if libc.unshare({sandbox.NEW_USER}) else 0)
"""
# A filter that refuses `unshare`, as a container's does, and then the command.
NO_NAMESPACES = """
import ctypes, os, struct, sys
from autograder import cli, seccomp, warm_shell
number = seccomp.DENIED["unshare"][seccomp.MACHINES[os.uname().machine][0]]
rows = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7FFF0000))
seccomp.program = lambda machine: [struct.pack("HBBI", *row) for row in rows]
seccomp.install(ctypes.CDLL(None))
light = "from autograder import forkserver, shell; forkserver.warm = shell.make_shell; forkserver.main()"
warm_shell.PROGRAM = ("-c", light)
cli.main()
"""


def python(*words: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "course")])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True)


def as_ordinary_user(code: str) -> subprocess.CompletedProcess[str]:
    root = os.getuid() == 0
    return python(*([str(ordinary_user.__file__)] if root else []), "-c", code)


def test_every_promise_holds_as_root() -> None:
    if os.getuid() or not sandbox.is_privileged():
        pytest.skip("this is not root, or a root who may not mount")
    assert [(name, says) for name, holds, says in examine_isolation() if not holds] == []


def test_every_promise_holds_as_an_ordinary_user() -> None:
    """Who needs no more than user namespaces, and a Python that is open to others."""
    may = as_ordinary_user(MAY_HAVE_ITS_OWN_WORLD)
    if may.returncode:
        pytest.skip(f"the system gives an ordinary user no namespace: {may.stderr.strip()}")
    said = as_ordinary_user(EXAMINE)
    assert said.returncode == 0, said.stderr
    uid, privileged, findings = json.loads(said.stdout)
    assert uid != 0 and not privileged
    assert [(name, says) for name, holds, says in findings if not holds] == []
    assert [name for name, _, _ in findings] == list(PROMISES)


def test_the_promises_are_those_that_records_name() -> None:
    assert tuple(PROMISES) == sandbox.PROMISES


# ------------------------------------------------------------------------------------ are holes noticed?

HOLED: list[warm_shell.Server] = []


@pytest.fixture(scope="module")
def hole_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("hole") / "name"
    for server in HOLED:
        server.stop()


@pytest.fixture
def findings(hole_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, tuple[bool, str]]]:
    """Examines a sandbox with the named hole; all promises, or some."""
    monkeypatch.setattr(warm_shell, "_SERVERS", HOLED)
    monkeypatch.setattr(warm_shell, "PROGRAM", (str(holed_forkserver.__file__), str(hole_file)))

    def examine(hole: str, *promises: str) -> dict[str, tuple[bool, str]]:
        hole_file.write_text(hole)
        # Where children may take all memory, the code of the promise would sleep twice for five seconds.
        some = {name: (says, code.replace("sleep(5)", "sleep(1)")) for name, (says, code) in PROMISES.items()}
        wanted = {name: some[name] for name in promises} or PROMISES
        monkeypatch.setattr(guarantees, "PROMISES", wanted)
        return {name: (holds, says) for name, holds, says in examine_isolation()}

    return examine


@pytest.mark.parametrize("hole", holed_forkserver.HOLES)
def test_a_hole_breaks_its_promise(hole: str, findings: Callable[..., Any]) -> None:
    promise, _ = holed_forkserver.HOLES[hole]
    ((name, (holds, says)),) = findings(hole, promise).items()
    assert name == promise and not holds
    assert "not so" in says or (not sandbox.is_privileged() and "not here" in says), says


def test_each_promise_has_a_hole_and_without_one_all_hold(findings: Callable[..., Any]) -> None:
    assert {promise for promise, _ in holed_forkserver.HOLES.values()} == set(PROMISES)
    assert {name for name, (holds, _) in findings("no_hole").items() if not holds} == set()


def test_where_it_cannot_be_entered_nothing_holds(findings: Callable[..., Any]) -> None:
    found = findings("it_cannot_be_entered")
    assert list(found) == list(PROMISES)
    for holds, says in found.values():
        assert not holds and "not here" in says and "mount /: not permitted" in says


# ---------------------------------------------------------------------------------- where there is none


def test_a_system_without_namespaces_keeps_no_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "available", lambda: False)
    monkeypatch.setattr(guarantees, "missing_guarantees", guarantees.missing_guarantees.__wrapped__)
    says = guarantees.why_not_isolated()
    assert all(name in says for name in PROMISES)
    assert "spotlight doctor" in says and "--without-sandbox" in says


def test_where_nothing_can_be_isolated_grading_waits_to_be_told(tmp_path: Path) -> None:
    """It stops with exit code 2 and what to do; told so, it grades, and every record says what was missing."""
    build()
    found = Class(copy_course(tmp_path))
    found.hand_in("amara", LESSON, Work().saved())
    found.hand_in("ben", LESSON, Work(solved=False).saved())
    refused = found.python("-c", NO_NAMESPACES, "grade", "03", "--json")
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert refused.stdout == "" and "Traceback" not in refused.stderr
    assert "cannot be isolated here" in refused.stderr and "--without-sandbox" in refused.stderr
    assert not (found.course / "gradebook.db").exists() or found.scores(LESSON) == {}
    told = found.python("-c", NO_NAMESPACES, "grade", "03", "--without-sandbox", "--json")
    assert told.returncode == 0, told.stderr
    records = {each["student"]: each for each in json.loads(told.stdout)}
    assert {name: each["score"] for name, each in records.items()} == {"amara": FULL, "ben": 0}
    for each in records.values():
        assert each["missing_guarantees"] == list(PROMISES)
