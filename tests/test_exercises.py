"""Every exercise of every lesson on disk: right answers pass, wrong ones are refused and named."""

import ast
import functools
import inspect

import numpy as np
import pytest
from fixtures import fake_course
from fixtures.wrong_answers import wrong_answers
from mutations import Judging, mutants

from autograder import keys
from autograder.asking import Answer, ask
from autograder.compare import first_difference
from autograder.exercise import PUBLIC_SEEDS, Puzzle, Quiz
from autograder.judge import judge
from autograder.keys import LiveKey, public_seeds
from autograder.message import explain
from autograder.modules import definitions
from autograder.wire import Unreadable, canonical

MOST_MISCONCEPTIONS = {"softmax": 6, "masked_softmax": 6, "dot_product_scores": 6}
LEAST_MISCONCEPTIONS = 4
LEAST_RIGHT_ANSWERS = 3
SEEDS = 100
ROUNDS = 4  # of private seeds
QUIZ_SHARE = 0.10

EVERY = [(stem, name) for stem in keys.stems() for name in keys.exercises(stem)]
WRITTEN = [(s, n) for s, n in EVERY if not isinstance(keys.exercises(s)[n], Quiz | Puzzle)]
QUIZZES = [(s, n) for s, n in EVERY if isinstance(keys.exercises(s)[n], Quiz)]
PUZZLES = [(s, n) for s, n in EVERY if isinstance(keys.exercises(s)[n], Puzzle)]

written = pytest.mark.parametrize(("stem", "name"), WRITTEN)


@functools.cache
def right_answers(stem):
    return fake_course.right_answers(fake_course.ROOT, stem)


def reference_of(stem, name):
    return getattr(keys.load_solutions(stem), name)


def misconceptions_of(stem, name):
    return keys.load_misconceptions(stem).get(name, [])


def private_seeds(exercise, number):
    rng = np.random.RandomState(1000 + number)
    return {
        each.name: rng.randint(2**32, size=PUBLIC_SEEDS, dtype=np.int64).tolist() for each in exercise.checks
    }


@functools.cache
def key_of(stem, name, number=None):
    """The key for the public seeds, or for round `number` of private ones."""
    exercise = keys.exercises(stem)[name]
    seeds = public_seeds(exercise) if number is None else private_seeds(exercise, number)
    return seeds, LiveKey(stem, exercise, seeds)


def answers_of(exercise, code, seeds):
    return {
        each.name: [ask(exercise, each, code, seed) for seed in seeds[each.name]] for each in exercise.checks
    }


def verdict_on(stem, name, code, number=None):
    exercise = keys.exercises(stem)[name]
    seeds, key = key_of(stem, name, number)
    return judge(exercise, answers_of(exercise, code, seeds), key)


@functools.cache
def verdict_on_misconception(stem, name, mistake, number=None):
    (code,) = (each.code for each in misconceptions_of(stem, name) if each.name == mistake)
    return verdict_on(stem, name, code, number)


def leaves(tree):
    if isinstance(tree, list | dict):
        for item in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(item)
    else:
        yield tree


# The reference


@written
def test_the_reference_answers_the_same_each_time_with_finite_numbers(stem, name):
    exercise, reference = keys.exercises(stem)[name], reference_of(stem, name)
    for check in exercise.checks:
        for seed in range(SEEDS):
            first, second = (ask(exercise, check, reference, seed) for _ in range(2))
            assert first.failure is None, f"{check.name}, seed {seed}: {first.failure}"
            assert first.changed == [] and first.calls, (
                f"{check.name} never calls {name}, or it changes its arguments"
            )
            for leaf, again in zip(leaves(first.value), leaves(second.value), strict=True):
                assert leaf is not None and not isinstance(leaf, Unreadable), check.name
                if isinstance(leaf, np.ndarray):
                    assert leaf.tobytes() == again.tobytes(), f"{check.name} is not deterministic"
                    assert np.isfinite(leaf).all(), f"{check.name}, seed {seed}"


