"""The task of lessons 05 and 06: what is asked, what can be had without order, and that it can be solved."""

import subprocess
import sys

import numpy as np
import pytest

from spotlight import reversing

torch = pytest.importorskip("torch")


class LooksAtTheMirrorImage(torch.nn.Module):
    """Every position takes what stands at its mirror image: the solution, without learning where to look."""

    def __init__(self, d_model: int, head_dim: int) -> None:
        super().__init__()
        self.value = torch.nn.Linear(d_model, head_dim)

    def forward(self, x):
        seq = x.shape[-2]
        weights = torch.eye(seq).flip(0).expand(*x.shape[:-2], seq, seq)
        return weights @ self.value(x), weights


class LooksAtAllAlike(LooksAtTheMirrorImage):
    def forward(self, x):
        seq = x.shape[-2]
        weights = torch.full((*x.shape[:-2], seq, seq), 1 / seq)
        return weights @ self.value(x), weights


def test_the_wanted_row_is_the_given_one_backwards():
    symbols, backwards = reversing.rows(3, seq=5)
    assert symbols.shape == (3, 5) and symbols.dtype == torch.int64
    assert torch.equal(backwards, symbols.flip(-1))


def test_who_looks_at_the_right_place_gets_everything_right_at_any_length():
    outcome = reversing.train_to_reverse(LooksAtTheMirrorImage, steps=80)
    assert outcome.accuracy == 1.0 and len(outcome.losses) == 80
    assert reversing.accuracy(outcome.model, seq=7) == 1.0
    assert outcome.model.weights(reversing.rows(2)[0]).shape == (2, 16, 16)


def test_who_sees_only_which_symbols_there_are_stays_at_what_can_be_had_without_order():
    outcome = reversing.train_to_reverse(LooksAtAllAlike, steps=150)
    assert 0.15 < outcome.accuracy < reversing.best_without_order() + 0.02


def test_in_a_row_of_two_the_other_symbol_is_known_without_order():
    assert reversing.best_without_order(seq=2) == 1.0


def test_without_order_the_commonest_of_fifteen_others_is_the_best_guess():
    draws = np.random.RandomState(1).multinomial(15, np.ones(10) / 10, size=20_000)
    assert abs(reversing.best_without_order() - draws.max(axis=1).mean() / 15) < 0.01


def test_positions_are_added_before_the_attention_and_a_module_of_them_is_trained():
    class Learned(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = torch.nn.Parameter(torch.zeros(reversing.SEQ, reversing.D_MODEL))

        def forward(self, x):
            return x + self.table

    positions = Learned()
    reversing.train_to_reverse(LooksAtTheMirrorImage, positions, steps=2)
    assert positions.table.abs().min() > 0


def test_the_same_seed_trains_the_same_and_another_does_not():
    losses = [reversing.train_to_reverse(LooksAtAllAlike, steps=3, seed=seed).losses for seed in (0, 0, 1)]
    assert np.array_equal(losses[0], losses[1]) and not np.array_equal(losses[0], losses[2])


def test_importing_it_does_not_import_torch():
    code = "import sys, spotlight.reversing; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
