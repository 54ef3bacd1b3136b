"""The system-call filter: each of its rules, in the sandbox, and its program read by an interpreter of our own."""

import errno
import os
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fixtures import holed_forkserver

from autograder import guarantees, sandbox, seccomp, warm_shell
from autograder.warm_shell import WarmShell

# From linux/seccomp.h.
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NOT_PERMITTED, ABSENT = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
# From linux/audit.h: 64 bits, little-endian, the ELF machine.
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HARMLESS = (2, 0, 0, 2)  # a family, an option, flags: with these arguments no rule forbids anything
FLAGS_OF_CLONE = {
    "mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
    "pid": 0x20000000, "net": 0x40000000,
}  # fmt: skip
MACHINE = os.uname().machine if hasattr(os, "uname") else ""


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter says to a call: an interpreter of classic BPF, as far as linux/filter.h is used."""
    instructions = [struct.unpack("HBBI", each) for each in seccomp.program(machine)]
    filled = [each & (1 << 64) - 1 for each in (*arguments, *[0] * 6)][:6]
    seen = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, architecture or AUDIT[machine], 0, *filled)
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        if code == 0x06:  # BPF_RET | BPF_K
            return value
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (accumulator,) = struct.unpack_from("=I", seen, value)
        else:  # BPF_JMP | BPF_K with BPF_JEQ, BPF_JGE, BPF_JSET
            jumps = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            at += if_true if jumps[code] else if_false


# ------------------------------------------------------------------------------------------- the program


@pytest.mark.parametrize("machine", AUDIT)
def test_the_program_refuses_what_is_listed_and_nothing_else(machine: str) -> None:
    column, _ = seccomp.MACHINES[machine]
    denied = {numbers[column] for numbers in seccomp.DENIED.values()} - {None}
    assert len(denied) >= 50
    for number in range(600):
        expected = NOT_PERMITTED if number in denied else ABSENT if number == 435 else ALLOW
        assert verdict(machine, number, *HARMLESS) == expected, number


@pytest.mark.parametrize("machine", AUDIT)
def test_other_machines_and_the_second_abi_are_shut_out(machine: str) -> None:
    other = next(value for name, value in AUDIT.items() if name != machine)
    for number in (0, 39, 435):
        assert verdict(machine, number, architecture=other) == KILL_PROCESS
        assert verdict(machine, number, architecture=0x40000003) == KILL_PROCESS  # i386
        assert verdict(machine, number | 0x40000000) == NOT_PERMITTED  # x32
    assert verdict(machine, -1) == NOT_PERMITTED


@pytest.mark.parametrize("machine", AUDIT)
def test_some_arguments_are_refused_and_their_neighbours_are_not(machine: str) -> None:
    column, _ = seccomp.MACHINES[machine]
    clone, socket, pair, mmap, prctl = (
        each[column]
        for each in (seccomp.CLONE, seccomp.SOCKET, seccomp.SOCKETPAIR, seccomp.MMAP, seccomp.PRCTL)
    )
    for flag in FLAGS_OF_CLONE.values():
        assert verdict(machine, clone, flag | 17) == NOT_PERMITTED
    for flags in (17, 0x3D0F00):  # a fork; a thread as glibc starts it
        assert verdict(machine, clone, flags) == ALLOW
    for call in (socket, pair):
        allowed = {family for family in range(64) if verdict(machine, call, family) == ALLOW}
        assert allowed == {1, 2, 10}
        assert verdict(machine, call, 1 << 32 | 16) == NOT_PERMITTED  # the kernel reads 32 bits of it
        assert verdict(machine, call, 1 << 32 | 1) == ALLOW
    expectations = {
        0x02: ALLOW, 0x22: ALLOW, 0x01: ALLOW, 0x20022: ALLOW,  # private, shared file, a thread's stack
        0x21: NOT_PERMITTED, 0x23: NOT_PERMITTED, 0x4021: NOT_PERMITTED,  # shared and of no file
        0x122: NOT_PERMITTED, 0x102: NOT_PERMITTED,  # growing down
    }  # fmt: skip
    for value, expected in expectations.items():
        assert verdict(machine, mmap, 0, 4096, 3, value) == expected, hex(value)
        assert verdict(machine, mmap, 0x21, 0x21, 0x21, value) == expected  # only the fourth counts
    assert verdict(machine, prctl, 1) == NOT_PERMITTED
    assert verdict(machine, prctl, 15) == verdict(machine, prctl, 2) == ALLOW


@pytest.mark.parametrize("machine", AUDIT)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed here")
    pairs = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    known = {name: int(number) for name, number in pairs}
    column, _ = seccomp.MACHINES[machine]
    special = ("clone", seccomp.CLONE), ("socket", seccomp.SOCKET), ("socketpair", seccomp.SOCKETPAIR)
    special += ("mmap", seccomp.MMAP), ("prctl", seccomp.PRCTL), ("clone3", (435, 435))
    listed = {**seccomp.DENIED, **dict(special)}
    same = [name for name in listed if name in known]
    assert len(same) > 45  # the youngest may be missing in old headers
    assert {name: listed[name][column] for name in same} == {name: known[name] for name in same}


# --------------------------------------------------------------------------------------- in the sandbox

SANDBOX = pytest.mark.skipif(not sandbox.available(), reason="there is no sandbox on this system")
TOOLS = """
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
def refused(number, *arguments):
    \"\"\"The error number of a call; 0 if it succeeds. Whatever it starts ends at once.\"\"\"
    ctypes.set_errno(0)
    got = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(each) for each in (*arguments, *[0] * 6)][:6])
    if got == 0 and number in CLONES:
        os._exit(0)
    return ctypes.get_errno() if got == -1 else 0
