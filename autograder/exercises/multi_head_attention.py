"""The checks of lesson 09: multi-head attention."""

from typing import Any

import torch
from numpy.random import RandomState
from torch import nn

from autograder.exercise import Exercise, Quiz, equal_parameters, numbers


def gradients(results: Any, slopes: torch.Tensor, leaves: list[torch.Tensor]) -> list[Any]:
    """What each leaf gets back from all results together; zeros where the thread is cut."""
    parts = torch.cat([result.flatten() for result in results])
    (parts * slopes[: len(parts)]).mean().add(sum(0 * leaf.sum() for leaf in leaves)).backward()
    return [leaf.grad for leaf in leaves]


def some_mask(rng: RandomState, *shape: int) -> torch.Tensor:
    """Boolean, `shape`; in each row at least one True and one False."""
    order = rng.uniform(size=shape).argsort(axis=-1)
    count = rng.randint(1, shape[-1], size=(*shape[:-1], 1))
    return torch.tensor(order < count)


split_heads = Exercise("split_heads", points=3)


@split_heads.check
def each_head_gets_a_part_of_every_position(split_heads: Any, rng: RandomState) -> Any:
    """Head h gets the h-th part of the features, of every position.

    Cut the axis of the features first, and only then move the axis of the heads. Open the hint "Two steps".
    """
    return split_heads(numbers(rng, 1, 4, 6), 3)


@split_heads.check
def every_size_is_split(split_heads: Any, rng: RandomState) -> Any:
    """Sequences of a batch stay apart, and any number of heads is right: one, or as many as features.

    Is the batch the first axis before and after? Open the hint "Two steps".
    """
    small, large = numbers(rng, 2, 3, 6), numbers(rng, 3, 5, 8)
    return [split_heads(small, 2), split_heads(large, 4), split_heads(small, 1), split_heads(small, 6)]


@split_heads.check
def gradients_pass_the_split(split_heads: Any, rng: RandomState) -> Any:
    """Training goes back through the split: the gradient reaches x.

    `.detach()`, `.data`, NumPy and `torch.tensor(…)` of a tensor cut the thread. Use x as it is.
    """
    x, slopes = numbers(rng, 2, 3, 4), numbers(rng, 48)
    x.requires_grad_()
    return gradients([split_heads(x, 2)], slopes, [x])


merge_heads = Exercise("merge_heads", points=2)


@merge_heads.check
def the_parts_stand_side_by_side(merge_heads: Any, rng: RandomState) -> Any:
    """For each position: the features of head 0, then those of head 1, and so on.

    Undo the two steps of `split_heads` in the opposite order. Open the hint "Backwards".
    """
    return merge_heads(numbers(rng, 1, 3, 4, 2))


@merge_heads.check
def every_size_is_merged(merge_heads: Any, rng: RandomState) -> Any:
    """Sequences of a batch stay apart, however many heads there are, and however the numbers lie in memory.

    Is the batch the first axis before and after? Open the hint "Backwards".
    """
    small, large, turned = numbers(rng, 2, 3, 4, 1), numbers(rng, 3, 4, 5, 2), numbers(rng, 2, 5, 3, 4)
    return [merge_heads(small), merge_heads(large), merge_heads(turned.transpose(1, 2))]


@merge_heads.check
def gradients_pass_the_merge(merge_heads: Any, rng: RandomState) -> Any:
    """Training goes back through the merge: the gradient reaches every head.

    `.detach()`, `.data`, NumPy and `torch.tensor(…)` of a tensor cut the thread. Use x as it is.
    """
    x, slopes = numbers(rng, 2, 3, 4, 1), numbers(rng, 24)
    x.requires_grad_()
    return gradients([merge_heads(x)], slopes, [x])


MultiHeadAttention = Exercise("MultiHeadAttention", points=5)


@MultiHeadAttention.check
def each_head_attends_by_itself(MultiHeadAttention: Any, rng: RandomState) -> Any:
    """Project, split, let every head attend with a scale of √head_dim, merge, project. Output and weights come back.

    Print the shape after each step and compare it with the table. Open the hint "The steps".
    """
    queries, keys, values = numbers(rng, 1, 4, 6), numbers(rng, 1, 5, 6), numbers(rng, 1, 5, 6)
    module = MultiHeadAttention(6, 3)
    return [equal_parameters(module, rng), module(queries, keys, values)]


