"""What a learner reads: its parts and their order, code that can be copied, and HTML without their HTML."""

import math
import re
import textwrap

import numpy as np
import pytest
import torch
from torch import nn

import autograder
from autograder import keys
from autograder.asking import Answer, Call, Failure, ask
from autograder.checking import check_in
from autograder.compare import first_difference
from autograder.exercise import Exercise, Quiz
from autograder.judge import OUR_FAULT, RIGHT, CheckResult, KnownMistake, Problem, Verdict
from autograder.message import Message, _after_passing, explain
from autograder.panel import Panel, as_html
from autograder.wire import canonical


def told(name, code, stem="blend") -> Message:
    """What `check` says about some code."""
    namespace = {} if code is ... else {name: code}
    return check_in(namespace, stem, keys.exercises(stem)[name], None)[1]


def judged(answers, reference, exercise=None, **more) -> Message:
    """The message about one check, given what both sides answered to it."""
    from autograder.judge import judge

    if exercise is None:
        exercise = Exercise("answer", 3)
        exercise._add(
            "a_check", lambda answer, rng: answer, 'What is asked.\n\nThe next step. Open the hint "H".'
        )
    name = exercise.checks[0].name

    class Key:
        def reference(self, check):
            return reference

        def mistakes(self):
            return more.get("mistakes", [])

    verdict = judge(exercise, {name: answers}, Key())
    return explain(verdict, {name: answers}, {name: reference})


# The whole, as in a notebook


def test_a_wrong_answer_is_told_in_this_order_and_no_more(tiny_course):
    def centre(rows):
        return rows - rows.mean(axis=-2, keepdims=True)

    exercise = keys.exercises("blend")["centre"]
    check = exercise.checks[0]
    rows = np.random.RandomState(check.public_seed(0)).normal(size=(3, 4)).round(1)
    mine, right = centre(rows), rows - rows.sum(-1, keepdims=True) / 4
    first = tuple(int(i) for i in np.argwhere(np.abs(mine - right) > 1e-6)[0])
    lines = told("centre", centre).as_text().split("\n")

    assert lines[0] == "✗ each row loses its mean · centre: 2 of 2 checks to go"
    assert lines[1] == "  From each row, its mean is subtracted."
    assert lines[2] == ""
    text = "\n".join(lines[3:])
    call, rest = text.split("    yours     ")
    yours, rest = rest.split("    expected  ")
    expected, rest = rest.split("    first difference at ")
    index, step = rest.split("\n\n  → ")
    assert (eval(textwrap.dedent(call), {"centre": lambda rows: rows, "np": np}) == rows).all()
    np.testing.assert_allclose(np.array(eval(yours)), mine, atol=6e-4)
    np.testing.assert_allclose(np.array(eval(expected)), right, atol=6e-4)
    assert index == str(list(first))
    assert (
        step
        == 'You subtracted the mean of each column. Each row has its own. Open the hint "One mean a row".'
    )


def test_an_unknown_mistake_gets_the_checks_next_step(tiny_course):
    message = told("centre", lambda rows: rows * 2)
    assert message.next_step == 'Take one mean for each row. Open the hint "One mean a row".'


def test_a_right_answer_is_told_in_one_line_with_its_points(tiny_course):
    assert (
        told("centre", lambda rows: rows - rows.mean(-1, keepdims=True)).as_text()
        == "✓ centre: all 2 checks pass · 2 points"
    )
    assert told("heavy_pair", [9, 1]).as_text() == "✓ heavy_pair: right · 1 point"


def test_a_right_letter_is_told_why_it_is_right(tiny_course):
    for letter in ("b", "b)", " (B) "):
        why = "Right: the last axis counts the numbers within a row."
        assert told("which_axis", letter).as_text() == f"✓ which_axis: right · 0.5 points\n  {why}"


