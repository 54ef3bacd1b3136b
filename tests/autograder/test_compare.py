"""What counts as equal, and which difference is said first."""

import numpy as np
import pytest
import torch

from autograder.compare import first_difference
from autograder.wire import Unreadable, canonical


def difference(yours, expected, strictness=1.0):
    return first_difference(canonical(yours), canonical(expected), strictness)


def says(yours, expected):
    found = difference(yours, expected)
    return found.says if found else None


TWO_BY_TWO = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("yours", "expected"),
    [
        ([[1, 2], [3, 4]], TWO_BY_TWO),
        (np.array(TWO_BY_TWO), TWO_BY_TWO),
        (torch.tensor(TWO_BY_TWO), TWO_BY_TWO),
        (([1.0, 2.0], (3.0, 4.0)), TWO_BY_TWO),
        ([np.array([1.0, 2.0]), np.array([3.0, 4.0])], np.array(TWO_BY_TWO)),
        (np.array(TWO_BY_TWO), [np.array([1.0, 2.0]), np.array([3.0, 4.0])]),
        (3, 3.0),
        (np.uint8(3), 3),
        (True, True),
        ([True, False], np.array([True, False])),
        ([], np.zeros(0)),
        ([[], []], np.zeros((2, 0))),
        (" b\n", "b"),
        (None, None),
        ({"b": 1, "a": [2.0]}, {"a": [2.0], "b": 1}),
        ((np.zeros(2), "x", [1, 2]), [np.zeros(2), "x", np.array([1, 2])]),
        (np.nan, np.nan),
        ([np.inf, -np.inf], [np.inf, -np.inf]),
        (1 + 2j, np.complex64(1 + 2j)),
    ],
)
def test_the_same_answer_in_other_clothes_is_equal(yours, expected):
    assert difference(yours, expected) is None


@pytest.mark.parametrize(
    ("yours", "expected", "sentence"),
    [
        (None, 1.0, "Your code returned None: is there a `return`, and does it run for this input?"),
        (
            None,
            [np.zeros(2)],
            "Your code returned None: is there a `return`, and does it run for this input?",
        ),
        (len, 1.0, "Your code returned a function, and a number was expected."),
        (10**400, 1.0, "Your code returned a number too large to compare, and a number was expected."),
        ("x", np.zeros(2), 'Your code returned "x"; an array of shape (2,) was expected.'),
        (np.zeros(2), "x", 'Your code returned an array of shape (2,); "x" was expected.'),
        (1.0, True, "Yours holds numbers; expected true/false values."),
        (True, 1.0, "Yours holds true/false values; expected numbers."),
        ([1, 0], [True, False], "Yours holds numbers; expected true/false values."),
        (1j, 1.0, "Yours holds complex numbers; expected numbers."),
        (np.zeros((2, 3)), np.zeros((3, 2)), "Yours has shape (2, 3); expected (3, 2)."),
        (np.zeros((2, 1)), np.zeros(2), "Yours has shape (2, 1); expected (2,)."),
        (5, np.zeros(2), "Yours has shape (); expected (2,)."),
        ([[1, 2], [3]], TWO_BY_TWO, "Your rows have different lengths."),
        (
            (1.0, np.ones((3, 4))),
            np.array([1.0, 2.0]),
            "Value 2 of your 2 has shape (3, 4); a single number was expected.",
        ),
        ([None, None], np.zeros(2), "Your list holds None; an array of shape (2,) was expected."),
        (["a", "b"], np.zeros(2), 'Your list holds "a"; an array of shape (2,) was expected.'),
        (
            [[1.0, len]],
            np.zeros((1, 2)),
            "Your list holds a function; an array of shape (1, 2) was expected.",
        ),
        (1.0, [np.zeros(2), np.zeros(3)], "Your code returned a number; 2 values were expected."),
        (np.zeros(2), (np.zeros(2), "x", 1), "Your code returned 2 values; 3 were expected."),
        (
            np.zeros((3, 7)),
            [np.zeros((3, 7)), np.zeros((3, 4))],
            "Your code returned an array of shape (3, 7); 2 values were expected.",
        ),
        (
            len,
            [np.zeros((3, 7)), np.zeros((3, 4))],
            "Your code returned a function, and 2 values were expected.",
        ),
        ([1, 2], {"a": 1}, "Your code returned an array of shape (2,); a dict was expected."),
        ({"a": 1}, {"b": 1}, "Your dict has the keys a; expected b."),
        ({}, {"b": 1}, "Your dict has the keys (none); expected b."),
        ({"a": 1}, 1, "Your code returned a dict; a number was expected."),
        ("a", "b", 'Your code returned "a"; "b" was expected.'),
        ("a", None, 'Your code returned "a"; None was expected.'),
        (1, None, "Your code returned a number; None was expected."),
        ([1.0, np.nan], [1.0, 2.0], "Yours holds nan (1 of 2 values are not finite)."),
        ([np.inf, np.inf], [1.0, 2.0], "Yours holds inf (2 of 2 values are not finite)."),
        ([1.0, 2.0], [1.0, np.inf], "Yours holds ordinary numbers where inf was expected."),
        ([np.inf], [-np.inf], "Some values differ."),
        ([np.nan], [np.inf], "Some values differ."),
        ([1.0], [1.1], "Some values differ."),
        ([True, False], [True, True], "Some values differ."),
    ],
)
def test_a_difference_is_said_in_one_sentence(yours, expected, sentence):
    assert says(yours, expected) == sentence


