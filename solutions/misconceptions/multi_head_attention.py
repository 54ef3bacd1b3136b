"""Known wrong answers to lesson 09, each with the words that mend it."""

import copy

import torch
from torch import nn

from autograder.exercise import misconception

from ..multi_head_attention import ablate_head, merge_heads, split_heads

# split_heads


@misconception("split_heads")
def cuts_the_sequence(x, num_heads):
    """The shape is right, but your heads hold whole stretches of the row: `view` and `reshape` never move a number.
    First give the features two axes, `(batch, seq, num_heads, head_dim)`, then exchange two."""
    batch, seq, d_model = x.shape
    return x.reshape(batch, num_heads, seq, d_model // num_heads)


@misconception("split_heads")
def deals_features_out_like_cards(x, num_heads):
    """Your heads take turns: head 0 gets every so many-th feature. It gets the first ones, all in one piece: the axis
    of the heads comes before head_dim when you cut."""
    batch, seq, d_model = x.shape
    return x.reshape(batch, seq, d_model // num_heads, num_heads).permute(0, 3, 1, 2)


@misconception("split_heads")
def leaves_heads_behind_the_sequence(x, num_heads):
    """The cut is right; the axis of the heads still stands behind the sequence. Exchange these two axes, so that each
    head has a table `(seq, head_dim)` of its own."""
    batch, seq, d_model = x.shape
    return x.reshape(batch, seq, num_heads, d_model // num_heads)


@misconception("split_heads")
def takes_the_number_for_the_size(x, num_heads):
    """You made parts of num_heads features each. num_heads is how many parts there are; their size is
    d_model / num_heads."""
    batch, seq, d_model = x.shape
    return x.reshape(batch, seq, d_model // num_heads, num_heads).transpose(1, 2)


@misconception("split_heads")
def heads_before_the_batch(x, num_heads):
    """The heads stand first, the batch second. Here the batch stays the first axis."""
    return torch.stack(x.chunk(num_heads, dim=-1))


@misconception("split_heads")
def heads_in_the_batch(x, num_heads):
    """You put batch and heads on one axis. Here each has an axis of its own: `(batch, num_heads, seq, head_dim)`."""
    return split_heads(x, num_heads).flatten(0, 1)


@misconception("split_heads")
def every_head_gets_everything(x, num_heads):
    """Each of your heads has all the features. They share them out: head_dim is d_model / num_heads."""
    return torch.stack([x] * num_heads, dim=1)


@misconception("split_heads")
def confuses_sentences_with_heads(x, num_heads):
    """With more than one sequence, yours are mixed up: you put the heads first, then read them off as if the batch
    were first. Stack the parts along axis 1."""
    batch, seq, d_model = x.shape
    return torch.cat(x.chunk(num_heads, dim=-1)).reshape(batch, num_heads, seq, d_model // num_heads)


@misconception("split_heads")
def turns_each_head(x, num_heads):
    """In each of your heads, positions and features have changed places. A head's table is `(seq, head_dim)`."""
    return split_heads(x, num_heads).transpose(-2, -1)


@misconception("split_heads")
def cuts_the_thread(x, num_heads):
    """The numbers are right, but no gradient reaches x (`.detach()`, `.data`, NumPy?), so nothing below would learn.
    Use x as it is."""
    return split_heads(x.detach(), num_heads)


# merge_heads


@misconception("merge_heads")
def reshapes_without_moving(x):
    """The shape is right, but positions are mixed up: `view` and `reshape` never move a number. First exchange the
    axes of heads and sequence, then join the last two."""
    batch, num_heads, seq, head_dim = x.shape
    return x.reshape(batch, seq, num_heads * head_dim)


@misconception("merge_heads")
def shuffles_the_features(x):
    """You put the first feature of every head first, then all second ones. The features of a head stay together:
    head 0's, then head 1's."""
    return x.permute(0, 2, 3, 1).flatten(-2)


@misconception("merge_heads")
def puts_heads_one_after_the_other(x):
    """Your sequence became longer: the heads stand one after the other. They belong side by side, along the
    features."""
    return x.flatten(1, 2)


@misconception("merge_heads")
def adds_the_heads(x):
    """You added the heads up. Then nobody can tell which one brought what: put their features side by side."""
    return x.sum(dim=1)


@misconception("merge_heads")
def averages_the_heads(x):
    """You took the mean over the heads. Then nobody can tell which one brought what: put their features side by
    side."""
    return x.mean(dim=1)


@misconception("merge_heads")
def only_exchanges(x):
    """The axes are exchanged; the last two, heads and head_dim, must still become one."""
    return x.transpose(1, 2)


@misconception("merge_heads")
def reads_the_batch_as_heads(x):
    """With more than one sequence, yours are mixed up: batch and heads have changed places on the way. The batch is
    the first axis, before and after."""
    batch, num_heads, seq, head_dim = x.shape
    return merge_heads(x.reshape(num_heads, batch, seq, head_dim).transpose(0, 1))


@misconception("merge_heads")
def cuts_the_thread_of_the_heads(x):
    """The numbers are right, but no gradient reaches x (`.detach()`, `.data`, NumPy?), so no head would learn. Use x
    as it is."""
    return merge_heads(x.detach())


# MultiHeadAttention


class _Heads(nn.Module):
    """The right answer in pieces: each mistake replaces one."""

    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(self, queries, keys, values, attention_mask=None):
        q, k, v = (self.split(x) for x in self.project(queries, keys, values))
        weights = self.share(q @ k.transpose(-2, -1) / self.scale(q), attention_mask)
        return self.output(self.merge(weights @ v)), weights

    def project(self, queries, keys, values):
        return self.query(queries), self.key(keys), self.value(values)

    def split(self, x):
        return split_heads(x, self.num_heads)

    def scale(self, q):
        return q.shape[-1] ** 0.5

    def share(self, scores, attention_mask):
        if attention_mask is None:
            return scores.softmax(dim=-1)
        may = attention_mask.unsqueeze(-3)
        return torch.where(may, torch.where(may, scores, -1e9).softmax(dim=-1), 0.0)

    def merge(self, found):
        return merge_heads(found)


@misconception("MultiHeadAttention")
class SplitsByViewAlone(_Heads):
    """Your heads hold stretches of the row instead of parts of the features: a `view` or `reshape` straight to the
    shape of the heads. Use `split_heads`."""

    def split(self, x):
        batch, seq, d_model = x.shape
        return x.reshape(batch, self.num_heads, seq, d_model // self.num_heads)


@misconception("MultiHeadAttention")
class MergesByViewAlone(_Heads):
    """The weights are right, the output is not: at the end you reshaped without exchanging heads and sequence first.
    Use `merge_heads`."""

    def merge(self, found):
        return found.reshape(found.shape[0], found.shape[2], -1)


@misconception("MultiHeadAttention")
class TakesHeadsForSentences(_Heads):
    """With more than one sequence, heads and sequences are mixed up: you put the heads before the batch, then read them
    off as if the batch came first. Use `split_heads`."""

    def split(self, x):
        batch, seq, _ = x.shape
        return torch.cat(x.chunk(self.num_heads, dim=-1)).reshape(batch, self.num_heads, seq, -1)


@misconception("MultiHeadAttention")
class ScalesByTheModel(_Heads):
    """You divided by √d_model. A score adds up the products of one head, head_dim of them: divide by √head_dim."""

    def scale(self, q):
        return (q.shape[-1] * self.num_heads) ** 0.5


@misconception("MultiHeadAttention")
class ForgetsTheScale(_Heads):
    """You left out the scale: scores are divided by √head_dim, as in lesson 04."""

    def scale(self, q):
        return 1.0


@misconception("MultiHeadAttention")
class ScalesWithoutTheRoot(_Heads):
    """You divided by head_dim. Divide the scores by its root, √head_dim."""

    def scale(self, q):
        return q.shape[-1]


@misconception("MultiHeadAttention")
class SharesOverTheHeads(_Heads):
    """Your shares sum to 1 over the heads. Each head has shares of its own, over the keys: softmax over the last
    axis."""

    def share(self, scores, attention_mask):
        if attention_mask is not None:
            scores = torch.where(attention_mask.unsqueeze(-3), scores, -1e9)
        return scores.softmax(dim=1)


@misconception("MultiHeadAttention")
class SharesOverTheQueries(_Heads):
    """Your shares sum to 1 down each column: softmax ran over the queries. It runs over the keys, the last axis."""

    def share(self, scores, attention_mask):
        if attention_mask is not None:
            scores = torch.where(attention_mask.unsqueeze(-3), scores, -1e9)
        return scores.softmax(dim=-2)


@misconception("MultiHeadAttention")
class MasksTheFirstHeadOnly(_Heads):
    """Only your first head keeps to the mask; the others look everywhere. Let the mask broadcast over the axis of the
    heads."""

    def share(self, scores, attention_mask):
        free = super().share(scores, None)
        if attention_mask is None:
            return free
        return torch.cat([super().share(scores, attention_mask)[:, :1], free[:, 1:]], dim=1)


@misconception("MultiHeadAttention")
class IgnoresTheMask(_Heads):
    """Your weights are the same with a mask and without: `attention_mask` is never used."""

    def share(self, scores, attention_mask):
        return super().share(scores, None)


@misconception("MultiHeadAttention")
class TakesTrueForForbidden(_Heads):
    """You masked where the mask is True. True = may attend. (PyTorch's own class does it your way; see below.)"""

    def share(self, scores, attention_mask):
        return super().share(scores, None if attention_mask is None else ~attention_mask)


@misconception("MultiHeadAttention")
class MasksAfterSoftmax(_Heads):
    """Your masked rows do not sum to 1: you set weights to 0 after softmax. Mask the scores before it, so that the
    others share the whole."""

    def share(self, scores, attention_mask):
        free = super().share(scores, None)
        return free if attention_mask is None else free * attention_mask.unsqueeze(-3)


@misconception("MultiHeadAttention")
class MultipliesTheScores(_Heads):
    """You multiplied the scores by the mask. A score of 0 is no low score: such a key still gets a share. Put a very
    low number there."""

    def share(self, scores, attention_mask):
        if attention_mask is not None:
            scores = scores * attention_mask.unsqueeze(-3)
        return scores.softmax(dim=-1)


@misconception("MultiHeadAttention")
class OneMaskForTheBatch(_Heads):
    """You used the first sequence's mask for all of them. Each sequence has a mask of its own."""

    def share(self, scores, attention_mask):
        if attention_mask is not None and attention_mask.dim() == 3:
            attention_mask = attention_mask[:1]
        return super().share(scores, attention_mask)


@misconception("MultiHeadAttention")
class OneRowForAllQueries(_Heads):
    """You used one row of the mask for all queries. Where the mask has a row for each query, each keeps to its own."""

    def share(self, scores, attention_mask):
        return super().share(scores, None if attention_mask is None else attention_mask[..., :1, :])


@misconception("MultiHeadAttention")
class IgnoresAMaskForAll(_Heads):
    """A mask `(seq_q, seq_k)` has no effect in yours. It holds for every sequence: let it broadcast over the batch."""

    def share(self, scores, attention_mask):
        if attention_mask is not None and attention_mask.dim() == 2:
            attention_mask = None
        return super().share(scores, attention_mask)


@misconception("MultiHeadAttention")
class SharesEquallyWhereNothingIsAllowed(_Heads):
    """A query that may attend to nothing attends to everything in yours: after the very low scores, softmax gives
    equal shares. Set forbidden weights to 0 after softmax, too."""

    def share(self, scores, attention_mask):
        if attention_mask is not None:
            scores = torch.where(attention_mask.unsqueeze(-3), scores, -1e9)
        return scores.softmax(dim=-1)


@misconception("MultiHeadAttention", produces_nan=True)
class NanWhereNothingIsAllowed(_Heads):
    """softmax over a row of -inf alone is nan. Use a very low number instead, and set forbidden weights to 0
    afterwards."""

    def share(self, scores, attention_mask):
        if attention_mask is not None:
            scores = torch.where(attention_mask.unsqueeze(-3), scores, float("-inf"))
        return scores.softmax(dim=-1)


@misconception("MultiHeadAttention")
class SilencesTheBias(_Heads):
    """Where a query may attend to nothing, you set the whole output to 0. The heads bring 0 there; `output` still adds
    its bias."""

    def forward(self, queries, keys, values, attention_mask=None):
        output, weights = super().forward(queries, keys, values, attention_mask)
        return torch.where(weights.sum(dim=(1, -1))[..., None] > 0, output, 0.0), weights


@misconception("MultiHeadAttention")
class ForgetsTheOutputLayer(_Heads):
    """The heads are right, but stay side by side: the last layer, `self.output`, mixes what they bring."""

    def forward(self, queries, keys, values, attention_mask=None):
        q, k, v = (self.split(x) for x in self.project(queries, keys, values))
        weights = self.share(q @ k.transpose(-2, -1) / self.scale(q), attention_mask)
        return self.merge(weights @ v), weights


@misconception("MultiHeadAttention")
class AveragesTheWeights(_Heads):
    """You returned the mean of the heads' weights (PyTorch does, unless told otherwise). Return those of every head:
    `(batch, num_heads, seq_q, seq_k)`."""

    def forward(self, queries, keys, values, attention_mask=None):
        output, weights = super().forward(queries, keys, values, attention_mask)
        return output, weights.mean(dim=1)


@misconception("MultiHeadAttention")
class ReturnsTheOutputAlone(_Heads):
    """The output is right; the weights are asked for as well. Return both: output, weights."""

    def forward(self, queries, keys, values, attention_mask=None):
        return super().forward(queries, keys, values, attention_mask)[0]


@misconception("MultiHeadAttention")
class OneHeadsWeightsForAll(_Heads):
    """All your heads look where head 0 looks. Each has queries and keys of its own, so weights of its own."""

    def share(self, scores, attention_mask):
        return super().share(scores, attention_mask)[:, :1].expand_as(scores)


@misconception("MultiHeadAttention")
class ReadsTheKeysAsValues(_Heads):
    """You made the values from `keys`. They come from `values`: by one thing a position is found, another it hands
    on."""

    def project(self, queries, keys, values):
        return self.query(queries), self.key(keys), self.value(keys)


@misconception("MultiHeadAttention")
class OneLayerForQueriesAndKeys(_Heads):
    """You made the keys with the layer of the queries. Each has a layer of its own: `self.query` and `self.key`."""

    def project(self, queries, keys, values):
        return self.query(queries), self.query(keys), self.value(values)


@misconception("MultiHeadAttention")
class ForgetsToProjectTheValues(_Heads):
    """Your values were never projected: `self.value` is not used."""

    def project(self, queries, keys, values):
        return self.query(queries), self.key(keys), values


@misconception("MultiHeadAttention")
class CutsTheWeightsOff(_Heads):
    """The numbers are right, but no gradient comes back through the weights (`.detach()`, `torch.no_grad()`?), so
    W_q and W_k would never learn. Use them as they are."""

    def share(self, scores, attention_mask):
        return super().share(scores, attention_mask).detach()


@misconception("MultiHeadAttention")
class CutsTheHeadsOff(_Heads):
    """The numbers are right, but no gradient passes `output` on the way back, so W_v would never learn. Look for
    `.detach()`, `.data` or `torch.tensor(…)` before the last layer."""

    def merge(self, found):
        return super().merge(found).detach()


@misconception("MultiHeadAttention")
class CutsTheInputsOff(_Heads):
    """The numbers are right, but no gradient reaches queries, keys and values (`.detach()`, `.data`?), so what lies
    below would never learn. Use them as they are."""

    def project(self, queries, keys, values):
        return super().project(queries.detach(), keys.detach(), values.detach())


# to_pytorch_mask


@misconception("to_pytorch_mask")
def forgets_to_flip(attention_mask, num_heads):
    """The order is right, the meaning is not: in PyTorch's mask True = may NOT attend. Flip it with `~`."""
    return attention_mask.repeat_interleave(num_heads, dim=0)


@misconception("to_pytorch_mask")
def all_sequences_then_again(attention_mask, num_heads):
    """Your order is: all sequences, then all of them again. PyTorch wants all heads of the first sequence, then all
    heads of the second. Open the hint "Which repeat"."""
    return ~attention_mask.repeat(num_heads, 1, 1)


@misconception("to_pytorch_mask")
def forgets_the_heads(attention_mask, num_heads):
    """The mask is flipped, but there is one a sequence only. Every head needs it: num_heads times."""
    return ~attention_mask


@misconception("to_pytorch_mask")
def gives_heads_an_axis(attention_mask, num_heads):
    """You gave the heads an axis of their own. PyTorch wants batch and heads on one axis: flatten the first two."""
    return ~torch.stack([attention_mask] * num_heads, dim=1)


@misconception("to_pytorch_mask")
def repeats_the_queries(attention_mask, num_heads):
    """You repeated each row of queries. It is whole tables that are repeated, along the first axis."""
    return ~attention_mask.repeat_interleave(num_heads, dim=1)


@misconception("to_pytorch_mask")
def as_numbers_to_add(attention_mask, num_heads):
    """You made numbers to be added to the scores. PyTorch takes those too, but here the mask stays boolean."""
    return torch.where(attention_mask.repeat_interleave(num_heads, dim=0), 0.0, -1e9)


@misconception("to_pytorch_mask")
def one_minus(attention_mask, num_heads):
    """Ones and zeros are numbers, and PyTorch would add them to the scores. Keep it boolean: `~` flips."""
    return 1 - attention_mask.repeat_interleave(num_heads, dim=0).int()


@misconception("to_pytorch_mask")
def turns_the_mask(attention_mask, num_heads):
    """You exchanged queries and keys as well. PyTorch's rows are queries, as ours are."""
    return ~attention_mask.repeat_interleave(num_heads, dim=0).transpose(1, 2)


# ablate_head


def _ablated(attention, parts):
    """A copy in which these slices of output.weight are 0."""
    ablated = copy.deepcopy(attention)
    with torch.no_grad():
        for part in parts:
            ablated.output.weight[part] = 0
    return ablated


def _columns(attention, head):
    head_dim = attention.output.in_features // attention.num_heads
    return slice(head * head_dim, (head + 1) * head_dim)


@misconception("ablate_head")
def switches_rows_off(attention, head):
    """You set rows of `output.weight` to 0. `nn.Linear` keeps (out, in): rows are outputs, and what a head brings comes
    in through columns."""
    return _ablated(attention, [_columns(attention, head)])


@misconception("ablate_head")
def changes_the_original(attention, head):
    """You changed the attention that you were given, or a copy that shares its numbers. Copy all of it first, with
    `copy.deepcopy`. Open the hint "A copy of everything"."""
    with torch.no_grad():
        attention.output.weight[:, _columns(attention, head)] = 0
    return attention


@misconception("ablate_head")
def shares_the_other_layers(attention, head):
    """Your copy shares layers with the original: when that is trained on, the copy changes too. Copy all of it, with
    `copy.deepcopy`."""
    ablated = ablate_head(attention, head)
    ablated.query, ablated.key, ablated.value = attention.query, attention.key, attention.value
    return ablated


@misconception("ablate_head")
def changes_nothing(attention, head):
    """Your copy brings the same as the original: no number of it was set to 0. An index like `weight[…].clone()` or
    `weight.data.clone()` gives a copy of the numbers."""
    return copy.deepcopy(attention)


@misconception("ablate_head")
def keeps_this_head_only(attention, head):
    """You switched off all heads but this one. Switch off this one, and keep the others."""
    others = [each for each in range(attention.num_heads) if each != head]
    return _ablated(attention, [(slice(None), _columns(attention, each)) for each in others])


@misconception("ablate_head")
def counts_from_the_end(attention, head):
    """You switched off a head counted from the end. Head 0 has the first columns."""
    return ablate_head(attention, attention.num_heads - 1 - head)


@misconception("ablate_head")
def switches_one_column_off(attention, head):
    """You set one column to 0. A head has head_dim of them: from head · head_dim on."""
    return _ablated(attention, [(slice(None), slice(head, head + 1))])


@misconception("ablate_head")
def takes_every_so_many_th_column(attention, head):
    """You set every num_heads-th column to 0. The columns of a head stand together, as `split_heads` cuts them."""
    return _ablated(attention, [(slice(None), slice(head, None, attention.num_heads))])


@misconception("ablate_head")
def counts_in_heads(attention, head):
    """Your columns begin at head · num_heads. Each head is head_dim wide: they begin at head · head_dim."""
    width = attention.num_heads
    return _ablated(attention, [(slice(None), slice(head * width, (head + 1) * width))])


@misconception("ablate_head")
def silences_the_bias_too(attention, head):
    """You set the bias of `output` to 0 as well. It belongs to no head: leave it."""
    ablated = ablate_head(attention, head)
    nn.init.zeros_(ablated.output.bias)
    return ablated


@misconception("ablate_head")
def leaves_the_bias_of_the_values(attention, head):
    """You set the head's rows of W_v to 0, but their bias still comes through. Set that to 0 as well, or the columns of
    `output.weight`."""
    ablated = copy.deepcopy(attention)
    with torch.no_grad():
        ablated.value.weight[_columns(attention, head)] = 0
    return ablated


@misconception("ablate_head")
def blinds_the_head(attention, head):
    """Your head has no query any more, so all its scores are equal, and it brings the mean of all values. It must bring
    nothing."""
    ablated = copy.deepcopy(attention)
    with torch.no_grad():
        ablated.query.weight[_columns(attention, head)] = 0
        ablated.query.bias[_columns(attention, head)] = 0
    return ablated


@misconception("ablate_head")
def switches_heads_on_again(attention, head):
    """Asked about an attention that lacks a head already, you lose that: begin with its own numbers, not with numbers
    kept from before."""
    first = getattr(attention, "first_numbers", None) or copy.deepcopy(attention.state_dict())
    ablated = copy.deepcopy(attention)
    ablated.load_state_dict(first)
    ablated = ablate_head(ablated, head)
    ablated.first_numbers = first
    return ablated