def test_a_right_answer_in_a_list_passes_and_is_told_what_cells_below_need(tiny_course):
    message = told("centre", lambda rows: (rows - rows.mean(-1, keepdims=True)).tolist())
    assert message.passed and "return np.array(...)" in message.note


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (np.array([1.0, 2.0]), "return np.array"),
        ((np.array([1.0, 2.0]), 1.0), "return np.array"),
        ([1.0, 2.0], ""),  # a list was asked for
        ((1.0, 2.0), ""),  # two numbers: nothing below needs an array
        ((np.float64(1), np.float64(2)), ""),
    ],
)
def test_a_list_matters_only_where_the_reference_gives_an_array(wanted, says, published):
    exercise = Exercise("answer", 1)
    exercise._add("a_check", lambda code, rng: code(), "What is asked.\n\nThe next step.")
    (check,) = exercise.checks
    reference = [ask(exercise, check, lambda: wanted, 0)]
    if published:
        record = {"checks": {"a_check": [keys._example(answer) for answer in reference]}, "mistakes": []}
        reference = keys.PublishedKey(exercise, record).reference(check)
    note = _after_passing(
        exercise, {"a_check": [ask(exercise, check, lambda: [1.0, 2.0], 0)]}, {"a_check": reference}
    )
    assert says in note and bool(says) == bool(note)


@pytest.mark.parametrize(
    ("result", "is_list"),
    [
        ([[1.0, 2.0]], True),
        ([np.zeros(2), np.zeros(2)], True),
        (([[1.0]], np.zeros(1)), True),
        ([np.zeros((3, 7)), np.zeros((3, 4))], False),  # two answers; np.array(...) of them would raise
        ((np.zeros(2), 1.0), False),
        (np.zeros(2), False),
    ],
)
def test_a_list_is_noticed_where_an_array_could_be(result, is_list):
    exercise = Exercise("answer", 1)
    exercise._add("a_check", lambda code, rng: code(), "What is asked.\n\nThe next step.")
    (call,) = ask(exercise, exercise.checks[0], lambda: result, 0).calls
    assert call.is_list == is_list


def test_of_several_values_each_should_be_an_array(tiny_course):
    message = told("centre", lambda rows: (rows - rows.mean(-1, keepdims=True)).tolist())
    mine, theirs = Call({}, is_list=True, is_one_of_several=True), Call({}, is_array=True)
    answers = [{"one": [Answer(calls=[call])]} for call in (mine, theirs)]
    note = _after_passing(keys.find_exercise("centre")[1], *answers)
    assert "each value that you return" in note and note != message.note


def test_a_call_too_long_to_read_is_folded_behind_its_shapes():
    html = as_html(Message("x", call="f(\n" + "    1,\n" * 13 + ")", shapes="shapes: rows (2, 3)"))
    assert "<details><summary>the call, shapes: rows (2, 3)</summary>" in html
    assert "<details>" not in as_html(Message("x", call="f(1)", shapes="shapes: rows (2, 3)"))


def test_only_the_checks_that_are_still_open_are_counted(tiny_course):
    message = told("centre", lambda rows: rows - rows.mean(axis=1, keepdims=True))
    assert message.headline == "there may be many rows · centre: 1 of 2 checks to go"


@pytest.mark.parametrize("name", ["softmax", "reference", "misconceptions"])
def test_no_message_shows_the_references_code(tiny_course, name):
    source = keys.solution_path("blend").read_text("utf-8")
    body = re.search(r"return (rows - .*)", source).group(1)
    message = told("centre", lambda rows: rows * 2).as_text()
    assert body not in message


def test_a_misconception_is_told_only_with_the_check_that_it_explains(tiny_course):
    def centre(rows):  # wrong in the first check in a way of its own, in the second as a misconception is
        return rows * 2 if rows.ndim == 2 else rows - rows.mean()

    verdict, message = check_in({"centre": centre}, "blend", keys.exercises("blend")["centre"], None)
    assert verdict.misconception.name == "one_mean_for_everything"
    assert message.headline.startswith("each row loses")
    assert message.next_step == 'Take one mean for each row. Open the hint "One mean a row".'


