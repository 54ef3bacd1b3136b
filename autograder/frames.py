"""Messages over a socket: a length, a JSON header, raw buffers. Every length is checked before it is read.

frame = 4 bytes: length of the header, little-endian
        header: JSON object; its "buffers" lists the sizes of what follows
        buffers
"""

import json
import select
import socket
import time
from typing import Any

MOST_HEADER = 4 << 20
MOST_BUFFERS = 64 << 20
MOST_PARTS = 10_000
REST_SECONDS = 1.0  # for what is left of a message that has begun when its time is up


class Broken(Exception):
    """The other side ended, or sent what no frame may hold."""


class TooLate(Exception):
    """The deadline passed; `halfway` says whether a frame had begun, so that the line is lost."""

    def __init__(self, halfway: bool) -> None:
        super().__init__("the deadline passed")
        self.halfway = halfway


def send(line: socket.socket, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
    """Send one frame; blocks until the other side has taken it."""
    buffers = buffers or []
    header = json.dumps(message | {"buffers": [len(raw) for raw in buffers]}).encode()
    line.sendall(len(header).to_bytes(4, "little") + header + b"".join(buffers))


def receive(line: socket.socket, deadline: float | None = None) -> tuple[dict[str, Any], list[bytes]]:
    """Receive one frame.

    Args:
        deadline: on `time.monotonic`'s clock; None waits for ever.

    Raises:
        Broken: the other side ended, or a frame is too large or makes no sense.
        TooLate: the deadline passed first.
    """
    size = int.from_bytes(_exactly(line, 4, deadline, begun=False), "little")
    if size > MOST_HEADER:
        raise Broken("a message was too large")
    if deadline is not None:
        deadline = max(deadline, time.monotonic() + REST_SECONDS)
    try:
        header = json.loads(_exactly(line, size, deadline, begun=True))
    except (ValueError, RecursionError):
        raise Broken("a message made no sense") from None
    sizes = header.pop("buffers", None) if type(header) is dict else None
    if type(sizes) is not list or len(sizes) > MOST_PARTS:
        raise Broken("a message made no sense")
    if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) > MOST_BUFFERS:
        raise Broken("a message was too large")
    return header, [_exactly(line, size, deadline, begun=True) for size in sizes]


def _exactly(line: socket.socket, size: int, deadline: float | None, begun: bool) -> bytes:
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([line], [], [], left)[0]:
                raise TooLate(begun or bool(data))
        try:
            chunk = line.recv(min(size - len(data), 1 << 20))
        except OSError as error:
            raise Broken(f"the process ended ({error})") from None
        if not chunk:
            raise Broken("the process ended")
        data += chunk
    return bytes(data)