@written
def test_the_reference_passes(stem, name):
    for number in (None, *range(ROUNDS)):
        verdict = verdict_on(stem, name, reference_of(stem, name), number)
        assert verdict.passed and verdict.score == keys.exercises(stem)[name].points


@written
def test_a_first_input_is_small_enough_to_be_printed(stem, name):
    exercise = keys.exercises(stem)[name]
    for check in exercise.checks:
        arguments = ask(exercise, check, reference_of(stem, name), check.public_seed(0)).calls[0].arguments
        for value in arguments.values():
            assert all(np.size(array) <= 40 for array in leaves(canonical(value))), check.name


@written
def test_an_answer_stands_without_the_others(stem, name):
    """A signature is evaluated where it stands: a class in it that failed would take this exercise along."""
    node = definitions(keys.solution_path(stem))[name]
    functions = [each for each in ast.walk(node) if isinstance(each, ast.FunctionDef)]
    hints = [
        hint for each in functions for hint in (*(arg.annotation for arg in each.args.args), each.returns) if hint
    ]
    named = {each.id for hint in hints for each in ast.walk(hint) if isinstance(each, ast.Name)}
    assert not named & {other for _, other in EVERY}


# Right answers, written differently


@written
def test_there_are_enough_differently_written_right_answers(stem, name):
    assert len(right_answers(stem)[name]) >= LEAST_RIGHT_ANSWERS


@written
def test_every_right_answer_passes_with_every_seed(stem, name):
    exercise, reference = keys.exercises(stem)[name], reference_of(stem, name)
    for check in exercise.checks:
        for seed in range(SEEDS):
            expected = ask(exercise, check, reference, seed).value
            for how, code in right_answers(stem)[name].items():
                answer = ask(exercise, check, code, seed)
                where = f"{how}, {check.name}, seed {seed}"
                assert answer.failure is None and not answer.changed, f"{where}: {answer}"
                assert first_difference(answer.value, expected) is None, where


# Misconceptions


def test_every_misconception_is_of_an_exercise_that_a_learner_writes():
    for stem in keys.stems():
        assert {(stem, name) for name in keys.load_misconceptions(stem)} <= set(WRITTEN)


@written
def test_there_are_enough_misconceptions(stem, name):
    assert len(misconceptions_of(stem, name)) >= MOST_MISCONCEPTIONS.get(name, LEAST_MISCONCEPTIONS)


@written
def test_every_misconception_fails_and_is_named(stem, name):
    unnamed = []
    for mistake in misconceptions_of(stem, name):
        for number in (None, *range(ROUNDS)):
            verdict = verdict_on_misconception(stem, name, mistake.name, number)
            assert not verdict.passed, f"{mistake.name} passes (round {number})"
            found = verdict.misconception
            if found is None or found.name != mistake.name:
                unnamed.append((mistake.name, number, found and found.name))
    assert unnamed == []


@written
def test_every_misconception_is_clearly_wrong_or_clearly_right_in_each_check(stem, name):
    exercise, reference = keys.exercises(stem)[name], reference_of(stem, name)
    close = []
    for check in exercise.checks:
        for seed in [*public_seeds(exercise)[check.name], *range(20)]:
            expected = ask(exercise, check, reference, seed).value
            for mistake in misconceptions_of(stem, name):
                answer = ask(exercise, check, mistake.code, seed)
                assert answer.failure is None, f"{mistake.name} raises in {check.name}: {answer.failure}"
                if first_difference(answer.value, expected) and not first_difference(
                    answer.value, expected, 1 / 100
                ):
                    close.append((mistake.name, check.name, seed))
    assert close == []


@written
def test_a_misconception_fails_the_same_checks_with_every_seed_triple(stem, name):
    """Else the same mistake would earn points for one learner and not for another."""
    for mistake in misconceptions_of(stem, name):
        failed = {
            tuple(result.check.name for result in verdict.results if result.problem)
            for number in (None, *range(ROUNDS))
            for verdict in [verdict_on_misconception(stem, name, mistake.name, number)]
        }
        assert len(failed) == 1, f"{mistake.name}: {sorted(failed)}"