def test_a_misconception_that_names_a_hint_keeps_its_own():
    says = 'You added one. Open the hint "Another".'
    mistake = KnownMistake("adds_one", says, False, {"a_check": [canonical(2.0)]})
    message = judged([Answer(canonical(2.0))], [Answer(canonical(1.0))], mistakes=[mistake])
    assert message.next_step == says


def test_what_is_to_be_mended_first_is_the_next_step(tiny_course):
    namespace = {"centre": lambda rows: rows, "spread": lambda rows, power=2, *, scale=1: rows}
    source = "def spread(rows, power=2, *, scale=1):\n    return centre(rows)\n"
    verdict, message = check_in(namespace, "blend", keys.exercises("blend")["spread"], source)
    assert verdict.mend_first == "centre" and verdict.misconception is None
    assert message.next_step == "First mend `centre`, which `spread` calls."


# Not started, not there, not allowed


@pytest.mark.parametrize(
    ("name", "code", "headline", "judged"),
    [
        ("centre", ..., "there is no `centre` yet", False),
        ("centre", 3, "`centre` is an int here, not a function", False),
        ("which_axis", ..., "which_axis: not answered yet", False),
        ("heavy_pair", ..., "heavy_pair: not answered yet", False),
    ],
)
def test_what_cannot_be_asked_has_its_own_headline_and_a_next_step(tiny_course, name, code, headline, judged):
    message = told(name, code)
    assert (message.headline, message.judged) == (headline, judged)
    assert message.next_step and not message.call


def test_a_stub_is_not_started_yet(tiny_course):
    def centre(rows):
        raise NotImplementedError("Yours to write")

    message = told("centre", centre)
    assert message.headline == "centre: not started yet" and not message.note and not message.judged


def test_an_answer_that_calls_a_stub_is_told_which(tiny_course):
    def part(rows):
        raise NotImplementedError("Yours to write")

    message = told("centre", lambda rows: part(rows))
    assert message.next_step == "First write `part`, then come back."


def test_a_forbidden_operation_is_named(tiny_course):
    class Blend(nn.Module):
        def __init__(self, d_model, head_dim):
            super().__init__()
            self.query = nn.Linear(d_model, head_dim)

        def forward(self, x):
            return torch.softmax(self.query(x), -1)

    message = told("Blend", Blend)
    assert message.headline == "`Blend` uses torch's own softmax" and message.judged


def test_a_course_that_failed_itself_is_never_told_as_a_pass():
    exercise = Exercise("answer", 1)
    exercise._add("a_check", lambda answer, rng: answer, "What is asked.\n\nThe next step.")
    message = explain(Verdict(exercise, (CheckResult(exercise.checks[0], OUR_FAULT),)), {}, {})
    assert not message.passed and "cannot be checked here" in message.headline and not message.judged


# Exceptions


def fails(**parts) -> str:
    failure = Failure(**({"kind": "error"} | parts))
    answer = Answer(failure=failure, calls=[Call({"x": 1.0})])
    return judged([answer], [Answer(canonical(1.0))]).as_text()


def test_an_exception_shows_the_call_the_own_line_and_the_cause(tiny_course):
    text = fails(
        type_name="ValueError", message="bad shapes", where="answer", line_number=3, line="return x @ y"
    )
    assert "    answer(1.0)\n    line 3 of your code:  return x @ y\n    ValueError: bad shapes\n" in text
    assert "Run the call above in a cell of its own" in text


def test_an_exception_without_a_message_or_a_line_is_its_name(tiny_course):
    assert "\n    KeyError\n" in fails(type_name="KeyError")
    assert "Keep the parameters as the cell gave them" in fails(
        type_name="TypeError", message="takes 0 positional"
    )


