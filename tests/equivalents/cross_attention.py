"""Changes of lesson 07's answers that are no mistake: (exercise, the changed statement): why."""

AS_MANY = "each sentence has as many gold entries as words, so there is nothing to be strict about"
SHAPE = "only shape and device are used"

EQUIVALENT = {
    (
        "cross_attention",
        "scores = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5",
    ): "an exchange has no direction",
    ("cross_attention", "token_mask = torch.ones_like((-encoder_states)[..., 0], dtype=torch.bool)"): SHAPE,
    (
        "cross_attention",
        "token_mask = torch.ones_like((encoder_states + encoder_states)[..., 0], dtype=torch.bool)",
    ): SHAPE,
    ("cross_attention", "token_mask = torch.ones_like(encoder_states[..., 1], dtype=torch.bool)"): SHAPE,
    ("cross_attention", "token_mask = torch.ones_like(encoder_states[..., -1], dtype=torch.bool)"): SHAPE,
    ("cross_attention", "real_key = (token_mask + token_mask)[:, None, :]"): "True or True is True",
    ("greedy_decode", "best = step(tokens).argmax()"): "a tensor that holds one number serves as a token",
    ("alignment", "return (weights + weights)[..., :-1, :].argmax(dim=-1)"): "the largest stays the largest",
    ("alignment_error_rate", "for positions, links in zip(chosen, gold):"): AS_MANY,
    ("alignment_error_rate", "for positions, links in zip(chosen, gold, strict=False):"): AS_MANY,
    ("alignment_error_rate", "for position, right in zip(positions, links):"): AS_MANY,
    ("alignment_error_rate", "for position, right in zip(positions, links, strict=False):"): AS_MANY,
}