@MultiHeadAttention.check
def every_size_works(MultiHeadAttention: Any, rng: RandomState) -> Any:
    """Sequences of a batch stay apart, for any number of heads, and in double precision too.

    Move the last two axes only, and take softmax over the last. Open the hint "The steps".
    """
    sizes = [(2, 3, 5, 4, 2), (3, 5, 2, 8, 4), (2, 4, 3, 6, 1)]  # batch, seq_q, seq_k, d_model, num_heads
    inputs = [[numbers(rng, b, seq, d) for seq in (q, k, k)] for b, q, k, d, _ in sizes]
    results = []
    for given, (*_, d_model, num_heads), double in zip(inputs, sizes, (False, False, True), strict=True):
        module = MultiHeadAttention(d_model, num_heads)
        results += [equal_parameters(module, rng)]
        module = module.double() if double else module
        results += [module(*(each.double() if double else each for each in given))]
    return results


@MultiHeadAttention.check
def all_heads_keep_to_the_mask(MultiHeadAttention: Any, rng: RandomState) -> Any:
    """Where the mask is False, every head's weight is 0, and the other keys share the whole 1.

    True = may attend. Mask the scores of all heads, before softmax. Open the hint "The mask".
    """
    inputs = [numbers(rng, 2, seq, 4) for seq in (3, 5, 5)]
    mask, module = some_mask(rng, 2, 3, 5), MultiHeadAttention(4, 4)
    return [equal_parameters(module, rng), module(*inputs, mask)]


@MultiHeadAttention.check
def a_smaller_mask_is_stretched(MultiHeadAttention: Any, rng: RandomState) -> Any:
    """A mask may be `(seq_q, seq_k)`, one for the batch, or `(batch, 1, seq_k)`, one row for all queries.

    Where must the axis of the heads stand, counted from the end? Open the hint "The mask".
    """
    inputs = [numbers(rng, 2, seq, 4) for seq in (3, 5, 5)]
    masks = [some_mask(rng, 3, 5), some_mask(rng, 2, 1, 5), some_mask(rng, 1, 3, 5)]
    module = MultiHeadAttention(4, 4)
    return [equal_parameters(module, rng), *(module(*inputs, mask) for mask in masks)]


@MultiHeadAttention.check
def nothing_to_attend_to_gives_zeros(MultiHeadAttention: Any, rng: RandomState) -> Any:
    """A query that may attend to nothing gets weights of 0 in every head; only the bias of `output` comes out.

    softmax makes shares even of a row without any. Set them to 0 afterwards. Open the hint "The mask".
    """
    inputs = [numbers(rng, 2, seq, 4) for seq in (3, 5, 5)]
    mask, module = some_mask(rng, 2, 3, 5), MultiHeadAttention(4, 2)
    mask[rng.randint(2), rng.randint(3)] = False
    return [equal_parameters(module, rng), module(*inputs, mask)]


@MultiHeadAttention.check
def training_reaches_all_layers(MultiHeadAttention: Any, rng: RandomState) -> Any:
    """The gradient of output and weights reaches all four layers, and queries, keys and values, masked or not.

    `.detach()`, `.data`, `torch.no_grad()` and `torch.tensor(…)` of a tensor cut the thread. Mend `split_heads`
    and `merge_heads` first, if their checks fail.
    """
    inputs = [numbers(rng, 2, seq, 4) for seq in (3, 5, 5)]
    mask, slopes, module = some_mask(rng, 2, 3, 5), numbers(rng, 120), MultiHeadAttention(4, 2)
    results: list[Any] = [equal_parameters(module, rng)]
    for given in ((), (mask,)):
        leaves = [each.clone().requires_grad_() for each in inputs]
        module.zero_grad()
        parameters = [parameter for _, parameter in sorted(module.named_parameters())]
        found = gradients(module(*leaves, *given), slopes, [*leaves, *parameters])
        results.append([each.clone() for each in found])
    return results


to_pytorch_mask = Exercise("to_pytorch_mask", points=2)


@to_pytorch_mask.check
def true_becomes_may_not(to_pytorch_mask: Any, rng: RandomState) -> Any:
    """Where ours is True, PyTorch's is False, and the other way round; every head gets the same.

    It stays boolean, and has num_heads entries for each sequence. Open the hint "Flip and repeat".
    """
    return to_pytorch_mask(some_mask(rng, 1, 3, 5), 4)


@to_pytorch_mask.check
def the_heads_of_a_sequence_stand_together(to_pytorch_mask: Any, rng: RandomState) -> Any:
    """All heads of the first sequence come first, then all heads of the second.

    In which order does your way of repeating put them? Open the hint "Which repeat".
    """
    return to_pytorch_mask(some_mask(rng, 2, 3, 5), 4)


ablate_head = Exercise("ablate_head", points=3)


