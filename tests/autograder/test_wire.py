"""The plain form of returned values, and its way through a pipe that nobody vouches for."""

import copy
import json
import random
import time
import tracemalloc

import numpy as np
import pytest
import torch

from autograder.wire import (
    DTYPES,
    MOST_DEPTH,
    MOST_DIMENSIONS,
    MOST_NODES,
    MOST_TEXT,
    MOST_TEXTS,
    NotAnAnswer,
    Unreadable,
    canonical,
    decode,
    encode,
)


def same(one, other) -> bool:
    """Equal trees: the same kinds, shapes, dtypes and bits."""
    if isinstance(one, np.ndarray):
        if not isinstance(other, np.ndarray) or (one.dtype, one.shape) != (other.dtype, other.shape):
            return False
        return one.tobytes() == other.tobytes()
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(one[k], other[k]) for k in one)
        )
    return type(one) is type(other) and one == other


def is_array(tree, values, dtype) -> bool:
    return type(tree) is np.ndarray and tree.dtype == np.dtype(dtype) and tree.tolist() == values


# The plain form


@pytest.mark.parametrize(
    ("value", "values", "dtype"),
    [
        (3, 3, "i8"),
        (True, True, "?"),
        (0.5, 0.5, "f8"),
        (1 + 2j, 1 + 2j, "c16"),
        (np.float32(0.5), 0.5, "f4"),
        (np.array(7, np.uint8), 7, "u1"),
        ([1, 2, 3], [1, 2, 3], "i8"),
        ((1, 2.5), [1, 2.5], "f8"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]], "i8"),
        ([(True, False)], [[True, False]], "?"),
        ([np.float32(1), np.float32(2)], [1, 2], "f4"),
        ([np.array(1.5), np.array(2.5)], [1.5, 2.5], "f8"),
        ([torch.tensor(1.5), torch.tensor(2.5)], [1.5, 2.5], "f4"),
        (np.array([[1.0, 2.0]]).view(np.matrix), [[1.0, 2.0]], "f8"),
        (np.arange(3, dtype=">i4"), [0, 1, 2], "<i4"),
        (np.arange(6).reshape(2, 3).T, [[0, 3], [1, 4], [2, 5]], "i8"),
        (np.zeros((0, 3)), [], "f8"),
    ],
)
def test_numbers_in_any_wrapping_become_one_array(value, values, dtype):
    assert is_array(canonical(value), values, dtype)


@pytest.mark.parametrize(
    ("tensor", "values", "dtype"),
    [
        (torch.tensor([1.0, 2.0]), [1, 2], "f4"),
        (torch.tensor([1.5], dtype=torch.bfloat16), [1.5], "f4"),
        (torch.tensor([1.5], dtype=torch.float16), [1.5], "f2"),
        (torch.tensor([1.0, 2.0], requires_grad=True) * 2, [2, 4], "f4"),
        (torch.nn.Parameter(torch.tensor([3.0])), [3], "f4"),
        (torch.tensor([[0.0, 5.0]]).to_sparse(), [[0, 5]], "f4"),
        (torch.tensor([1 + 2j]).conj(), [1 - 2j], "c8"),
        (torch.tensor([1 + 2j]).conj().imag, [-2], "f4"),
        (torch.tensor([[1, 2], [3, 4]]).T, [[1, 3], [2, 4]], "i8"),
        (torch.tensor(True), True, "?"),
        (torch.zeros(2).expand(3, 2), [[0, 0]] * 3, "f4"),
    ],
)
def test_tensors_of_every_sort_become_arrays(tensor, values, dtype):
    assert is_array(canonical(tensor), values, dtype)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.zeros(2, dtype=torch.float8_e4m3fn),
        lambda: torch.zeros(2, dtype=torch.complex32),
        lambda: torch.zeros(2, device="meta"),
        lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]),
    ],
    ids=["float8", "complex32", "meta", "nested"],
)
def test_a_tensor_that_numpy_cannot_hold_is_unreadable_and_no_error(make):
    assert isinstance(canonical(make()), Unreadable)


def test_a_masked_array_counts_as_the_numbers_it_holds():
    assert is_array(canonical(np.ma.masked_array([1.0, 2.0], mask=[False, True])), [1, 2], "f8")


def test_the_plain_form_is_a_copy_that_later_changes_do_not_reach():
    for value in (np.zeros(2), torch.zeros(2), np.zeros(2).astype(np.float32)):
        tree = canonical(value)
        value += 1
        assert tree.tolist() == [0, 0]


def test_strings_are_stripped_and_cut():
    assert canonical("  b \n") == "b"
    assert canonical(np.str_(" b ")) == "b"
    assert canonical(np.array(" b ")) == "b"
    assert len(canonical("x" * (MOST_TEXT + 1))) == MOST_TEXT


