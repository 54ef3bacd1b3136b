"""Known wrong answers to lesson 01, each with the words that mend it."""

import numpy as np

from autograder.exercise import misconception


def _step(inputs, hidden, w_in, w_hidden, bias):
    return np.tanh(inputs @ w_in + hidden @ w_hidden + bias)


def _read(tokens, embeddings, w_in, w_hidden, bias):
    """(batch, seq, d_hidden): the memory after each position, padding read like words."""
    hidden, states = np.zeros((len(tokens), len(bias))), []
    for position in range(tokens.shape[1]):
        hidden = _step(embeddings[tokens[:, position]], hidden, w_in, w_hidden, bias)
        states.append(hidden)
    return np.stack(states, axis=1)


def _is_word(tokens, lengths):
    return (np.arange(tokens.shape[1]) < lengths[:, None])[..., None]


def _last(states, lengths):
    return states[np.arange(len(lengths)), lengths - 1]


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    return np.split(inputs @ w_in + b_in, 3, axis=-1), np.split(hidden @ w_hidden + b_hidden, 3, axis=-1)


# rnn_step


@misconception("rnn_step")
def forgets_tanh(inputs, hidden, w_in, w_hidden, bias):
    """You returned the sum without tanh. tanh keeps each number between -1 and 1, however many words are
    read."""
    return inputs @ w_in + hidden @ w_hidden + bias


@misconception("rnn_step")
def has_no_memory(inputs, hidden, w_in, w_hidden, bias):
    """Your new memory depends on the present word only. The old memory must come in too, multiplied by
    W_hidden."""
    return np.tanh(inputs @ w_in + bias)


@misconception("rnn_step")
def forgets_the_bias(inputs, hidden, w_in, w_hidden, bias):
    """Your sum has two terms. The third is the bias, added before tanh."""
    return np.tanh(inputs @ w_in + hidden @ w_hidden)


@misconception("rnn_step")
def adds_the_bias_after_tanh(inputs, hidden, w_in, w_hidden, bias):
    """You added the bias to the result of tanh, which can leave the range from -1 to 1. It belongs inside."""
    return np.tanh(inputs @ w_in + hidden @ w_hidden) + bias


@misconception("rnn_step")
def bends_each_term_alone(inputs, hidden, w_in, w_hidden, bias):
    """You took tanh of each product and then added. Add first: tanh of the whole sum."""
    return np.tanh(inputs @ w_in + bias) + np.tanh(hidden @ w_hidden)


@misconception("rnn_step")
def bends_each_term_alone_with_the_bias_in_the_second(inputs, hidden, w_in, w_hidden, bias):
    """You took tanh of each product and then added. Add first: tanh of the whole sum."""
    return np.tanh(inputs @ w_in) + np.tanh(hidden @ w_hidden + bias)


@misconception("rnn_step")
def turns_w_hidden(inputs, hidden, w_in, w_hidden, bias):
    """You used W_hidden transposed. It is square, so no shape complains. `hidden` is a row, and stands on
    the left of the matrix as it is."""
    return np.tanh(inputs @ w_in + hidden @ w_hidden.T + bias)


@misconception("rnn_step")
def keeps_the_memory_as_it_is(inputs, hidden, w_in, w_hidden, bias):
    """You added the old memory as it is. W_hidden comes first: it decides what is kept, and where."""
    return np.tanh(inputs @ w_in + hidden + bias)


@misconception("rnn_step")
def adds_the_old_memory_outside(inputs, hidden, w_in, w_hidden, bias):
    """You added the old memory to the result of tanh. It comes in once, through W_hidden, inside tanh."""
    return hidden + np.tanh(inputs @ w_in + hidden @ w_hidden + bias)


@misconception("rnn_step")
def bends_with_the_sigmoid(inputs, hidden, w_in, w_hidden, bias):
    """This is the sigmoid, between 0 and 1. tanh lies between -1 and 1: `np.tanh`."""
    return _sigmoid(inputs @ w_in + hidden @ w_hidden + bias)


@misconception("rnn_step")
def cuts_instead_of_bending(inputs, hidden, w_in, w_hidden, bias):
    """You cut the sum off at -1 and 1. tanh bends it smoothly: `np.tanh`."""
    return np.clip(inputs @ w_in + hidden @ w_hidden + bias, -1, 1)


# encode


