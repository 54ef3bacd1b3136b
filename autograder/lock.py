"""One grading run at a time: two would write the same gradebook."""

import contextlib
import os
from collections.abc import Iterator

from autograder.course import STATE, UsageError


@contextlib.contextmanager
def only_one(what: str) -> Iterator[None]:
    """Hold the course's lock; it is let go when the process ends, however it ends.

    Raises:
        UsageError: another run holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows: there a second run is not noticed
        yield
        return
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / "lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read().strip() or "another run"
            raise UsageError(
                f"{who} is at work on this course. Wait until it has ended, then run this again."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"`spotlight {what}` (process {os.getpid()})")
        file.flush()
        yield
        file.truncate(0)
