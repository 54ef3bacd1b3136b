"""Known wrong answers to lesson 08, each with the words that mend it."""

import numpy as np
import torch

from autograder.exercise import misconception

from ..causal_attention import causal_mask as _right_mask
from ..self_attention import self_attention as _attend

# causal_mask


@misconception("causal_mask")
def sees_only_the_future(seq):
    """Yours is True above the diagonal: each position sees what comes after it. Rows are queries, columns are keys:
    row 0 has one True."""
    return torch.ones(seq, seq, dtype=torch.bool).triu()


@misconception("causal_mask")
def one_step_too_far(seq):
    """Yours also lets each position see the next one. Row 0 has one True, not two."""
    return torch.ones(seq, seq, dtype=torch.bool).tril(1)


@misconception("causal_mask")
def not_even_itself(seq):
    """In yours a position does not see itself. It may: what it must guess is the next one. Row 0 has one True."""
    return torch.ones(seq, seq, dtype=torch.bool).tril(-1)


@misconception("causal_mask")
def true_means_forbidden(seq):
    """Yours is True where a position may not look, as in some of PyTorch's functions. Here True = may attend."""
    return torch.ones(seq, seq, dtype=torch.bool).triu(1)


@misconception("causal_mask")
def ones_and_zeros(seq):
    """The places are right, but these are numbers. A mask holds True and False: `dtype=torch.bool`."""
    return torch.ones(seq, seq).tril()


@misconception("causal_mask", produces_nan=True)
def zeros_and_minus_infinity(seq):
    """Yours holds 0 and -inf, to be added to scores. Here a mask holds True and False."""
    return torch.full((seq, seq), -torch.inf).triu(1)


@misconception("causal_mask")
def everything_allowed(seq):
    """Yours is True everywhere, so everybody sees the future."""
    return torch.ones(seq, seq, dtype=torch.bool)


@misconception("causal_mask")
def a_numpy_array(seq):
    """The mask is right, but a NumPy array. A tensor is asked for: `torch.ones`, or `torch.tensor(…)` around it."""
    return np.tri(seq, dtype=bool)


# combine_masks


@misconception("combine_masks")
def one_of_the_two_is_enough(causal, token_mask):
    """Yours allows a pair if one of the masks does. Both must: `&`, not `|`."""
    return causal | token_mask[:, None, :]


@misconception("combine_masks")
def hides_rows(causal, token_mask):
    """You used `token_mask` for the queries: rows of padding are False, and its columns are still seen. It speaks
    about keys, the last axis."""
    return causal & token_mask[:, :, None]


@misconception("combine_masks")
def hides_rows_and_columns(causal, token_mask):
    """You hid the rows of padding too. What padding looks at harms nobody; that others look at it does."""
    return causal & token_mask[:, :, None] & token_mask[:, None, :]


@misconception("combine_masks")
def forgets_the_tokens(causal, token_mask):
    """Yours is the causal mask alone; padding is still seen."""
    return causal.expand(len(token_mask), -1, -1).clone()


@misconception("combine_masks")
def forgets_the_order(causal, token_mask):
    """Yours is the token mask alone; the future is still seen."""
    return token_mask[:, None, :].expand(-1, token_mask.shape[1], -1).clone()


@misconception("combine_masks")
def makes_its_own_triangle(causal, token_mask):
    """You made a causal mask of your own. Use the one that is given: it may be another, say that of a window."""
    return _right_mask(len(causal)) & token_mask[:, None, :]


@misconception("combine_masks")
def true_means_padding(causal, token_mask):
    """You turned the token mask around. True = a real token, which may be seen."""
    return causal & ~token_mask[:, None, :]


@misconception("combine_masks")
def the_first_sentence_for_all(causal, token_mask):
    """Every sentence got the mask of the first one. Each has padding of its own."""
    return (causal & token_mask[0]).expand(len(token_mask), -1, -1).clone()


@misconception("combine_masks")
def multiplies_numbers(causal, token_mask):
    """The places are right, but these are numbers. For True and False, "and" is `&`."""
    return causal.int() * token_mask.int()[:, None, :]


# causal_self_attention


def _allowed(x, token_mask, offset=0):
    allowed = torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool).tril(offset).expand(len(x), -1, -1)
    return allowed if token_mask is None else allowed & token_mask[:, None, :]