"""


HOLED: list[warm_shell.Server] = []


def really_said(code: str) -> str:
    """What code prints in a sandbox."""
    column, _ = seccomp.MACHINES[MACHINE]
    with WarmShell(None, isolated=True) as shell:
        return guarantees._said(shell, f"CLONES = {seccomp.CLONE[column], 435}\n{TOOLS}{code}")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The same, where the filter refuses with error numbers of its own.

    The kernel refuses much of it too, for want of a capability: that is not what is tested here.
    """
    hole = tmp_path_factory.mktemp("hole") / "name"
    hole.write_text("refusals_are_marked")

    def said(code: str) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(warm_shell, "_SERVERS", HOLED)
            patch.setattr(warm_shell, "PROGRAM", (str(holed_forkserver.__file__), str(hole)))
            return really_said(code)

    yield said
    for server in HOLED:
        server.stop()


MARKED = f"({errno.EPERM | holed_forkserver.MARK}, {errno.ENOSYS | holed_forkserver.MARK})"


@SANDBOX
def test_every_listed_call_is_refused_in_the_sandbox(said: Callable[[str], str]) -> None:
    column, _ = seccomp.MACHINES[MACHINE]
    numbers = {name: each[column] for name, each in seccomp.DENIED.items() if each[column] is not None}
    heard = said(f"print({{name: e for name, n in {numbers}.items() if (e := refused(n)) != {MARKED}[0]}})")
    assert heard == "{}"


@SANDBOX
def test_a_refused_call_says_not_permitted_and_clone3_says_absent() -> None:
    """As glibc expects: it then falls back to `clone`."""
    column, _ = seccomp.MACHINES[MACHINE]
    heard = really_said(f"print(refused({seccomp.DENIED['bpf'][column]}), refused(435, 0, 0))")
    assert heard == f"{errno.EPERM} {errno.ENOSYS}"


@SANDBOX
@pytest.mark.parametrize("flag", FLAGS_OF_CLONE)
def test_a_clone_into_a_namespace_is_refused(flag: str, said: Callable[[str], str]) -> None:
    column, _ = seccomp.MACHINES[MACHINE]
    value = FLAGS_OF_CLONE[flag]
    assert said(f"print(refused({seccomp.CLONE[column]}, {value} | 17) == {MARKED}[0])") == "True"


