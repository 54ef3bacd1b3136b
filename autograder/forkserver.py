"""The warm process: it imports everything once, then forks one shell for each submission.

Standard input is a listening SOCK_SEQPACKET socket; standard output a pipe whose other end the grader holds, so
that everything ends when the grader does. On each connection:

    the grader sends    {"folder", "data", "isolated", "limits"} with the shell's socket attached
    the server answers  {"pid"}, or {"refused": why}
    the grader sends    "interrupt", "kill", or closes
    the server sends    {"exit", "cpu_seconds"} when the shell has ended

A guard process stands between server and shell: it starts the sandbox, passes signals on, and watches memory.
"""

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder import frames, huge_pages, sandbox, shell

WATCH_SECONDS = 0.1
SHELLS_FD = 3


def warm() -> Any:
    """Import and use once what a notebook may use; returns the shell that every fork begins with."""
    import importlib

    import matplotlib
    import numpy

    matplotlib.use("agg")
    import matplotlib.pyplot
    import matplotlib_inline.backend_inline  # noqa: F401
    from IPython.core.pylabtools import print_figure

    figure = matplotlib.pyplot.figure()  # finds the fonts
    figure.add_subplot().plot([0, 1])
    print_figure(figure)
    matplotlib.pyplot.close(figure)
    with contextlib.suppress(ImportError):
        _warm_torch()
    for path in sorted((Path(__file__).parent / "exercises").glob("[!_]*.py")):
        importlib.import_module(f"autograder.exercises.{path.stem}")
    ready = shell.make_shell()
    ready.run_line_magic("matplotlib", "inline")
    numpy.random.seed(0)
    if len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("a library started a thread; a fork would hang")
    gc.collect()
    gc.freeze()
    huge_pages.gather()
    return ready


def _warm_torch() -> None:
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    net = torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.LayerNorm(2))
    optimiser = torch.optim.Adam(net.parameters())  # its first use imports torch._dynamo: 0.7 s
    net(torch.ones(3, 1)).sum().backward()
    optimiser.step()
    ones = torch.ones(1, 2, 2)
    torch.nn.functional.scaled_dot_product_attention(ones, ones, ones)
    torch.manual_seed(0)
    # More threads than one would hang the forks (libgomp), so a learner's call does nothing.
    for name in ("set_num_threads", "set_num_interop_threads"):
        setattr(torch, name, lambda number: None)


def main() -> None:
    """`python -m autograder.forkserver`, as `shell_client.Server` starts it."""
    ready = warm()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    listening, life = socket.socket(fileno=os.dup(0)), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(null, number)
    hung_up = select.poll()
    hung_up.register(life, 0)
    while True:
        readable, _, _ = select.select([listening], [], [], 0.2)
        if hung_up.poll(0):  # the grader is gone, perhaps too suddenly to clear up
            shutil.rmtree(os.environ["HOME"], ignore_errors=True)
            os._exit(0)
        with contextlib.suppress(ChildProcessError):  # there is none
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not readable:
            continue
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            os.close(life)
            _guard(connection, ready)
        connection.close()


def _guard(connection: socket.socket, ready: Any) -> None:
    """Start one shell, and stand by it until it ends. Never returns."""
    try:
        # Its life is tied to the grader's connection alone: it must live to end what cannot be trusted to end.
        message, descriptors, _, _ = socket.recv_fds(connection, 1 << 20, 1)
        request, line = json.loads(message), socket.socket(fileno=descriptors[0])
        outer_proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        limits = sandbox.Limits(**request["limits"])
        inherited = memory_of_tree(os.getpid(), outer_proc, sys.maxsize)  # however many share it in the end
        student = sandbox.leave_the_system() if request["isolated"] else None
        pid = os.fork()
        if pid == 0:
            _become_shell(line, ready, request, limits, student)
        line.close()
        _tell(connection, {"pid": pid})
        _stand_by(connection, pid, outer_proc, limits.memory_bytes + inherited)
    except OSError as error:
        _tell(connection, {"refused": str(error)})
    finally:
        os._exit(1)