@misconception("encode")
def takes_the_last_padded_state(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your `last` has read the padding too: it is the state at the end of the row. A sentence of 2 ends at
    position 1, whatever stands behind."""
    states = _read(tokens, embeddings, w_in, w_hidden, bias)
    return np.where(_is_word(tokens, lengths), states, 0), states[:, -1]


@misconception("encode")
def takes_the_zeros_at_the_end(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your `last` is the end of the row, which is zeros for a short sentence. Take each sentence's state
    after its own last word."""
    states = np.where(_is_word(tokens, lengths), _read(tokens, embeddings, w_in, w_hidden, bias), 0)
    return states, states[:, -1]


@misconception("encode")
def leaves_states_at_padding(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your states at padding are not zeros: there you went on reading. Nobody can tell them from states of
    words."""
    states = _read(tokens, embeddings, w_in, w_hidden, bias)
    return states, _last(states, lengths)


@misconception("encode")
def ignores_the_lengths(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """You read all positions of the row, padding included, and never looked at `lengths`. A short sentence
    ends before its row does."""
    states = _read(tokens, embeddings, w_in, w_hidden, bias)
    return states, states[:, -1]


@misconception("encode")
def repeats_the_last_state_at_padding(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your states at padding repeat the last memory. `last` may keep it; in `states`, padding is zeros."""
    states = _read(tokens, embeddings, w_in, w_hidden, bias)
    last = _last(states, lengths)
    return np.where(_is_word(tokens, lengths), states, last[:, None]), last


@misconception("encode")
def stops_one_word_early(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your `last` has not read the last word. Positions count from 0: a sentence of 2 ends at position 1."""
    states = np.where(_is_word(tokens, lengths), _read(tokens, embeddings, w_in, w_hidden, bias), 0)
    before = np.concatenate([np.zeros_like(states[:, :1]), states], axis=1)
    return states, _last(before, lengths)


@misconception("encode")
def keeps_states_before_reading(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """You stored each state before its word was read, so all are one word late. First the step, then store."""
    states = _read(tokens, embeddings, w_in, w_hidden, bias)
    late = np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1)
    return np.where(_is_word(tokens, lengths), late, 0), _last(states, lengths)


@misconception("encode")
def starts_each_word_from_zeros(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Each of your states knows its own word only: you started from zeros at every word. Hand the new
    memory on to the next step."""
    empty = np.zeros((*tokens.shape, len(bias)))
    states = np.where(_is_word(tokens, lengths), _step(embeddings[tokens], empty, w_in, w_hidden, bias), 0)
    return states, _last(states, lengths)


@misconception("encode")
def stacks_positions_in_front(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your states are there, but positions come first: an array made of a list has the list's axis in front. Sentences
    come first: stack along axis 1."""
    states = np.where(_is_word(tokens, lengths), _read(tokens, embeddings, w_in, w_hidden, bias), 0)
    return np.swapaxes(states, 0, 1), _last(states, lengths)


@misconception("encode")
def looks_up_the_position(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """You looked up the vector of the position, and no word of `tokens`: every sentence read the same. Take the
    numbers of the words at that position, and look these up."""
    positions = np.broadcast_to(np.arange(tokens.shape[1]), tokens.shape)
    states = np.where(_is_word(tokens, lengths), _read(positions, embeddings, w_in, w_hidden, bias), 0)
    return states, _last(states, lengths)


@misconception("encode")
def hands_the_memory_to_the_next_sentence(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your second sentence starts with what is left of the first. Each sentence starts from zeros."""
    hidden, states = np.zeros(len(bias)), np.zeros((*tokens.shape, len(bias)))
    for row, length in enumerate(lengths):
        for position in range(length):
            hidden = _step(embeddings[tokens[row, position]], hidden, w_in, w_hidden, bias)
            states[row, position] = hidden
    return states, _last(states, lengths)


@misconception("encode")
def reads_from_right_to_left(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """You read the row from its end. Start at position 0."""
    states = _read(tokens[:, ::-1], embeddings, w_in, w_hidden, bias)
    return np.where(_is_word(tokens, lengths), states, 0), _last(states, lengths)


@misconception("encode")
def takes_the_number_0_for_padding(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """You took every token 0 for padding. Here 0 can be a word, and padding any number: only `lengths`
    tells."""
    hidden, states = np.zeros((len(tokens), len(bias))), np.zeros((*tokens.shape, len(bias)))
    for position in range(tokens.shape[1]):
        is_word = tokens[:, position, None] != 0
        read = _step(embeddings[tokens[:, position]], hidden, w_in, w_hidden, bias)
        hidden = np.where(is_word, read, hidden)
        states[:, position] = np.where(is_word, read, 0)
    return states, hidden


@misconception("encode")
def ends_with_the_longest_sentence(tokens, lengths, embeddings, w_in, w_hidden, bias):
    """Your `states` end with the longest sentence. They need one place for each position of `tokens`, also where
    every sentence has ended: zeros."""
    states = np.where(_is_word(tokens, lengths), _read(tokens, embeddings, w_in, w_hidden, bias), 0)
    return states[:, : lengths.max()], _last(states, lengths)


# accuracy_by_length


def _by_length(right, lengths):
    different = np.unique(lengths)
    return different, np.array([right[lengths == n, :n].mean() for n in different])


@misconception("accuracy_by_length")
def counts_padding(predicted, expected, lengths):
    """You counted the padding too, and where both sides agree on it, short sentences look better than they
    are. Count only the first `length` symbols. (After `[rows]`, `[:n]` takes the first n rows; columns are
    `[:, :n]`.)"""
    right, different = predicted == expected, np.unique(lengths)
    return different, np.array([right[lengths == n].mean() for n in different])


@misconception("accuracy_by_length")
def divides_by_the_whole_row(predicted, expected, lengths):
    """You counted right symbols without padding, but divided by the whole width of the rows. Divide by the
    number of real symbols."""
    different = np.unique(lengths)
    right = (predicted == expected) & (np.arange(predicted.shape[1]) < lengths[:, None])
    return different, np.array([right[lengths == n].mean() for n in different])


@misconception("accuracy_by_length")
def wants_whole_sentences(predicted, expected, lengths):
    """You counted sentences that are right from start to end. Here single symbols count: a sentence with
    one mistake still has right ones."""
    right, different = predicted == expected, np.unique(lengths)
    return different, np.array([right[lengths == n, :n].all(axis=1).mean() for n in different])


@misconception("accuracy_by_length")
def one_accuracy_for_all(predicted, expected, lengths):
    """Every length has the same accuracy in your answer: that of all sentences together. Choose the rows of
    one length at a time."""
    different = np.unique(lengths)
    real = np.arange(predicted.shape[1]) < lengths[:, None]
    return different, np.full(len(different), (predicted == expected)[real].mean())


@misconception("accuracy_by_length")
def one_entry_a_sentence(predicted, expected, lengths):
    """You have one number a sentence. Sentences of the same length belong together: each length once, the
    shortest first (`np.unique`)."""
    right = predicted == expected
    return lengths.copy(), np.array([row[:n].mean() for row, n in zip(right, lengths, strict=True)])


@misconception("accuracy_by_length")
def counts_mistakes(predicted, expected, lengths):
    """You counted what is wrong. Accuracy is the share that is right."""
    return _by_length(predicted != expected, lengths)


@misconception("accuracy_by_length")
def counts_instead_of_shares(predicted, expected, lengths):
    """You counted the right symbols. A share is needed: divide by how many there are, or take the mean."""
    right, different = predicted == expected, np.unique(lengths)
    return different, np.array([right[lengths == n, :n].sum() for n in different]).astype(float)


@misconception("accuracy_by_length")
def divides_by_the_symbols_of_one_row(predicted, expected, lengths):
    """You divided by the symbols of one row only, so a share can be above 1. Several rows may have the same length:
    divide by the symbols of all of them, or take the mean."""
    right, different = predicted == expected, np.unique(lengths)
    return different, np.array([right[lengths == n, :n].sum() / n for n in different])


@misconception("accuracy_by_length")
def in_per_cent(predicted, expected, lengths):
    """Your numbers are percentages. A share lies between 0 and 1."""
    different, accuracy = _by_length(predicted == expected, lengths)
    return different, 100 * accuracy


@misconception("accuracy_by_length")
def judges_the_last_symbol_only(predicted, expected, lengths):
    """You looked at the last symbol of each sentence only. All its symbols count: cut with `:length`."""
    right, different = predicted == expected, np.unique(lengths)
    return different, np.array([right[lengths == n, n - 1].mean() for n in different])


@misconception("accuracy_by_length")
def mixes_in_longer_sentences(predicted, expected, lengths):
    """For each length you also counted the beginnings of longer sentences. Choose only the rows whose length
    is equal to it."""
    right, different = predicted == expected, np.unique(lengths)
    return different, np.array([right[lengths >= n, :n].mean() for n in different])


@misconception("accuracy_by_length", produces_nan=True)
def lists_every_length(predicted, expected, lengths):
    """You list every length from 1 to `seq`, and the mean of no rows is nan. Only lengths that occur
    belong here."""
    different, accuracy = _by_length(predicted == expected, lengths)
    every = np.full(predicted.shape[1], np.nan)
    every[different - 1] = accuracy
    return np.arange(1, len(every) + 1), every


@misconception("accuracy_by_length")
def gives_the_shares_first(predicted, expected, lengths):
    """You return the shares first. The lengths come first, then the shares."""
    different, accuracy = _by_length(predicted == expected, lengths)
    return accuracy, different


@misconception("accuracy_by_length")
def the_longest_first(predicted, expected, lengths):
    """Your longest sentences come first. The shortest come first: `np.unique` sorts upwards."""
    different, accuracy = _by_length(predicted == expected, lengths)
    return different[::-1], accuracy[::-1]


@misconception("accuracy_by_length")
def takes_the_symbol_0_for_padding(predicted, expected, lengths):
    """You left out every expected 0 as padding. Here 0 can be a symbol, and padding any number: only
    `lengths` tells."""
    right, real, different = predicted == expected, expected != 0, np.unique(lengths)
    return different, np.array([right[lengths == n][real[lengths == n]].mean() for n in different])


# gru_cell


@misconception("gru_cell")
def updates_the_other_way_round(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """Your update gate keeps the candidate where it should keep the old memory. Here 1 means keep; some
    papers write it the other way round."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
    return update * np.tanh(x_n + reset * h_n) + (1 - update) * hidden


@misconception("gru_cell")
def resets_the_memory_before_the_product(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """You multiplied the memory by the reset gate before W_hidden. That is the GRU of the first paper;
    PyTorch's gate acts after the product, bias included."""
    (x_r, x_z, x_n), (h_r, h_z, _) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
    h_n = ((reset * hidden) @ w_hidden + b_hidden)[..., -hidden.shape[-1] :]
    return (1 - update) * np.tanh(x_n + h_n) + update * hidden


@misconception("gru_cell")
def resets_without_the_bias(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """Your reset gate leaves the bias of h_candidate alone. h_candidate holds the product and its bias, and
    the gate multiplies both."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
    bias = b_hidden[-hidden.shape[-1] :]
    return (1 - update) * np.tanh(x_n + reset * (h_n - bias) + bias) + update * hidden


@misconception("gru_cell")
def forgets_the_reset_gate(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """Your candidate does not use the reset gate. The gate multiplies h_candidate, inside tanh."""
    (_, x_z, x_n), (_, h_z, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    update = _sigmoid(x_z + h_z)
    return (1 - update) * np.tanh(x_n + h_n) + update * hidden


@misconception("gru_cell")
def exchanges_the_gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """You exchanged the first two blocks: reset comes first, then update, then the candidate."""
    (x_z, x_r, x_n), (h_z, h_r, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
    return (1 - update) * np.tanh(x_n + reset * h_n) + update * hidden


@misconception("gru_cell")
def forgets_the_brackets_in_the_sigmoid(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """In your sigmoids the minus reaches only the first term: `exp(-x + h)`. Put the sum in brackets:
    `exp(-(x + h))`."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = _sigmoid(x_r - h_r), _sigmoid(x_z - h_z)
    return (1 - update) * np.tanh(x_n + reset * h_n) + update * hidden


@misconception("gru_cell")
def gates_with_tanh(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """Your gates use tanh and can be negative. A gate lies between 0, shut, and 1, open: the sigmoid."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = np.tanh(x_r + h_r), np.tanh(x_z + h_z)
    return (1 - update) * np.tanh(x_n + reset * h_n) + update * hidden


@misconception("gru_cell")
def forgets_the_old_memory(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    """You returned the candidate's part only. The update gate also keeps a part of the old memory: add it."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _gates(inputs, hidden, w_in, w_hidden, b_in, b_hidden)
    reset, update = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
    return (1 - update) * np.tanh(x_n + reset * h_n)
