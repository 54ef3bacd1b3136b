"""The copy task: what is drawn, what is learned, what is counted, and who needs torch."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from spotlight import copying
from spotlight.copier import Copier, loss_of


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Copier(8).eval()


@pytest.fixture
def attending():
    torch.manual_seed(0)
    return Copier(8, looks_back).eval()


def looks_back(decoder_states, encoder_states, token_mask):
    """Dot-product attention, written with torch's own operations."""
    scores = decoder_states @ encoder_states.transpose(-2, -1) / encoder_states.shape[-1] ** 0.5
    weights = scores.masked_fill(~token_mask[:, None], -torch.inf).softmax(dim=-1)  # (batch, seq_q, seq_k)
    return weights @ encoder_states


def drawn(count=6, **options):
    return copying.sentences(count, np.random.RandomState(0), **options)


# Sentences


def test_a_sentence_is_symbols_then_padding():
    tokens, lengths = drawn(500)
    assert tokens.shape == (500, copying.LONGEST) and lengths.shape == (500,)
    assert set(lengths) == set(range(1, copying.LONGEST + 1))
    for row, length in zip(tokens, lengths, strict=True):
        assert row[:length].max() < copying.SYMBOLS and (row[length:] == copying.PADDING).all()


def test_every_symbol_is_equally_frequent_so_that_chance_is_known():
    tokens, _ = drawn(500, shortest=40)
    counts = np.bincount(tokens.ravel(), minlength=copying.SYMBOLS)
    assert len(counts) == copying.SYMBOLS
    assert np.abs(counts / tokens.size - 1 / copying.SYMBOLS).max() < 0.01


def test_equal_seeds_draw_equal_sentences_within_the_lengths_asked_for():
    first, second = drawn(shortest=2, longest=5), drawn(shortest=2, longest=5)
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
    assert first[0].shape == (6, 5) and set(first[1]) <= {2, 3, 4, 5}


def test_unseen_sentences_hold_each_length_equally_often():
    tokens, lengths = copying.unseen_sentences(each=3)
    assert np.bincount(lengths).tolist() == [0] + [3] * copying.LONGEST
    assert ((tokens != copying.PADDING).sum(axis=1) == lengths).all()


# The model


def test_the_vector_is_the_state_after_the_last_symbol_whatever_the_padding(model):
    tokens, lengths = drawn()
    other = np.where(tokens == copying.PADDING, 3, tokens)
    states, last = copying.encode(model, tokens, lengths)
    assert np.array_equal(last, states[np.arange(6), lengths - 1])
    assert np.allclose(copying.encode(model, other, lengths)[1], last)
    assert (states[np.arange(40) >= lengths[:, None]] == 0).all()


def test_the_one_vector_is_all_that_the_decoder_gets(model):
    tokens, lengths = map(torch.tensor, drawn())
    memory = model.encode(tokens, lengths)
    written = torch.zeros((6, 3), dtype=torch.int64)
    scores, _ = model.decode(written, memory.last, memory, 0)
    elsewhere, _ = model.decode(written, memory.last, memory._replace(states=memory.states + 1), 0)
    other, _ = model.decode(written, memory.last + 1, memory, 0)
    assert torch.equal(scores, elsewhere) and not torch.allclose(scores, other)