def test_the_shape_is_said_before_the_kind_and_the_kind_before_the_values():
    assert says([True], [1.0, 2.0]).startswith("Yours has shape")
    assert says([True, True], [np.nan, 2.0]).startswith("Yours holds true/false")
    assert says([np.nan, 3.0], [1.0, 2.0]).startswith("Yours holds nan")


def test_the_place_and_the_index_lead_to_the_first_difference():
    expected = {"a": np.zeros(2), "b": [np.zeros(3), np.zeros((2, 3))]}
    yours = {"a": np.zeros(2), "b": [np.zeros(3), np.array([[0, 0, 0], [0, 5.0, 6.0]])]}
    found = difference(yours, expected)
    assert (found.place, found.index) == (("b", 1), (1, 1))
    assert found.yours[found.index] == 5 and found.expected[found.index] == 0


def test_what_differs_in_one_number_has_an_index_too():
    assert difference(1.0, 2.0).index == ()


# Tolerance: 1e-4 of the expected value, and 1e-6


def test_rounding_is_forgiven_and_an_error_is_not():
    assert difference(1000.09, 1000.0) is None
    assert difference(1000.11, 1000.0) is not None
    assert difference(9e-7, 0.0) is None
    assert difference(2e-6, 0.0) is not None


def test_single_precision_is_forgiven_where_double_was_asked():
    exact = np.linspace(1, 2, 50)
    assert difference(exact.astype(np.float32) * np.float32(1.002), exact) is None
    assert difference(exact * 1.002, exact) is not None
    assert difference(exact.astype(np.float32) * np.float32(1.004), exact) is not None
    assert difference((exact * 1.002).astype(np.float32), exact.astype(np.float32)) is not None


def test_strictness_narrows_or_widens_the_tolerance():
    assert difference(1.00005, 1.0) is None
    assert difference(1.00005, 1.0, strictness=10) is not None
    assert difference(1.005, 1.0) is not None
    assert difference(1.005, 1.0, strictness=1 / 100) is None
    assert difference(1.02, 1.0, strictness=1 / 100) is not None
    assert difference(5e-5, 0.0, strictness=1 / 100) is None
    assert difference(5e-7, 0.0, strictness=10) is not None


def test_large_integers_are_compared_without_overflow():
    assert difference(np.array([255], np.uint8), np.array([-1], np.int8)) is not None
    assert difference(2**63, 2**63) is None
    assert difference([-1], [2**64 - 1]) is not None


def test_nothing_that_is_unreadable_equals_anything():
    assert first_difference(Unreadable("a function"), Unreadable("a function")) is not None


@pytest.mark.parametrize(
    "yours", [None, "x", 1.0, True, [], [None], {}, {"a": []}, len, [[1], 2], np.zeros((0, 2))]
)
@pytest.mark.parametrize(
    "expected",
    [None, "x", 1.0, True, [], [np.zeros(2), np.zeros(3)], {}, {"a": np.zeros(2)}, np.zeros((3, 2))],
)
def test_any_two_answers_can_be_compared(yours, expected):
    found = difference(yours, expected)
    assert found is None or found.says.endswith((".", "?"))


def test_zeros_are_not_taken_for_small_numbers_rounded():
    small = np.array([0.003, -0.004])
    assert first_difference(np.zeros(2), small).says == "Some values differ."
    assert "rounded" in first_difference(np.array([0.0, 0.2]), np.array([0.003, 0.203])).says
