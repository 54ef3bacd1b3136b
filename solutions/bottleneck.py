"""Reference answers to lesson 01: one vector is not enough."""

import numpy as np


def rnn_step(
    inputs: np.ndarray, hidden: np.ndarray, w_in: np.ndarray, w_hidden: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Read one word: mix its vector with the memory of all words before it.

    new hidden = tanh(inputs W_in + hidden W_hidden + bias)

    Args:
        inputs: `(batch, d_in)`, the vector of the word that each sentence reads now.
        hidden: `(batch, d_hidden)`, the memory so far; zeros before the first word.
        w_in: `(d_in, d_hidden)`.
        w_hidden: `(d_hidden, d_hidden)`.
        bias: `(d_hidden,)`.

    Returns:
        `(batch, d_hidden)`: the new memory, each number between -1 and 1.
    """
    return np.tanh(inputs @ w_in + hidden @ w_hidden + bias)


def encode(
    tokens: np.ndarray,
    lengths: np.ndarray,
    embeddings: np.ndarray,
    w_in: np.ndarray,
    w_hidden: np.ndarray,
    bias: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Read a padded batch of sentences word by word, from left to right, starting from zeros.

    Args:
        tokens: `(batch, seq)` integers: the numbers of the words, then padding, which may be any number.
        lengths: `(batch,)` integers from 1 to `seq`: how many words each sentence has.
        embeddings: `(vocabulary, d_in)`: row `t` is the vector of word number `t`.
        w_in: `(d_in, d_hidden)`, as in `rnn_step`.
        w_hidden: `(d_hidden, d_hidden)`.
        bias: `(d_hidden,)`.

    Returns:
        states: `(batch, seq, d_hidden)`, the memory after each word; zeros at padding.
        last: `(batch, d_hidden)`, the memory after the last word of each sentence.
    """
    hidden = np.zeros((len(tokens), len(bias)))
    states = []
    for position in range(tokens.shape[1]):
        is_word = (position < lengths)[:, np.newaxis]  # (batch, 1)
        read = rnn_step(embeddings[tokens[:, position]], hidden, w_in, w_hidden, bias)
        # A sentence that has ended keeps its memory; so what is left after the loop is the last real state.
        hidden = np.where(is_word, read, hidden)
        states.append(np.where(is_word, read, 0))
    return np.stack(states, axis=1), hidden


def accuracy_by_length(
    predicted: np.ndarray, expected: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many symbols are right, for each length of sentence that occurs.

    Args:
        predicted: `(batch, seq)` integers.
        expected: `(batch, seq)` integers.
        lengths: `(batch,)` integers from 1 to `seq`. What stands behind a sentence's end is padding, in both
            arrays, and may be any number.

    Returns:
        different: `(k,)`, the lengths that occur, each once, the shortest first.
        accuracy: `(k,)`: of all symbols in the sentences of that length, the share predicted right.
    """
    right = predicted == expected
    different = np.unique(lengths)
    # All sentences of a group are equally long, so one cut removes all their padding.
    accuracy = [right[lengths == length, :length].mean() for length in different]
    return different, np.array(accuracy)


def gru_cell(
    inputs: np.ndarray,
    hidden: np.ndarray,
    w_in: np.ndarray,
    w_hidden: np.ndarray,
    b_in: np.ndarray,
    b_hidden: np.ndarray,
) -> np.ndarray:
    """Read one word with a gated recurrent unit, as PyTorch computes it.

    reset  = sigmoid(x_reset + h_reset)
    update = sigmoid(x_update + h_update)
    candidate = tanh(x_candidate + reset * h_candidate)
    new hidden = (1 - update) * candidate + update * hidden

    where `inputs W_in + b_in` holds x_reset, x_update and x_candidate side by side, in this order, and
    `hidden W_hidden + b_hidden` holds h_reset, h_update and h_candidate. sigmoid(x) = 1 / (1 + exp(-x)).

    Args:
        inputs: `(batch, d_in)`.
        hidden: `(batch, d_hidden)`.
        w_in: `(d_in, 3 * d_hidden)`.
        w_hidden: `(d_hidden, 3 * d_hidden)`.
        b_in: `(3 * d_hidden,)`.
        b_hidden: `(3 * d_hidden,)`.

    Returns:
        `(batch, d_hidden)`: the new memory.
    """
    x_reset, x_update, x_candidate = np.hsplit(inputs @ w_in + b_in, 3)
    h_reset, h_update, h_candidate = np.hsplit(hidden @ w_hidden + b_hidden, 3)
    reset = 1 / (1 + np.exp(-(x_reset + h_reset)))
    update = 1 / (1 + np.exp(-(x_update + h_update)))
    candidate = np.tanh(x_candidate + reset * h_candidate)
    return (1 - update) * candidate + update * hidden


# Write wider_vector = "a", "b", "c" or "d".
wider_vector = "b"

# Write two_scores = "a", "b", "c" or "d".
two_scores = "c"
