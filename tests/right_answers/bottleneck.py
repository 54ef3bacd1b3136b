"""Right answers to lesson 01, written differently from the reference: every check must accept them."""

import math

import numpy as np
import torch

# rnn_step


def rnn_step__with_loops(inputs, hidden, w_in, w_hidden, bias):
    new = np.zeros(hidden.shape)
    for row in range(hidden.shape[0]):
        for unit in range(hidden.shape[1]):
            total = bias[unit]
            for i, value in enumerate(inputs[row]):
                total += value * w_in[i, unit]
            for j, value in enumerate(hidden[row]):
                total += value * w_hidden[j, unit]
            new[row, unit] = math.tanh(total)
    return new


def rnn_step__einsum(inputs, hidden, w_in, w_hidden, bias):
    total = np.einsum("...i,ih->...h", inputs, w_in) + np.einsum("...j,jh->...h", hidden, w_hidden)
    return np.tanh(total + bias)


def rnn_step__one_product(inputs, hidden, w_in, w_hidden, bias):
    both = np.concatenate([inputs, hidden], axis=-1)
    return np.tanh(both @ np.vstack([w_in, w_hidden]) + bias)


def rnn_step__columns(inputs, hidden, w_in, w_hidden, bias):
    return np.tanh(w_in.T @ inputs.T + w_hidden.T @ hidden.T + bias[:, None]).T


def rnn_step__with_exp(inputs, hidden, w_in, w_hidden, bias):
    e = np.exp(2 * (np.dot(inputs, w_in) + np.dot(hidden, w_hidden) + bias))
    return (e - 1) / (e + 1)


def rnn_step__torch_cell(inputs, hidden, w_in, w_hidden, bias):
    cell = torch.nn.RNNCell(*w_in.shape, dtype=torch.float64)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.tensor(w_in.T))
        cell.weight_hh.copy_(torch.tensor(w_hidden.T))
        cell.bias_ih.copy_(torch.tensor(bias))
        cell.bias_hh.zero_()
        return cell(torch.tensor(inputs), torch.tensor(hidden)).numpy()


# encode


def encode__reads_on_then_picks(tokens, lengths, embeddings, w_in, w_hidden, bias):
    hidden, states = np.zeros((len(tokens), w_hidden.shape[0])), []
    for vectors in np.moveaxis(embeddings[tokens], 1, 0):
        hidden = np.tanh(vectors @ w_in + hidden @ w_hidden + bias)
        states.append(hidden)
    states = np.stack(states, axis=1)
    last = states[np.arange(len(tokens)), lengths - 1]
    states[np.arange(tokens.shape[1]) >= lengths[:, None]] = 0
    return states, last


def encode__sentence_by_sentence(tokens, lengths, embeddings, w_in, w_hidden, bias):
    states = np.zeros((*tokens.shape, len(bias)))
    last = []
    for row, (sentence, length) in enumerate(zip(tokens, lengths, strict=True)):
        hidden = np.zeros(len(bias))
        for position in range(length):
            hidden = np.tanh(embeddings[sentence[position]] @ w_in + hidden @ w_hidden + bias)
            states[row, position] = hidden
        last.append(hidden)
    return states, np.array(last)


def encode__the_words_projected_at_once(tokens, lengths, embeddings, w_in, w_hidden, bias):
    projected = (embeddings @ w_in + bias)[tokens]
    is_word = (np.arange(tokens.shape[1]) < lengths[:, None])[..., None]
    states = np.zeros_like(projected)
    for t in range(tokens.shape[1]):
        before = states[:, t - 1] if t else np.zeros_like(states[:, 0])
        states[:, t] = np.tanh(projected[:, t] + before @ w_hidden)
    last = np.take_along_axis(states, (lengths - 1)[:, None, None], axis=1)[:, 0]
    return [states * is_word, last]


def encode__by_a_product_with_the_mask(tokens, lengths, embeddings, w_in, w_hidden, bias):
    batch, seq = tokens.shape
    hidden, states = np.zeros((batch, len(bias))), np.zeros((batch, seq, len(bias)))
    for t in range(seq):
        alive = (lengths > t).astype(float).reshape(-1, 1)
        new = np.tanh(embeddings[tokens[:, t]] @ w_in + hidden @ w_hidden + bias)
        states[:, t] = alive * new
        hidden = alive * new + (1 - alive) * hidden
    return states, hidden