def _scores(x, w_q, w_k):
    return (x @ w_q) @ (x @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5


@misconception("causal_self_attention")
def no_causal_mask(x, w_q, w_k, w_v, token_mask=None):
    """Nobody is kept from looking ahead: the weights above the diagonal are not 0. Give `self_attention` a mask."""
    return _attend(x, w_q, w_k, w_v, None if token_mask is None else token_mask[:, None, :])


@misconception("causal_self_attention")
def sees_the_next_one_too(x, w_q, w_k, w_v, token_mask=None):
    """Each position also attends to the next one, which is what it must guess. `tril()` without a number ends at the
    diagonal."""
    return _attend(x, w_q, w_k, w_v, _allowed(x, token_mask, 1))


@misconception("causal_self_attention")
def does_not_see_itself(x, w_q, w_k, w_v, token_mask=None):
    """A position does not attend to itself, so the first one gets nothing. It may see its own token; only
    later ones are hidden."""
    return _attend(x, w_q, w_k, w_v, _allowed(x, token_mask, -1))


@misconception("causal_self_attention")
def looks_ahead_only(x, w_q, w_k, w_v, token_mask=None):
    """Your mask is turned: each position sees what comes after it. Rows are queries."""
    allowed = torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool).triu().expand(len(x), -1, -1)
    return _attend(x, w_q, w_k, w_v, allowed if token_mask is None else allowed & token_mask[:, None, :])


@misconception("causal_self_attention")
def masks_after_softmax(x, w_q, w_k, w_v, token_mask=None):
    """You put zeros in after softmax. The rows no longer sum to 1, and the future still counts in the sum that softmax
    divides by: it leaks. Mask the scores, before softmax."""
    weights = _scores(x, w_q, w_k).softmax(dim=-1) * _allowed(x, token_mask)
    return weights @ (x @ w_v), weights


@misconception("causal_self_attention")
def sets_scores_to_zero(x, w_q, w_k, w_v, token_mask=None):
    """You made the hidden scores 0. A score of 0 still gets a share, since exp(0) is 1: it must be far below all
    others."""
    weights = (_scores(x, w_q, w_k) * _allowed(x, token_mask)).softmax(dim=-1)
    return weights @ (x @ w_v), weights


@misconception("causal_self_attention")
def ignores_the_token_mask(x, w_q, w_k, w_v, token_mask=None):
    """You did not use `token_mask`: padding gets shares. Combine both masks."""
    return _attend(x, w_q, w_k, w_v, _allowed(x, None))


@misconception("causal_self_attention")
def either_one_mask_or_the_other(x, w_q, w_k, w_v, token_mask=None):
    """With a `token_mask` you forgot the causal one, and everybody looks ahead. Combine both."""
    allowed = _allowed(x, None) if token_mask is None else token_mask[:, None, :]
    return _attend(x, w_q, w_k, w_v, allowed)


@misconception("causal_self_attention")
def hides_the_rows_of_padding(x, w_q, w_k, w_v, token_mask=None):
    """You used `token_mask` for the queries. It says which keys may be seen: the last axis."""
    allowed = _allowed(x, None) if token_mask is None else _allowed(x, None) & token_mask[:, :, None]
    return _attend(x, w_q, w_k, w_v, allowed)


@misconception("causal_self_attention", produces_nan=True)
def nan_where_nothing_may_be_seen(x, w_q, w_k, w_v, token_mask=None):
    """A row with nothing but -inf becomes nan in softmax. After it, choose 0 where the mask is False."""
    weights = _scores(x, w_q, w_k).masked_fill(~_allowed(x, token_mask), -torch.inf).softmax(dim=-1)
    return weights @ (x @ w_v), weights


@misconception("causal_self_attention")
def shares_alike_where_nothing_may_be_seen(x, w_q, w_k, w_v, token_mask=None):
    """A row with the same large negative number everywhere shares alike. Where the mask is False the weight must be 0,
    in such a row too."""
    weights = _scores(x, w_q, w_k).masked_fill(~_allowed(x, token_mask), -1e9).softmax(dim=-1)
    return weights @ (x @ w_v), weights


@misconception("causal_self_attention")
def cuts_the_notes(x, w_q, w_k, w_v, token_mask=None):
    """The numbers are right, but no gradient reaches the inputs (`.detach()`, `.data`, NumPy, `no_grad`?), so nothing
    would learn."""
    output, weights = _attend(x, w_q, w_k, w_v, _allowed(x, token_mask))
    return output.detach(), weights.detach()