@written
def test_a_misconception_speaks_to_the_learner_and_keeps_the_signature(stem, name):
    def parameters(code):
        one = code.forward if inspect.isclass(code) else code
        return [(each.name, each.default) for each in inspect.signature(one).parameters.values()]

    for mistake in misconceptions_of(stem, name):
        assert parameters(mistake.code) == parameters(reference_of(stem, name)), mistake.name
        assert mistake.says.endswith((".", "?", ".)")) and len(mistake.says) <= 300, mistake.name


# Every check is needed


@functools.cache
def refusals(stem, name):
    """What fails what: for each misconception and mutant, the checks that refuse it at public seeds."""
    codes = {mistake.name: mistake.code for mistake in misconceptions_of(stem, name)}
    codes |= {mutant.now: mutant.code for mutant in mutants(stem, name)}
    return {
        how: {result.check.name for result in verdict_on(stem, name, code).results if result.problem}
        for how, code in codes.items()
    }


@written
def test_every_check_is_failed_by_a_misconception(stem, name):
    known = {mistake.name for mistake in misconceptions_of(stem, name)}
    failed = set().union(*(checks for how, checks in refusals(stem, name).items() if how in known))
    assert failed == {check.name for check in keys.exercises(stem)[name].checks}


@written
def test_no_two_checks_ask_the_same(stem, name):
    """Some wrong answer fails the one and not the other."""
    caught = {
        check.name: frozenset(how for how, checks in refusals(stem, name).items() if check.name in checks)
        for check in keys.exercises(stem)[name].checks
    }
    assert all(caught.values()) and len(set(caught.values())) == len(caught)


# Wrong answers earn nothing


@written
def test_answers_that_only_look_right_earn_nothing(stem, name):
    for how, code in wrong_answers(reference_of(stem, name)):
        for number in (None, 0):
            verdict = verdict_on(stem, name, code, number)
            assert verdict.score == 0, how


@written
def test_returning_nothing_is_no_known_misconception(stem, name):
    nothing = {how: code for how, code in wrong_answers(reference_of(stem, name))}["nothing"]
    assert verdict_on(stem, name, nothing).misconception is None


@written
def test_the_answers_to_the_public_questions_do_not_help_with_private_ones(stem, name):
    exercise, reference = keys.exercises(stem)[name], reference_of(stem, name)
    check = exercise.checks[0]
    calls = ask(exercise, check, reference, check.public_seed(0)).calls
    results = [call.result for call in calls]

    def by_heart(*_, **__):
        results.append(results.pop(0))
        return results[-1]

    if not inspect.isclass(reference):
        assert verdict_on(stem, name, by_heart, 0).score == 0


# Words


