"""Where the right answers come from: `solutions/` and the published examples say the same."""

import ast
import functools
import json

import numpy as np
import pytest
from fixtures import fake_course
from fixtures.wrong_answers import wrong_answers

from autograder import keys
from autograder.asking import Answer, Call, ask
from autograder.exercise import PUBLIC_SEEDS, AuthorError, Puzzle, Quiz
from autograder.judge import judge
from autograder.keys import LiveKey, PublishedKey, public_seeds
from autograder.message import explain
from autograder.panel import as_html

EVERY = [(stem, name) for stem in keys.stems() for name in keys.exercises(stem)]
published_text = functools.cache(keys.publish)


def answers_to(stem, name):
    """(what it is, code or value) for everything that both keys are asked about."""
    exercise = keys.exercises(stem)[name]
    reference = getattr(keys.load_solutions(stem), name)
    yield "the reference", reference
    for mistake in keys.load_misconceptions(stem).get(name, []):
        yield mistake.name, mistake.code
    yield from fake_course.right_answers(fake_course.ROOT, stem)[name].items()
    if isinstance(exercise, Quiz):
        yield from ((f"letter {letter!r}", letter) for letter in [*exercise.options, "z", None, 3])
    elif isinstance(exercise, Puzzle):
        size = len(reference)
        yield from (
            (repr(value), value) for value in ([0.0] * size, [1.0] * size, [np.nan] * size, [1.0], None, "a")
        )
    else:
        yield from wrong_answers(reference)


def both_say(exercise, live, published, code):
    """Score, misconception and message, once with each key."""
    seeds = public_seeds(exercise)
    answers = {
        each.name: [ask(exercise, each, code, seed) for seed in seeds[each.name]] for each in exercise.checks
    }
    for key in (live, published):
        verdict = judge(exercise, answers, key)
        message = explain(verdict, answers, {each.name: key.reference(each) for each in exercise.checks})
        known = verdict.misconception
        outcomes = [result.outcome for result in verdict.results]
        yield verdict.score, outcomes, known and (known.name, known.says), message.as_text(), as_html(message)


def both_agree(stem, name, text, code):
    exercise = keys.exercises(stem)[name]
    live = LiveKey(stem, exercise, public_seeds(exercise))
    published = PublishedKey(exercise, json.loads(text)[name])
    return [list(both_say(exercise, live, published, each)) for _, each in code]


@pytest.mark.parametrize(("stem", "name"), EVERY)
def test_published_examples_say_what_the_solutions_say(stem, name):
    outcomes = set()  # a bonus may be worth no points, so scores would not tell
    for live, published in both_agree(stem, name, published_text(stem), answers_to(stem, name)):
        assert published == live
        outcomes.add(tuple(live[1]))
    assert len(outcomes) > 1  # right and wrong answers were among them


def test_published_examples_say_so_of_a_torch_module_too(tiny_course):
    text = keys.publish("blend")
    right = fake_course.right_answers(tiny_course, "blend")["Blend"]
    code = [*answers_to("blend", "Blend"), *right.items()]
    said = both_agree("blend", "Blend", text, code)
    assert all(live == published for live, published in said)
    assert [live[0] for live, _ in said[-len(right) :]] == [4.0] * len(right)
    assert said[1][0][2] is not None  # a misconception was named


@pytest.mark.parametrize("stem", keys.stems())
def test_published_examples_hold_the_words_of_misconceptions_but_no_code(stem):
    text = published_text(stem)
    paths = [keys.solution_path(stem), keys.misconceptions_path(stem)]
    statements = set()
    for path in paths:
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            for statement in getattr(function, "body", []) if isinstance(function, ast.FunctionDef) else []:
                if not isinstance(statement, ast.Expr):
                    statements |= set(ast.unparse(statement).split("\n"))
    long = {statement.strip() for statement in statements if len(statement.strip()) > 12}
    assert len(long) > 10
    assert [statement for statement in long if statement in text] == []
    for name, mistakes in keys.load_misconceptions(stem).items():
        record = json.loads(text)[name]["mistakes"]
        assert [(each["name"], each["says"]) for each in record] == [
            (each.name, each.says) for each in mistakes
        ]


@pytest.mark.parametrize("stem", keys.stems())
def test_publishing_twice_gives_the_same_bytes(stem):
    assert keys.publish(stem) == published_text(stem)


def test_publishing_a_reference_that_fails_is_a_mistake_of_the_author(tiny_course, monkeypatch):
    monkeypatch.setattr(keys.load_solutions("blend"), "centre", lambda rows: rows.no_such_thing)
    with pytest.raises(AuthorError, match="centre"):
        keys.publish("blend")