@misconception("causal_self_attention")
def weights_without_notes(x, w_q, w_k, w_v, token_mask=None):
    """Queries and keys learn nothing in yours: the weights were cut off (`.detach()` or `.data`?). Only the values
    get a gradient."""
    _, weights = _attend(x, w_q, w_k, w_v, _allowed(x, token_mask))
    return weights.detach() @ (x @ w_v), weights.detach()


# shift_right


@misconception("shift_right")
def rolls_around(tokens, start):
    """Your first position gets the last token, which is still to be guessed. It gets `start`."""
    return tokens.roll(1, dims=1)


@misconception("shift_right")
def shifts_left(tokens, start):
    """You shifted to the left: each position reads the token that it must guess next. Shift to the right."""
    return torch.cat([tokens[:, 1:], torch.full_like(tokens[:, :1], start)], dim=1)


@misconception("shift_right")
def grows_by_one(tokens, start):
    """Yours has one position more than the tokens. The last token falls out: nothing is guessed after it."""
    return torch.cat([torch.full_like(tokens[:, :1], start), tokens], dim=1)


@misconception("shift_right")
def overwrites_the_first(tokens, start):
    """You put `start` in the place of the first token and moved nothing. Each position still reads its own
    answer."""
    return torch.cat([torch.full_like(tokens[:, :1], start), tokens[:, 1:]], dim=1)


@misconception("shift_right")
def shifts_nothing(tokens, start):
    """Nothing has moved: each position reads the very token that it must name."""
    return tokens.clone()


@misconception("shift_right")
def always_starts_with_zero(tokens, start):
    """You wrote 0 in front. It is `start`, whatever its number: 0 may be a token."""
    return torch.cat([torch.zeros_like(tokens[:, :1]), tokens[:, :-1]], dim=1)


@misconception("shift_right")
def moves_whole_sentences(tokens, start):
    """You shifted along the batch: each sentence got the tokens of the one before. Positions are the second axis."""
    return torch.cat([torch.full_like(tokens[:1], start), tokens[:-1]], dim=0)


@misconception("shift_right")
def becomes_floating(tokens, start):
    """The numbers are right, but floating-point ones: `torch.zeros` and `torch.ones` make these. An embedding
    needs int64."""
    return torch.cat([torch.full((len(tokens), 1), float(start)), tokens[:, :-1].float()], dim=1)


# leaks


def _asked(f, x, change, judge=None):
    """Change the input for each position, and compare its output, at its place."""
    before, seen = f(x), []
    for i in range(x.shape[1]):
        now = f(change(x, i))
        seen.append(
            judge(now, before, i) if judge else not torch.allclose(now[:, i], before[:, i], atol=1e-5)
        )
    return torch.tensor(seen)


def _future(x, i, new):
    return torch.cat([x[:, : i + 1], new], dim=1)


def _raised(x, i):
    return _future(x, i, x[:, i + 1 :] + torch.tensor([3.0, 50.0, -80.0]))


def _noise(x, i):
    drawn = np.random.RandomState(i + 1).normal(size=x[:, i + 1 :].shape)
    return _future(x, i, torch.tensor(drawn).to(x))


@misconception("leaks")
def changes_the_present_too(f, x):
    """You changed position i itself as well. Of course its output follows. Change what comes after it:
    `i + 1` and up."""
    return _asked(f, x, lambda x, i: torch.cat([x[:, :i], _noise(x, -1)[:, i:]], dim=1))


@misconception("leaks")
def changes_the_past(f, x):
    """You changed what comes before. That a position sees its past is no leak."""
    return _asked(f, x, lambda x, i: torch.cat([_noise(x, -1)[:, :i], x[:, i:]], dim=1))


@misconception("leaks")
def compares_all_positions(f, x):
    """You compared all outputs. Those of later positions may change; look at the output of position i alone."""
    return _asked(f, x, _noise, lambda now, before, i: not torch.allclose(now, before, atol=1e-5))


@misconception("leaks")
def only_the_next_position(f, x):
    """You changed only the position right after i. A leak may come from further away: change them all."""
    return _asked(
        f, x, lambda x, i: torch.cat([x[:, : i + 1], _noise(x, i)[:, i + 1 : i + 2], x[:, i + 2 :]], dim=1)
    )


