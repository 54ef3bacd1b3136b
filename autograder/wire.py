"""One plain form for whatever code returns, and its way through a pipe or a file.

    canonical(value)         -> tree        lists of numbers, NumPy arrays and torch tensors become arrays
    encode(tree)             -> node, buffers   JSON and raw bytes
    decode(node, buffers)    -> tree        believes nothing: types, counts, depth and sizes come first

A tree is None, a string, an array, a list or dict of trees, or `Unreadable`. No pickle anywhere.
"""

import itertools
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_NODES = 10_000
MOST_VALUES = 300_000  # in nested lists, before they become arrays
MOST_DEPTH = 20
MOST_DIMENSIONS = 12
MOST_TEXT = 10_000
MOST_TEXTS = 200_000  # characters of all texts of one answer
MOST_BYTES = 64 << 20
DTYPES = {
    name: np.dtype(name if name in ("b1", "i1", "u1") else "<" + name)
    for name in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
}


@dataclass(frozen=True)
class Unreadable:
    """Something that no check can compare; `what` names it for the learner ("a function")."""

    what: str


Tree = Any  # None | str | np.ndarray | list[Tree] | dict[str, Tree] | Unreadable


class NotAnAnswer(ValueError):
    """What arrived is not an encoded tree."""


def canonical(value: Any) -> Tree:
    """The plain form of a returned value; never raises for odd input, but says `Unreadable`."""
    try:
        return _canonical(value, 0, itertools.count())[0]
    except RecursionError:
        return Unreadable("something nested too deeply")
    except _TooMany:
        return Unreadable("something with too many parts")
    except Exception:  # an object that cannot be printed, a tensor that NumPy cannot hold
        return Unreadable(f"a {type(value).__name__} that cannot be read")


class _TooMany(Exception):
    pass


def _canonical(value: Any, depth: int, counted: Iterator[int]) -> tuple[Tree, bool]:
    """The tree, and whether it consists of bare numbers only (so that a list of it is an array)."""
    if next(counted) > MOST_VALUES:
        raise _TooMany
    if depth > MOST_DEPTH:
        return Unreadable("something nested too deeply"), False
    if value is None:
        return None, False
    if isinstance(value, str):
        return value.strip()[:MOST_TEXT], False
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return _array(np.asarray(value)), True
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _array(_numpy_of(value, torch)), value.ndim == 0
    if isinstance(value, np.ndarray):
        return _array(np.array(value, subok=False)), value.ndim == 0
    if isinstance(value, (list, tuple)):
        return _sequence([_canonical(item, depth + 1, counted) for item in value])
    if isinstance(value, dict):
        return {str(key): _canonical(item, depth + 1, counted)[0] for key, item in value.items()}, False
    kind = type(value).__name__
    return Unreadable(
        "a function" if kind in ("function", "builtin_function_or_method") else f"a {kind}"
    ), False


def _numpy_of(tensor: Any, torch: Any) -> np.ndarray:
    plain = tensor.detach().cpu().resolve_conj().resolve_neg()
    if plain.layout != torch.strided:
        plain = plain.to_dense()
    return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()


def _array(array: np.ndarray) -> Tree:
    if array.dtype.kind in "US" and array.ndim == 0:
        return str(array).strip()
    if array.dtype.kind == "O" and array.ndim == 0:
        return Unreadable("a number too large to compare")
    if array.dtype.kind == "O":
        return Unreadable("an array of objects (rows of different lengths?)")
    if array.dtype.kind not in "biufc" or array.dtype.newbyteorder("<") not in DTYPES.values():
        return Unreadable(f"an array of {array.dtype}")
    return array.astype(array.dtype.newbyteorder("<"))


def _sequence(items: list[tuple[Tree, bool]]) -> tuple[Tree, bool]:
    trees = [tree for tree, _ in items]
    bare = bool(items) and all(numbers for _, numbers in items)
    alike = bare and len({(tree.shape, tree.dtype.kind == "b") for tree in trees}) == 1
    return (np.array(trees), True) if alike else (trees, False)


