"""Changes of lesson 05's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT = {
    ("train_step", "error = ((targets - model(inputs)) ** 2).mean()"): "a square has no sign",
    ("train_step", "model.zero_grad()"): "the optimiser's parameters are the model's",
    (
        "self_attention",
        "scores = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5",
    ): "an exchange has no direction",
    (
        "self_attention",
        "scores = torch.where(attention_mask + attention_mask, scores, torch.finfo(scores.dtype).min)",
    ): "True + True is True",
    (
        "self_attention",
        "weights = torch.where(attention_mask + attention_mask, scores.softmax(dim=-1), 0.0)",
    ): "True + True is True",
    ("is_permutation_equivariant", "before, seq = (f(x), (-x).shape[-2])"): "only the shape is used",
    ("is_permutation_equivariant", "before, seq = (f(x), (x + x).shape[-2])"): "only the shape is used",
    (
        "is_permutation_equivariant",
        "if not torch.allclose(before[..., order, :], f(x[..., order, :]), atol=1e-05):",
    ): "close is mutual, nearly",
}
