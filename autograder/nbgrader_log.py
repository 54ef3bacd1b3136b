"""nbgrader's log, kept instead of shown, and the one line of it that says what went wrong."""

import contextlib
import io
import logging
from collections.abc import Iterator

LOGGERS = ("traitlets", "alembic", "nbgrader")


@contextlib.contextmanager
def kept_log() -> Iterator[list[str]]:
    """Collect warnings and errors of nbgrader and of what it runs; nothing reaches the screen."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, entry: logging.LogRecord) -> None:
            lines.append(entry.getMessage())

    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(each, each.handlers[:], each.propagate, each.level) for each in loggers]
    for each in loggers:
        each.handlers, each.propagate = [Keep()], False
        each.setLevel(logging.WARNING)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield lines
    finally:
        for each, handlers, propagate, level in before:
            each.handlers, each.propagate = handlers, propagate
            each.setLevel(level)


def cause(lines: list[str], error: BaseException) -> str:
    """What went wrong, in a line: the end of the last traceback that was logged, else the error itself."""
    traces = [line for line in lines if line.startswith("Traceback")]
    last = traces[-1].rstrip().split("\n")[-1] if traces else str(error)
    return (last or type(error).__name__)[:300]
