"""The task of lesson 09: what is asked, that two looks solve it and one sum does not, and what is counted."""

import subprocess
import sys

import numpy as np
import pytest

from spotlight import neighbours

torch = pytest.importorskip("torch")


class LooksBothWays(torch.nn.Module):
    """Half of the features come from the left neighbour, half from the right: the solution, without learning it."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.value = torch.nn.Linear(d_model, d_model)

    def weights(self, seq: int) -> torch.Tensor:
        """(2, seq, seq)"""
        return torch.stack([torch.eye(seq).roll(-1, 1), torch.eye(seq).roll(1, 1)])

    def forward(self, queries, keys, values):
        weights = self.weights(values.shape[-2])
        parts = torch.stack(self.value(values).chunk(2, dim=-1), dim=1)  # (batch, 2, seq, d_model / 2)
        output = torch.cat(list((weights @ parts).unbind(1)), dim=-1)
        return output, weights.expand(len(values), -1, -1, -1)


class AddsBothUp(LooksBothWays):
    """One sum of the two neighbours, half and half."""

    def forward(self, queries, keys, values):
        weights = self.weights(values.shape[-2]).mean(dim=0)
        return weights @ self.value(values), weights.expand(len(values), 1, -1, -1)


def unchanged(x):
    return x


def test_the_neighbours_of_inner_places_are_left_then_right():
    found = neighbours.neighbours(torch.tensor([[3, 1, 4, 1], [5, 9, 2, 6]]))
    assert found.tolist() == [[[3, 4], [1, 1]], [[5, 2], [9, 6]]]


def test_rows_are_the_same_for_the_same_seed_and_hold_every_symbol():
    rows = neighbours.rows(50, seed=3)
    assert rows.shape == (50, neighbours.SEQ) and rows.dtype == torch.int64
    assert torch.equal(rows, neighbours.rows(50, seed=3)) and not torch.equal(
        rows, neighbours.rows(50, seed=4)
    )
    assert rows.unique().tolist() == list(range(neighbours.SYMBOLS))


def test_who_looks_both_ways_names_everything():
    outcome = neighbours.train_on_neighbours(LooksBothWays(32), unchanged, steps=100)
    assert outcome.accuracy == 1.0 and len(outcome.losses) == 100
    assert neighbours.each_side(outcome.model) == (1.0, 1.0)
    assert outcome.model.weights(neighbours.rows(2)).shape == (2, 2, 12, 12)


def test_who_adds_both_up_knows_which_two_but_not_in_which_order():
    outcome = neighbours.train_on_neighbours(AddsBothUp(32), unchanged, steps=200)
    left, right = neighbours.each_side(outcome.model)
    # Which two is known, in which order is not: half of the names, and the tenth of the pairs that are twins.
    assert 0.4 < left < 0.65 and 0.4 < right < 0.65


def test_parameters_are_counted_and_grow_with_d_model():
    sizes = [
        neighbours.train_on_neighbours(LooksBothWays(d), unchanged, steps=1, d_model=d).parameters
        for d in (8, 16)
    ]
    assert sizes == [10 * d + d * (d + 1) + 20 * (d + 1) for d in (8, 16)]


def test_positions_are_added_before_the_attention_and_a_module_of_them_is_trained():
    class Learned(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = torch.nn.Parameter(torch.zeros(neighbours.SEQ, 32))

        def forward(self, x):
            return x + self.table

    positions = Learned()
    neighbours.train_on_neighbours(LooksBothWays(32), positions, steps=2)
    assert positions.table.abs().min() > 0


def test_the_same_seed_trains_the_same_and_another_does_not():
    losses = []
    for seed in (0, 0, 1):
        torch.manual_seed(5)
        losses.append(neighbours.train_on_neighbours(AddsBothUp(32), unchanged, steps=3, seed=seed).losses)
    assert np.array_equal(losses[0], losses[1]) and not np.array_equal(losses[0], losses[2])


def test_importing_it_does_not_import_torch():
    code = "import sys, spotlight.neighbours; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