def test_recursion_time_and_death_have_their_own_words():
    assert "Your function calls itself without end." in fails(type_name="RecursionError", line="return f(x)")
    text = fails(kind="time", message="5 seconds")
    assert "No answer within 5 seconds." in text and "does each of them end" in text
    assert "The Python process ended while your code ran (killed)." in fails(kind="died", message="killed")


def test_axes_are_counted_only_where_the_exception_is_about_axes():
    def next_step(type_name, message, line=""):
        return fails(type_name=type_name, message=message, where="answer", line_number=1, line=line)

    axes = "counts on another number of axes"
    assert axes in next_step("ValueError", "too many values to unpack (expected 2)", "b, s = x.shape")
    assert axes in next_step(
        "ValueError", "not enough values to unpack (expected 3, got 2)", "b, s, d = x.size()"
    )
    assert axes in next_step("IndexError", "too many indices for tensor of dimension 2", "x[0, 0, 0]")
    assert axes not in next_step("ValueError", "too many values to unpack (expected 2)", "a, b = attend(x)")
    text = next_step("TypeError", "'Embedding' object is not subscriptable", "self.table[0]")
    assert axes not in text and "before the [" in text


def test_the_learners_exception_is_told_at_the_call_that_raised(tiny_course):
    def centre(rows):
        if rows.ndim == 3 and len(rows) == 4:
            raise ValueError("four")
        return rows - rows.mean(-1, keepdims=True)

    message = told("centre", centre)
    assert "ValueError: four" in message.note and "(4, 5, 6)" in message.call and "call=1" in message.call


# In place


def test_a_changed_argument_is_named_and_how_to_keep_it(tiny_course):
    def centre(rows):
        rows -= rows.mean(axis=-1, keepdims=True)
        return rows

    message = told("centre", centre)
    assert message.note.startswith("Your code changed its argument `rows` in place")
    assert "`rows = rows - …`" in message.next_step and not message.yours
    assert "`rows = rows.copy()`" in message.next_step and "clone" not in message.next_step


def test_a_changed_tensor_is_to_be_cloned():
    torch = pytest.importorskip("torch")
    right = Answer(canonical(np.ones(2)))
    call = Call({"x": torch.ones(2)}, canonical(np.ones(2)))
    changed = Answer(canonical(np.ones(2)), calls=[call], changed=("x",))
    message = judged([changed], [right])
    assert "`/=`" in message.next_step and "`x = x.clone()`" in message.next_step
    assert "copy()" not in message.next_step


# Yours against expected


def shown(yours, expected) -> Message:
    make = lambda value: Answer(canonical(value), calls=[Call({"x": 1.0}, canonical(value))])  # noqa: E731
    return judged([make(yours)], [make(expected)])


def test_a_single_number_is_told_without_an_index():
    message = shown(2.5, 3.5)
    assert (message.yours, message.expected, message.note) == ("2.5", "3.5", "")


def test_small_numbers_are_not_rounded_to_nothing():
    assert "e-0" in shown(np.array([3e-5, 4e-5]), np.array([1e-5, 4e-5])).yours
    assert shown(np.array([0.5, 1e-9]), np.array([0.1, 0.9])).yours == "[0.5, 0. ]"


def test_numbers_that_look_alike_as_printed_are_told_with_more_digits():
    right = np.array([0.2, 1000.0])
    told = judged([Answer(np.array([0.2, 1003.9], np.float32))], [Answer(right)])
    assert told.note == "first difference at [1]"
    told = judged([Answer(np.array([0.20021, 0.5]))], [Answer(np.array([0.20015, 0.5]))])
    assert told.note == "first difference at [0]: yours 0.20021, expected 0.20015"
    told = judged([Answer(np.array([1e-4, 0.5], np.float32))], [Answer(np.array([0.0, 0.5]))])
    assert told.note.startswith("first difference at [0]: yours 9.9999")
    assert told.note.endswith("Yours is float32, which keeps about 7 digits.")


