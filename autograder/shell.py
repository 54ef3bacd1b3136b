"""The process that runs a submission: an IPython shell behind one socket, and nothing to be trusted.

It takes two requests. `run` executes a cell and streams what it shows; `ask` puts an exercise's checks to
what the cells defined, in a forked child, and streams the answers. The grader believes none of it.
"""

import ast
import base64
import contextlib
import io
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

from autograder import frames, probe

MOST_OUTPUT = 1 << 20  # characters of text a cell may print; the rest is dropped here, before it is sent
COMMANDS = ("system", "sx", "bash", "sh", "script")  # magics that hand a line to the operating system


class Stream(io.TextIOBase):
    """stdout or stderr of the learner's code, sent in pieces."""

    encoding = "utf-8"

    def __init__(self, name: str) -> None:
        self._name, self._pieces = name, list[str]()
        self.room = MOST_OUTPUT

    def write(self, text: str) -> int:
        text = str(text)
        self._pieces.append(text[: max(self.room, 0)])
        self.room -= len(text)
        if len(self._pieces) > 200:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._pieces = "".join(self._pieces), []
        if text:
            send({"type": "stream", "name": self._name, "text": text})

    def writable(self) -> bool:
        return True


def make_shell() -> Any:
    """An IPython shell without history, prompts or a screen; made before any learner's code runs."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
            sys.stdout.flush()
            send({"type": "display", "data": _text_only(data)})

        def clear_output(self, wait: bool = False) -> None:
            pass

    class Result(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
            sys.stdout.flush()
            send({"type": "display", "data": _text_only(format_dict)})

        def finish_displayhook(self) -> None:
            sys.stdout.flush()

    class Shell(InteractiveShell):
        def system(self, cmd: str) -> None:
            _no_command(cmd)

        def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
            return [] if split else ""

        def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
            sys.stdout.flush()
            lines = [str(line)[:4000] for line in stb[:50]]
            send({"type": "error", "name": etype.__name__, "value": str(evalue)[:2000], "lines": lines})

        @contextlib.contextmanager
        def _tee(self, channel: str) -> Iterator[None]:
            yield  # IPython's own keeps all that is ever printed: gigabytes

        def ask_exit(self) -> None:
            pass

        def enable_gui(self, gui: Any = None) -> None:
            pass

        def init_virtualenv(self) -> None:
            pass

    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    shell = Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Result)
    for name in COMMANDS:  # a `!pip install` would change what the next submission is graded with
        shell.register_magic_function(_no_command, "line_cell", name)  # type: ignore[arg-type]
    return shell


def _no_command(line: str, cell: str = "") -> None:
    print("(commands of the operating system are not run while grading)")


_LINE: list[socket.socket] = []
_SENDING = threading.Lock()


def send(message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
    """Send one whole frame, whatever other threads or a Ctrl-C are about to do."""
    mask = getattr(signal, "pthread_sigmask", None)
    with _SENDING:
        before = mask(signal.SIG_BLOCK, {signal.SIGINT}) if mask else set()
        try:
            frames.send(_LINE[0], message, buffers)
        finally:
            if mask:
                mask(signal.SIG_SETMASK, before)


def _text_only(data: dict[str, Any]) -> dict[str, str]:
    """What the grader keeps of an output: plain text and PNG."""
    kept = {}
    for name in ("text/plain", "image/png"):
        value = data.get(name)
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        if isinstance(value, str):
            kept[name] = value[:MOST_OUTPUT]
    return kept


def serve(line: socket.socket, shell: Any) -> None:
    """Answer requests until the other side closes."""
    _LINE[:] = [line]
    import autograder

    autograder.check = _check_in_grading
    out, err = Stream("stdout"), Stream("stderr")
    sys.stdout, sys.stderr = out, err
    send({"type": "ready"})
    for request in _requests(line):
        out.room = err.room = MOST_OUTPUT
        # Ctrl-C is how the grader ends what takes too long; SystemExit is a learner's `exit()`.
        with contextlib.suppress(KeyboardInterrupt, SystemExit), _may_be_interrupted():
            if request["type"] == "run":
                _run(shell, request["code"])
            else:
                probe.answer(request, shell.user_ns, send)
        for stream in (out, err):
            with contextlib.suppress(Exception):
                stream.flush()
        sys.stdout, sys.stderr = out, err
        send({"type": "done", "id": request["id"]})


@contextlib.contextmanager
def _may_be_interrupted() -> Iterator[None]:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run(shell: Any, source: str) -> None:
    """Run a cell; where it stops with an error, what it defines below that line is defined all the same.

    So an answer survives an `import google.colab`, a missing file or a call of `input()` above it.
    """
    error = shell.run_cell(source, store_history=True).error_in_exec
    stopped = None
    step = error.__traceback__ if error is not None else None
    while step is not None:
        if step.tb_frame.f_globals is shell.user_ns and step.tb_frame.f_code.co_name == "<module>":
            stopped = step
        step = step.tb_next
    if stopped is None:
        return
    name, below = stopped.tb_frame.f_code.co_filename, stopped.tb_lineno
    for statement in ast.parse(shell.transform_cell(source)).body:
        if statement.lineno > below and _defines(statement):
            with contextlib.suppress(Exception):  # it may need what did not run; then it stays undefined
                exec(compile(ast.Module([statement], []), name, "exec"), shell.user_ns)


def _defines(statement: ast.stmt) -> bool:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return isinstance(statement, definitions) or (
        isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    )


def _check_in_grading(name: str) -> None:
    """`check` in a submission's own cells: the grader asks by itself, from outside."""
    print("(checked by the grader)")


def _requests(line: socket.socket) -> Iterator[dict[str, Any]]:
    while True:
        try:
            request, _ = frames.receive(line)
        except frames.Broken:
            return
        except KeyboardInterrupt:  # it came after the cell had ended
            continue
        yield request


def main() -> None:
    """`python -m autograder.shell`, with the socket as standard input."""
    if sys.platform == "win32":  # sockets are no file handles there
        line = socket.fromshare(sys.stdin.buffer.read())
    else:
        line = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    sys.path.insert(0, "")
    serve(line, make_shell())


if __name__ == "__main__":
    main()
