"""Putting a question to some code: whatever the code does, an answer comes back."""

import linecache
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest
import torch
from fixtures import fake_course
from torch import nn

from autograder import keys
from autograder.asking import Answer, ask
from autograder.exercise import Exercise, equal_parameters


def exercise_that(question, name="answer", **options):
    question.__doc__ = "What is asked.\n\nThe next step."
    exercise = Exercise(name, 1, **options)
    exercise.check(question)
    return exercise


def asked(question, code, seed=0, **options) -> Answer:
    exercise = exercise_that(question, **options)
    return ask(exercise, exercise.checks[0], code, seed)


def in_a_cell(source: str, number: int = 1, **names):
    """The names that a cell defines, run as IPython runs it: its lines can be looked up."""
    source = textwrap.dedent(source).strip() + "\n"
    file = f"<cell {number}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)
    return names


def call_once(answer, rng):
    return answer(np.arange(6.0).reshape(2, 3))


# What comes back


def test_the_answer_holds_the_value_and_every_call_with_its_arguments():
    def question(answer, rng):
        return [answer(np.arange(3.0)), answer(np.ones(2), axis=0)]

    found = asked(question, lambda x, axis=-1: x.sum(axis=axis))
    assert found.failure is None and found.value.tolist() == [3, 2]
    assert [list(call.arguments) for call in found.calls] == [["x"], ["x", "axis"]]
    assert [call.keywords for call in found.calls] == [(), ("axis",)]
    assert found.calls[1].arguments["axis"] == 0
    assert [float(call.result) for call in found.calls] == [3, 2]


def test_equal_seeds_draw_equal_inputs_and_other_seeds_others():
    def question(answer, rng):
        return answer(rng.normal(size=3))

    first, again, other = (asked(question, lambda x: x, seed).value for seed in (5, 5, 6))
    assert (first == again).all() and (first != other).all()


def test_what_is_not_callable_is_not_called():
    found = asked(call_once, np.zeros(2))
    assert found.failure.kind == "not_callable" and found.failure.type_name == "ndarray"


def test_a_value_is_the_answer_of_a_quiz_and_of_a_puzzle(tiny_course):
    exercises = keys.exercises("blend")
    quiz, puzzle = exercises["which_axis"], exercises["heavy_pair"]
    assert ask(quiz, quiz.checks[0], " b ", 0).value == "b"
    assert ask(puzzle, puzzle.checks[0], (1, 2.5), 0).value.tolist() == [1, 2.5]


def test_warnings_and_numpy_errors_of_the_code_are_no_failures():
    def answer(x):
        warnings.warn("careful", stacklevel=1)
        return np.log(x) / (x - x)

    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = asked(call_once, answer)
    assert found.failure is None and found.value.shape == (2, 3)


# What the code raises


def test_an_exception_is_told_with_the_learners_own_line():
    cell = in_a_cell("""
        import numpy as np

        def part(x):
            return x @ np.ones(5)

        def answer(x):
            return part(x)
    """)
    failure = asked(call_once, cell["answer"]).failure
    assert (failure.kind, failure.type_name, failure.where) == ("error", "ValueError", "part")
    assert (failure.line_number, failure.line) == (4, "return x @ np.ones(5)")
    assert "matmul" in failure.message


def test_an_exception_within_a_library_is_told_with_the_learners_line_that_led_there():
    cell = in_a_cell("""
        import numpy as np

        def answer(x):
            return np.linalg.inv(x)
    """)
    failure = asked(call_once, cell["answer"]).failure
    assert (failure.type_name, failure.line) == ("LinAlgError", "return np.linalg.inv(x)")


def test_an_exception_in_the_courses_own_package_is_told_with_the_learners_line():
    cell = in_a_cell("""
        from spotlight import toy

        def answer(x):
            return toy.words_of(3)
    """)
    failure = asked(call_once, cell["answer"]).failure
    assert failure.kind == "error" and failure.line == "return toy.words_of(3)"


def test_wrong_parameters_are_an_error_without_a_line(tiny_course):
    centre = keys.exercises("blend")["centre"]
    failure = ask(centre, centre.checks[0], lambda: 1, 0).failure
    assert (failure.kind, failure.type_name, failure.line) == ("error", "TypeError", "")