@misconception("leaks")
def only_the_last_position(f, x):
    """You changed only the last position. A leak may come from nearer: change all that come after i."""
    return _asked(
        f, x, lambda x, i: torch.cat([x[:, :-1], _noise(x, i)[:, -1:]], dim=1) if i < x.shape[1] - 1 else x
    )


@misconception("leaks")
def turns_the_sign(f, x):
    """You only turned the sign of the future. A function that squares it does not notice: draw random numbers."""
    return _asked(f, x, lambda x, i: _future(x, i, -x[:, i + 1 :]))


@misconception("leaks")
def adds_the_same_everywhere(f, x):
    """You added the same number to every feature. A function that looks at differences does not notice (a layer that
    subtracts the mean is one): draw random numbers."""
    return _asked(f, x, lambda x, i: _future(x, i, x[:, i + 1 :] + 1))


@misconception("leaks")
def only_makes_it_longer(f, x):
    """You only multiplied the future. A function that looks at directions does not notice: draw random numbers."""
    return _asked(f, x, lambda x, i: _future(x, i, 2 * x[:, i + 1 :]))


@misconception("leaks")
def no_tolerance(f, x):
    """You asked for exactly equal numbers. Rounding alone can differ: allow a hundred-thousandth, with
    `torch.allclose` and `atol=1e-5`."""
    return _asked(f, x, _noise, lambda now, before, i: not torch.equal(now[:, i], before[:, i]))


@misconception("leaks")
def overlooks_the_small(f, x):
    """You let a small leak pass. A model can be trained to use it: allow rounding only, with `atol=1e-5`."""
    return _asked(
        f, x, _raised, lambda now, before, i: not torch.allclose(now[:, i], before[:, i], atol=0.03)
    )


@misconception("leaks")
def the_first_sentence_only(f, x):
    """You looked at the first sentence only. A leak in another one is a leak too."""
    return _asked(
        f, x, _raised, lambda now, before, i: not torch.allclose(now[0, i], before[0, i], atol=1e-5)
    )


@misconception("leaks")
def true_means_fair(f, x):
    """Yours says True where nothing leaks. True = the output changed."""
    return ~_asked(f, x, _noise)


@misconception("leaks")
def who_is_seen(f, x):
    """Yours says which positions are looked at by an earlier one. Asked is who looks."""
    before, seen = f(x), []
    for j in range(x.shape[1]):
        now = f(torch.cat([x[:, :j], _noise(x, j - 1)[:, j : j + 1], x[:, j + 1 :]], dim=1))
        seen.append(not torch.allclose(now[:, :j], before[:, :j], atol=1e-5))
    return torch.tensor(seen)


# generate


@misconception("generate")
def sees_the_last_token_only(step, prompt, length, choose, temperature=1.0):
    """You give `step` only the last token. It needs all of them: what it says depends on the whole text."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(choose((step(tokens[-1:]) / temperature).softmax(dim=-1))))
    return tokens


@misconception("generate")
def never_reads_what_it_wrote(step, prompt, length, choose, temperature=1.0):
    """You ask `step` about the prompt in every round. Give it the list that has grown."""
    shares = [(step(list(prompt)) / temperature).softmax(dim=-1) for _ in range(length)]
    return [*prompt, *(int(choose(each)) for each in shares)]


@misconception("generate")
def leaves_the_prompt_out(step, prompt, length, choose, temperature=1.0):
    """You return the new tokens alone. The prompt belongs to the text: return the whole list."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(choose((step(tokens) / temperature).softmax(dim=-1))))
    return tokens[len(prompt) :]


@misconception("generate")
def counts_the_prompt(step, prompt, length, choose, temperature=1.0):
    """Your whole text has `length` tokens. `length` counts the new ones only."""
    tokens = list(prompt)
    while len(tokens) < length:
        tokens.append(int(choose((step(tokens) / temperature).softmax(dim=-1))))
    return tokens


@misconception("generate")
def one_round_too_many(step, prompt, length, choose, temperature=1.0):
    """You add one token too many."""
    tokens = list(prompt)
    for _ in range(length + 1):
        tokens.append(int(choose((step(tokens) / temperature).softmax(dim=-1))))
    return tokens


