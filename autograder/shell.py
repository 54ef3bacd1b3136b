"""The process that runs a submission: an IPython shell behind one socket, and nothing to be trusted.

It takes two requests. `run` executes a cell and streams what it shows; `ask` puts an exercise's checks to
what the cells defined, in a forked child, and streams the answers. The grader believes none of it.
"""

import base64
import contextlib
import io
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

from autograder import frames, probe

MOST_OUTPUT = 1 << 20  # characters of text a cell may print; the rest is dropped here, before it is sent


class Stream(io.TextIOBase):
    """stdout or stderr of the learner's code, sent in pieces."""

    encoding = "utf-8"  # type: ignore[assignment]

    def __init__(self, line: socket.socket, name: str) -> None:
        self._line, self._name, self._pieces = line, name, list[str]()
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
            frames.send(self._line, {"type": "stream", "name": self._name, "text": text})

    def writable(self) -> bool:
        return True


def make_shell() -> Any:
    """An IPython shell without history, prompts or a screen; made before any learner's code runs."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data: dict[str, Any], metadata: Any = None, **_: Any) -> None:
            sys.stdout.flush()
            frames.send(_line(), {"type": "display", "data": _text_only(data)})

        def clear_output(self, wait: bool = False) -> None:
            pass

    class Result(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
            sys.stdout.flush()
            frames.send(_line(), {"type": "display", "data": _text_only(format_dict)})

        def finish_displayhook(self) -> None:
            sys.stdout.flush()

    class Shell(InteractiveShell):
        system = InteractiveShell.system_piped

        def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
            sys.stdout.flush()
            error = {"name": etype.__name__, "value": str(evalue)[:2000], "lines": [str(x)[:4000] for x in stb][:50]}
            frames.send(_line(), {"type": "error"} | error)

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
    return Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Result)


_LINE: list[socket.socket] = []


def _line() -> socket.socket:
    return _LINE[0]


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
    out, err = Stream(line, "stdout"), Stream(line, "stderr")
    sys.stdout, sys.stderr = out, err
    frames.send(line, {"type": "ready"})
    for request in _requests(line):
        out.room = err.room = MOST_OUTPUT
        # Ctrl-C is how the grader ends a cell that takes too long; SystemExit is a learner's `exit()`.
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            if request["type"] == "run":
                shell.run_cell(request["code"], store_history=True)
            else:
                probe.answer(request, shell.user_ns, lambda message, raw: frames.send(line, message, raw))
        for stream in (out, err):
            with contextlib.suppress(Exception):
                stream.flush()
        sys.stdout, sys.stderr = out, err
        frames.send(line, {"type": "done", "id": request["id"]})


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
