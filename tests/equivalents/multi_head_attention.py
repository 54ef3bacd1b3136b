"""Changes of lesson 09's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT = {
    ("split_heads", "batch, seq, d_model = (-x).shape"): "only the shape is used",
    ("split_heads", "batch, seq, d_model = (x + x).shape"): "only the shape is used",
    (
        "split_heads",
        "return x.reshape(batch, seq, num_heads, d_model // num_heads).transpose(2, 1)",
    ): "an exchange has no direction",
    ("merge_heads", "return x.transpose(2, 1).flatten(-2)"): "an exchange has no direction",
    ("merge_heads", "return x.transpose(1, 2).flatten(2)"): "of four axes, the last but one is axis 2",
    (
        "MultiHeadAttention",
        "scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5",
    ): "an exchange has no direction",
    (
        "MultiHeadAttention",
        "scores = q @ k.transpose(2, -1) / q.shape[-1] ** 0.5",
    ): "of four axes, the last but one is axis 2",
    (
        "MultiHeadAttention",
        "attention_mask = torch.ones_like(scores[:, -1], dtype=torch.bool)",
    ): "only the shape is used",
    ("MultiHeadAttention", "may = (attention_mask + attention_mask).unsqueeze(-3)"): "True + True is True",
    (
        "to_pytorch_mask",
        "return ~(attention_mask + attention_mask).repeat_interleave(num_heads, dim=0)",
    ): "True + True is True",
}