def encode__torch_packed(tokens, lengths, embeddings, w_in, w_hidden, bias):
    rnn = torch.nn.RNN(*w_in.shape, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(w_in.T))
        rnn.weight_hh_l0.copy_(torch.tensor(w_hidden.T))
        rnn.bias_ih_l0.copy_(torch.tensor(bias))
        rnn.bias_hh_l0.zero_()
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            torch.tensor(embeddings[tokens]), torch.tensor(lengths), batch_first=True, enforce_sorted=False
        )
        states, last = rnn(packed)
        states, _ = torch.nn.utils.rnn.pad_packed_sequence(
            states, batch_first=True, total_length=tokens.shape[1]
        )
    return states.numpy(), last[0].numpy()


# accuracy_by_length


def accuracy_by_length__with_loops(predicted, expected, lengths):
    right, total = {}, {}
    for row, length in enumerate(lengths):
        for position in range(length):
            right[length] = right.get(length, 0) + (predicted[row, position] == expected[row, position])
            total[length] = total.get(length, 0) + 1
    different = sorted(total)
    return np.array(different), np.array([right[n] / total[n] for n in different])


def accuracy_by_length__bincount(predicted, expected, lengths):
    real = np.arange(predicted.shape[1]) < lengths[:, None]
    right = np.bincount(lengths, ((predicted == expected) & real).sum(axis=1))
    total = np.bincount(lengths, real.sum(axis=1))
    different = np.flatnonzero(total)
    return different, right[different] / total[different]


def accuracy_by_length__mean_of_sentences(predicted, expected, lengths):
    shares = np.array([(p[:n] == e[:n]).mean() for p, e, n in zip(predicted, expected, lengths, strict=True)])
    different = np.array(sorted(set(lengths.tolist())))
    return different, np.array([shares[lengths == n].mean() for n in different])


def accuracy_by_length__lists(predicted, expected, lengths):
    different = sorted({int(n) for n in lengths})
    accuracy = []
    for n in different:
        rows = [row for row in range(len(lengths)) if lengths[row] == n]
        hits = [predicted[row][t] == expected[row][t] for row in rows for t in range(n)]
        accuracy.append(sum(hits) / len(hits))
    return different, accuracy


def accuracy_by_length__unique_inverse(predicted, expected, lengths):
    different, group = np.unique(lengths, return_inverse=True)
    real = np.arange(predicted.shape[1])[None] < lengths[:, None]
    right = np.zeros(len(different))
    np.add.at(right, group, np.where(real, predicted == expected, 0).sum(axis=-1))
    return different, right / (np.bincount(group) * different)


# gru_cell


def gru_cell__torch(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    cell = torch.nn.GRUCell(inputs.shape[-1], hidden.shape[-1], dtype=torch.float64)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.tensor(w_in.T))
        cell.weight_hh.copy_(torch.tensor(w_hidden.T))
        cell.bias_ih.copy_(torch.tensor(b_in))
        cell.bias_hh.copy_(torch.tensor(b_hidden))
        return cell(torch.tensor(inputs), torch.tensor(hidden)).numpy()


def gru_cell__slices_and_a_step_towards_the_candidate(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    d = hidden.shape[-1]
    x, h = inputs @ w_in + b_in, hidden @ w_hidden + b_hidden
    gates = 0.5 * (1 + np.tanh((x + h)[..., : 2 * d] / 2))
    candidate = np.tanh(x[..., 2 * d :] + gates[..., :d] * h[..., 2 * d :])
    return candidate + gates[..., d:] * (hidden - candidate)


def gru_cell__block_by_block(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    d = hidden.shape[1]

    def block(number):
        cut = slice(number * d, (number + 1) * d)
        return np.dot(inputs, w_in[:, cut]) + b_in[cut], np.dot(hidden, w_hidden[:, cut]) + b_hidden[cut]

    r = 1 / (1 + np.exp(-sum(block(0))))
    z = 1 / (1 + np.exp(-sum(block(1))))
    x, h = block(2)
    n = np.tanh(x + r * h)
    return z * hidden + (1 - z) * n


def gru_cell__with_loops(inputs, hidden, w_in, w_hidden, b_in, b_hidden):
    batch, d = hidden.shape
    new = np.zeros((batch, d))
    for row in range(batch):
        for unit in range(d):
            x = [inputs[row] @ w_in[:, unit + k * d] + b_in[unit + k * d] for k in range(3)]
            h = [hidden[row] @ w_hidden[:, unit + k * d] + b_hidden[unit + k * d] for k in range(3)]
            reset, update = (1 / (1 + math.exp(-x[k] - h[k])) for k in range(2))
            candidate = math.tanh(x[2] + reset * h[2])
            new[row, unit] = (1 - update) * candidate + update * hidden[row, unit]
    return new