def test_nothing_stays_nothing_and_an_empty_list_stays_a_list():
    assert canonical(None) is None
    assert canonical([]) == []


def test_arrays_in_a_list_stay_apart_and_so_do_booleans_and_numbers():
    assert [tree.shape for tree in canonical([np.zeros(3), np.zeros(3)])] == [(3,), (3,)]
    mixed = canonical([True, 2])
    assert isinstance(mixed, list) and [tree.dtype.kind for tree in mixed] == ["b", "i"]


def test_rows_of_different_lengths_stay_lists():
    ragged = canonical([[1, 2], [3]])
    assert isinstance(ragged, list) and [row.tolist() for row in ragged] == [[1, 2], [3]]


def test_a_dict_keeps_its_keys_as_text():
    assert same(canonical({"b": 1, 2: [1.0]}), {"b": np.array(1), "2": np.array([1.0])})


class Strange:
    """Says nothing sensible about itself."""

    def __str__(self):
        raise ValueError("no")


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (lambda: 1, "a function"),
        (len, "a function"),
        (10**400, "a number too large to compare"),
        (np.array([1, None]), "an array of objects (rows of different lengths?)"),
        (np.array(["a", "b"]), "an array of <U1"),
        (np.array(["2020-01-01"], "M8[D]"), "an array of datetime64[D]"),
        (np.zeros(2, [("a", int)]), "an array of [('a', '<i8')]"),
        ({1, 2}, "a set"),
        (b"bytes", "a bytes"),
        (Strange(), "a Strange"),
        ((number for number in range(3)), "a generator"),
        (torch.nn.Linear(1, 1), "a Linear"),
        (np.zeros, "a function"),
    ],
)
def test_what_cannot_be_compared_is_named(value, what):
    assert canonical(value) == Unreadable(what)


def test_deep_and_endless_lists_are_said_to_be_so():
    deep = []
    for _ in range(MOST_DEPTH + 1):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    for value in (deep, endless):
        tree = canonical(value)
        while isinstance(tree, list):
            (tree,) = tree
        assert tree == Unreadable("something nested too deeply")


@pytest.mark.parametrize("key", [lambda inner: [inner] * 10, lambda inner: {n: inner for n in range(10)}])
def test_a_small_object_that_unfolds_into_a_huge_one_is_given_up_soon(key):
    value = []
    for _ in range(MOST_DEPTH - 2):
        value = key(value)
    begin = time.perf_counter()
    canonical(value)
    assert time.perf_counter() - begin < 5


def test_a_dict_whose_keys_cannot_be_printed_is_unreadable_and_no_error():
    assert isinstance(canonical({Strange(): 1}), Unreadable)


def test_a_list_of_many_numbers_is_still_an_array():
    assert canonical([[0.5] * 100] * 1000).shape == (1000, 100)


# There and back


def random_tree(rng: random.Random, depth: int = 0):
    kind = rng.choice(["array", "array", "text", "none", "unreadable"] + ["list", "dict"] * (depth < 4))
    if kind == "array":
        dtype = rng.choice(sorted(DTYPES))
        shape = tuple(rng.randint(0, 3) for _ in range(rng.randint(0, 4)))
        size = int(np.prod(shape, dtype=int)) * DTYPES[dtype].itemsize
        raw = bytes(rng.randint(0, 1 if dtype == "b1" else 255) for _ in range(size))
        return np.frombuffer(raw, DTYPES[dtype]).reshape(shape)
    if kind == "text":
        return "".join(rng.choice('aß☃\n"\\\0 😀') for _ in range(rng.randint(0, 9)))
    if kind == "list":
        return [random_tree(rng, depth + 1) for _ in range(rng.randint(0, 4))]
    if kind == "dict":
        return {f"key {n}": random_tree(rng, depth + 1) for n in range(rng.randint(0, 4))}
    return None if kind == "none" else Unreadable("a function")


def test_a_tree_survives_the_pipe_bit_for_bit():
    rng = random.Random(1)
    for _ in range(400):
        tree = random_tree(rng)
        node, buffers = encode(tree)
        assert same(decode(json.loads(json.dumps(node)), buffers), tree)


def test_what_code_returns_survives_the_pipe():
    for value in [
        (np.arange(6).reshape(2, 3).T, "a", None),
        {"weights": torch.ones(2, 2), "steps": [1, 2]},
        [np.array(np.nan), -np.inf],
        np.zeros((2, 0, 3), bool),
    ]:
        tree = canonical(value)
        assert same(decode(*encode(tree)), tree)


def test_a_tree_as_deep_as_canonical_makes_it_can_be_decoded():
    value: list = ["end"]
    for _ in range(MOST_DEPTH + 5):
        value = [value]
    tree = canonical(value)
    assert same(decode(*encode(tree)), tree)


# Hostile nodes

EIGHT = [b"\0" * 8]
BIG = 2**31 - 1