def test_a_missing_parameter_of_a_keyword_is_an_error_too():
    failure = asked(lambda answer, rng: answer(np.zeros(2), axis=0), lambda x: x).failure
    assert failure.type_name == "TypeError" and "axis" in failure.message


def test_endless_recursion_is_an_error_with_its_line():
    cell = in_a_cell("""
        def answer(x):
            return answer(x) + 1
    """)
    failure = asked(call_once, cell["answer"]).failure
    assert (failure.kind, failure.type_name, failure.line) == (
        "error",
        "RecursionError",
        "return answer(x) + 1",
    )


@pytest.mark.parametrize("ending", ["exit()", "quit(3)", "import sys; sys.exit('bye')", "raise SystemExit"])
def test_leaving_python_is_an_error_of_the_answer_only(ending):
    cell = in_a_cell(f"""
        def answer(x):
            {ending}
    """)
    failure = asked(call_once, cell["answer"]).failure
    assert (failure.kind, failure.type_name) == ("error", "SystemExit")


def test_the_learner_can_interrupt_a_check():
    def answer(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(call_once, answer)


def test_the_stub_is_not_started_and_says_which_function_it_stands_in():
    cell = in_a_cell("""
        def part(x):
            raise NotImplementedError("Yours to write")

        def answer(x):
            return part(x)
    """)
    assert asked(call_once, cell["part"]).failure.kind == "not_started"
    assert asked(call_once, cell["answer"]).failure.where == "part"


def test_a_library_that_is_not_implemented_is_an_error_and_not_the_stub():
    cell = in_a_cell("""
        import torch

        def answer(x):
            return torch.nn.Module()(x)
    """)
    failure = asked(call_once, cell["answer"]).failure
    assert (failure.kind, failure.type_name) == ("error", "NotImplementedError")


def test_an_exception_that_cannot_be_printed_is_an_error_all_the_same():
    class Odd(Exception):
        def __str__(self):
            raise ValueError

    def answer(x):
        raise Odd

    failure = asked(call_once, answer).failure
    assert (failure.type_name, failure.message) == ("Odd", "")


def test_a_long_message_is_cut():
    def answer(x):
        raise ValueError("x" * 100_000)

    assert len(asked(call_once, answer).failure.message) <= 2000


def test_a_failure_in_the_second_call_keeps_both_calls():
    def question(answer, rng):
        return [answer(np.ones(2)), answer(np.ones(3))]

    found = asked(question, lambda x: x @ np.ones(2))
    assert found.failure.type_name == "ValueError" and len(found.calls) == 2


# Arguments changed in place


def give(value):
    return lambda answer, rng: answer(value)


def adds_one(x):
    x += 1
    return x


def sets_the_first(x):
    x[0] = 9
    return 0


def appends(x):
    x.append(1)
    return 0


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (np.zeros(3), adds_one),
        (np.zeros(3, int), sets_the_first),
        (np.array([False, True]), sets_the_first),
        (torch.zeros(3), lambda x: x.add_(1)),
        (torch.zeros(3), lambda x: x.resize_(1)),
        ([np.zeros(2), np.ones(2)], lambda x: adds_one(x[1])),
        (np.array(["a", "b"]), sets_the_first),
        ([3, 4], sets_the_first),
        ([1, 2], appends),
        ([3, 4, 1], lambda x: x.sort()),
        ({"a": 1}, lambda x: x.update(a=2)),
        ({"a": np.zeros(2)}, lambda x: adds_one(x["a"])),
        (([1, 2], 3), lambda x: sets_the_first(x[0])),
    ],
)
def test_an_argument_changed_in_place_is_noticed_by_name(value, code):
    assert asked(give(value), code).changed == ["x"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (np.zeros(3), lambda x: adds_one(x.copy())),
        (np.zeros(3), lambda x: adds_one(x + 0)),
        (np.array([np.nan, 1]), lambda x: x),
        ([np.nan, 1.0], lambda x: x),
        (torch.zeros(3), lambda x: x.requires_grad_() * 2),
        (np.array(["a", "b"]), lambda x: x),
        ({"a": np.zeros(2)}, lambda x: dict(x)),
        ((1, None, "a"), lambda x: x),
        (lambda: 1, lambda x: x()),
    ],
)
def test_an_argument_left_as_it_was_is_no_change(value, code):
    found = asked(give(value), code)
    assert found.failure is None
    assert found.changed == []


