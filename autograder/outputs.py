"""What a cell of a submission shows: plain text and PNG, bounded, whatever its process sends."""

import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

MOST_PIECES = 500


class Outputs:
    """A cell's outputs as plain text and PNG, bounded; nothing of them is believed."""

    def __init__(self, room: int) -> None:
        self.outputs: list[NotebookNode] = []
        self.error = ""
        self.used = 0
        self._room = room
        self._full = False

    def say(self, text: str) -> None:
        self.outputs.append(new_output("stream", name="stdout", text=text + "\n"))

    def add(self, message: dict[str, Any]) -> None:
        if self._full:
            return
        kind, data = message.get("type"), message.get("data")
        if kind == "stream":
            self._text(clean(message.get("text")))
        elif kind == "error":
            self._error(message)
        elif kind == "display" and isinstance(data, dict):
            self._display(clean(data.get("text/plain")), clean(data.get("image/png")))
        if self.used >= self._room or len(self.outputs) > MOST_PIECES:
            self._full = True
            self.say("\n(more was printed; it is left out here)")

    def _text(self, text: str) -> None:
        text = text[: self._room - self.used]
        self.used += len(text)
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream":
            last.text += text
        else:  # stderr too: a warning is no mistake, and nbgrader takes any stderr for a failure
            self.outputs.append(new_output("stream", name="stdout", text=text))

    def _display(self, text: str, png: str) -> None:
        data = {"text/plain": text[: self._room - self.used]} if text else {}
        if png and len(png) <= self._room - self.used - len(text) and re.fullmatch(r"[A-Za-z0-9+/=\s]+", png):
            data["image/png"] = png
        self.used += sum(map(len, data.values()))
        if data:
            self.outputs.append(new_output("display_data", data=data))

    def _error(self, message: dict[str, Any]) -> None:
        lines = message.get("lines")
        trace = [clean(line)[:2000] for line in lines[:30]] if isinstance(lines, list) else []
        name, value = clean(message.get("name"))[:100], clean(message.get("value"))[:1000]
        self.used += sum(map(len, trace)) + len(name) + len(value)
        self.outputs.append(new_output("error", ename=name, evalue=value, traceback=trace))
        self.error = re.sub(r"\([^()]*, line (\d+)\)$", r"(line \1 of the cell)", f"{name}: {value}")


def clean(text: Any) -> str:
    """Text that can be written into a file: no lone surrogates."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""
