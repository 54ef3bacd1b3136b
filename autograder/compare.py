"""Is an answer the expected one, and if not, where does it first differ?

The expected side leads: shape, then kind (integers and floats are one kind, booleans another), then
finiteness, then values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from autograder.wire import Tree, Unreadable

RELATIVE_TOLERANCE = 1e-4
ABSOLUTE_TOLERANCE = 1e-6
SINGLE_PRECISION_TOLERANCE = 2.5e-3  # a float32 answer to a float64 question

KINDS = {"b": "true/false values", "i": "numbers", "u": "numbers", "f": "numbers", "c": "complex numbers"}


@dataclass(frozen=True)
class Difference:
    """What differs, in one sentence; where; and the two parts that differ.

    `place` leads into nested answers (the second of two returned arrays is `(1,)`); `index` is the first
    differing position within the array, or None where it is not a matter of one position.
    """

    says: str
    yours: Tree
    expected: Tree
    place: tuple[int | str, ...] = ()
    index: tuple[int, ...] | None = None


def first_difference(yours: Tree, expected: Tree, strictness: float = 1.0) -> Difference | None:
    """Compare two trees (see `wire`).

    Args:
        strictness: divides the tolerance; tests use 1/100 to see that wrong answers are clearly wrong.

    Returns:
        None when they are equal within tolerance.
    """
    return _differ(yours, expected, (), strictness)


def _differ(
    yours: Tree, expected: Tree, place: tuple[int | str, ...], strictness: float
) -> Difference | None:
    def differs(says: str, index: tuple[int, ...] | None = None) -> Difference:
        return Difference(says, yours, expected, place, index)

    if yours is None and expected is not None:
        return differs("Your code returned None: is there a `return`, and does it run for this input?")
    if isinstance(yours, Unreadable):
        verb = "were" if isinstance(expected, list) else "was"
        return differs(f"Your code returned {yours.what}, and {_name(expected)} {verb} expected.")
    if isinstance(expected, np.ndarray):
        return _differ_from_array(yours, expected, place, strictness)
    if isinstance(expected, list):
        items = list(map(np.asarray, yours)) if isinstance(yours, np.ndarray) and yours.ndim else yours
        if not isinstance(items, list):
            return differs(f"Your code returned {_name(yours)}; {len(expected)} values were expected.")
        if len(items) != len(expected):
            if isinstance(yours, np.ndarray) and yours.ndim > 1:
                return differs(f"Your code returned {_name(yours)}; {len(expected)} values were expected.")
            return differs(f"Your code returned {len(items)} values; {len(expected)} were expected.")
        pairs = enumerate(zip(items, expected, strict=True))
        return _first(_differ(a, b, (*place, number), strictness) for number, (a, b) in pairs)
    if isinstance(expected, dict):
        if not isinstance(yours, dict):
            return differs(f"Your code returned {_name(yours)}; a dict was expected.")
        if yours.keys() != expected.keys():
            return differs(f"Your dict has the keys {_keys(yours)}; expected {_keys(expected)}.")
        return _first(_differ(yours[key], expected[key], (*place, key), strictness) for key in expected)
    if isinstance(yours, np.ndarray | list | dict) or yours != expected:
        return differs(f"Your code returned {_name(yours)}; {_name(expected)} was expected.")
    return None


def _not_a_number(yours: list, expected: np.ndarray) -> str:
    """What is said if several numbers were expected and one of yours is an array, else ""."""
    if expected.ndim != 1 or len(yours) != len(expected):
        return ""
    shapes = [item.shape if isinstance(item, np.ndarray) else (len(item),) for item in yours]
    wrong = next((number for number, shape in enumerate(shapes) if shape), None)
    if wrong is None:
        return ""
    return f"Value {wrong + 1} of your {len(yours)} has shape {shapes[wrong]}; a single number was expected."


def _differ_from_array(
    yours: Tree, expected: np.ndarray, place: tuple[int | str, ...], strictness: float
) -> Difference | None:
    if isinstance(yours, list):
        for leaf in _leaves(yours):
            if not isinstance(leaf, np.ndarray):
                says = f"Your list holds {_name(leaf)}; {_name(expected)} was expected."
                return Difference(says, yours, expected, place)
        try:
            yours = np.stack([np.asarray(item) for item in yours]) if yours else np.zeros(0)
        except (ValueError, TypeError):
            says = _not_a_number(yours, expected) or "Your rows have different lengths."
            return Difference(says, yours, expected, place)

    def differs(says: str, where: np.ndarray | None = None) -> Difference:
        index = None if where is None else tuple(int(i) for i in np.argwhere(where)[0])
        return Difference(says, yours, expected, place, index)

    if not isinstance(yours, np.ndarray) or yours.dtype.kind not in KINDS:
        return differs(f"Your code returned {_name(yours)}; {_name(expected)} was expected.")
    if yours.shape != expected.shape:
        return differs(f"Yours has shape {yours.shape}; expected {expected.shape}.")
    if KINDS[yours.dtype.kind] != KINDS[expected.dtype.kind]:
        return differs(f"Yours holds {KINDS[yours.dtype.kind]}; expected {KINDS[expected.dtype.kind]}.")
    if expected.dtype.kind == "b":
        wrong = yours != expected
        return differs("Some values differ.", wrong) if wrong.any() else None
    odd = np.isfinite(yours) != np.isfinite(expected)
    if odd.any():
        count = int((~np.isfinite(yours)).sum())
        if count:
            name = "nan" if np.isnan(yours).any() else "inf"
            return differs(f"Yours holds {name} ({count} of {yours.size} values are not finite).", odd)
        return differs("Yours holds ordinary numbers where inf was expected.", odd)
    relative, absolute = RELATIVE_TOLERANCE / strictness, ABSOLUTE_TOLERANCE / strictness
    if {yours.dtype.itemsize, expected.dtype.itemsize} != {
        expected.dtype.itemsize
    } and yours.dtype.kind == "f":
        relative = max(relative, SINGLE_PRECISION_TOLERANCE)
        absolute = max(absolute, SINGLE_PRECISION_TOLERANCE / 100)
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(yours, expected, relative, absolute, equal_nan=True)
    if not wrong.any():
        return None
    if yours.dtype.kind == "f" and any(_is_rounded(yours, expected, digits) for digits in (1, 2, 3, 4)):
        return differs("Your numbers are rounded; return them as they are.", wrong)
    return differs("Some values differ.", wrong)


def _is_rounded(yours: np.ndarray, expected: np.ndarray, digits: int) -> bool:
    with np.errstate(all="ignore"):
        alike = np.array_equal(yours.round(12), np.round(expected, digits).round(12))
    return alike and bool(yours.any())  # nothing but zeros is no rounding


def _first(differences: Iterable[Difference | None]) -> Difference | None:
    return next((found for found in differences if found is not None), None)


def _leaves(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, list):
        for item in tree:
            yield from _leaves(item)
    else:
        yield tree


def _keys(tree: dict[str, Tree]) -> str:
    return ", ".join(tree) or "(none)"


def _name(tree: Tree) -> str:
    if tree is None:
        return "None"
    if isinstance(tree, str):
        return f'"{tree[:60]}"'
    if isinstance(tree, np.ndarray):
        if tree.ndim == 0:
            return "a true/false value" if tree.dtype.kind == "b" else "a number"
        return f"an array of shape {tree.shape}"
    if isinstance(tree, list):
        return f"{len(tree)} values"
    return "a dict" if isinstance(tree, dict) else tree.what
