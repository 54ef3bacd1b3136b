"""The training loop: what it returns, how it ends, what it says."""

import random
import sys
import types

import numpy as np
import pytest
import torch

from spotlight import training


def halving(number):
    return 1 / 2**number


def line_of(model, optimiser, inputs, targets):
    """A step that fits a line."""

    def step(number):
        loss = ((model(inputs) - targets) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    return step


def test_every_step_is_called_once_in_order_and_its_loss_is_returned():
    seen = []
    losses = training.train(lambda number: seen.append(number) or halving(number), 5)
    assert seen == [0, 1, 2, 3, 4]
    assert losses.dtype == np.float64 and losses.tolist() == [1, 0.5, 0.25, 0.125, 0.0625]


@pytest.mark.parametrize(
    "loss",
    [2, 2.0, np.float32(2), np.array([2.0]).reshape(()), torch.tensor(2.0, requires_grad=True), torch.tensor([2])],
)
def test_a_loss_may_be_a_number_or_an_array_or_tensor_that_holds_one(loss):
    assert training.train(lambda number: loss, 1).tolist() == [2.0]


def test_no_steps_give_no_losses(capsys):
    assert training.train(halving, 0).shape == (0,)
    assert capsys.readouterr().out == "training: 0 steps in 0 s\n"


def test_a_model_is_trained():
    torch.manual_seed(0)
    model, inputs = torch.nn.Linear(2, 1), torch.randn(16, 2)
    targets = inputs @ torch.tensor([[1.0], [-2.0]]) + 3
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = training.train(line_of(model, optimiser, inputs, targets), 200)
    assert losses[-1] < 1e-3 * losses[0]
    assert model.bias.item() == pytest.approx(3, abs=0.1)


def test_control_c_ends_training_and_keeps_what_was_learned(capsys):
    learned = []

    def step(number):
        if number == 3:
            raise KeyboardInterrupt
        learned.append(number)
        return halving(number)

    assert training.train(step, 100, title="copying").tolist() == [1, 0.5, 0.25]
    assert learned == [0, 1, 2]
    said = capsys.readouterr().out
    assert said.startswith("copying: stopped after 3 of 100 steps; what was learned so far is kept")


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf, torch.tensor(np.nan)])
def test_a_loss_that_is_not_finite_ends_training_with_a_sentence(loss, capsys):
    steps = []
    with pytest.raises(FloatingPointError) as error:
        training.train(lambda number: steps.append(number) or (loss if number == 2 else 1.0), 10)
    assert steps == [0, 1, 2]
    assert str(error.value).startswith("The loss of step 2 is ") and "learning rate" in str(error.value)
    assert capsys.readouterr().out.startswith("training: step 2 failed in ")


@pytest.mark.parametrize("nothing", [None, torch.ones(2), np.ones(3), "low", [1.0], {}])
def test_a_step_that_returns_no_loss_is_told_to(nothing):
    with pytest.raises(TypeError, match="return loss") as error:
        training.train(lambda number: nothing, 10)
    assert f"step(0) returned {type(nothing).__name__}, not a loss" in str(error.value)


def test_an_error_of_the_step_comes_through_as_it_is():
    def step(number):
        raise IndexError("of the step")

    with pytest.raises(IndexError, match="of the step"):
        training.train(step, 10)


def test_plain_output_gets_one_line_with_the_mean_of_the_last_losses(capsys):
    training.train(lambda number: float(number), 100, title="counting")
    assert capsys.readouterr().out == "counting: 100 steps in 0 s, loss 89.500\n"  # mean of 80 … 99


def test_a_terminal_gets_one_line_that_is_written_over(capsys, monkeypatch):
    monkeypatch.setattr(training, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    training.train(halving, 4, title="halving")
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.endswith("\n")
    shown = [line.rstrip() for line in said.split("\r")[1:]]
    assert shown[0] == "halving: starting" and len(shown) == 6
    assert shown[2].startswith("halving: " + "█" * 12 + "░" * 12 + " 2 of 4, loss 0.750, ")
    assert shown[-1].startswith("halving: 4 steps in 0 s")


def test_a_notebook_gets_one_output_that_is_updated(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(("update", data["text/plain"]))

    def display(data, raw, display_id):
        shown.append(("new", data["text/plain"]))
        return Handle()

    stand_in = types.SimpleNamespace(get_ipython=object, display=types.SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython", stand_in)
    training.train(halving, 2)
    assert [how for how, _ in shown] == ["new", "update"]
    assert shown[-1][1].startswith("training: 2 steps in 0 s, loss 0.750")


def test_equal_seeds_draw_equal_numbers():
    def drawn(number):
        training.seed(number)
        return random.random(), np.random.rand(), torch.rand(1).item()

    assert drawn(1) == drawn(1)
    assert all(one != other for one, other in zip(drawn(1), drawn(2), strict=True))


def test_a_seed_does_not_load_torch(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    training.seed(0)
    assert "torch" not in sys.modules


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_the_fastest_device_is_chosen(cuda, mps, expected, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert training.device() == torch.device(expected)
