"""A private world for one process: its own files, processes, network, memory limit. Linux only.

Namespaces and mounts first, then user, capabilities, limits, and the system-call filter last: each step needs
what the next one takes away. See namespaces(7), mount_namespaces(7), capabilities(7), pivot_root(2).
"""

import contextlib
import ctypes
import errno
import os
import resource
import shutil
import signal
import socket
import stat
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import seccomp

NEW_MOUNTS, NEW_HOST_NAME, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NET, NEW_CGROUP = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000000,
)  # fmt: skip
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC, REMOUNT, BIND = 1, 2, 4, 8, 32, 4096
RECURSIVE, PRIVATE = 16384, 1 << 18
MOUNT_SETATTR, HERE, ALL_BELOW = 442, -100, 0x8000  # since Linux 5.12
DETACH = 2
DEATH_SIGNAL, DROP_BOUNDING = 1, 24
SYS_ADMIN = 21
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

FIRST_UID, UIDS = 61_000, 4_000  # as root: every shell runs under a user of its own
MOST_FILES = 1_000  # of a submission, folders included
STUDENT = 1000  # who a shell is inside a user namespace
STACK_BYTES = 8 << 20  # what Linux gives a process; else it may ask for more, and RLIMIT_DATA counts no stack
HOME = "/home/student"
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/ssl", "/etc/alternatives")
DEVICES = ("null", "full", "random", "urandom")  # not zero: mapped, it is shared memory that nobody can count

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    memory_bytes: int = 2 << 30  # of all its processes together, beyond what the warm parent shares
    files_bytes: int = 128 << 20  # of everything it writes
    one_file_bytes: int = 64 << 20
    processes: int = 32
    open_files: int = 128  # each could be a socket whose buffer counts as nobody's memory
    cpu_seconds: int = 600


# Each is tried for real by `guarantees`; a result that was made without the sandbox names them all.
PROMISES = (
    "files", "network", "processes", "privileges", "system calls", "memory", "disk", "many processes",
)  # fmt: skip