def test_parameters_in_another_order_are_told(tiny_course):
    exercise = Exercise("answer", 1)
    exercise._add("a_check", lambda code, rng: code(np.ones(2), np.zeros(3)), "Asked.\n\nThe next step.")
    mine, swapped, theirs = [
        ask(exercise, exercise.checks[0], code, 0)
        for code in (
            lambda first, second: second,
            lambda keys, queries: queries,
            lambda queries, keys: queries,
        )
    ]
    assert judged([swapped], [theirs], exercise).next_step == (
        "Your parameters come in the order keys, queries. Keep the cell's order: queries, keys."
    )
    assert judged([mine], [theirs], exercise).next_step == "The next step."


def test_an_array_asked_for_one_truth_value_is_told_what_to_ask():
    exercise = Exercise("answer", 1)
    exercise._add("a_check", lambda code, rng: code(np.ones(2) > 0), "Asked.\n\nThe next step.")
    answer = ask(exercise, exercise.checks[0], lambda mask: 1 if mask else 2, 0)
    assert "ask `is None`, `.any()` or `.all()`" in judged([answer], [Answer(1.0)], exercise).next_step


def test_a_large_array_is_told_by_its_first_difference():
    expected = np.zeros((10, 10))
    yours = expected.copy()
    yours[3, 4] = 2
    message = shown(yours, expected)
    assert not message.yours and not message.expected
    assert message.note == "first difference at [3, 4]: yours 2, expected 0"


@pytest.mark.parametrize("swap", [False, True])
def test_where_only_one_array_is_small_the_shapes_speak(swap):
    pair = (np.zeros((2, 3)), np.zeros((20, 30)))
    message = shown(*(pair[::-1] if swap else pair))
    assert not message.yours and not message.expected and "(20, 30)" in message.note
    assert "expected  \n" not in message.as_text()


def test_one_of_several_returned_values_is_named():
    message = shown([np.zeros(2), np.zeros(2)], [np.zeros(2), np.ones(2)])
    assert message.note == "first difference at [0] of returned value 1"


def test_none_is_asked_for_its_return():
    message = shown(None, np.zeros(2))
    assert (
        message.yours == "None"
        and message.note == "Your code returned None: is there a `return`, and does it run for this input?"
    )
    assert message.next_step.startswith("End with `return`") and "The next step" not in message.next_step


def test_a_known_mistake_says_why_none_came_back():
    mistake = KnownMistake("copies", "A copy has a past.", False, {"a_check": [None]})
    message = judged([Answer(None)], [Answer(canonical(1.0))], mistakes=[mistake])
    assert message.note == "Your code returned None."
    assert message.next_step == 'A copy has a past. Open the hint "H".'


def test_code_that_returns_elsewhere_is_not_told_to_return():
    exercise = Exercise("answer", 3)
    for name in ("first", "second"):
        exercise._add(name, lambda answer, rng: answer, "What is asked.\n\nThe next step.")
    first, second = exercise.checks
    problem = Problem(0, difference=first_difference(None, canonical(1.0)))
    results = (CheckResult(first, RIGHT), CheckResult(second, "wrong", problem))
    given = {"first": [Answer(canonical(1.0))], "second": [Answer(None)]}
    message = explain(Verdict(exercise, results), given, given)
    assert message.next_step == "The next step."


def test_nan_is_counted_and_its_place_told():
    message = shown(np.array([[1.0, np.nan], [np.nan, 2.0]]), np.ones((2, 2)))
    assert message.note == "Yours holds nan (2 of 4 values are not finite). First at [0, 1]"