def deep_node(depth: int):
    node: dict = {"plain": None}
    for _ in range(depth):
        node = {"list": [node]}
    return node


def deep_dict(depth: int):
    node: dict = {"plain": None}
    for _ in range(depth):
        node = {"dict": [["a", node]]}
    return node


HOSTILE = {
    "none": (None, []),
    "a number": (1, []),
    "a text": ("plain", []),
    "a list": ([{"plain": None}], []),
    "an empty object": ({}, []),
    "two kinds at once": ({"plain": None, "list": []}, []),
    "an unknown kind": ({"pickle": "gASVAAA="}, []),
    "a kind that is no text": ({1: None}, []),
    "a plain number": ({"plain": 1}, []),
    "a plain truth": ({"plain": True}, []),
    "a plain list": ({"plain": []}, []),
    "an unreadable number": ({"unreadable": 3}, []),
    "an unreadable nothing": ({"unreadable": None}, []),
    "a list that is a text": ({"list": "ab"}, []),
    "a list that is an object": ({"list": {"0": {"plain": None}}}, []),
    "a list of bare values": ({"list": [1, 2]}, []),
    "a dict that is an object": ({"dict": {"a": {"plain": None}}}, []),
    "a dict of bare values": ({"dict": ["ab"]}, []),
    "a dict pair of three": ({"dict": [["a", {"plain": None}, 1]]}, []),
    "a dict pair of one": ({"dict": [["a"]]}, []),
    "a dict with a number for a key": ({"dict": [[1, {"plain": None}]]}, []),
    "a dict with a key twice": ({"dict": [["a", {"plain": None}], ["a", {"plain": None}]]}, []),
    "a dict with two long keys that are cut to one": (
        {"dict": [["a" * 300 + "b", {"plain": None}], ["a" * 300 + "c", {"plain": None}]]},
        [],
    ),
    "an array that is nothing": ({"array": None}, EIGHT),
    "an array of two": ({"array": ["f8", [1]]}, EIGHT),
    "an array of four": ({"array": ["f8", [1], 0, 0]}, EIGHT),
    "an array in an object": ({"array": {"dtype": "f8"}}, EIGHT),
    "an object dtype": ({"array": ["O", [1], 0]}, EIGHT),
    "a structured dtype": ({"array": ["f4,f4", [1], 0]}, EIGHT),
    "a text dtype": ({"array": ["U2", [1], 0]}, EIGHT),
    "a void dtype": ({"array": ["V8", [1], 0]}, EIGHT),
    "a date dtype": ({"array": ["M8[s]", [1], 0]}, EIGHT),
    "a big-endian dtype": ({"array": [">f8", [1], 0]}, EIGHT),
    "a dtype of zero width": ({"array": ["V0", [BIG], 0]}, EIGHT),
    "a dtype that is a list": ({"array": [["f8"], [1], 0]}, EIGHT),
    "a dtype that is nothing": ({"array": [None, [1], 0]}, EIGHT),
    "a shape that is a number": ({"array": ["f8", 1, 0]}, EIGHT),
    "a shape that is a text": ({"array": ["f8", "1", 0]}, EIGHT),
    "a shape of truths": ({"array": ["f8", [True], 0]}, EIGHT),
    "a shape of fractions": ({"array": ["f8", [1.0], 0]}, EIGHT),
    "a shape with a text": ({"array": ["f8", ["1"], 0]}, EIGHT),
    "a negative shape": ({"array": ["f8", [-1], 0]}, EIGHT),
    "two negative sizes": ({"array": ["f8", [-1, -1], 0]}, EIGHT),
    "a size of 2 to the 31": ({"array": ["f8", [2**31], 0]}, EIGHT),
    "a size of 2 to the 64": ({"array": ["f8", [2**64], 0]}, EIGHT),
    "a size of 10 to the 300": ({"array": ["f8", [10**300], 0]}, EIGHT),
    "a size that overflows to one": ({"array": ["f8", [2**30, 2**30, 16], 0]}, EIGHT),
    "an oversized shape behind a zero": ({"array": ["f8", [0, BIG, BIG], 0]}, [b""]),
    "many oversized axes behind a zero": ({"array": ["b1", [0] + [BIG] * (MOST_DIMENSIONS - 1), 0]}, [b""]),
    "too many axes": ({"array": ["f8", [1] * (MOST_DIMENSIONS + 1), 0]}, EIGHT),
    "a million axes": ({"array": ["f8", [1] * 1_000_000, 0]}, EIGHT),
    "more than there is": ({"array": ["f8", [2], 0]}, EIGHT),
    "less than there is": ({"array": ["f4", [1], 0]}, EIGHT),
    "nothing of something": ({"array": ["f8", [0], 0]}, EIGHT),
    "something of nothing": ({"array": ["f8", [], 0]}, [b""]),
    "a buffer that is not there": ({"array": ["f8", [1], 1]}, EIGHT),
    "a buffer from the end": ({"array": ["f8", [1], -1]}, EIGHT),
    "a buffer named by a truth": ({"array": ["f8", [1], False]}, EIGHT),
    "a buffer named by a text": ({"array": ["f8", [1], "0"]}, EIGHT),
    "a buffer named by a fraction": ({"array": ["f8", [1], 0.0]}, EIGHT),
    "a buffer that is nothing": ({"array": ["f8", [1], None]}, EIGHT),
    "a buffer used twice": ({"list": [{"array": ["f8", [1], 0]}, {"array": ["f8", [1], 0]}]}, EIGHT),
    "a truth that is 2": ({"array": ["b1", [8], 0]}, [b"\0\1\0\1\0\1\0\2"]),
    "a truth that is 255": ({"array": ["b1", [], 0]}, [b"\xff"]),
    "too deep in lists": (deep_node(MOST_DEPTH + 2), []),
    "far too deep in lists": (deep_node(100_000), []),
    "far too deep in dicts": (deep_dict(100_000), []),
    "too many parts": ({"list": [{"plain": None}] * MOST_NODES}, []),
    "too many parts in a dict": ({"dict": [[str(n), {"plain": None}] for n in range(MOST_NODES)]}, []),
    "parts that unfold": ({"list": [{"list": [{"list": [{"plain": None}] * 40}] * 40}] * 40}, []),
    "too much text": ({"list": [{"plain": "x" * MOST_TEXT}] * (MOST_TEXTS // MOST_TEXT + 1)}, []),
    "too much text in keys": ({"dict": [[f"{n:0200}", {"plain": None}] for n in range(1001)]}, []),
    "too many bytes": ({"plain": None}, [b"\0" * 600, b"\0" * 600]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_node_is_not_an_answer(name):
    node, buffers = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(NotAnAnswer):
            decode(node, buffers, most_bytes=1000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_an_array_without_elements_is_an_answer():
    assert decode({"array": ["f8", [3, 0, 2], 0]}, [b""]).shape == (3, 0, 2)


def test_the_limits_themselves_are_allowed():
    assert decode({"array": ["f8", [1] * MOST_DIMENSIONS, 0]}, EIGHT).shape == (1,) * MOST_DIMENSIONS
    assert len(decode({"list": [{"plain": None}] * (MOST_NODES - 1)}, [])) == MOST_NODES - 1
    assert decode({"array": ["u1", [1000], 0]}, [b"\7" * 1000], most_bytes=1000).sum() == 7000


def test_long_text_is_cut_when_it_arrives():
    assert len(decode({"plain": "x" * 10**6}, [])) == MOST_TEXT
    assert len(decode({"unreadable": "x" * 10**6}, []).what) == 200


WEIRD = [
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.5, float("nan"), "", "f8", "O", "plain", "list", [],
    [0],
    [1, 2, 3], [[]], {}, {"plain": None}, {"array": ["f8", [1], 0]}, {"list": []}, "x" * 300,
]  # fmt: skip


def mutated(node, rng: random.Random):
    """The node with one part of it exchanged, dropped, doubled or wrapped."""
    node = copy.deepcopy(node)
    places = []

    def walk(part):
        if isinstance(part, dict | list):
            for key in list(part) if isinstance(part, dict) else range(len(part)):
                places.append((part, key))
                walk(part[key])

    walk(node)
    if not places:
        return rng.choice(WEIRD)
    where, key = rng.choice(places)
    what = rng.choice(["exchange", "exchange", "drop", "double", "wrap", "rename"])
    if what == "drop":
        del where[key]
    elif what == "double" and isinstance(where, list):
        where.append(copy.deepcopy(where[key]))
    elif what == "rename" and isinstance(where, dict):
        where[rng.choice(["plain", "array", "list", "dict", "unreadable", ""])] = where.pop(key)
    elif what == "wrap":
        where[key] = rng.choice([[where[key]], {"list": [where[key]]}, {"array": where[key]}])
    else:
        where[key] = copy.deepcopy(rng.choice(WEIRD))
    return node


def test_whatever_is_changed_in_a_node_only_not_an_answer_comes_out():
    rng = random.Random(2)
    refused = 0
    for _ in range(2000):
        node, buffers = encode(random_tree(rng))
        for _ in range(rng.randint(1, 3)):
            node = mutated(node, rng)
        if buffers and rng.random() < 0.3:
            buffers[rng.randrange(len(buffers))] = bytes(
                rng.randint(0, 255) for _ in range(rng.randint(0, 20))
            )
        try:
            decode(node, buffers, most_bytes=100_000)
        except NotAnAnswer:
            refused += 1
    assert 1000 < refused < 2000  # most are refused, and some changes do no harm
