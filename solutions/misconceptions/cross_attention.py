"""Known wrong answers to lesson 07, each with the words that mend it."""

import torch

from autograder.exercise import misconception

# cross_attention


def _shares(scores, mask):
    """Masked softmax over the last axis; mask broadcastable to the scores, or None."""
    if mask is None:
        return scores.softmax(dim=-1)
    return torch.where(mask, torch.where(mask, scores, -1e30).softmax(dim=-1), 0.0)


def _attend(queries, keys, values, token_mask, scale=None):
    scores = queries @ keys.transpose(-2, -1) / (scale or queries.shape[-1] ** 0.5)
    fits = token_mask is not None and token_mask.shape[-1] == scores.shape[-1]
    weights = _shares(scores, token_mask[:, None, :] if fits else None)
    return weights @ values, weights


def _scores(decoder_states, encoder_states, w_q, w_k):
    return decoder_states @ w_q @ (encoder_states @ w_k).transpose(-2, -1) / w_q.shape[-1] ** 0.5


def _as_many(states, other):
    """As many positions as the other sequence has: only with equal lengths does such an answer run at all."""
    return states[:, torch.arange(other.shape[1], device=states.device) % states.shape[1]]


@misconception("cross_attention")
def queries_from_the_encoder(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your queries come from the encoder, so the English asks. The one who writes asks: queries are made of
    decoder_states."""
    return _attend(encoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask)


@misconception("cross_attention")
def the_roles_are_exchanged(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Asking and answering have changed places: your queries come from the encoder, keys and values from the
    decoder. The decoder asks."""
    return _attend(encoder_states @ w_q, decoder_states @ w_k, decoder_states @ w_v, token_mask)


@misconception("cross_attention")
def ignores_the_encoder(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your decoder looks at itself: the English sentence changed, and your weights and output did not. Keys and
    values are made of encoder_states."""
    return _attend(decoder_states @ w_q, decoder_states @ w_k, decoder_states @ w_v, token_mask)


@misconception("cross_attention")
def values_from_the_decoder(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The weights are right, but you mixed the decoder's states: nothing of the English is taken home. Values
    are made of encoder_states."""
    values = _as_many(decoder_states, encoder_states) @ w_v
    return _attend(decoder_states @ w_q, encoder_states @ w_k, values, token_mask)


@misconception("cross_attention")
def keys_from_the_decoder(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your keys come from the decoder, so the weights ignore the English words. Keys are made of
    encoder_states."""
    keys = _as_many(decoder_states, encoder_states) @ w_k
    return _attend(decoder_states @ w_q, keys, encoder_states @ w_v, token_mask)


@misconception("cross_attention")
def keys_by_the_queries_matrix(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your keys were made with w_q. Keys come from w_k, so that a word is found by something else than what it
    asks for."""
    return _attend(decoder_states @ w_q, encoder_states @ w_q, encoder_states @ w_v, token_mask)


@misconception("cross_attention")
def mixes_the_keys(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The weights are right, but you mixed the keys. What is handed on are the values, made with w_v."""
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_k, token_mask)


@misconception("cross_attention")
def mixes_the_states(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The weights are right, but you mixed the encoder's states themselves. What is handed on are the values:
    encoder_states times w_v."""
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states, token_mask)


@misconception("cross_attention")
def adds_the_decoder_states(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You added the queries' own values to the mixture, as a residual connection would. The output is the
    mixture alone."""
    output, weights = _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask)
    return output + (decoder_states @ w_q).mean(dim=-1, keepdim=True), weights


@misconception("cross_attention")
def forgets_to_scale(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your scores are not scaled. Divide them by √head_dim (lesson 04)."""
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask, scale=1)


@misconception("cross_attention")
def divides_by_head_dim(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You divided by head_dim. It is its square root (lesson 04)."""
    return _attend(
        decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask, scale=w_q.shape[-1]
    )


@misconception("cross_attention")
def scales_by_the_states(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You scaled by the width of the states. The dot product runs over the numbers of a query, so head_dim
    counts."""
    return _attend(
        decoder_states @ w_q,
        encoder_states @ w_k,
        encoder_states @ w_v,
        token_mask,
        scale=encoder_states.shape[-1] ** 0.5,
    )


@misconception("cross_attention")
def shares_down_the_columns(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your weights sum to 1 down each column: softmax ran over the French positions. It runs over the English
    ones, the last axis."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    weights = scores.softmax(dim=-2)
    weights = weights if token_mask is None else torch.where(token_mask[:, None, :], weights, 0.0)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def returns_the_weights_first(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You returned the weights first. The order is output, then weights."""
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask)[::-1]


@misconception("cross_attention")
def masks_the_queries(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your mask lies on the rows, the French positions. It says which English words are real, and they are the
    columns: its missing axis is that of the queries, in the middle."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    if token_mask is not None:
        square = scores.shape[-2] == scores.shape[-1]
        token_mask = token_mask[:, :, None] if square else token_mask[:, None, :]
    weights = _shares(scores, token_mask)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def masks_by_the_number_of_the_query(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your mask has no axis for the queries, so its first axis, the sentences, met the French positions: each
    position got the mask of another sentence. Put an axis of size 1 between the two."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    if token_mask is not None and len(token_mask) != scores.shape[-2]:
        token_mask = token_mask[:, None, :]
    weights = _shares(scores, token_mask)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def ignores_the_mask(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You have not used token_mask: padding still gets shares."""
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, None)


@misconception("cross_attention")
def true_means_padding(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Your mask is upside down: real tokens get nothing, padding gets all. True means a real token."""
    flipped = None if token_mask is None else ~token_mask
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, flipped)


@misconception("cross_attention")
def hides_the_real_ones(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """True = a real token; you hid the real ones."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    if token_mask is not None:
        scores = torch.where(token_mask[:, None, :], -1e30, scores)
    weights = scores.softmax(dim=-1)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def masks_after_softmax(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You set the weights of padding to 0 after softmax only, so the others no longer sum to 1. Hide the scores
    of padding before softmax."""
    _, weights = _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, None)
    weights = weights if token_mask is None else weights * token_mask[:, None, :]
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def a_score_of_zero(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You set the scores of padding to 0. exp(0) is 1, so padding still gets a share: its scores must be far
    below all others."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    scores = scores if token_mask is None else scores * token_mask[:, None, :]
    weights = scores.softmax(dim=-1)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def padding_shares_when_alone(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """A sentence that is all padding still hands something on: if all scores are equally low, softmax shares
    evenly. Set the weights of padding to 0 once more, after softmax."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    scores = scores if token_mask is None else torch.where(token_mask[:, None, :], scores, -1e30)
    weights = scores.softmax(dim=-1)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention", produces_nan=True)
def nan_for_a_sentence_of_padding(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """With -inf everywhere, softmax divides 0 by 0: a sentence of padding becomes NaN. Set what is masked to 0
    after softmax, or fill with a very low finite score and do the same."""
    scores = _scores(decoder_states, encoder_states, w_q, w_k)
    scores = scores if token_mask is None else torch.where(token_mask[:, None, :], scores, float("-inf"))
    weights = scores.softmax(dim=-1)
    return weights @ (encoder_states @ w_v), weights


@misconception("cross_attention")
def the_first_words_are_real(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """You counted the real tokens and took so many from the left. Padding may stand anywhere: use the mask as it
    is."""
    if token_mask is not None:
        token_mask = torch.arange(token_mask.shape[1]) < token_mask.sum(dim=1, keepdim=True)
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask)


@misconception("cross_attention")
def the_first_sentence_for_all(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """Every French sentence asks the first English one. Each has its own: keep the axis of the batch."""
    keys, values = encoder_states[:1] @ w_k, encoder_states[:1] @ w_v
    return _attend(decoder_states @ w_q, keys, values, None if token_mask is None else token_mask[:1])


def _cut(which, *inputs, token_mask=None):
    """The right answer, but one of its inputs is cut off from the notes."""
    inputs = [each.detach() if number in which else each for number, each in enumerate(inputs)]
    decoder_states, encoder_states, w_q, w_k, w_v = inputs
    return _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask)


@misconception("cross_attention")
def cuts_the_encoder_off(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The numbers are right, but no gradient comes back to the encoder's states (`.detach()`, `.data`?), so the
    encoder would never learn. Use them as they are."""
    return _cut({1}, decoder_states, encoder_states, w_q, w_k, w_v, token_mask=token_mask)


@misconception("cross_attention")
def cuts_the_decoder_off(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The numbers are right, but no gradient comes back to the decoder's states (`.detach()`, `.data`?). Use them
    as they are."""
    return _cut({0}, decoder_states, encoder_states, w_q, w_k, w_v, token_mask=token_mask)


@misconception("cross_attention")
def cuts_the_shares_off(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The numbers are right, but no gradient comes back through the weights, so W_q and W_k would never learn.
    Look for `.detach()`, `.data` or `torch.tensor(…)`."""
    _, weights = _attend(decoder_states @ w_q, encoder_states @ w_k, encoder_states @ w_v, token_mask)
    return weights.detach() @ (encoder_states @ w_v), weights.detach()


@misconception("cross_attention")
def cuts_all_off(decoder_states, encoder_states, w_q, w_k, w_v, token_mask=None):
    """The numbers are right, but no gradient comes back at all (NumPy, `.detach()`, `torch.no_grad()`?). Stay in
    torch from start to end."""
    return _cut({0, 1, 2, 3, 4}, decoder_states, encoder_states, w_q, w_k, w_v, token_mask=token_mask)


# greedy_decode


@misconception("greedy_decode")
def keeps_the_start(step, start, end, max_length):
    """Your list still begins with `start`. It was only there to begin with: return what was written after it."""
    tokens = [start]
    while len(tokens) <= max_length:
        best = int(step(tokens).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens


@misconception("greedy_decode")
def keeps_the_end(step, start, end, max_length):
    """Your list ends with `end`. It says that writing is over, and is not part of what was written."""
    tokens = [start]
    while len(tokens) <= max_length:
        tokens.append(int(step(tokens).argmax()))
        if tokens[-1] == end:
            break
    return tokens[1:]


@misconception("greedy_decode")
def shows_the_last_token_only(step, start, end, max_length):
    """You gave `step` the last token only. The next word depends on all that was written: give it the whole list."""
    tokens = [start]
    while len(tokens) <= max_length:
        best = int(step(tokens[-1:]).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


@misconception("greedy_decode")
def shows_the_start_and_the_last(step, start, end, max_length):
    """You gave `step` the start and the last token. The next word depends on all between them, too."""
    tokens = [start]
    while len(tokens) <= max_length:
        best = int(step([start, *tokens[1:][-1:]]).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


@misconception("greedy_decode")
def hides_the_start(step, start, end, max_length):
    """What you gave to `step` did not begin with `start`. The model was trained to see it first."""
    written = []
    while len(written) < max_length:
        best = int(step(written).argmax())
        if best == end:
            break
        written.append(best)
    return written


@misconception("greedy_decode")
def takes_the_lowest(step, start, end, max_length):
    """You took the token with the lowest score. Greedy takes the highest."""
    tokens = [start]
    while len(tokens) <= max_length:
        best = int(step(tokens).argmin())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


@misconception("greedy_decode")
def takes_the_largest_size(step, start, end, max_length):
    """You compared scores without their sign. A score of -9 is lower than -1: leave the sign on."""
    tokens = [start]
    while len(tokens) <= max_length:
        best = int(step(tokens).abs().argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


@misconception("greedy_decode")
def counts_the_start(step, start, end, max_length):
    """You stopped one token early: `start` is in your list, but max_length counts what was written."""
    tokens = [start]
    while len(tokens) < max_length:
        best = int(step(tokens).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


@misconception("greedy_decode")
def one_token_too_many(step, start, end, max_length):
    """You wrote one token more than max_length. Ask how many there are before you write another."""
    tokens = [start]
    while True:
        best = int(step(tokens).argmax())
        if best == end:
            break
        tokens.append(best)
        if len(tokens) > max_length + 1:
            break
    return tokens[1:]


@misconception("greedy_decode")
def writes_one_at_least(step, start, end, max_length):
    """You wrote a token before you looked at max_length. If it is 0, nothing may be written: look first."""
    tokens = [start]
    while True:
        best = int(step(tokens).argmax())
        if best == end:
            break
        tokens.append(best)
        if len(tokens) > max_length:
            break
    return tokens[1:]


@misconception("greedy_decode")
def writes_on_after_the_end(step, start, end, max_length):
    """You left `end` out and wrote on. `end` means finished: nothing comes after it."""
    tokens = [start]
    for _ in range(max_length):
        tokens.append(int(step(tokens).argmax()))
    return [token for token in tokens[1:] if token != end]


@misconception("greedy_decode")
def all_from_the_start(step, start, end, max_length):
    """You asked `step` once only, or always with the same list: what was written must go in the next time."""
    written = []
    while len(written) < max_length:
        best = int(step([start]).argmax())
        if best == end:
            break
        written.append(best)
    return written


@misconception("greedy_decode")
def cuts_at_the_end(step, start, end, max_length):
    """You wrote on until `end` came, and cut afterwards. A model that never says `end` would never stop: count
    while you write."""
    tokens = [start]
    for _ in range(max_length + 50):  # here a bound, so that this wrong answer itself comes to an end
        best = int(step(tokens).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1 : max_length + 1]


@misconception("greedy_decode")
def hands_over_a_tensor(step, start, end, max_length):
    """You gave `step` a tensor. It is promised a list: hand over the list of tokens itself."""
    tokens = [start]
    while len(tokens) <= max_length:
        best = int(step(torch.tensor(tokens)).argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


# alignment


@misconception("alignment")
def cuts_the_last_column(weights):
    """You cut the last column; the rows are axis -2."""
    return weights[..., :-1].argmax(dim=-1)


@misconception("alignment")
def positions_as_floats(weights):
    """Your positions are floats. A position picks a word: leave it the whole number that argmax gives."""
    return weights[..., :-1, :].argmax(dim=-1).float()


@misconception("alignment")
def takes_the_row_that_read_the_word(weights):
    """You took, for each French word, the row in which it was *read*. By then it was chosen long ago: that row
    chose the next word. This is the off-by-one of the lesson."""
    return weights[..., 1:, :].argmax(dim=-1)


@misconception("alignment")
def keeps_the_row_of_the_end(weights):
    """You have one position too many: the last row chose <end>, which is no word."""
    return weights.argmax(dim=-1)


@misconception("alignment")
def asks_the_columns(weights):
    """You looked down the columns: which French position looks most at each English word. Each French word
    looks along its row, the last axis."""
    return weights[..., :-1, :].argmax(dim=-2)


@misconception("alignment")
def returns_the_largest_share(weights):
    """You returned how large the largest weight is. What is wanted is where it stands."""
    return weights[..., :-1, :].amax(dim=-1)


@misconception("alignment")
def counts_from_one(weights):
    """You counted the English positions from 1. Count from 0, as everywhere in Python."""
    return weights[..., :-1, :].argmax(dim=-1) + 1


@misconception("alignment")
def looks_away(weights):
    """You took the smallest weight of each row. The word that is looked at has the largest."""
    return weights[..., :-1, :].argmin(dim=-1)


@misconception("alignment")
def leaves_the_first_axis_short(weights):
    """You left out the last table, not the last row. Rows are the last axis but one: count from the end."""
    return weights[:-1].argmax(dim=-1)


@misconception("alignment")
def heads_are_averaged(weights):
    """You averaged over the axes in front. Each table has an alignment of its own."""
    return weights.reshape(-1, *weights.shape[-2:]).mean(dim=0)[:-1].argmax(dim=-1)


# alignment_error_rate


def _counts(chosen, gold):
    """For each sentence: words, sure hits, possible hits, all gold links."""
    for positions, links in zip(chosen, gold, strict=True):
        pairs = list(zip(positions, links, strict=True))
        sure = sum(place == right[0] for place, right in pairs)
        yield len(pairs), sure, sum(place in right for place, right in pairs), sum(map(len, links))


def _totals(chosen, gold):
    return [sum(column) for column in zip(*_counts(chosen, gold), strict=True)]


@misconception("alignment_error_rate")
def averages_the_sentences(chosen, gold):
    """You took each sentence's rate and averaged. Then a sentence of two words counts as much as one of twenty: add
    up the counts of all sentences, and divide once."""
    rates = [1 - (sure + possible) / (2 * words) for words, sure, possible, _ in _counts(chosen, gold)]
    return sum(rates) / len(rates)


@misconception("alignment_error_rate")
def is_right_where_it_should_be_wrong(chosen, gold):
    """You returned how much is right. An error rate is what is missing to 1."""
    words, sure, possible, _ = _totals(chosen, gold)
    return (sure + possible) / (2 * words)


@misconception("alignment_error_rate")
def sure_links_only(chosen, gold):
    """You counted sure links only. A link that is possible, though not sure, is half an error."""
    words, sure, _, _ = _totals(chosen, gold)
    return 1 - sure / words


@misconception("alignment_error_rate")
def possible_links_only(chosen, gold):
    """You counted every gold link as right in full. A word's first link is the sure one; another is half an
    error."""
    words, _, possible, _ = _totals(chosen, gold)
    return 1 - possible / words


@misconception("alignment_error_rate")
def the_last_link_is_sure(chosen, gold):
    """You took a word's last gold link as the sure one. It is the first."""
    words, _, possible, _ = _totals(chosen, gold)
    sure = sum(
        place == right[-1]
        for positions, links in zip(chosen, gold, strict=True)
        for place, right in zip(positions, links, strict=True)
    )
    return 1 - (sure + possible) / (2 * words)


@misconception("alignment_error_rate")
def a_sure_link_is_not_possible(chosen, gold):
    """You counted a sure hit as sure only. The sure links are among the possible ones: it counts in both."""
    words, _, possible, _ = _totals(chosen, gold)
    return 1 - possible / (2 * words)


@misconception("alignment_error_rate")
def divides_by_all_gold_links(chosen, gold):
    """You divided by |A| + |P|. It is |A| + |S|: nobody has to find every possible link."""
    words, sure, possible, links = _totals(chosen, gold)
    return 1 - (sure + possible) / (words + links)


@misconception("alignment_error_rate")
def all_gold_links_are_sure(chosen, gold):
    """You took every gold link as sure, so words with several links can never be right in full. Only each word's
    first link is sure."""
    words, _, possible, links = _totals(chosen, gold)
    return 1 - 2 * possible / (words + links)


@misconception("alignment_error_rate")
def divides_by_the_words_once(chosen, gold):
    """You divided by |A| only. Two counts stand above the line, and two below: |A| + |S|."""
    words, sure, possible, _ = _totals(chosen, gold)
    return 1 - (sure + possible) / words


@misconception("alignment_error_rate")
def counts_the_errors(chosen, gold):
    """You returned how many errors there are, not the rate. Divide by |A| + |S|."""
    words, sure, possible, _ = _totals(chosen, gold)
    return words - (sure + possible) / 2