def test_a_renamed_layer_is_told_in_words(tiny_course):
    class Blend(nn.Module):
        def __init__(self, d_model, head_dim):
            super().__init__()
            self.queries = nn.Linear(d_model, head_dim)
            self.value = nn.Linear(d_model, head_dim, bias=False)

        def forward(self, x):
            powers = torch.exp(self.queries(x) @ self.queries(x).mT)
            return powers / powers.sum(-1, keepdim=True) @ self.value(x)

    message = told("Blend", Blend)
    assert message.yours == "'parameters: queries.bias (5,), queries.weight (5, 4), value.weight (5, 4)'"
    assert message.expected == "'parameters: query.bias (5,), query.weight (5, 4), value.weight (5, 4)'"
    assert "Keep `__init__` as the cell gave it." in message.note and not message.call


# Quizzes and puzzles


def test_a_quiz_says_why_the_letter_is_wrong_and_nothing_of_the_answer(tiny_course):
    text = told("which_axis", "a").as_text()
    assert "Axis 0 counts the rows." in text
    assert "Right:" not in text and '"b"' not in text


def test_a_puzzle_says_what_is_asked_and_what_this_answer_lacks(tiny_course):
    message = told("heavy_pair", [1.0, 0.5])
    assert message.asks.startswith("The two numbers must add up to more than 3")
    assert message.note == "They add up to 1.5 only."


def test_a_puzzles_answer_of_the_wrong_shape_is_told_so(tiny_course):
    assert "one list of 2 numbers" in told("heavy_pair", [1.0]).note


# The line that fetches a failed call


def run_first_line(text, namespace, monkeypatch):
    """Run a message's line as a notebook does, where `namespace` holds the learner's names."""
    from autograder import checking

    monkeypatch.setattr(checking, "_notebook", lambda caller: (namespace, []))
    exec(text, namespace)


def test_the_one_line_makes_the_call_that_failed(tiny_course, monkeypatch):
    calls = []

    def centre(rows):
        calls.append(rows)
        return rows - rows.mean(-1, keepdims=True) + (len(rows) == 4)

    message = told("centre", centre)
    exercise = keys.exercises("blend")["centre"]
    rng = np.random.RandomState(exercise.checks[1].public_seed(0))
    _, wanted = rng.normal(size=(2, 3, 4)).round(1), rng.normal(size=(4, 5, 6)).round(1)
    run_first_line(message.call, {"centre": centre}, monkeypatch)
    assert np.array_equal(calls[-1], wanted)


def test_a_modules_message_fetches_the_module_with_its_weights(tiny_course, monkeypatch):
    class Blend(nn.Module):
        def __init__(self, d_model, head_dim):
            super().__init__()
            self.query = nn.Linear(d_model, head_dim)
            self.value = nn.Linear(d_model, head_dim, bias=False)

        def forward(self, x):
            return self.value(x)

    message = told("Blend", Blend)
    call, fetch = message.call.rsplit("\n", 1)
    assert call.startswith("Blend(4, 5)(torch.tensor(")
    assert eval(call, {"Blend": Blend, "torch": torch}).shape == (3, 5)
    namespace = {"Blend": Blend}
    run_first_line(fetch.removeprefix("# with the check's weights: "), namespace, monkeypatch)
    got = namespace["module"](**namespace["inputs"])
    check = keys.exercises("blend")["Blend"].checks[0]
    mine = ask(keys.exercises("blend")["Blend"], check, Blend, check.public_seed(0))
    assert first_difference(canonical(got), mine.value[1]) is None


def test_an_example_of_no_exercise_or_check_says_which_there_are(tiny_course):
    with pytest.raises(KeyError, match="centre"):
        autograder.example("center", "x")
    with pytest.raises(KeyError, match="there_may_be_many_rows"):
        autograder.example("centre", "x")
    with pytest.raises(KeyError, match="only 1 times"):
        exec(
            'example("centre", "each_row_loses_its_mean", call=1)',
            {"example": autograder.example, "centre": abs},
        )


# The panel


EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&"