class Attention(nn.Module):
    """An attention with the layers of the lesson's; torch computes it."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Queries `(batch, seq_q, d_model)`, keys and values `(batch, seq_k, d_model)` -> output, weights."""
        layers = (self.query, self.key, self.value)
        output, weights = nn.functional.multi_head_attention_forward(
            queries.transpose(0, 1),
            keys.transpose(0, 1),
            values.transpose(0, 1),
            queries.shape[-1],
            self.num_heads,
            torch.cat([layer.weight for layer in layers]),
            torch.cat([layer.bias for layer in layers]),
            bias_k=None,
            bias_v=None,
            add_zero_attn=False,
            dropout_p=0.0,
            out_proj_weight=self.output.weight,
            out_proj_bias=self.output.bias,
            attn_mask=None if attention_mask is None else ~attention_mask,
            average_attn_weights=False,
        )
        assert weights is not None
        return output.transpose(0, 1), weights


def an_attention(rng: RandomState, d_model: int, num_heads: int) -> Attention:
    """With parameters drawn from `rng`."""
    attention = Attention(d_model, num_heads)
    equal_parameters(attention, rng)
    return attention


def output_of(made: Any, inputs: list[torch.Tensor]) -> Any:
    """What a module gives; anything else stands for itself, to be told what was expected."""
    return made(*inputs)[0] if callable(made) else made


@ablate_head.check
def the_head_brings_nothing(ablate_head: Any, rng: RandomState) -> Any:
    """One head brings nothing to the output, neither its values nor their bias; the others and the bias of
    `output` are as before.

    Which columns of `output.weight` read this head? If torch does not let you write there, put `torch.no_grad()`
    around it. Open the hint "Which numbers".
    """
    attention, inputs = an_attention(rng, 6, 3), [numbers(rng, 1, seq, 6) for seq in (4, 5, 5)]
    return output_of(ablate_head(attention, int(rng.choice([0, 2]))), inputs)


@ablate_head.check
def any_head_and_one_after_the_other(ablate_head: Any, rng: RandomState) -> Any:
    """Any head of any number can be switched off. And asked about an attention that lacks a head already, the copy
    lacks both.

    Begin with the numbers of the attention that you get, and ask it for its sizes. Open the hint "Which numbers".
    """
    cases = [(8, 4, head) for head in range(4)] + [(6, 2, head) for head in range(2)]
    each = [(an_attention(rng, d, num_heads), head) for d, num_heads, head in cases]
    inputs = {d: [numbers(rng, 2, seq, d) for seq in (3, 5, 5)] for d in (6, 8)}
    both = an_attention(rng, 8, 4)
    first, second = (int(head) for head in rng.permutation(4)[:2])
    results = [
        ablate_head(attention, head)(*inputs[attention.query.in_features])[0] for attention, head in each
    ]
    return [*results, ablate_head(ablate_head(both, first), second)(*inputs[8])[0]]


@ablate_head.check
def the_original_stays(ablate_head: Any, rng: RandomState) -> Any:
    """The attention that was given answers as before; and if it is trained on, the copy stays what it was.

    Change a copy that shares nothing with it. Open the hint "A copy of everything".
    """
    attention, inputs = an_attention(rng, 6, 3), [numbers(rng, 1, seq, 6) for seq in (4, 5, 5)]
    copied = ablate_head(attention, int(rng.randint(3)))
    before = attention(*inputs)[0]
    equal_parameters(attention, rng)
    return [before, copied(*inputs)[0]]


one_head_fails = Quiz(
    "one_head_fails",
    points=0.5,
    options={
        "a": "The one with d_model 64 has 18,580 parameters, six times as many as the two small heads that solved it.",
        "b": "Right. One row of shares gives one mixture. It holds both neighbours, but all values went through the "
        "same W_v, so nothing in the sum says which one stood where.",
        "c": "It can: half and half is a row of shares like any other. But what comes out then is one sum.",
        "d": "The positions are in x for all of them. They say where to look; the sum does not say who came from "
        "where.",
    },
)

what_a_map_says = Quiz(
    "what_a_map_says",
    points=0.5,
    options={
        "a": "That is what the map suggests, and the ablation has just refuted it: without the head the left "
        "neighbours are named as well as before.",
        "b": "The weights are computed rightly; they say where the head looks. What becomes of it is another question.",
        "c": "Right. Others do the same, or nobody reads what it brings. Which of the two, another ablation can tell: "
        "switch off the others as well.",
        "d": "Other heads may do the same work, and then it is missed once they are gone too. Alone is not together.",
    },
)