# The inputs' fingerprint


def asked(code, name="centre", check=0):
    exercise = keys.exercises("blend")[name]
    one = exercise.checks[check]
    return one, [ask(exercise, one, code, seed) for seed in public_seeds(exercise)[one.name]]


def published(name="centre"):
    return PublishedKey(keys.exercises("blend")[name], json.loads(keys.publish("blend"))[name])


def test_the_same_draws_are_recognised_whatever_the_answer_does_with_them(tiny_course):
    key = published()
    for code in (lambda rows: rows, lambda x: x.no_such_thing, lambda r: r.__imul__(0), lambda rows: None):
        assert key.same_inputs(*asked(code))


def test_other_draws_are_noticed(tiny_course):
    key = published()
    check, answers = asked(lambda rows: rows)
    for change in (0.1, 1e-4):
        answers[1].calls[0].arguments["rows"][0, 0] += change
        assert not key.same_inputs(check, answers)
        answers[1].calls[0].arguments["rows"][0, 0] -= change
    assert key.same_inputs(check, answers)
    rows = answers[2].calls[0].arguments["rows"]
    for other in (rows.T, rows.reshape(4, 3), rows[None], None):
        answers[2].calls[0].arguments["rows"] = other
        assert not key.same_inputs(check, answers)


def test_rounding_in_the_last_digits_is_not_another_draw(tiny_course):
    check, answers = asked(lambda rows: rows)
    answers[0].calls[0].arguments["rows"] += 1e-12
    assert published().same_inputs(check, answers)


def test_a_negative_zero_is_not_another_draw():
    plus, minus = (Answer(calls=[Call({"x": np.array([zero, 1.0])})]) for zero in (0.0, -1e-9))
    assert keys.inputs_hash(plus) == keys.inputs_hash(minus)


def test_an_answer_that_was_never_called_says_nothing_about_the_draws(tiny_course):
    assert published().same_inputs(*asked(3))


# Finding things


def test_seeds_are_the_same_everywhere_and_all_different():
    seeds = [
        seed
        for stem, name in EVERY
        for each in public_seeds(keys.exercises(stem)[name]).values()
        for seed in each
    ]
    assert len(set(seeds)) == len(seeds) and all(0 <= seed < 2**32 for seed in seeds)
    checks = sum(len(keys.exercises(stem)[name].checks) for stem, name in EVERY)
    assert len(seeds) == PUBLIC_SEEDS * checks


def test_an_exercise_is_found_by_its_name_only(tiny_course):
    assert keys.find_exercise("Blend")[0] == "blend"
    for name in ("blend", "cent", "", "numpy", "points", "each_row_loses_its_mean", "a"):
        assert keys.find_exercise(name) is None


def test_solutions_are_loaded_by_path_and_no_other_package_takes_their_place(
    tiny_course, tmp_path, monkeypatch
):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.syspath_prepend(tmp_path)
    assert keys.load_solutions("blend").__file__ == str(tiny_course / "solutions" / "blend.py")


def test_without_solutions_the_published_examples_are_read(tiny_course, tmp_path, monkeypatch):
    text = keys.publish("blend")
    (tmp_path / "blend.json").write_text(text)
    monkeypatch.setattr(keys, "PUBLISHED", tmp_path)
    monkeypatch.setattr(keys, "SOLUTIONS", tmp_path / "missing")
    assert isinstance(keys.key_for("blend", keys.exercises("blend")["centre"]), PublishedKey)


def test_with_neither_it_is_said_what_to_do(tiny_course, tmp_path, monkeypatch):
    monkeypatch.setattr(keys, "PUBLISHED", tmp_path)
    monkeypatch.setattr(keys, "SOLUTIONS", tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="install Spotlight again"):
        keys.key_for("blend", keys.exercises("blend")["centre"])


def test_quizzes_and_puzzles_have_no_misconceptions_to_name(tiny_course):
    for name in ("which_axis", "heavy_pair"):
        exercise = keys.exercises("blend")[name]
        assert LiveKey("blend", exercise, public_seeds(exercise)).mistakes() == []


def test_a_misconception_that_raises_is_like_no_answer(tiny_course):
    exercise = keys.exercises("blend")["centre"]
    mistake = keys.load_misconceptions("blend")["centre"][0]
    object.__setattr__(mistake, "code", lambda rows: rows.no_such_thing)
    key = LiveKey("blend", exercise, public_seeds(exercise))
    answers = {each.name: [ask(exercise, each, lambda rows: None, 0)] * 3 for each in exercise.checks}
    assert judge(exercise, answers, key).misconception is None