def evil_messages():
    exercise = Exercise("answer", 1)
    exercise._add("a_check", lambda answer, rng: answer, "What is asked.\n\nThe next step.")
    right = [Answer(canonical(np.zeros((2, 2))), calls=[Call({}, canonical(np.zeros((2, 2))))])]

    def message(**parts):
        return judged([Answer(**parts)], right, exercise)

    yield message(value=EVIL, calls=[Call({EVIL: EVIL}, EVIL)])
    yield message(value=canonical({EVIL: 1}), calls=[Call({"x": EVIL}, canonical({EVIL: 1}))])
    yield message(value=canonical(type(EVIL, (), {})()))
    yield message(value=canonical(np.zeros((2, 2))), changed=[EVIL])
    for kind in ("error", "not_started", "missing", "not_callable", "forbidden", "time", "died"):
        yield message(failure=Failure(kind, EVIL, EVIL, EVIL, 1, EVIL), calls=[Call({"x": EVIL})])
    yield message(failure=Failure("error", "E", "`" + EVIL + "`", "`" + EVIL + "`", 1, "`" + EVIL))
    quiz = Quiz("quiz", 1, options={"a": "x", "b": "y"})
    yield judged([Answer(EVIL)], [Answer("b")], quiz)


def test_html_escapes_everything_that_came_from_a_learner():
    for message in evil_messages():
        html = as_html(message)
        assert "<script" not in html and "<img" not in html, html
        assert html.count("<div") == html.count("</div>")


def test_the_evil_text_would_be_seen_if_it_were_not_escaped():
    assert sum("<script" in message.as_text() for message in evil_messages()) >= 8


def test_html_holds_no_script_and_nothing_from_elsewhere(tiny_course):
    html = as_html(told("centre", lambda rows: rows))
    assert not re.search(r"<script|<link|<iframe|http|url\(|@import| on\w+=", html)


def test_the_panel_draws_both_matrices_and_outlines_what_differs():
    yours, expected = np.zeros((2, 3)), np.zeros((2, 3))
    yours[1, 2] = 5
    html = as_html(shown(yours, expected))
    assert html.count("<table") == 2 and html.count("<td") == 12 and html.count("outline:") == 1
    assert re.search(r"yours \(2, 3\).*outline:[^>]*>5\.000<.*expected \(2, 3\)", html)


@pytest.mark.parametrize(
    ("yours", "expected"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(3), np.ones((2, 3))),
        (np.zeros((2, 2, 2)), np.ones((2, 2, 2))),
        (np.array([np.nan, np.inf]), np.zeros(2)),
        (np.array([True, False]), np.array([True, True])),
        (np.array([1, 2]), np.array([1.0, 3.0])),
        (np.zeros((2, 0)), np.zeros((2, 3))),
        (np.array([1e30, -1e-30]), np.array([0.0, 1.0])),
        (np.full(2, 6e4, np.float16), np.zeros(2)),
        (np.zeros((1, 1, 1, 2)), np.zeros((2, 2))),
    ],
)
def test_any_pair_of_arrays_can_be_drawn(yours, expected):
    message = shown(yours, expected)
    html = as_html(message)
    assert html.count("<td") == (yours.size + expected.size if message.pair else 0)
    assert ("<pre" in html) and message.as_text()


def test_the_panel_is_text_in_a_terminal():
    message = Message("x · y", "asks", "call()", "", "1", "2", "note", "next")
    assert repr(Panel(message)) == message.as_text()
    assert message.as_text() == (
        "✗ x · y\n  asks\n\n    call()\n    yours     1\n    expected  2\n    note\n\n  → next"
    )


def test_names_in_backticks_become_code_and_a_lone_backtick_stays():
    assert "<code>x</code>" in as_html(Message("say `x`"))
    assert "`x" in as_html(Message("say `x"))


def test_a_function_of_math_on_an_array_is_named(tiny_course):
    message = told("centre", lambda rows: rows - math.tanh(rows))
    assert message.next_step.startswith("`math` and `float` take one number.")