@SANDBOX
def test_foreign_sockets_are_refused(said: Callable[[str], str]) -> None:
    column, _ = seccomp.MACHINES[MACHINE]
    for call in (seccomp.SOCKET[column], seccomp.SOCKETPAIR[column]):
        code = f"print([f for f in range(64) if refused({call}, f, 1, 0, 0) != {MARKED}[0]])"
        assert said(code) == "[1, 2, 10]"


@SANDBOX
@pytest.mark.parametrize("flags", [0x21, 0x23, 0x122])
def test_memory_that_nobody_can_count_is_refused(flags: int, said: Callable[[str], str]) -> None:
    column, _ = seccomp.MACHINES[MACHINE]
    mmap = seccomp.MMAP[column]
    heard = said(
        f"print(refused({mmap}, 0, 4096, 3, {flags}, -1) == {MARKED}[0])\n"
        f"print(refused({mmap}, 0, 4096, 3, 0x22, -1))"
    )
    assert heard == "True\n0"


@SANDBOX
def test_the_death_signal_cannot_be_changed(said: Callable[[str], str]) -> None:
    column, _ = seccomp.MACHINES[MACHINE]
    assert said(f"print(refused({seccomp.PRCTL[column]}, 1, 0) == {MARKED}[0])") == "True"


@SANDBOX
def test_the_stack_cannot_grow_beyond_its_limit(said: Callable[[str], str]) -> None:
    code = "import resource\ntry: resource.setrlimit(resource.RLIMIT_STACK, (1 << 30, 1 << 30))\n"
    assert said(f"{code}except (OSError, ValueError): print('refused')") == "refused"


@SANDBOX
@pytest.mark.skipif(MACHINE != "x86_64", reason="x86-64 only")
def test_the_other_abis_of_x86_are_refused(said: Callable[[str], str]) -> None:
    assert said(f"print(refused(0x40000000 | 39) == {MARKED}[0])") == "True"
    code = """
import mmap
if os.fork() == 0:
    page = mmap.mmap(-1, 4096, flags=0x22, prot=7)
    page.write(bytes.fromhex("b814000000 cd80 c3"))  # mov eax, 20 (getpid on i386); int 0x80; ret
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    ctypes.CFUNCTYPE(ctypes.c_int)(at)()
    os._exit(0)
_, status = os.wait()
print(os.waitstatus_to_exitcode(status) in (-signal.SIGSYS, -signal.SIGSEGV))
"""
    assert said(code) == "True"


HONEST = """
import mmap, multiprocessing, pathlib, socket, subprocess, tempfile, threading
done = []
thread = threading.Thread(target=lambda: done.append("a thread"))
thread.start(); thread.join()
if os.fork() == 0: os._exit(7)
done.append(os.waitstatus_to_exitcode(os.wait()[1]))
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6): socket.socket(family).close()
one, two = socket.socketpair(); one.send(b"a pair"); done.append(two.recv(9))
private = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); private[5] = 1
with tempfile.TemporaryFile() as file:
    file.truncate(4096)
    with mmap.mmap(file.fileno(), 4096) as shared: shared[0:4] = b"file"
    done.append(file.read(4))
pathlib.Path("mine.txt").write_text("mine"); done.append(pathlib.Path("mine.txt").read_text())
done.append(subprocess.run(["/bin/echo", "a program"], capture_output=True, text=True).stdout)
import numpy as np
done.append(float((np.ones((400, 400)) @ np.ones((400, 400))).sum()))
import matplotlib.pyplot as plt
plt.plot([0, 1]); plt.savefig("picture.png"); plt.close()
print(done)
"""


@SANDBOX
def test_honest_work_needs_nothing_that_is_refused() -> None:
    assert really_said(HONEST) == str(["a thread", 7, b"a pair", b"file", "mine", "a program\n", 400.0**3])