def lines_of_code(stem, name):
    """The statements of a reference, in one spelling."""
    tree = ast.parse(inspect.getsource(reference_of(stem, name)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.Return | ast.AugAssign):
            yield ast.unparse(node.value)


def squeezed(text):
    return "".join(text.split())


@written
def test_no_words_of_a_check_hold_the_references_code(stem, name):
    for check in keys.exercises(stem)[name].checks:
        for code in lines_of_code(stem, name):
            if len(squeezed(code)) > 12:
                assert squeezed(code) not in squeezed(check.asks + check.next_step), check.name


@written
def test_no_message_holds_the_references_code(stem, name):
    exercise = keys.exercises(stem)[name]
    code = [squeezed(line) for line in lines_of_code(stem, name) if len(squeezed(line)) > 12]
    seeds, key = key_of(stem, name)
    wrong = [mistake.code for mistake in misconceptions_of(stem, name)]
    wrong += [each for _, each in wrong_answers(reference_of(stem, name))]
    for each in wrong:
        answers: dict[str, list[Answer]] = answers_of(exercise, each, seeds)
        verdict = judge(exercise, answers, key)
        message = explain(verdict, answers, {check.name: key.reference(check) for check in exercise.checks})
        text = squeezed(message.as_text())
        assert [line for line in code if line in text] == []
        assert message.next_step and not message.passed


# Quizzes


@pytest.mark.parametrize(("stem", "name"), QUIZZES)
def test_every_letter_of_a_quiz_has_an_explanation_of_its_own(stem, name):
    quiz = keys.exercises(stem)[name]
    right = reference_of(stem, name)
    assert right in quiz.options and len(quiz.options) >= 2
    assert all(len(words) >= 20 and words[-1] in ".?!)]`" for words in quiz.options.values())
    assert len(set(quiz.options.values())) == len(quiz.options)
    for letter, words in quiz.options.items():
        verdict = verdict_on(stem, name, letter)
        assert verdict.score == (quiz.points if letter == right else 0)
        if letter != right:
            assert verdict.first_problem.problem.says == words
            assert not words.startswith("Right")
    for nothing in (None, "", 0, "zz", [right], len):
        assert verdict_on(stem, name, nothing).score == 0


@pytest.mark.parametrize("stem", keys.stems())
def test_quizzes_hold_at_most_a_tenth_of_a_lessons_points(stem):
    every = keys.exercises(stem).values()
    quizzes = sum(each.points for each in every if isinstance(each, Quiz))
    assert quizzes <= QUIZ_SHARE * sum(each.points for each in every)


# Puzzles


@pytest.mark.parametrize(("stem", "name"), PUZZLES)
def test_a_puzzle_has_many_right_answers(stem, name):
    different = list(right_answers(stem)[name].values())
    assert len(different) >= LEAST_RIGHT_ANSWERS
    arrays = [np.asarray(value, float) for value in different]
    assert len({array.tobytes() for array in arrays}) >= LEAST_RIGHT_ANSWERS
    for value in [reference_of(stem, name), *different, *arrays, np.asarray(different[0], np.float32)]:
        assert verdict_on(stem, name, value).passed, value


@pytest.mark.parametrize(("stem", "name"), PUZZLES)
def test_a_puzzle_refuses_with_a_sentence(stem, name):
    right = np.asarray(reference_of(stem, name), float)
    refused = [
        np.zeros_like(right), np.full_like(right, np.nan), np.full_like(right, np.inf), -right,
        right[None], right[:-1], right[..., None], right.astype(bool), right + 0j, right.astype(str).tolist(),
        np.zeros((0, 2)), 0.0, None, "", "1, 2", [None] * len(right), {}, len, [], [[1], [2, 3]],
    ]  # fmt: skip
    for value in refused:
        verdict = verdict_on(stem, name, value)
        assert verdict.score == 0, value
        problem = verdict.first_problem.problem
        says = problem.says or problem.difference.says
        assert says.endswith((".", "?")), value


@pytest.mark.parametrize(("stem", "name"), PUZZLES)
def test_a_puzzle_decides_about_any_numbers(stem, name):
    shape = np.shape(reference_of(stem, name))
    rng = np.random.RandomState(0)
    for scale in (0.0, 1e-320, 1e-160, 1e-10, 1.0, 1e10, 1e160, 1e308):
        for _ in range(50):
            value = rng.choice([-1.0, 0.0, 0.5, 1.0], size=shape) * scale
            assert verdict_on(stem, name, value).score is not None


@pytest.mark.parametrize(("stem", "name"), PUZZLES)
def test_a_puzzle_is_not_solved_by_luck(stem, name):
    shape = np.shape(reference_of(stem, name))
    rng = np.random.RandomState(0)
    solved = sum(verdict_on(stem, name, rng.normal(size=shape).round(1)).passed for _ in range(300))
    assert solved <= 100


# The tools of this file


def test_a_mutant_that_every_round_refuses_is_refused_here_too():
    stem, name = WRITTEN[0]
    judging = Judging(stem, keys.exercises(stem)[name])
    assert judging.refused_by(reference_of(stem, name)) is None
    assert judging.refused_by(lambda *_: None) is not None