def test_padding_changes_neither_the_loss_nor_a_gradient(model):
    tokens, lengths = drawn(longest=6)

    def loss_and_gradients(tokens):
        model.zero_grad()
        loss = loss_of(model, torch.tensor(tokens), torch.tensor(lengths))
        loss.backward()
        return loss.item(), [parameter.grad.clone() for parameter in model.parameters()]

    wider = np.pad(tokens, ((0, 0), (0, 5)), constant_values=copying.PADDING)
    (loss, gradients), (wider_loss, wider_gradients) = loss_and_gradients(tokens), loss_and_gradients(wider)
    assert loss == pytest.approx(wider_loss, rel=1e-5)
    for one, other in zip(gradients, wider_gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_the_loss_is_the_mean_over_real_symbols(model):
    tokens, lengths = drawn(longest=6)
    with torch.no_grad():
        chances = model(torch.tensor(tokens), torch.tensor(lengths)).softmax(dim=-1).numpy()
    each = [
        -np.log(chances[row, place, tokens[row, place]])
        for row, length in enumerate(lengths)
        for place in range(length)
    ]
    loss = loss_of(model, torch.tensor(tokens), torch.tensor(lengths)).item()
    assert loss == pytest.approx(np.mean(each), rel=1e-5)


# Writing


@pytest.mark.parametrize("which", ["model", "attending"])
def test_decoding_reads_its_own_symbols_back(which, request):
    """Given what it wrote itself as the truth, teacher forcing writes the same."""
    model, (tokens, lengths) = request.getfixturevalue(which), drawn()
    written = copying.decode(model, tokens, lengths)
    with torch.no_grad():
        memory = model.encode(torch.tensor(tokens), torch.tensor(lengths))
        before = np.concatenate([np.full((6, 1), copying.START), written[:, :-1]], axis=1)
        scores, _ = model.decode(torch.tensor(before), memory.last, memory, 0)
    real = np.arange(40) < lengths[:, None]
    assert np.array_equal(scores.argmax(-1).numpy()[real], written[real])


def test_decoding_never_sees_the_true_symbols_but_through_the_vector(model):
    tokens, lengths = drawn()
    memory = model.encode(torch.tensor(tokens), torch.tensor(lengths))
    model.encode = lambda tokens, lengths: memory
    assert np.array_equal(copying.decode(model, tokens, lengths), copying.decode(model, 0 * tokens, lengths))


@pytest.mark.parametrize("write", [copying.decode, copying.decode_with_the_truth])
def test_what_is_written_ends_with_the_sentence(write, model):
    tokens, lengths = drawn()
    written = write(model, tokens, lengths)
    assert written.shape == tokens.shape and ((written == copying.PADDING) == (tokens == copying.PADDING)).all()


@pytest.mark.parametrize("write", [copying.decode, copying.decode_with_the_truth])
def test_attention_gives_padding_no_say(write, attending):
    tokens, lengths = drawn()
    other = np.where(tokens == copying.PADDING, 3, tokens)
    assert np.array_equal(write(attending, tokens, lengths), write(attending, other, lengths))


# Training


def test_training_learns_to_copy(monkeypatch):
    monkeypatch.setattr(copying, "LONGEST", 2)
    model = copying.train_copier(16, steps=200)
    tokens, lengths = drawn(100, longest=2)
    real = tokens != copying.PADDING
    assert (copying.decode(model, tokens, lengths) == tokens)[real].mean() > 0.9  # chance 0.1
    assert not model.training


def test_equal_seeds_train_equal_models():
    models = [copying.train_copier(8, steps=3, seed=seed) for seed in (0, 0, 1)]
    first, again, other = (torch.cat([each.flatten() for each in one.parameters()]) for one in models)
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_an_attention_with_parameters_is_trained_too():
    class Projected(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.project = torch.nn.Linear(8, 8)

        def forward(self, decoder_states, encoder_states, token_mask):
            return looks_back(self.project(decoder_states), encoder_states, token_mask)

    attention = Projected()
    before = attention.project.weight.detach().clone()
    copying.train_copier(8, attention, steps=3)
    assert not torch.equal(before, attention.project.weight)


# Without torch


def test_the_module_comes_without_torch():
    script = "import sys; import spotlight.copying; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0


def test_who_has_no_torch_reads_one_kind_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(copying.NeedsTorch) as error:
        copying.train_copier(32)
    (line,) = error.value._render_traceback_()
    assert "not installed" in line and "`pip install torch`" in line and "work without it" in line
