"""The code that a message prints makes the same call again."""

import re

import numpy as np
import pytest
import torch

from autograder.asking import Call
from autograder.call_code import MOST_NUMBERS, call_code
from autograder.wire import canonical


def again(arguments, keywords=(), **names):
    """The arguments that the printed code gives when it is run."""
    text = call_code("answer", Call(arguments, keywords=keywords), "a_check", 0)
    got = {}

    def answer(*args, **kwargs):
        got["args"], got["kwargs"] = args, kwargs

    exec(text, {"answer": answer, "np": np, "torch": torch} | names)
    return text, got["args"], got["kwargs"]


def equal(one, other) -> bool:
    if isinstance(one, np.ndarray | torch.Tensor):
        return (
            type(one) is type(other)
            and one.dtype == other.dtype
            and same_bits(canonical(one), canonical(other))
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    return one == other or (one != one and other != other)


def same_bits(one, other) -> bool:
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")


VALUES = [
    np.random.RandomState(0).normal(size=(3, 4)),
    np.random.RandomState(0).normal(size=(2, 3, 4)).round(1),
    np.random.RandomState(0).normal(size=5) * 1e-7,
    np.random.RandomState(0).normal(size=5) * 1e30,
    np.arange(12).reshape(3, 4),
    np.arange(6).reshape(2, 3).T,
    np.array([True, False]),
    np.array([[True], [False]]),
    np.array([0.1, 1 / 3], np.float32),
    np.array([0.1, 1 / 3], np.float16),
    np.array([1, 255], np.uint8),
    np.array([-1, 2], np.int32),
    np.array([1 + 2j, 0.1j]),
    np.array([np.nan, np.inf, -np.inf, 1.0]),
    np.array([np.nan, 1.0], np.float32),
    np.array(2.5),
    np.array(3),
    np.array(True),
    np.array(1.5, np.float32),
    np.zeros(0),
    np.zeros((2, 0, 3)),
    np.zeros((0, 3), np.int32),
    np.float64(0.1),
    np.float32(0.1),
    np.int64(3),
    np.int32(-3),
    np.bool_(True),
    np.float64(np.nan),
    np.float32(np.inf),
    0.1,
    3,
    -2,
    True,
    None,
    "a 'text' with \"quotes\" and \n",
    float("nan"),
    float("inf"),
    float("-inf"),
    [1, 2.5, None],
    (1,),
    (),
    [],
    [np.zeros(2), np.ones((2, 2))],
    [float("nan"), (np.float32(1), [np.int64(2)])],
    {"a": np.zeros(2), "b": [1, float("inf")]},
    torch.tensor([0.1, 1 / 3]),
    torch.tensor([0.1, 1 / 3], dtype=torch.float64),
    torch.tensor([0.1, 1 / 3], dtype=torch.float16),
    torch.tensor([0.1, 1 / 3], dtype=torch.bfloat16),
    torch.tensor([[1, 2], [3, 4]]),
    torch.tensor([1, 2], dtype=torch.int32),
    torch.tensor([1, 2], dtype=torch.int8),
    torch.tensor([1, 255], dtype=torch.uint8),
    torch.tensor([True, False]),
    torch.tensor([1 + 2j]),
    torch.tensor([float("nan"), float("inf"), -float("inf")]),
    torch.tensor(2.5),
    torch.tensor(7),
    torch.zeros(2, 0),
    torch.zeros(0, dtype=torch.int64),
    torch.tensor([1.0, 2.0], requires_grad=True),
    torch.arange(40.0).reshape(5, 8),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: re.sub(r"\s+", "", repr(value))[:40])
def test_the_printed_call_gives_the_same_argument_again(value):
    text, args, kwargs = again({"x": value})
    assert not kwargs and len(args) == 1
    (got,) = args
    wanted = value.detach() if isinstance(value, torch.Tensor) else value
    assert equal(wanted.item() if isinstance(value, np.float64 | np.int64 | np.bool_) else wanted, got), text


def test_several_arguments_keep_their_places_and_their_names():
    x, y = np.arange(3.0), np.arange(4)
    for arguments in ({"x": x, "y": 3}, {"x": x, "y": y}, {"x": np.tile(x, (6, 2)), "y": np.tile(y, (5, 2))}):
        text, args, kwargs = again(arguments)
        got = dict(zip(arguments, args, strict=False)) | kwargs
        assert equal(arguments, got), text


def test_an_argument_given_by_name_is_printed_with_its_name():
    text, args, kwargs = again({"x": 1.5, "scale": 3}, keywords=("scale",))
    assert text == "answer(1.5, scale=3)"
    assert args == (1.5,) and kwargs == {"scale": 3}
    assert again({"x": np.eye(2)}, keywords=("x",))[2]["x"].tolist() == [[1, 0], [0, 1]]


def test_arguments_without_names_are_printed_without():
    x = np.tile(np.arange(10.0), (3, 1))
    text, args, kwargs = again({"args": x, "argument 1": x, "argument 2": 5})
    assert not kwargs and equal(list(args), [x, x, 5]), text


def test_what_cannot_be_written_out_is_fetched_by_one_line():
    for value in (
        np.zeros(MOST_NUMBERS + 1),
        torch.zeros(9, 9),
        [0] * 41,
        len,
        [np.zeros(99)],
        object(),
        np.array(["a"]),
    ):
        text = call_code("answer", Call({"x": value, "y": 1}), "a_check", 2, 3)
        assert (
            text.split("\n")[0]
            == 'import autograder; answer(**autograder.example("answer", "a_check", 2, call=3))'
        )
    assert text.endswith("# shapes: x (1,)")
    assert "shapes" not in call_code("answer", Call({"x": object()}), "a_check", 2)


def test_a_function_among_the_arguments_is_named_after_what_made_it():
    def f(x):
        return x

    f.__qualname__ = "looks_back.<locals>.<lambda>"
    text = call_code("answer", Call({"f": f, "x": np.zeros((4, 3)), "g": len}), "a_check", 0)
    assert text.endswith("# shapes: x (4, 3); f is `looks_back`")
