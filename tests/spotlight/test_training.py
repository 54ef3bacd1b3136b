"""The training loop: what it returns, how it ends, what it says."""

import random
import sys
import weakref

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
    [
        2,
        2.0,
        np.float32(2),
        np.array([2.0]).reshape(()),
        torch.tensor(2.0, requires_grad=True),
        torch.tensor([2]),
    ],
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
    note = training.device_note()
    assert ("No GPU here: training runs on the CPU" in note) == (expected == "cpu")
    assert expected in note or expected == "cpu"


def asks_torch_for_too_much(number):
    return torch.empty(2**60, dtype=torch.uint8).sum()


def asks_numpy_for_too_much(number):
    return np.zeros(2**60, dtype=np.uint8).sum()


def is_told_by_cuda(number):
    raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")


def is_told_by_a_mac(number):
    raise RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)")


@pytest.mark.parametrize(
    "step", [asks_torch_for_too_much, asks_numpy_for_too_much, is_told_by_cuda, is_told_by_a_mac]
)
def test_a_step_that_needs_too_much_memory_is_told_to_take_a_smaller_batch(step, capsys):
    with pytest.raises(MemoryError, match=r"^Step 0 needs more memory than there is\. A smaller batch"):
        training.train(step, 10)
    assert "step 0 failed" in capsys.readouterr().out


def test_after_that_what_filled_the_memory_is_free_again():
    """A notebook keeps the error, and with it all frames: a smaller batch would find no room beside it."""
    left = []

    def step(number):
        large = torch.zeros(1000)
        left.append(weakref.ref(large))
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(MemoryError) as kept:
        training.train(step, 10)
    assert kept.value is not None and left[0]() is None


def test_another_error_of_torch_is_not_taken_for_memory():
    with pytest.raises(RuntimeError, match="size"):
        training.train(lambda number: torch.ones(2) @ torch.ones(3), 1)
