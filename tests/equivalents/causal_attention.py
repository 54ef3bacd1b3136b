"""Changes of lesson 08's answers that are no mistake: (exercise, the changed statement): why."""

SHAPE = "only the shape is used"
DEVICE = "only the device is used"
ALIKE = "True + True is True"

EQUIVALENT = {
    ("combine_masks", "return causal + causal & token_mask[:, None, :]"): ALIKE,
    ("combine_masks", "return causal & (token_mask + token_mask)[:, None, :]"): ALIKE,
    (
        "causal_self_attention",
        "attention_mask = causal_mask(x.shape[-2])",
    ): "on a CPU, all is on the same device",
    ("causal_self_attention", "attention_mask = causal_mask((-x).shape[-2]).to(x.device)"): SHAPE,
    ("causal_self_attention", "attention_mask = causal_mask((x + x).shape[-2]).to(x.device)"): SHAPE,
    ("causal_self_attention", "attention_mask = causal_mask(x.shape[-2]).to((-x).device)"): DEVICE,
    ("causal_self_attention", "attention_mask = causal_mask(x.shape[-2]).to((x + x).device)"): DEVICE,
    ("causal_self_attention", "attention_mask = causal_mask(x.shape[-2]).to(w_q.device)"): DEVICE,
    ("causal_self_attention", "attention_mask = causal_mask(x.shape[-2]).to(w_k.device)"): DEVICE,
    ("causal_self_attention", "attention_mask = causal_mask(x.shape[-2]).to(w_v.device)"): DEVICE,
    (
        "causal_self_attention",
        "attention_mask = combine_masks(attention_mask, token_mask + token_mask)",
    ): ALIKE,
    ("shift_right", "before_the_first = torch.full_like((-tokens)[:, :1], start)"): SHAPE,
    ("shift_right", "before_the_first = torch.full_like((tokens + tokens)[:, :1], start)"): SHAPE,
    ("leaks", "for i in range((-x).shape[-2]):"): SHAPE,
    ("leaks", "for i in range((x + x).shape[-2]):"): SHAPE,
    (
        "leaks",
        "changed = torch.cat([x[:, :i + 1], torch.randn_like((-x)[:, i + 1:])], dim=1)",
    ): SHAPE,
    (
        "leaks",
        "changed = torch.cat([x[:, :i + 1], torch.randn_like((x + x)[:, i + 1:])], dim=1)",
    ): SHAPE,
    (
        "leaks",
        "seen.append(not torch.allclose(before[:, i], f(changed)[:, i], atol=1e-05))",
    ): "a difference has no direction",
    (
        "leaks",
        "seen.append(not torch.allclose(f(changed)[:, i], before[:, i]))",
    ): "beside numbers of about 1, allclose allows a hundred-thousandth by itself",
    ("leaks", "return seen"): "a list of truth values will do",
    ("generate", "shares = (step(tokens) / temperature).softmax(dim=-0)"): "scores have one axis",
    ("generate", "tokens.append(choose(shares))"): "a tensor of one number is a number too",
    ("attend_with_cache", "keys = torch.cat([(cache + cache)[0], keys], dim=1)"): "the first pair is used",
    (
        "attend_with_cache",
        "values = torch.cat([(cache + cache)[1], values], dim=1)",
    ): "the first pair is used",
    (
        "attend_with_cache",
        "scores = query @ keys.transpose(-1, -2) / query.shape[-1] ** 0.5",
    ): "an exchange has no direction",
}
