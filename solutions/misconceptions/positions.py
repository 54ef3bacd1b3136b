"""Known wrong answers to lesson 06, each with the words that mend it."""

import torch
from torch import nn

from autograder.exercise import misconception

from ..positions import rotary, sinusoidal_positions


def _waves(positions, exponents, base=10000.0):
    """Pairs of sine and cosine, given one exponent a pair."""
    angles = positions[:, None] / base**exponents
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def _exponents(d_model):
    return torch.arange(0, d_model, 2) / d_model


# sinusoidal_positions


@misconception("sinusoidal_positions")
def each_column_has_its_own_angle(seq, d_model):
    """You took the column's number as the exponent's 2i, also in odd columns. Both columns of a pair share
    one angle: columns 2 and 3 both have 2i = 2."""
    columns = torch.arange(d_model)
    angles = torch.arange(seq)[:, None] / 10000 ** (columns / d_model)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos())


@misconception("sinusoidal_positions")
def doubles_the_column(seq, d_model):
    """You took the column's number for i and doubled it. The number of an even column is 2i already."""
    return _waves(torch.arange(seq), 2 * _exponents(d_model))


@misconception("sinusoidal_positions")
def doubles_every_column(seq, d_model):
    """You took each column's number for i. i counts pairs: columns 2i and 2i + 1 share one angle."""
    columns = torch.arange(d_model)
    angles = torch.arange(seq)[:, None] / 10000 ** (2 * columns / d_model)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos())


@misconception("sinusoidal_positions")
def counts_pairs_without_the_two(seq, d_model):
    """Your exponent is i / d_model. It is 2i / d_model, so that the last pair comes near to 1."""
    return _waves(torch.arange(seq), _exponents(d_model) / 2)


