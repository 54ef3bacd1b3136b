"""The grader's side of the warm process: one server for each grader, one sandboxed shell for each submission."""

import atexit
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder import frames, sandbox
from autograder.shell_client import ENVIRONMENT, PACKAGES, Dead, Shell

WARM_SECONDS = 120.0
READY_SECONDS = 20.0
PROGRAM = ("-m", "autograder.forkserver")


class Refused(Exception):
    """This system does not let a shell be isolated; the message says which step failed."""


class Server:
    """The warm process. It ends when this process does, whatever way it goes."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="spotlight-")
        os.chmod(self.folder, 0o711)  # a shell's user must get through to its own folder
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(f"{self.folder}/socket")
            os.chmod(f"{self.folder}/socket", 0o600)
            listening.listen(64)
            self._life, their_end = os.pipe()
            own = {
                "HOME": self.folder,
                "IPYTHONDIR": f"{self.folder}/ipython",
                "MPLCONFIGDIR": f"{self.folder}/mpl",
            }
            path = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": os.pathsep.join(PACKAGES)}
            self._process = subprocess.Popen(
                [sys.executable, *PROGRAM],
                stdin=listening.fileno(),
                stdout=their_end,
                cwd="/",
                env=ENVIRONMENT | own | path,
                start_new_session=True,
            )
            os.close(their_end)
        atexit.register(self.stop)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._life)
        self._process.kill()  # it may be warming up still; each guard ends with its own connection
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)


_SERVERS: list[Server] = []
_STARTING = threading.Lock()


def server() -> Server:
    """This process's warm server, started when it is first needed."""
    with _STARTING:
        if _SERVERS and not _SERVERS[0].alive:
            _SERVERS.pop().stop()
        if not _SERVERS:
            _SERVERS.append(Server())
        return _SERVERS[0]


class WarmShell(Shell):
    """A shell forked from the warm process, in a sandbox or not.

    Args:
        data: the submission's folder, whose files (but no notebooks) the shell may read; or None.
        isolated: in a sandbox; without one, the shell runs as the grader's own user.

    Raises:
        Refused: the system does not allow the sandbox.
        Dead: the shell did not start.
    """

    def __init__(self, data: Path | None, isolated: bool, limits: sandbox.Limits | None = None) -> None:
        warm = server()
        self._folder_name = tempfile.mkdtemp(prefix="shell-", dir=warm.folder)
        self._number = 0
        self.cpu_seconds = 0.0
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line, theirs = socket.socketpair()
        home = sandbox.HOME if isolated else self._folder_name
        own = {"HOME": home, "TMPDIR": "/tmp", "PATH": "/usr/bin:/bin", "IPYTHONDIR": f"{home}/.ipython"}
        request = {
            "folder": self._folder_name,
            "data": None if data is None else str(data.resolve()),
            "isolated": isolated,
            "limits": asdict(limits or sandbox.Limits()),
            "environment": ENVIRONMENT | own | {"MPLCONFIGDIR": "/tmp/matplotlib"},
        }
        try:
            with theirs:
                self._control.connect(f"{warm.folder}/socket")
                socket.send_fds(self._control, [json.dumps(request).encode()], [theirs.fileno()])
            self._await_ready()
        except OSError as error:  # the warm process has just ended; there is a new one for who asks again
            self.stop()
            raise Dead("the shell did not start") from error
        except BaseException:
            self.stop()
            raise

    def _await_ready(self) -> None:
        told = self._hear(WARM_SECONDS)
        if "refused" in told:
            raise Refused(str(told["refused"]))
        try:
            message, _ = frames.receive(self._line, time.monotonic() + READY_SECONDS)
        except (frames.Broken, frames.TooLate):
            message = {}
        if message.get("type") == "refused":
            raise Refused(str(message.get("why")))
        if message.get("type") != "ready":
            raise Dead("the shell did not start")

    def _hear(self, seconds: float) -> dict[str, Any]:
        """What the guard says next; empty if nothing in time."""
        if not select.select([self._control], [], [], seconds)[0]:
            return {}
        heard = json.loads(self._control.recv(4096) or b"{}")
        return heard if isinstance(heard, dict) else {}

    def _interrupt(self) -> None:
        with contextlib.suppress(OSError):
            self._control.send(b"interrupt")

    def stop(self) -> None:
        """End the shell and everything in its world."""
        with contextlib.suppress(OSError, ValueError):
            self._control.send(b"kill")
            self.cpu_seconds = float(self._hear(5.0).get("cpu_seconds", 0.0))
        self._control.close()
        self._line.close()
        shutil.rmtree(self._folder_name, ignore_errors=True)
