"""The tasks of lesson 08: a floor that nobody fair gets below, and a text that can be learned."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from spotlight import guessing  # noqa: E402  (after the skip)


def fair(x, w_q, w_k, w_v):
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5
    future = torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool).triu(1)
    weights = scores.masked_fill(future, -torch.inf).softmax(dim=-1)
    return weights @ (x @ w_v), weights


def looks_at_the_next(x, w_q, w_k, w_v):
    return x.roll(-1, dims=-2) @ w_v, None


def shift(tokens, start):
    return torch.cat([torch.full((len(tokens), 1), start), tokens[:, :-1]], dim=1)


def test_random_rows_are_symbols_and_the_same_for_the_same_seed():
    rows = guessing.random_rows(3, seed=4)
    assert rows.shape == (3, guessing.SEQ) and rows.dtype == torch.int64
    assert rows.min() >= 0 and rows.max() < guessing.SYMBOLS
    assert torch.equal(rows, guessing.random_rows(3, seed=4))
    assert not torch.equal(rows, guessing.random_rows(3, seed=5))


def test_the_best_constant_guess_pays_the_floor_and_no_constant_pays_less():
    counts = np.bincount(guessing.random_rows(1000).flatten(), minlength=10) / 16_000
    assert math.isclose(guessing.FLOOR, -sum(0.1 * math.log(0.1) for _ in range(10)))
    assert abs(-(counts * np.log(counts)).sum() - guessing.FLOOR) < 0.002


def test_who_is_fair_stays_at_the_floor():
    outcome = guessing.train_to_guess(fair, shift, steps=150)
    assert abs(outcome.loss - guessing.FLOOR) < 0.05 and len(outcome.losses) == 150


def test_who_sees_the_next_pays_only_at_the_last_place():
    outcome = guessing.train_to_guess(looks_at_the_next, shift, steps=200)
    assert 0.9 < outcome.loss / (guessing.FLOOR / guessing.SEQ) < 1.5


def test_the_attention_is_given_vectors_and_three_matrices():
    model = guessing.Guesser(fair)
    tokens = shift(guessing.random_rows(2), guessing.START)
    x = model.vectors(tokens)
    assert x.shape == (2, guessing.SEQ, guessing.D_MODEL)
    assert torch.equal(model.from_vectors(x), fair(x, *model.matrices)[0])
    assert model(tokens).shape == (2, guessing.SEQ, guessing.SYMBOLS)


def test_the_same_seed_trains_the_same_and_another_does_not():
    losses = [guessing.train_to_guess(fair, shift, steps=3, seed=seed).losses for seed in (0, 0, 1)]
    assert np.array_equal(losses[0], losses[1]) and not np.array_equal(losses[0], losses[2])


def test_the_text_is_whole_sentences_each_once():
    lines = guessing.text().splitlines()
    assert len(lines) == len(set(lines)) >= 100
    assert all(line[0].isupper() and line.endswith(".") and line.isascii() for line in lines)
    assert guessing.text().endswith("\n") and "\r" not in guessing.text()


def test_a_writer_spells_what_it_read():
    alphabet = "".join(sorted(set(guessing.text())))
    writer = guessing.Writer(fair, alphabet)
    assert writer.spelt(writer.numbers("The cat.\n")) == "The cat.\n"


def test_a_writers_step_gives_the_scores_of_the_last_place_and_looks_back_a_window():
    torch.manual_seed(0)
    writer = guessing.Writer(fair, "abc")
    tokens = [0, 2, 1, 1]
    scores = writer(torch.tensor([[writer.start, *tokens]]))[0]
    assert torch.allclose(writer.step(tokens), scores[-1], atol=1e-5)
    assert torch.allclose(writer.step([]), scores[0], atol=1e-5)
    long = [0] * guessing.WINDOW + tokens * 20
    assert torch.equal(writer.step(long), writer.step(long[-guessing.WINDOW :]))
    assert not torch.allclose(writer.step(long), writer.step(long[:-1]))


def test_a_writer_learns_and_the_kept_back_sentences_are_not_in_what_it_reads():
    few = guessing.train_to_write(fair, shift, steps=2)
    more = guessing.train_to_write(fair, shift, steps=60)
    assert more.loss_on_kept_back < few.loss_on_kept_back - 0.5
    assert len(more.losses) == 60