@misconception("sinusoidal_positions")
def divides_by_the_number_of_pairs(seq, d_model):
    """Your slowest wave has the exponent 1. With 2i / d_model it stays just below."""
    return _waves(torch.arange(seq), torch.linspace(0, 1, d_model // 2))


@misconception("sinusoidal_positions")
def rounds_the_exponent_down(seq, d_model):
    """All your pairs turn equally fast: with // the exponent is 0 everywhere. Divide with /."""
    return _waves(torch.arange(seq), torch.arange(0, d_model, 2) // d_model)


@misconception("sinusoidal_positions")
def sines_first_cosines_after(seq, d_model):
    """Your sines fill the left half and your cosines the right. Some code does it so; here they alternate.
    Open the hint "Sine, cosine, sine, cosine"."""
    waves = _waves(torch.arange(seq), _exponents(d_model))
    return torch.cat([waves[:, 0::2], waves[:, 1::2]], dim=-1)


@misconception("sinusoidal_positions")
def cosines_before_sines(seq, d_model):
    """Sine and cosine have changed places. Even columns hold the sine, so row 0 starts with 0, 1."""
    angles = torch.arange(seq)[:, None] / 10000 ** _exponents(d_model)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(-2)


@misconception("sinusoidal_positions")
def sines_only(seq, d_model):
    """Both columns of a pair hold the sine. The second is the cosine."""
    angles = torch.arange(seq)[:, None] / 10000 ** _exponents(d_model)
    return torch.stack([angles.sin(), angles.sin()], dim=-1).flatten(-2)


@misconception("sinusoidal_positions")
def counts_from_one(seq, d_model):
    """Your first row is that of position 1. Count from 0: the first row is 0, 1, 0, 1, …."""
    return _waves(torch.arange(1, seq + 1), _exponents(d_model))


@misconception("sinusoidal_positions")
def base_of_a_thousand(seq, d_model):
    """Your base is 1000: a zero is missing. It is 10000, so the slow waves are slower."""
    return _waves(torch.arange(seq), _exponents(d_model), base=1000.0)


@misconception("sinusoidal_positions")
def base_e(seq, d_model):
    """You divided by exp(2i / d_model). The base is 10000, not e."""
    return _waves(torch.arange(seq), _exponents(d_model), base=2.718281828)


@misconception("sinusoidal_positions")
def fraction_of_the_length(seq, d_model):
    """You divided the position by the length of the sequence. Then the same place looks different in a
    longer sequence; use the position as it is."""
    return _waves(torch.arange(seq) / seq, _exponents(d_model))


@misconception("sinusoidal_positions")
def degrees(seq, d_model):
    """You turned the angles as if they were degrees. torch's sin and cos take radians, and so does the
    formula: use the angle as it is."""
    angles = torch.deg2rad(torch.arange(seq)[:, None] / 10000 ** _exponents(d_model))
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@misconception("sinusoidal_positions")
def starts_again_after_fifty(seq, d_model):
    """After some rows yours start again from position 0. Count on: a table has as many different rows as it
    is long."""
    return _waves(torch.arange(seq) % 50, _exponents(d_model))


@misconception("sinusoidal_positions")
def in_double_precision(seq, d_model):
    """Your table is float64 (NumPy's habit?). Vectors and layers are float32, and `@` refuses to mix the two:
    end with `.float()`."""
    return sinusoidal_positions(seq, d_model).double()


@misconception("sinusoidal_positions")
def a_numpy_array(seq, d_model):
    """The numbers are right, but in a NumPy array. The lesson needs a tensor of float32: torch has `arange`, `sin`
    and `cos` too."""
    return sinusoidal_positions(seq, d_model).double().numpy()


# add_positions


@misconception("add_positions")
def counts_along_the_batch(x, positions):
    """Your row is chosen by the number of the sentence in the batch: all its words get the same one. Positions
    are axis -2: count axes from the end."""
    rows = positions[: x.shape[0]]
    return x + rows.reshape(len(rows), *[1] * (x.dim() - 2), rows.shape[-1])


@misconception("add_positions")
def goes_on_counting_in_the_next_sequence(x, positions):
    """Your second sentence goes on counting where the first ended. Each sentence starts at position 0."""
    places = torch.arange(x[..., 0].numel()).reshape(x.shape[:-1])
    return x + positions[places % len(positions)]


@misconception("add_positions")
def takes_the_last_rows(x, positions):
    """You took the last rows of the table. Positions count from 0: take the first."""
    return x + positions[-x.shape[-2] :]


@misconception("add_positions")
def multiplies(x, positions):
    """You multiplied. Where a position's number is 0, that erases the word; add."""
    return x * positions[: x.shape[-2]]


@misconception("add_positions")
def joins_instead_of_adding(x, positions):
    """You put the positions beside the vectors, so d_model has doubled. Add them: the size stays."""
    rows = positions[: x.shape[-2]].expand(x.shape)
    return torch.cat([x, rows], dim=-1)


@misconception("add_positions")
def the_first_row_for_all(x, positions):
    """Every place gets the same row, so the order is still lost. Place p gets row p."""
    return x + positions[0]


@misconception("add_positions")
def scales_the_words_first(x, positions):
    """You multiplied x by √d_model before adding, as the paper of 2017 does with its embeddings. Here x is
    added as it is."""
    return x * x.shape[-1] ** 0.5 + positions[: x.shape[-2]]


@misconception("add_positions")
def returns_the_positions(x, positions):
    """You returned the positions alone. What the words were is gone: add the positions to x."""
    return positions[: x.shape[-2]].expand(x.shape) + 0.0


@misconception("add_positions")
def cuts_the_words_off(x, positions):
    """The sum is right, but no gradient reaches x (`.detach()`, `.data`, NumPy?), so nothing below would learn.
    Use x as it is."""
    return x.detach() + positions[: x.shape[-2]]


@misconception("add_positions")
def cuts_the_positions_off(x, positions):
    """The sum is right, but no gradient reaches the positions (`.detach()`, `.data`, NumPy?), so they could not
    be learned. Use them as they are."""
    return x + positions[: x.shape[-2]].detach()


# LearnedPositions


class _Table(nn.Module):
    def __init__(self, longest, d_model):
        super().__init__()
        self.table = nn.Embedding(longest, d_model)


@misconception("LearnedPositions")
class CountsAlongTheBatch(_Table):
    """Your row is chosen by the number of the sentence in the batch: all its words get the same one. Positions
    are axis -2: count axes from the end."""

    def forward(self, x):
        rows = self.table(torch.arange(x.shape[0]))
        return x + rows.reshape(len(rows), *[1] * (x.dim() - 2), rows.shape[-1])


@misconception("LearnedPositions")
class GoesOnCounting(_Table):
    """Your second sentence goes on counting where the first ended. Each sentence starts at position 0."""

    def forward(self, x):
        places = torch.arange(x[..., 0].numel()).reshape(x.shape[:-1])
        return x + self.table(places % self.table.num_embeddings)


@misconception("LearnedPositions")
class ACopyThatDoesNotLearn(_Table):
    """The numbers are right, but no gradient reaches the table (`.data`, `detach` or `no_grad`?), so it would
    never learn. Look the rows up in the table itself."""

    def forward(self, x):
        return x + self.table.weight.detach()[: x.shape[-2]]


@misconception("LearnedPositions")
class TheLastRows(_Table):
    """You took the last rows of the table. Positions count from 0: take the first."""

    def forward(self, x):
        return x + self.table.weight[-x.shape[-2] :]


@misconception("LearnedPositions")
class CountsFromOne(_Table):
    """Your first word gets row 1. Positions count from 0."""

    def forward(self, x):
        return x + self.table(torch.arange(1, x.shape[-2] + 1))


@misconception("LearnedPositions")
class TheRowOfTheLength(_Table):
    """You looked up one row, that of the length, and added it everywhere. Each place has a row of its own."""

    def forward(self, x):
        return x + self.table(torch.tensor(x.shape[-2]))


@misconception("LearnedPositions")
class LosesTheWords(_Table):
    """You returned the positions alone. What the words were is gone: add the positions to x."""

    def forward(self, x):
        return self.table(torch.arange(x.shape[-2])) + 0 * x


@misconception("LearnedPositions")
class Multiplies(_Table):
    """You multiplied. Add the positions to the words."""

    def forward(self, x):
        return x * self.table(torch.arange(x.shape[-2]))


@misconception("LearnedPositions")
class AddsToACopyOfTheWords(_Table):
    """The sum is right, but no gradient reaches x (`.detach()`, `.data`, `torch.tensor(x)`?), so the words would
    never learn. Use x as it is."""

    def forward(self, x):
        return x.detach() + self.table(torch.arange(x.shape[-2]))


# rotary


def _angles(x, exponents=None, start=0, base=10000.0):
    """(seq, d / 2)"""
    d = x.shape[-1]
    exponents = torch.arange(0, d, 2) / d if exponents is None else exponents
    return torch.arange(start, start + x.shape[-2])[:, None] / base**exponents


def _turn(x, angles):
    a, b = x[..., 0::2], x[..., 1::2]
    turned = [a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()]
    return torch.stack(turned, dim=-1).flatten(-2)


@misconception("rotary")
def pairs_from_two_halves(x):
    """You paired feature i with feature i + d/2. Some models do (GPT-NeoX, Llama in one library); here
    neighbours are a pair: 0 and 1, 2 and 3."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    sin, cos = _angles(x).sin(), _angles(x).cos()
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


@misconception("rotary")
def puts_pairs_into_two_halves(x):
    """The pairs turned rightly, but you put all first members to the left and all second ones to the right.
    Each must go back to its own column. Open the hint "Back into columns"."""
    turned = _turn(x, _angles(x))
    return torch.cat([turned[..., 0::2], turned[..., 1::2]], dim=-1)


@misconception("rotary")
def turns_backwards(x):
    """Your pairs turn the other way: the minus belongs to the first line, a cos φ - b sin φ."""
    return _turn(x, -_angles(x))


@misconception("rotary")
def mirrors_instead_of_turning(x):
    """One sign is wrong, so your pairs are mirrored: at position 0 they are not as they were. The second line
    is a sum, a sin φ + b cos φ."""
    angles = _angles(x)
    a, b = x[..., 0::2], x[..., 1::2]
    mirrored = [a * angles.cos() + b * angles.sin(), a * angles.sin() - b * angles.cos()]
    return torch.stack(mirrored, dim=-1).flatten(-2)


@misconception("rotary")
def uses_the_new_first_feature(x):
    """You overwrote the first feature of the pair before computing the second. Both come from the old pair:
    keep it."""
    angles = _angles(x)
    a, b = x[..., 0::2], x[..., 1::2]
    a = a * angles.cos() - b * angles.sin()
    return torch.stack([a, a * angles.sin() + b * angles.cos()], dim=-1).flatten(-2)


@misconception("rotary")
def all_pairs_turn_equally_fast(x):
    """All your pairs turn by the position itself: the exponent is 0 everywhere, perhaps by //. Later pairs
    turn more slowly."""
    return _turn(x, _angles(x, exponents=torch.zeros(x.shape[-1] // 2)))


@misconception("rotary")
def exponent_without_the_two(x):
    """Your exponent is i / d. It is 2i / d."""
    return _turn(x, _angles(x, exponents=torch.arange(x.shape[-1] // 2) / x.shape[-1]))


@misconception("rotary")
def turns_from_one(x):
    """Your first vector is turned. Positions count from 0, so the first stays as it is."""
    return _turn(x, _angles(x, start=1))


@misconception("rotary")
def adds_the_waves(x):
    """You added the waves, as for sinusoidal positions. Here nothing is added: each pair turns."""
    return x + sinusoidal_positions(x.shape[-2], x.shape[-1])


@misconception("rotary")
def stretches_instead_of_turning(x):
    """You multiplied each feature by its own wave. A turn mixes the two features of a pair, and keeps the
    pair's length."""
    return x * sinusoidal_positions(x.shape[-2], x.shape[-1])


@misconception("rotary")
def turns_by_the_sentence(x):
    """You turned by the number of the sentence in the batch. The sequence is the last axis but one."""
    if x.dim() < 3:
        return _turn(x, _angles(x))
    return rotary(x.movedim(0, -2)).movedim(-2, 0)


@misconception("rotary")
def turns_on_in_the_next_sentence(x):
    """Your second sentence goes on turning where the first ended. Each sentence starts at position 0."""
    return rotary(x.reshape(-1, x.shape[-1])).reshape(x.shape)


@misconception("rotary")
def turns_by_degrees(x):
    """You turned by degrees. torch's sin and cos take radians, and so does the formula."""
    return _turn(x, torch.deg2rad(_angles(x)))


@misconception("rotary")
def turns_with_base_a_thousand(x):
    """Your base is 1000: a zero is missing. It is 10000."""
    return _turn(x, _angles(x, base=1000.0))


@misconception("rotary")
def exchanges_sine_and_cosine(x):
    """Your position 0 has turned, so sine and cosine have changed places: the even columns of
    `sinusoidal_positions` hold the sines."""
    a, b = x[..., 0::2], x[..., 1::2]
    sin, cos = _angles(x).cos(), _angles(x).sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


@misconception("rotary")
def cuts_x_off(x):
    """The pairs turn rightly, but no gradient passes through (`.detach()`, `.data`, `torch.tensor(x)`?), so W_q and
    W_k would never learn. Turn x itself."""
    return rotary(x.detach())


# RotaryAttention


class _Attention(nn.Module):
    def __init__(self, d_model, head_dim):
        super().__init__()
        self.query = nn.Linear(d_model, head_dim, bias=False)
        self.key = nn.Linear(d_model, head_dim, bias=False)
        self.value = nn.Linear(d_model, head_dim, bias=False)

    def weights(self, queries, keys):
        return (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).softmax(dim=-1)


@misconception("RotaryAttention")
class TurnsTheValuesToo(_Attention):
    """You turned the values too. Queries and keys are compared, so only they need to know where they stand;
    a value is what is handed over."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)), rotary(self.key(x)))
        return weights @ rotary(self.value(x)), weights


@misconception("RotaryAttention")
class TurnsTheQueriesOnly(_Attention):
    """You turned the queries only. Then a score depends on the query's place, not on the distance: turn the
    keys too."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)), self.key(x))
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class TurnsTheKeysOnly(_Attention):
    """You turned the keys only. Then a score depends on the key's place, not on the distance: turn the
    queries too."""

    def forward(self, x):
        weights = self.weights(self.query(x), rotary(self.key(x)))
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class TurnsTheOutput(_Attention):
    """You turned the output. By then the shares are fixed, and nobody looked at the order. Turn queries and
    keys, before they are compared."""

    def forward(self, x):
        weights = self.weights(self.query(x), self.key(x))
        return rotary(weights @ self.value(x)), weights


@misconception("RotaryAttention")
class DoesNotTurn(_Attention):
    """Nothing is turned: this is plain self-attention. Turn queries and keys, before they are compared."""

    def forward(self, x):
        weights = self.weights(self.query(x), self.key(x))
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class ForgetsTheScale(_Attention):
    """You left out the scale: scores are divided by √head_dim, as in lesson 04."""

    def forward(self, x):
        weights = (rotary(self.query(x)) @ rotary(self.key(x)).transpose(-2, -1)).softmax(dim=-1)
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class ScalesByTheModel(_Attention):
    """You divided by √d_model. The scores add up head_dim products: divide by √head_dim."""

    def forward(self, x):
        scores = rotary(self.query(x)) @ rotary(self.key(x)).transpose(-2, -1)
        weights = (scores / x.shape[-1] ** 0.5).softmax(dim=-1)
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class SharesDownTheColumns(_Attention):
    """Your shares sum to 1 down each column: softmax ran over the queries. It runs over the keys, the last
    axis."""

    def forward(self, x):
        scores = rotary(self.query(x)) @ rotary(self.key(x)).transpose(-2, -1)
        weights = (scores / self.query.out_features**0.5).softmax(dim=-2)
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class SharesOverTheWholeBatch(_Attention):
    """Within a batch, your shares sum to 1 over the sentences. They must sum to 1 over the keys, the last
    axis; count it from the end."""

    def forward(self, x):
        scores = rotary(self.query(x)) @ rotary(self.key(x)).transpose(-2, -1)
        weights = (scores / self.query.out_features**0.5).softmax(dim=-1 if x.dim() == 2 else 0)
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class TurnsTheWords(_Attention):
    """You turned x before the projections: W_q and W_k then mix what was turned, and distances are lost. Turn
    queries and keys, not x."""

    def forward(self, x):
        turned = rotary(x)
        weights = self.weights(self.query(turned), self.key(turned))
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class TurnsTheWordsForAll(_Attention):
    """You turned x before the three projections. W_q and W_k then mix what was turned, and distances are lost.
    Turn queries and keys, not x and not the values."""

    def forward(self, x):
        turned = rotary(x)
        weights = self.weights(self.query(turned), self.key(turned))
        return weights @ self.value(turned), weights


@misconception("RotaryAttention")
class ScalesTwice(_Attention):
    """You divided by head_dim. Divide the scores by its root, √head_dim."""

    def forward(self, x):
        scores = rotary(self.query(x)) @ rotary(self.key(x)).transpose(-2, -1)
        weights = (scores / self.query.out_features).softmax(dim=-1)
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class CutsTheSharesOff(_Attention):
    """The numbers are right, but no gradient comes back through the weights (`.detach()`, `torch.no_grad()`?), so
    W_q and W_k would never learn. Use them as they are."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)), rotary(self.key(x)))
        return weights.detach() @ self.value(x), weights


@misconception("RotaryAttention")
class CutsTheReturnedSharesOff(_Attention):
    """The numbers are right, and the output can be trained; but the weights that you return are a copy without
    notes (`.detach()`, NumPy?). Return those that you mixed with."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)), rotary(self.key(x)))
        return weights @ self.value(x), weights.detach()


@misconception("RotaryAttention", produces_nan=True)
class ExponentiatesAsItIs(_Attention):
    """`exp` of a large score is inf, and inf / inf is nan. Take torch's softmax, or subtract the largest score of
    each row first."""

    def forward(self, x):
        queries, keys = rotary(self.query(x)), rotary(self.key(x))
        powers = (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).exp()
        weights = powers / powers.sum(dim=-1, keepdim=True)
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class CutsTheQueriesOff(_Attention):
    """The numbers are right, but no gradient comes back through the queries, so W_q would never learn. Look for
    `.detach()`, `.data` or `torch.tensor(…)`."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)).detach(), rotary(self.key(x)))
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class CutsTheKeysOff(_Attention):
    """The numbers are right, but no gradient comes back through the keys, so W_k would never learn. Look for
    `.detach()`, `.data` or `torch.tensor(…)`."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)), rotary(self.key(x)).detach())
        return weights @ self.value(x), weights


@misconception("RotaryAttention")
class CutsTheValuesOff(_Attention):
    """The numbers are right, but no gradient comes back through the values, so W_v would never learn. Look for
    `.detach()`, `.data` or `torch.tensor(…)`."""

    def forward(self, x):
        weights = self.weights(rotary(self.query(x)), rotary(self.key(x)))
        return weights @ self.value(x).detach(), weights


@misconception("RotaryAttention")
class CutsTheWordsOff(_Attention):
    """The numbers are right, but no gradient reaches x (`.detach()`, `.data`, `torch.tensor(x)`?), so the words would
    never learn. Use x as it is."""

    def forward(self, x):
        x = x.detach()
        weights = self.weights(rotary(self.query(x)), rotary(self.key(x)))
        return weights @ self.value(x), weights