@misconception("generate")
def always_the_likeliest(step, prompt, length, choose, temperature=1.0):
    """You always take the likeliest token. Which one is taken is for `choose` to say: give it the shares."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(step(tokens).argmax()))
    return tokens


@misconception("generate")
def gives_the_scores(step, prompt, length, choose, temperature=1.0):
    """`choose` got scores from you, and it needs shares: softmax first."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(choose(step(tokens) / temperature)))
    return tokens


@misconception("generate")
def multiplies_by_the_temperature(step, prompt, length, choose, temperature=1.0):
    """You multiplied by the temperature. Divide: a low temperature makes differences larger."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(choose((step(tokens) * temperature).softmax(dim=-1))))
    return tokens


@misconception("generate")
def forgets_the_temperature(step, prompt, length, choose, temperature=1.0):
    """You did not use `temperature`: divide the scores by it."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(choose(step(tokens).softmax(dim=-1))))
    return tokens


@misconception("generate")
def cools_the_shares(step, prompt, length, choose, temperature=1.0):
    """You divided the shares, which then do not sum to 1. Divide the scores, before softmax."""
    tokens = list(prompt)
    for _ in range(length):
        tokens.append(int(choose(step(tokens).softmax(dim=-1) / temperature)))
    return tokens


# attend_with_cache


def _step(x_new, w_q, w_k, w_v, cache, scale=None):
    query, keys, values = x_new @ w_q, x_new @ w_k, x_new @ w_v
    if cache is not None:
        keys, values = torch.cat([cache[0], keys], dim=1), torch.cat([cache[1], values], dim=1)
    scores = query @ keys.transpose(-2, -1) / (scale or query.shape[-1] ** 0.5)
    return scores.softmax(dim=-1) @ values, (keys, values)


@misconception("attend_with_cache")
def leaves_itself_out(x_new, w_q, w_k, w_v, cache=None):
    """The newest position does not attend to itself: you attended first and stored after. Join its key and value to the
    others first."""
    output, kept = _step(x_new, w_q, w_k, w_v, cache)
    output = torch.zeros_like(output)
    if cache is not None:
        scores = x_new @ w_q @ cache[0].transpose(-2, -1) / w_q.shape[-1] ** 0.5
        output = scores.softmax(dim=-1) @ cache[1]
    return output, kept


@misconception("attend_with_cache")
def forgets_the_past(x_new, w_q, w_k, w_v, cache=None):
    """You never look into the cache: the newest position sees itself alone."""
    return _step(x_new, w_q, w_k, w_v, None)


@misconception("attend_with_cache")
def does_not_keep_the_newest(x_new, w_q, w_k, w_v, cache=None):
    """The output is right, but you give back the old cache: the next call will not see this position."""
    output, kept = _step(x_new, w_q, w_k, w_v, cache)
    return output, kept if cache is None else cache


@misconception("attend_with_cache")
def puts_the_newest_first(x_new, w_q, w_k, w_v, cache=None):
    """The output is right, but the newest stands first in your cache. Keep the order of reading: the newest last."""
    output, (keys, values) = _step(x_new, w_q, w_k, w_v, cache)
    return output, (keys.roll(1, dims=1), values.roll(1, dims=1))


@misconception("attend_with_cache")
def keeps_only_the_newest(x_new, w_q, w_k, w_v, cache=None):
    """You give back the key and value of this position alone, and the earlier ones are lost. Give back all."""
    output, (keys, values) = _step(x_new, w_q, w_k, w_v, cache)
    return output, (keys[:, -1:], values[:, -1:])


@misconception("attend_with_cache")
def does_not_scale(x_new, w_q, w_k, w_v, cache=None):
    """You forgot to divide the scores by √head_dim."""
    return _step(x_new, w_q, w_k, w_v, cache, scale=1.0)


@misconception("attend_with_cache")
def scales_by_the_width_of_x(x_new, w_q, w_k, w_v, cache=None):
    """You divided by √d_model. A score adds up head_dim products: divide by its root."""
    return _step(x_new, w_q, w_k, w_v, cache, scale=x_new.shape[-1] ** 0.5)


@misconception("attend_with_cache")
def the_mean_of_all(x_new, w_q, w_k, w_v, cache=None):
    """Your output is the plain mean of all values. The newest query decides about the shares: scores and softmax, over
    the keys."""
    _, (keys, values) = _step(x_new, w_q, w_k, w_v, cache)
    return values.mean(dim=1, keepdim=True), (keys, values)
