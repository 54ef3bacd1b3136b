"""Right or wrong, how many points, and which misconception: with hand-made answers."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from autograder.asking import Answer, Call, Failure
from autograder.exercise import Exercise, Puzzle, Quiz
from autograder.judge import OUR_FAULT, RIGHT, WRONG, KnownMistake, judge
from autograder.wire import Unreadable, canonical

RAISED = Failure("error", "ValueError", "shapes")


def exercise(*checks, points=3.0):
    made = Exercise("answer", points)
    for name in checks:
        made._add(name, lambda answer, rng: answer(), "What is asked.\n\nThe next step.")
    return made


@dataclass
class HandKey:
    """The reference's values and the misconceptions' values, by check, one for each seed."""

    right: dict
    wrong: dict = field(default_factory=dict)
    with_nan: tuple = ()

    def reference(self, check):
        return answers_of(self.right)[check.name]

    def mistakes(self):
        return [
            KnownMistake(
                name,
                f"You did {name}.",
                name in self.with_nan,
                {c: list(map(canonical, v)) for c, v in values.items()},
            )
            for name, values in self.wrong.items()
        ]


def answers_of(values):
    """check -> answers; a Failure stands for itself."""
    return {
        check: [
            Answer(failure=value) if isinstance(value, Failure) else Answer(canonical(value)) for value in row
        ]
        for check, row in values.items()
    }


def verdict(made, given, key):
    return judge(made, answers_of(given), key)


# Points: shared equally, and the first check opens the rest


ABC = ("a", "b", "c")


@pytest.mark.parametrize(
    ("right", "score"),
    [("abc", 3.0), ("ab", 2.0), ("ac", 2.0), ("a", 1.0), ("bc", 0.0), ("b", 0.0), ("", 0.0)],
)
def test_nothing_earns_until_the_first_check_passes(right, score):
    key = HandKey({name: [1, 2, 3] for name in ABC})
    given = {name: [1, 2, 3] if name in right else [1, 2, 4] for name in ABC}
    found = verdict(exercise(*ABC), given, key)
    assert found.score == score
    assert found.passed is (right == "abc")
    assert [result.outcome for result in found.results] == [RIGHT if name in right else WRONG for name in ABC]


def test_thirds_of_a_point_are_rounded_but_the_whole_is_whole():
    key = HandKey({name: [1] for name in ABC})
    given = {"a": [1], "b": [1], "c": [2]}
    assert verdict(exercise(*ABC, points=1), given, key).score == pytest.approx(2 / 3, abs=1e-4)
    assert verdict(exercise(*ABC, points=1), {name: [1] for name in ABC}, key).score == 1


def test_one_wrong_seed_of_three_fails_the_check_and_is_the_one_to_show():
    found = verdict(exercise("a"), {"a": [1, 2, 9]}, HandKey({"a": [1, 2, 3]}))
    assert found.first_problem.problem.seed_number == 2
    assert found.first_problem.problem.difference.expected == 3


def test_an_answer_for_every_seed_is_needed():
    with pytest.raises(ValueError):
        verdict(exercise("a"), {"a": [1, 2]}, HandKey({"a": [1, 2, 3]}))


# Ours: it never costs a point


def test_a_reference_that_fails_is_our_fault_and_there_is_no_score():
    key = HandKey({"a": [1], "b": [RAISED]})
    for given in ({"a": [1], "b": [1]}, {"a": [2], "b": [2]}, {"a": [1], "b": [RAISED]}):
        found = verdict(exercise("a", "b"), given, key)
        assert found.results[1].outcome == OUR_FAULT
        assert found.score is None and not found.passed


def test_a_reference_that_fails_on_one_seed_only_is_our_fault_too():
    found = verdict(exercise("a"), {"a": [1, 2]}, HandKey({"a": [1, RAISED]}))
    assert found.results[0].outcome == OUR_FAULT and found.score is None


# What is wrong with a check's answer


def test_a_failure_is_said_before_any_difference():
    found = verdict(exercise("a"), {"a": [RAISED, 5]}, HandKey({"a": [1, 1]}))
    assert found.first_problem.problem.failure is RAISED
    assert found.first_problem.problem.difference is None


def with_calls(*results, changed=()):
    return Answer(
        canonical(list(results)), calls=[Call({}, canonical(each)) for each in results], changed=list(changed)
    )


class CallsKey(HandKey):
    def reference(self, check):
        return [with_calls(*self.right[check.name])]


def test_the_first_call_that_differs_is_named():
    found = judge(exercise("a"), {"a": [with_calls(1.0, 5.0, 6.0)]}, CallsKey({"a": (1.0, 2.0, 3.0)}))
    problem = found.first_problem.problem
    assert problem.call_number == 1
    assert (float(problem.difference.yours), float(problem.difference.expected)) == (5, 2)


def test_a_call_that_made_a_function_is_not_blamed_for_what_was_asked_of_it():
    made = exercise("a")
    function, key = canonical(len), HandKey({"a": [3.0]})
    key.reference = lambda check: [Answer(canonical(3.0), calls=[Call({"x": 1}, function)])]
    given = {"a": [Answer(canonical(4.0), calls=[Call({"x": 1}, function)])]}
    problem = judge(made, given, key).first_problem.problem
    assert problem.call_number is None and problem.difference.says == "Some values differ."


def test_a_right_answer_that_changed_its_argument_is_wrong_for_that():
    found = judge(exercise("a"), {"a": [with_calls(1.0, changed=["x"])]}, CallsKey({"a": (1.0,)}))
    assert found.first_problem.problem.changed == "x" and found.score == 0


def test_a_later_call_that_was_given_what_an_earlier_one_changed_is_not_blamed():
    found = judge(exercise("a"), {"a": [with_calls(1.0, 9.0, changed=["x"])]}, CallsKey({"a": (1.0, 2.0)}))
    problem = found.first_problem.problem
    assert problem.changed == "x" and problem.difference is None


def test_a_wrong_first_call_is_blamed_even_if_it_changed_its_argument():
    found = judge(exercise("a"), {"a": [with_calls(9.0, 9.0, changed=["x"])]}, CallsKey({"a": (1.0, 2.0)}))
    problem = found.first_problem.problem
    assert problem.call_number == 0 and problem.difference is not None


# Quizzes


QUIZ = Quiz(
    "quiz", 1, options={"a": "Not a: it is too small.", "b": "Right.", "c": "Not c: it is too large."}
)


@pytest.mark.parametrize("letter", ["b", " b\n", "B", np.str_("b")])
def test_the_right_letter_earns(letter):
    assert verdict(QUIZ, {"the_answer": [letter]}, HandKey({"the_answer": ["b"]})).score == 1


@pytest.mark.parametrize("letter", ["a", "c", "C "])
def test_a_wrong_letter_gets_its_own_explanation(letter):
    found = verdict(QUIZ, {"the_answer": [letter]}, HandKey({"the_answer": ["b"]}))
    assert found.score == 0
    assert found.first_problem.problem.says == QUIZ.options[letter.strip().lower()]


@pytest.mark.parametrize(
    "value", ["d", "", "ab", "the answer is b", None, 2, ["b"], {"b": 1}, True, ..., len]
)
def test_what_is_not_one_of_the_letters_is_told_which_there_are(value):
    found = verdict(QUIZ, {"the_answer": [value]}, HandKey({"the_answer": ["b"]}))
    assert found.score == 0
    assert found.first_problem.problem.says == 'The answer is one letter in quotes: "a", "b", "c".'


def test_a_quiz_that_was_not_answered_carries_its_failure():
    missing = Failure("missing")
    found = verdict(QUIZ, {"the_answer": [missing]}, HandKey({"the_answer": ["b"]}))
    assert found.first_problem.problem.failure is missing


# Puzzles


PUZZLE = Puzzle("puzzle", 1)


@PUZZLE.accepts
def positive_and_falling(pair, rng):
    """Two positive numbers, the first the larger.

    Try some.
    """
    if pair[0] == 7:
        raise ZeroDivisionError
    return None if pair[0] > pair[1] > 0 else "They do not fall."


SOLVED = HandKey({"positive_and_falling": [[2.0, 1.0]]})


FORM = "The answer is one list of 2 numbers, without quotes and without a list inside."


def puzzled(value):
    return verdict(PUZZLE, {"positive_and_falling": [value]}, SOLVED)


@pytest.mark.parametrize("value", [[2.0, 1.0], (9, 8), np.array([0.2, 0.1], np.float32), [1e300, 1]])
def test_every_answer_that_the_puzzle_accepts_earns(value):
    assert puzzled(value).score == 1


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1, 2], "They do not fall."),
        ([0, 0], "They do not fall."),
        ([np.nan, 1], "Every number must be finite."),
        ([np.inf, 1], "Every number must be finite."),
        ([2.0, True], FORM),
    ],
)
def test_an_answer_that_the_puzzle_refuses_is_told_why(value, sentence):
    found = puzzled(value)
    assert found.score == 0 and found.first_problem.problem.says == sentence


@pytest.mark.parametrize(
    "value",
    [
        None,
        "2, 1",
        [2.0],
        [[2.0, 1.0]],
        2.0,
        [True, False],
        [2j, 1],
        len,
        {},
        {"a": 2},
        [],
        [2.0, None],
        ["2", "1"],
    ],
)
def test_a_puzzles_answer_of_another_kind_never_reaches_its_function(value):
    problem = puzzled(value).first_problem.problem
    assert problem.says or problem.difference.says


def test_a_list_that_equals_the_reference_but_for_its_kinds_is_refused_with_a_sentence():
    found = verdict(PUZZLE, {"positive_and_falling": [[2.0, True]]}, SOLVED)
    assert found.first_problem.problem.says == FORM


def test_a_puzzle_whose_function_raises_is_our_fault():
    found = puzzled([7, 1])
    assert found.results[0].outcome == OUR_FAULT and found.score is None


def test_a_puzzle_is_decided_in_float64_whatever_was_given():
    seen = []
    puzzle = Puzzle("puzzle", 1)

    def accept(pair, rng):
        """What is asked.

        The next step.
        """
        seen.append(pair.dtype)

    puzzle.accepts(accept)
    assert verdict(puzzle, {"accept": [np.array([2, 1], np.int8)]}, HandKey({"accept": [[2.0, 1.0]]})).passed
    assert seen == [np.float64]


# Naming a misconception


def named(given, key, checks=("a", "b")):
    found = verdict(exercise(*checks), given, key).misconception
    return found.name if found else None


RIGHT_VALUES = {"a": [1.0, 2.0], "b": [3.0, 4.0]}


def test_the_misconception_that_explains_every_failed_check_is_named():
    key = HandKey(
        RIGHT_VALUES, {"m": {"a": [5.0, 6.0], "b": [7.0, 8.0]}, "n": {"a": [5.0, 0.0], "b": [0.0, 0.0]}}
    )
    assert named({"a": [5.0, 6.0], "b": [7.0, 8.0]}, key) == "m"


def test_nothing_is_named_when_all_is_right():
    assert named(RIGHT_VALUES, HandKey(RIGHT_VALUES, {"m": RIGHT_VALUES})) is None


def test_a_likeness_on_some_seeds_only_is_none():
    key = HandKey(RIGHT_VALUES, {"m": {"a": [5.0, 6.0], "b": [3.0, 4.0]}})
    assert named({"a": [5.0, 7.0], "b": [3.0, 4.0]}, key) is None
    assert named({"a": [5.0, 2.0], "b": [3.0, 4.0]}, key) is None


def test_a_misconception_that_fails_where_the_learner_is_right_is_not_theirs():
    key = HandKey(RIGHT_VALUES, {"m": {"a": [5.0, 6.0], "b": [0.0, 0.0]}})
    assert named({"a": [5.0, 6.0], "b": [3.0, 4.0]}, key) is None


def test_a_misconception_may_explain_one_failed_check_of_two():
    key = HandKey(RIGHT_VALUES, {"m": {"a": [5.0, 6.0], "b": [3.0, 4.0]}})
    assert named({"a": [5.0, 6.0], "b": [0.0, 0.0]}, key) == "m"


def test_two_that_explain_the_same_are_ambiguous_and_none_is_named():
    both = {"a": [5.0, 6.0], "b": [3.0, 4.0]}
    assert named({"a": [5.0, 6.0], "b": [3.0, 4.0]}, HandKey(RIGHT_VALUES, {"m": both, "n": both})) is None


def test_of_two_the_one_that_explains_every_failed_check_is_named():
    key = HandKey(
        RIGHT_VALUES, {"m": {"a": [5.0, 6.0], "b": [7.0, 8.0]}, "n": {"a": [5.0, 6.0], "b": [0.0, 0.0]}}
    )
    assert named({"a": [5.0, 6.0], "b": [7.0, 8.0]}, key) == "m"
    assert named({"a": [5.0, 6.0], "b": [9.0, 9.0]}, key) is None


def test_a_likeness_where_both_are_right_says_nothing():
    key = HandKey(RIGHT_VALUES, {"m": {"a": [1.0, 2.0], "b": [0.0, 0.0]}})
    assert named({"a": [5.0, 6.0], "b": [1.0, 1.0]}, key) is None


def test_an_exception_is_never_named():
    key = HandKey(
        RIGHT_VALUES, {"m": {"a": [5.0, 6.0], "b": [3.0, 4.0]}, "n": {"a": [None, None], "b": [3.0, 4.0]}}
    )
    assert named({"a": [RAISED, RAISED], "b": [3.0, 4.0]}, key) is None
    assert named({"a": [5.0, RAISED], "b": [3.0, 4.0]}, key) is None
    assert named({"a": [RAISED, RAISED], "b": [0.0, 0.0]}, key) is None


def test_returning_none_is_not_like_a_misconception_that_raised():
    raised = Unreadable("an error")
    key = HandKey(RIGHT_VALUES, {})
    key.mistakes = lambda: [KnownMistake("m", "You did m.", False, {"a": [raised] * 2, "b": [raised] * 2})]
    assert named({"a": [None, None], "b": [None, None]}, key) is None


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_nan_and_inf_are_named_only_where_they_are_the_point(odd):
    values = {"a": [[odd, 1.0], [odd, 2.0]], "b": [3.0, 4.0]}
    right = {"a": [[0.0, 1.0], [0.0, 2.0]], "b": [3.0, 4.0]}
    assert named(values, HandKey(right, {"m": values})) is None
    assert named(values, HandKey(right, {"m": values}, with_nan=("m",))) == "m"


def test_nan_within_lists_and_dicts_is_seen():
    for value in ([np.zeros(2), np.array([np.nan])], {"k": [np.nan]}):
        right = {"a": [[np.zeros(2), np.zeros(1)] if isinstance(value, list) else {"k": [0.0]}], "b": [1.0]}
        assert named({"a": [value], "b": [1.0]}, HandKey(right, {"m": {"a": [value], "b": [1.0]}})) is None
