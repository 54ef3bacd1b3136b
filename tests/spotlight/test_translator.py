"""The two GRU translators of the phrasebook: what goes in, what comes out, and that attention is what is handed in."""

import numpy as np
import pytest

from spotlight import phrasebook
from spotlight.phrasebook import BEGIN, END, ENGLISH, FRENCH, PAD

torch = pytest.importorskip("torch")
from spotlight.translator import GRUTranslator, batch_of, batches, train_translator  # noqa: E402  (after the skip)

BOOK = phrasebook.corpus(300, longest=9, examined=20)


class LooksWith(torch.nn.Module):
    """Dot products with one matrix; a module with a parameter, so that training can move it."""

    def __init__(self, d_hidden):
        super().__init__()
        self.matrix = torch.nn.Parameter(torch.eye(d_hidden))

    def forward(self, decoder_states, encoder_states, token_mask):
        scores = decoder_states @ self.matrix @ encoder_states.transpose(-2, -1)
        weights = scores.masked_fill(~token_mask[:, None], -1e9).softmax(dim=-1)
        return weights @ encoder_states, weights


def same_length(pairs, length, most=4):
    return [pair for pair in pairs if len(pair.source) == length][:most]


def test_a_batch_has_the_french_once_to_read_and_once_to_write():
    pairs = same_length(BOOK.train, 7)
    source, inputs, targets = batch_of(pairs)
    assert source.shape == (4, 7) and inputs.shape == targets.shape
    for number, pair in enumerate(pairs):
        words = FRENCH.ids(pair.target)
        rest = [PAD] * (inputs.shape[1] - len(words) - 1)
        assert source[number].tolist() == ENGLISH.ids(pair.source)
        assert inputs[number].tolist() == [BEGIN, *words, *rest]
        assert targets[number].tolist() == [*words, END, *rest]


def test_batches_deal_every_pair_once_before_any_comes_again():
    words = sum(len(pair.target) + 1 for pair in BOOK.train)
    dealt = batches(BOOK.train, words, np.random.RandomState(0), batch_tokens=100)
    assert sum(len(batch.source) for batch in dealt) == len(BOOK.train)
    assert sum(int((batch.targets != PAD).sum()) for batch in dealt) == words
    rows = {tuple(row) for batch in dealt for row in batch.source.tolist()}
    assert rows == {tuple(ENGLISH.ids(pair.source)) for pair in BOOK.train}


def test_batches_stop_at_the_budget_and_are_about_as_large_as_asked():
    dealt = batches(BOOK.train, 10_000, np.random.RandomState(0), batch_tokens=100)
    tokens = [int((batch.targets != PAD).sum()) for batch in dealt]
    assert sum(tokens[:-1]) < 10_000 <= sum(tokens)
    assert max(tokens) < 100 + max(len(pair.target) + 1 for pair in BOOK.train)
    assert all((batch.source != PAD).all() for batch in dealt)


def test_what_the_attention_is_given_and_gives_has_the_promised_shapes():
    seen = []

    def attention(decoder_states, encoder_states, token_mask):
        seen.append((decoder_states.shape, encoder_states.shape, token_mask.shape, token_mask.dtype))
        return torch.zeros_like(decoder_states), torch.zeros(len(decoder_states), decoder_states.shape[1], 7)

    source, inputs, _ = batch_of(same_length(BOOK.train, 7))
    scores, weights = GRUTranslator(8, attention)(source, inputs)
    seq_q = inputs.shape[1]
    assert seen == [((4, seq_q, 8), (4, 7, 8), (4, 7), torch.bool)]
    assert scores.shape == (4, seq_q, len(FRENCH)) and weights.shape == (4, seq_q, 7)


def test_the_writer_reads_what_attention_found():
    source, inputs, _ = batch_of(same_length(BOOK.train, 7))
    torch.manual_seed(0)
    added = torch.zeros(8)
    model = GRUTranslator(8, lambda states, *_: (torch.zeros_like(states) + added, None))
    before = model(source, inputs)[0]
    added += 1
    assert not torch.allclose(before, model(source, inputs)[0])


def test_without_attention_only_the_last_states_reach_the_decoder():
    source, inputs, _ = batch_of(same_length(BOOK.train, 7))
    torch.manual_seed(0)
    model = GRUTranslator(8)
    read = model.encode(source)
    other = read._replace(states=read.states + 1)
    assert torch.equal(model.decode(inputs, read.last, read)[0], model.decode(inputs, read.last, other)[0])
    assert read.last[:, :4].equal(read.states[:, -1, :4]) and read.last[:, 4:].equal(read.states[:, 0, 4:])


@pytest.mark.parametrize("attention", [None, LooksWith])
def test_translating_in_batches_is_what_each_sentence_alone_gives(attention):
    torch.manual_seed(0)
    model = GRUTranslator(16, attention and attention(16))
    train_translator(model, BOOK.train, 4_000)
    sentences = [pair.source for pair in BOOK.test]
    together = model.translate(sentences)
    assert together == [model.translate([sentence])[0] for sentence in sentences]
    assert together == [word_by_word(model, sentence) for sentence in sentences]
    assert all(set(words) <= set(FRENCH.words[3:]) | {"<pad>", "<begin>"} for words in together)


def word_by_word(model, sentence, longest=80):
    """Teacher forcing on its own words, from the start for each word: slow, and nothing to go wrong."""
    tokens, source = [BEGIN], torch.tensor([ENGLISH.ids(sentence)])
    with torch.no_grad():
        while len(tokens) <= longest:
            best = int(model(source, torch.tensor([tokens]))[0][0, -1].argmax())
            if best == END:
                break
            tokens.append(best)
    return [FRENCH.words[number] for number in tokens[1:]]


def test_a_translation_is_broken_off_at_the_longest():
    model = GRUTranslator(8)
    with torch.no_grad():
        model.writer.bias[END] = -100
    assert {len(words) for words in model.translate([pair.source for pair in BOOK.test], longest=5)} == {5}


def test_weights_have_a_row_for_each_token_read():
    pair = BOOK.test[0]
    weights = GRUTranslator(8, LooksWith(8)).weights(pair.source, pair.target)
    assert weights.shape == (len(pair.target) + 1, len(pair.source))
    assert torch.allclose(weights.sum(dim=-1), torch.ones(len(weights)))


def test_without_attention_there_are_no_weights_to_look_at():
    with pytest.raises(ValueError, match="no attention"):
        GRUTranslator(8).weights(BOOK.test[0].source, BOOK.test[0].target)


def test_training_learns_and_moves_the_attention_too():
    torch.manual_seed(0)
    attention = LooksWith(32)
    model = GRUTranslator(32, attention)
    losses = train_translator(model, BOOK.train, 30_000)
    assert losses[-5:].mean() < 0.7 * losses[:5].mean()
    assert not torch.equal(attention.matrix, torch.eye(32)) and not model.training


def test_the_same_seed_trains_the_same_and_another_does_not():
    losses = []
    for seed in (0, 0, 1):
        torch.manual_seed(3)
        losses.append(train_translator(GRUTranslator(8), BOOK.train, 3_000, seed=seed))
    assert np.array_equal(losses[0], losses[1]) and not np.array_equal(losses[0][:3], losses[2][:3])


@pytest.mark.parametrize("target_tokens", [1, 1_000, 6_500])
def test_a_small_budget_will_do(target_tokens):
    assert len(train_translator(GRUTranslator(8), BOOK.train, target_tokens)) >= 1