def available() -> bool:
    """Can this system isolate at all?"""
    return sys.platform == "linux" and os.uname().machine in PIVOT_ROOT and seccomp.supported()


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    assert _libc is not None
    names = [None if each is None else each.encode() for each in (source, target, kind)]
    _check(_libc.mount(*names, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def _prctl(option: int, value: int = 0) -> int:
    assert _libc is not None
    return int(_libc.prctl(option, *[ctypes.c_ulong(each) for each in (value, 0, 0, 0)]))


def die_with_parent() -> None:
    """Be killed when the thread that forked this process ends."""
    _check(_prctl(DEATH_SIGNAL, signal.SIGKILL), "parent-death signal")


def is_privileged() -> bool:
    """May this process mount without a user namespace of its own? Decided by capability, not by user."""
    lines = Path("/proc/self/status").read_text().split("\n")
    effective = next(line for line in lines if line.startswith("CapEff"))
    return bool(int(effective.split()[1], 16) >> SYS_ADMIN & 1)


def leave_the_system() -> int | None:
    """Put this process's next child into namespaces of its own.

    Returns:
        The user that the child must become, or None where a user namespace has made it one already.

    Raises:
        OSError: the system refuses.
    """
    assert _libc is not None
    privileged = is_privileged()
    if not privileged:
        _own_user_namespace()
    new = NEW_MOUNTS | NEW_PIDS | NEW_NET | NEW_IPC | NEW_HOST_NAME | NEW_CGROUP
    _check(_libc.unshare(new), "unshare")
    return FIRST_UID + os.getpid() % UIDS if privileged else None


def enter(
    folder: str, data: str | None, read_only: Sequence[str], limits: Limits, student: int | None
) -> None:
    """Finish the sandbox around this process, the first child after `leave_the_system`.

    Args:
        folder: an empty folder on which the new root is built.
        data: a submission's folder; its files, but no notebooks, are copied to the home directory, as far as
            they fit.
        read_only: further paths to show, read-only.
        student: what `leave_the_system` returned.

    Raises:
        OSError: a step is refused.
    """
    assert _libc is not None
    die_with_parent()
    _build_root(folder, data, read_only, limits, student)
    socket.sethostname("sandbox")
    _limit(limits)
    _mount("none", "/proc", flags=BIND | REMOUNT | READ_ONLY | NO_SETUID | NO_DEVICES | NO_EXEC)
    _drop_privileges(student)
    seccomp.install(_libc)


def _own_user_namespace() -> None:
    assert _libc is not None
    outside = {"uid_map": os.getuid(), "gid_map": os.getgid()}
    _check(_libc.unshare(NEW_USER), "unshare user")
    Path("/proc/self/setgroups").write_text("deny")
    for name, number in outside.items():
        Path("/proc/self", name).write_text(f"{STUDENT} {number} 1")


def _build_root(
    root: str, data: str | None, read_only: Sequence[str], limits: Limits, student: int | None
) -> None:
    assert _libc is not None
    _mount("none", "/", flags=RECURSIVE | PRIVATE)
    size = f"size={limits.files_bytes},nr_inodes=20000,mode=755"
    _mount("tmpfs", root, "tmpfs", NO_SETUID | NO_DEVICES, size)
    for path in (*SYSTEM, *read_only):
        if os.path.exists(path):
            _show(path, root)
    for path in ("/bin", "/sbin", "/lib", "/lib64"):
        if os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
        elif os.path.isdir(path):
            _show(path, root)
    for path in ("/proc", "/dev/shm", "/tmp", HOME, "/etc"):
        os.makedirs(root + path, exist_ok=True)
    for name in DEVICES:
        _show(f"/dev/{name}", root, writable=True)
    for path in ("/tmp", "/dev/shm"):
        os.chmod(root + path, 0o1777)
    if data is not None:
        _copy_data(data, root + HOME, limits.files_bytes // 2)
    who = STUDENT if student is None else student
    Path(root, "etc", "passwd").write_text(f"student:x:{who}:{who}::{HOME}:/bin/sh\n")
    if student is not None:
        for place, _, names in os.walk(root + HOME):
            for path in (place, *(os.path.join(place, name) for name in names)):
                os.chown(path, student, student, follow_symlinks=False)
    _mount("proc", root + "/proc", "proc", NO_SETUID | NO_DEVICES | NO_EXEC)
    os.chdir(root)
    _check(_libc.syscall(PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", DETACH), "detach the old root")
    os.chdir(HOME)


def _copy_data(folder: str, home: str, room: int) -> None:
    """Copy plain files, as far as they fit: no notebook, link, device or dotfile, and nothing far down."""
    places = 0
    for place, folders, names in os.walk(folder):
        inner = os.path.relpath(place, folder)
        places += 1
        deep = inner.count(os.sep) >= 10
        folders[:] = [name for name in folders if not (deep or name.startswith("."))]
        if places > MOST_FILES:
            return
        os.makedirs(os.path.join(home, inner), exist_ok=True)
        for name in names:
            path = os.path.join(place, name)
            size = os.lstat(path).st_size
            plain = stat.S_ISREG(os.lstat(path).st_mode) and not name.startswith(".")
            if not plain or name.endswith(".ipynb") or size > room or places > MOST_FILES:
                continue
            room, places = room - size, places + 1
            with contextlib.suppress(PermissionError):  # one that we may not read ourselves
                shutil.copyfile(path, os.path.join(home, inner, name))


def _show(path: str, root: str, writable: bool = False) -> None:
    """Bind a path of the system into the new root."""
    assert _libc is not None
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(path, target, flags=BIND | RECURSIVE)
    if not writable:  # and whatever is mounted below it
        what = struct.pack("QQQQ", READ_ONLY | NO_SETUID | NO_DEVICES, 0, 0, 0)
        path_below = target.encode(), ctypes.c_uint(ALL_BELOW), what, ctypes.c_size_t(len(what))
        _check(_libc.syscall(MOUNT_SETATTR, HERE, *path_below), f"make {path} read-only")


def _limit(limits: Limits) -> None:
    lines = Path("/proc/self/status").read_text().split("\n")
    used = int(next(line for line in lines if line.startswith("VmData")).split()[1]) << 10
    for what, value in (
        (resource.RLIMIT_DATA, used + limits.memory_bytes),
        (resource.RLIMIT_STACK, STACK_BYTES),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.one_file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))
    try:  # where memory runs out all the same, the kernel takes this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.ENOENT):
            raise


def _drop_privileges(student: int | None) -> None:
    assert _libc is not None
    if student is not None:
        os.setgroups([])
        os.setresgid(student, student, student)
    for capability in range(64):
        if _prctl(DROP_BOUNDING, capability):
            break  # the kernel knows no more of them
    if student is not None:
        os.setresuid(student, student, student)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "drop capabilities")
    die_with_parent()  # a change of user has cleared it