def _tell(connection: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the grader may be gone
        connection.send(json.dumps(message).encode())


def _become_shell(
    line: socket.socket, ready: Any, request: dict[str, Any], limits: sandbox.Limits, student: int | None
) -> None:
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(request["environment"])
        if request["isolated"]:
            sandbox.enter(request["folder"], request["data"], shown_to_shells(), limits, student)
        else:
            sandbox.die_with_parent()
            os.chdir(request["folder"])
        os.dup2(line.detach(), SHELLS_FD)
        os.closerange(SHELLS_FD + 1, 4096)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        sys.path.insert(0, "")
        shell.serve(socket.socket(fileno=SHELLS_FD), ready)
    except Exception as error:
        with contextlib.suppress(OSError):
            frames.send(line, {"type": "refused", "why": str(error)})
    finally:
        os._exit(1)


def shown_to_shells() -> list[str]:
    """What a shell sees of this system besides the libraries: Python, its packages, and `spotlight`."""
    import spotlight

    paths = dict.fromkeys(
        os.path.realpath(each)
        for each in (sys.base_prefix, sys.prefix, str(Path(str(spotlight.__file__)).parent))
    )
    return [
        path for path in (*paths, sys.prefix) if not path.startswith("/usr/") or path.startswith("/usr/local")
    ]


def _stand_by(connection: socket.socket, pid: int, outer_proc: int, memory_bytes: int) -> None:
    """Pass signals on, watch memory, and report the shell's end."""
    ended = os.pidfd_open(pid)
    while True:
        readable, _, _ = select.select([ended, connection.fileno()], [], [], WATCH_SECONDS)
        if ended in readable:
            break
        if connection.fileno() in readable:
            if connection.recv(100) == b"interrupt":
                os.kill(pid, signal.SIGINT)
                continue
            break  # "kill", or the grader is gone
        if memory_of_tree(pid, outer_proc, memory_bytes) > memory_bytes:
            break
    for end in (os.killpg, os.kill):  # without a sandbox, its group is all that is known of its children
        with contextlib.suppress(ProcessLookupError):
            end(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    seconds = sum(os.times()[:4])  # of the shell, of what it forked, and of this guard
    _tell(connection, {"exit": os.waitstatus_to_exitcode(status), "cpu_seconds": seconds})


def memory_of_tree(pid: int, proc: int, enough: int) -> int:
    """Bytes of memory that a process and its descendants hold for themselves.

    Args:
        proc: the system's own /proc, opened before the sandbox.
        enough: below this, an upper bound is good enough: it costs less.
    """

    def read(path: str) -> str:
        try:
            with open(path, opener=lambda name, flags: os.open(name, flags, dir_fd=proc)) as file:
                return file.read()
        except OSError:  # it has just ended
            return ""

    def threads(of: int) -> list[str]:
        try:
            folder = os.open(f"{of}/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
        except OSError:
            return []
        try:
            return os.listdir(folder)
        finally:
            os.close(folder)

    family, todo = [], [pid]
    while todo:
        family.append(todo.pop())
        for thread in threads(family[-1]):
            todo += map(int, read(f"{family[-1]}/task/{thread}/children").split())

    def lines(of: int, file: str, names: tuple[str, ...]) -> list[str]:
        for thread in threads(of):  # where the main one has ended, only the others show what all of them hold
            found = read(f"{of}/task/{thread}/{file}").split("\n")
            if kept := [line for line in found if line.startswith(names)]:
                return kept
        return []

    def total(file: str, names: tuple[str, ...]) -> int:
        return sum(int(line.split()[1]) << 10 for each in family for line in lines(each, file, names))

    # Resident memory counts a page that is shared with the warm parent in every process; the share does not.
    # Page tables count too: they grow without a page of one's own.
    bound = total("status", ("RssAnon:", "RssShmem:", "VmPTE:"))
    if bound <= enough:
        return bound
    return total("smaps_rollup", ("Pss_Anon:", "Pss_Shmem:")) + total("status", ("VmPTE:",))


if __name__ == "__main__":
    main()