def encode(tree: Tree) -> tuple[Any, list[bytes]]:
    """A JSON node and the bytes of its arrays."""
    buffers: list[bytes] = []

    def node(part: Tree) -> Any:
        if part is None or isinstance(part, str):
            return {"plain": part}
        if isinstance(part, np.ndarray):
            buffers.append(np.ascontiguousarray(part).tobytes())
            return {"array": [part.dtype.str.lstrip("<|="), list(part.shape), len(buffers) - 1]}
        if isinstance(part, list):
            return {"list": [node(item) for item in part]}
        if isinstance(part, dict):
            return {"dict": [[key, node(item)] for key, item in part.items()]}
        return {"unreadable": part.what[:200]}

    return node(tree), buffers


def decode(node: Any, buffers: list[bytes], most_bytes: int = MOST_BYTES) -> Tree:
    """Read an encoded tree that nobody vouches for.

    Raises:
        NotAnAnswer: an unknown kind, a buffer used twice or of the wrong size, too many parts, too deep.
    """
    used: set[int] = set()
    parts = 0
    room = MOST_TEXTS

    def text(content: str, most: int) -> str:
        nonlocal room
        room -= min(len(content), most)
        if room < 0:
            raise NotAnAnswer("too much text")
        return content[:most]

    def buffer(number: Any) -> bytes:
        if type(number) is not int or not 0 <= number < len(buffers) or number in used:
            raise NotAnAnswer("a buffer that is not there")
        used.add(number)
        return buffers[number]

    def array(description: Any) -> np.ndarray:
        if type(description) is not list or len(description) != 3:
            raise NotAnAnswer("an array without dtype, shape and buffer")
        dtype_name, shape, number = description
        if type(dtype_name) is not str or dtype_name not in DTYPES:
            raise NotAnAnswer("an unknown dtype")
        if type(shape) is not list or len(shape) > MOST_DIMENSIONS:
            raise NotAnAnswer("too many dimensions")
        if any(type(size) is not int or not 0 <= size < 1 << 31 for size in shape):
            raise NotAnAnswer("an impossible shape")
        dtype = DTYPES[dtype_name]
        # Sizes of 0 must not hide the others: NumPy refuses a shape whose non-zero part overflows.
        if math.prod(max(size, 1) for size in shape) * dtype.itemsize > most_bytes:
            raise NotAnAnswer("an array too large")
        raw = buffer(number)
        if math.prod(shape) * dtype.itemsize != len(raw):
            raise NotAnAnswer("an array whose bytes do not fit its shape")
        if dtype.kind == "b" and raw and max(raw) > 1:
            raise NotAnAnswer("a boolean that is neither 0 nor 1")
        return np.frombuffer(raw, dtype).reshape(shape)

    def tree(part: Any, depth: int) -> Tree:
        nonlocal parts
        parts += 1
        if parts > MOST_NODES or depth > MOST_DEPTH + 1:
            raise NotAnAnswer("too many parts")
        if type(part) is not dict or len(part) != 1:
            raise NotAnAnswer("not a node")
        ((kind, content),) = part.items()
        if kind == "plain" and (content is None or type(content) is str):
            return content if content is None else text(content, MOST_TEXT)
        if kind == "array":
            return array(content)
        if kind == "list" and type(content) is list:
            return [tree(item, depth + 1) for item in content]
        if kind == "dict" and type(content) is list:
            return pairs(content, depth)
        if kind == "unreadable" and type(content) is str:
            return Unreadable(text(content, 200))
        raise NotAnAnswer("an unknown kind of node")

    def pairs(content: list[Any], depth: int) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        for pair in content:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str or pair[0][:200] in found:
                raise NotAnAnswer("a dict with odd keys")
            found[text(pair[0], 200)] = tree(pair[1], depth + 1)
        return found

    if sum(len(raw) for raw in buffers) > most_bytes:
        raise NotAnAnswer("too large")
    return tree(node, 0)
