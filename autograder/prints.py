"""What a learner's function prints while it is checked: the first lines, then how many more there were.

A check calls a function dozens of times; a `print` left in a loop would push the check's own words off the screen.
"""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

MOST_LINES = 20
MOST_CHARACTERS = 4_000


class FewLines:
    """Hands text on to `stream` until it is too much, and from there on counts its lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines = self._characters = 0
        self._line_is_open = False
        self.left_out = 0

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            if self._lines < MOST_LINES and self._characters + len(line) <= MOST_CHARACTERS:
                self._stream.write(line)
                self._lines += line.endswith("\n")
                self._characters += len(line)
                self._line_is_open = not line.endswith("\n")
            else:
                self._lines = MOST_LINES
                self.left_out += line.endswith("\n")
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        self._stream.flush()

    def end(self) -> None:
        """Say how much was left out."""
        if self.left_out:
            more = "1 more line was" if self.left_out == 1 else f"{self.left_out} more lines were"
            start = "\n" if self._line_is_open else ""
            self._stream.write(f"{start}… {more} printed while your code was checked.\n")

    def __getattr__(self, name: str) -> Any:  # `encoding` and whatever else a notebook's stream has
        return getattr(self._stream, name)


@contextlib.contextmanager
def few_prints() -> Iterator[None]:
    """While it is open, only the first lines that are printed get through; at the end the others are counted."""
    few: Any = FewLines(sys.stdout)
    try:
        with contextlib.redirect_stdout(few):
            yield
    finally:
        few.end()
