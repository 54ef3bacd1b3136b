"""Every promise of the sandbox, tried for real: what a submission attempts, and what must come of it.

`spotlight doctor` prints the findings, and a grading run names the promises that do not hold in every result.
"""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path

from autograder import keys, sandbox
from autograder.course import COURSE, STATE
from autograder.shell_client import Dead, Shell
from autograder.warm_shell import Refused, WarmShell

# name -> (what holds, code that prints "held" exactly when it does)
PROMISES = {
    "files": (
        "a submission sees no file of yours and can change none",
        """
import os, sys
seen = [path for path in PRIVATE if os.path.exists(path)]
changed = []
for folder in {"/usr", sys.prefix, sys.base_prefix}:
    try:
        open(os.path.join(folder, "spotlight-was-here"), "w").close()
        changed.append(folder)
    except OSError:
        pass
print("held" if not seen and not changed else (seen, changed))
""",
    ),
    "network": (
        "it reaches no network, not even this machine's own",
        """
import socket
reached = []
for address in (("127.0.0.1", 22), ("127.0.0.1", 80), ("192.0.2.1", 80)):
    try:
        with socket.socket() as line:
            line.settimeout(0.2)
            line.connect(address)
        reached.append(address)
    except ConnectionRefusedError:
        reached.append(address)
    except OSError:
        pass
for family in range(46):  # some kinds of socket (a virtual machine's line to its host) know no network namespace
    if family not in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                socket.socket(family, kind).close()
                reached.append(family)
            except OSError:
                pass
names = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line and "lo:" not in line]
print("held" if not reached and not names else (reached, names))
""",
    ),
    "processes": (
        "it sees and signals no process of yours",
        """
import os
others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (os.getpid(),)]
print("held" if os.getpid() == 1 and not others else others[:5])
""",
    ),
    "privileges": (
        "it has no capability, cannot gain one, and is not the administrator",
        """
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
none = all(int(status[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
print("held" if none and status["NoNewPrivs"].strip() == "1" and os.getuid() != 0 else status["CapEff"])
""",
    ),
    "system calls": (
        "dangerous system calls are refused",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
allowed = []
for name, call in {
    "unshare": lambda: libc.unshare(0x10000000),
    "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "ptrace": lambda: libc.ptrace(0, 0, 0, 0),
    "memfd_create": lambda: libc.memfd_create(b"x", 0),
    "shmget": lambda: libc.shmget(0, 4096, 0o1600),
    "shared mmap": lambda: libc.mmap(None, 4096, 3, 0x21, -1, 0),
    "death signal": lambda: libc.prctl(1, 0, 0, 0, 0),
}.items():
    if call() != -1:
        allowed.append(name)
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print("held" if not allowed and status["Seccomp"].strip() == "2" else allowed)
""",
    ),
    "memory": (
        "it cannot take more memory than its share, with all its processes together",
        """
import os, threading, time
try:
    block = bytearray(LIMIT + (64 << 20))
    print("got", len(block))
except MemoryError:
    print("held", flush=True)

def fork():  # children of a thread, as they are the ones that are easily overlooked
    for _ in range(4):
        if os.fork() == 0:
            block = b"x" * (LIMIT * 3 // 4)
            time.sleep(5)
            os._exit(0)
    time.sleep(5)  # it is ended meanwhile; once it ends itself, its children are the main thread's

thread = threading.Thread(target=fork)
thread.start()
thread.join()
print("but its children got more")
""",
    ),
    "disk": (
        "it cannot fill the disk",
        """
written = 0
try:
    for number in range(64):
        with open(f"fill-{number}", "wb") as file:
            for _ in range(8):
                written += file.write(bytes(1 << 20))
    print("wrote", written)
except OSError:
    print("held" if written <= FILES else written)
""",
    ),
    "many processes": (
        "it cannot start processes without end",
        """
import os, time
children = []
try:
    for _ in range(PROCESSES + 20):
        pid = os.fork()
        if pid == 0:
            time.sleep(5)
            os._exit(0)
        children.append(pid)
    print("started", len(children))
except OSError:
    print("held")
for pid in children:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
""",
    ),
}


def examine_isolation() -> Iterator[tuple[str, bool, str]]:
    """(name, does it hold, what it says or what happened instead) for every promise."""
    if not sandbox.available():
        for name, (says, _) in PROMISES.items():
            yield name, False, f"not on this system: {says}"
        return
    limits = sandbox.Limits(memory_bytes=256 << 20, files_bytes=64 << 20, processes=32)
    private = [
        str(path)
        for path in (keys.SOLUTIONS, COURSE / "submitted", COURSE / "source", STATE, Path.home() / ".ssh")
    ]
    numbers = f"{limits.memory_bytes}, {limits.files_bytes}, {limits.processes}"
    given = f"PRIVATE = {private}\nLIMIT, FILES, PROCESSES = {numbers}\n"
    for name, (says, code) in PROMISES.items():
        try:
            with WarmShell(None, isolated=True, limits=limits) as shell:
                said = _said(shell, given + code)
        except (Refused, Dead) as error:
            yield name, False, f"{says}: not here ({error})"
        else:
            yield name, said == "held", says if said == "held" else f"{says}: not so ({said[:200]})"


def _said(shell: Shell, code: str) -> str:
    heard: list[str] = []
    with contextlib.suppress(Dead):  # what it said before counts
        shell.run(
            code, 20.0, lambda message: heard.append(str(message.get("text") or message.get("value") or ""))
        )
    return "".join(heard).strip()


@functools.cache
def missing_guarantees() -> tuple[str, ...]:
    """What does not hold on this machine, found by trying; empty where isolation is complete."""
    return tuple(name for name, holds, _ in examine_isolation() if not holds)


def why_not_isolated() -> str:
    """A sentence that says which promises do not hold on this machine, and what to do; empty if all do."""
    missing = missing_guarantees()
    if not missing:
        return ""
    return (
        f"Submissions cannot be isolated here ({', '.join(missing)}); `spotlight doctor` says why. If you trust "
        "them all, add --without-sandbox; else grade on Linux, in a virtual machine or in WSL2."
    )