def test_the_recorded_arguments_are_those_before_the_change():
    found = asked(give(np.zeros(2)), adds_one)
    assert found.calls[0].arguments["x"].tolist() == [0, 0]


# Operations that an exercise rules out


def give_scores(answer, rng):
    import torch

    return answer(torch.tensor(rng.normal(size=(2, 3, 4)).round(1)))


SOFTMAXES = {
    "torch.softmax": lambda x: torch.softmax(x, -1),
    "functional": lambda x: nn.functional.softmax(x, dim=-1),
    "method": lambda x: x.softmax(-1),
    "module": lambda x: nn.Softmax(dim=-1)(x),
    "getattr": lambda x: getattr(torch, "soft" + "max")(x, -1),
    "special": lambda x: torch.special.softmax(x, -1),
    "private": lambda x: torch._softmax(x, -1, False),
    "aten": lambda x: torch.ops.aten.softmax.int(x, -1),
    "scripted": lambda x: torch.jit.script(nn.Softmax(dim=-1))(x),
    "vmapped": lambda x: torch.vmap(lambda row: row.softmax(-1))(x),
    "logarithm": lambda x: nn.functional.log_softmax(x, dim=-1).exp(),
    "softmin": lambda x: nn.functional.softmin(-x, dim=-1),
    "without gradients": torch.no_grad()(lambda x: x.softmax(-1)),
    "inference": torch.inference_mode()(lambda x: x.softmax(-1)),
    "with gradients": lambda x: x.clone().requires_grad_().softmax(-1),
    "attention to the identity": lambda x: nn.functional.scaled_dot_product_attention(
        x.float()[None], torch.eye(4).expand(1, 2, 4, 4) * 2, torch.eye(4).expand(1, 2, 4, 4)
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", SOFTMAXES)
def test_torch_softmax_is_seen_however_it_is_called(how):
    failure = asked(give_scores, SOFTMAXES[how], forbidden=("softmax",)).failure
    assert failure is not None and (failure.kind, failure.type_name) == ("forbidden", "softmax")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "options", [{}, {"attn_mask": torch.ones(3, 3, dtype=torch.bool)}, {"is_causal": True}]
)
def test_torch_attention_is_seen_whatever_torch_turns_it_into(dtype, options):
    def attend(x):
        x = x.to(dtype)
        return nn.functional.scaled_dot_product_attention(x[None], x[None], x[None], **options)

    failure = asked(give_scores, attend, forbidden=("scaled_dot_product_attention",)).failure
    assert failure is not None and failure.type_name == "scaled_dot_product_attention"


def softmax(x):
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


HONEST = {
    "own function of that name": softmax,
    "logsumexp": lambda x: (x - x.logsumexp(-1, keepdim=True)).exp(),
    "in NumPy": lambda x: np.exp(x.numpy()) / np.exp(x.numpy()).sum(-1, keepdims=True),
    "sigmoid": lambda x: torch.sigmoid(x),
    "the word in a string": lambda x: x * len("softmax"),
    "a layer": lambda x: nn.Linear(4, 2).double()(x),
    "gradients": lambda x: torch.autograd.grad(softmax(x.requires_grad_()).sum(), x)[0],
}


@pytest.mark.parametrize("how", HONEST)
def test_an_honest_answer_is_not_refused(how):
    found = asked(give_scores, HONEST[how], forbidden=("softmax", "scaled_dot_product_attention"))
    assert found.failure is None


def test_softmax_is_allowed_where_only_attention_is_forbidden():
    found = asked(give_scores, lambda x: x.softmax(-1), forbidden=("scaled_dot_product_attention",))
    assert found.failure is None


def test_what_is_not_forbidden_is_allowed():
    assert asked(give_scores, SOFTMAXES["method"]).failure is None


def test_torch_that_the_answer_itself_imports_is_seen_too():
    program = """
        import sys
        import numpy as np
        from autograder.asking import ask
        from autograder.exercise import Exercise

        exercise = Exercise("answer", 1, forbidden=("softmax",))

        @exercise.check
        def one(answer, rng):
            '''What is asked.

            The next step.
            '''
            return answer(np.zeros(3))

        def answer(x):
            import torch
            return torch.tensor(x).softmax(0).numpy()

        assert "torch" not in sys.modules
        print(ask(exercise, exercise.checks[0], answer, 0).failure.kind)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=fake_course.environment(fake_course.ROOT),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "forbidden"


# Modules


def ask_blend(code, seed=3):
    exercise = keys.exercises("blend")["Blend"]
    return ask(exercise, exercise.checks[0], code, seed)


class Blend(nn.Module):
    """Right, and its layers are made in another order than the reference's."""

    def __init__(self, d_model, head_dim):
        super().__init__()
        torch.rand(5)
        self.value = nn.Linear(d_model, head_dim, bias=False)
        self.query = nn.Linear(d_model, head_dim)

    def forward(self, x):
        queries = self.query(x)
        return softmax(queries @ queries.mT) @ self.value(x)


class Renamed(Blend):
    """Right, but one layer has another name."""

    def __init__(self, d_model, head_dim):
        super().__init__(d_model, head_dim)
        self.values = self.value
        del self.value

    def forward(self, x):
        queries = self.query(x)
        return softmax(queries @ queries.mT) @ self.values(x)


def test_two_modules_get_equal_weights_whatever_the_order_of_creation(tiny_course):
    torch.manual_seed(0)
    mine = ask_blend(Blend)
    torch.manual_seed(1)
    reference = ask_blend(keys.load_solutions("blend").Blend)
    assert mine.failure is None
    np.testing.assert_allclose(mine.value[1], reference.value[1], rtol=1e-5)
    assert float(np.abs(reference.value[1]).max()) > 0.1


def test_weights_depend_on_the_seed_and_on_the_name_alone():
    def weights(module, seed):
        equal_parameters(module, np.random.RandomState(seed))
        return {name: parameter.tolist() for name, parameter in module.named_parameters()}

    first, again = weights(Blend(4, 5), 1), weights(Renamed(4, 5), 1)
    assert first["query.weight"] == again["query.weight"]
    assert first["value.weight"] != again["values.weight"]
    assert weights(Blend(4, 5), 2)["query.weight"] != first["query.weight"]


def test_weights_keep_their_dtype_and_stay_trainable():
    module = Blend(4, 5).double()
    names = equal_parameters(module, np.random.RandomState(0))
    assert names == "parameters: query.bias (5,), query.weight (5, 4), value.weight (5, 4)"
    assert all(each.dtype == torch.float64 and each.requires_grad for each in module.parameters())


def test_a_renamed_layer_differs_in_its_name_before_any_number(tiny_course):
    from autograder.compare import first_difference

    found = first_difference(ask_blend(Renamed).value, ask_blend(keys.load_solutions("blend").Blend).value)
    assert found.place == (0,)
    assert "values.weight" in found.yours and "value.weight" in found.expected


def test_calls_of_a_modules_forward_are_recorded_with_what_it_was_made_with(tiny_course):
    (call,) = ask_blend(Blend).calls
    assert list(call.arguments) == ["x"] and call.arguments["x"].shape == (3, 4)
    assert call.made_with == {"d_model": 4, "head_dim": 5} and isinstance(call.made, Blend)
    assert call.result.shape == (3, 5)


def test_an_unwritten_forward_is_not_started(tiny_course):
    class Stub(Blend):
        def forward(self, x):
            raise NotImplementedError("Yours to write")

    assert ask_blend(Stub).failure.kind == "not_started"


def test_torch_softmax_within_a_module_is_seen(tiny_course):
    class Cheat(Blend):
        def forward(self, x):
            queries = self.query(x)
            return torch.softmax(queries @ queries.mT, -1) @ self.value(x)

    assert ask_blend(Cheat).failure.kind == "forbidden"


def test_a_class_that_cannot_be_made_is_an_error():
    class Picky:
        def __init__(self):
            pass

    failure = asked(lambda answer, rng: answer(3), Picky).failure
    assert failure.kind == "error" and failure.type_name == "TypeError"
