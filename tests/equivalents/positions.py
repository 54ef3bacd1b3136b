"""Changes of lesson 06's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT = {
    ("add_positions", "return x + positions[:(-x).shape[-2]]"): "only the shape is used",
    ("add_positions", "return x + positions[:(x + x).shape[-2]]"): "only the shape is used",
    ("LearnedPositions", "places = torch.arange(x.shape[-2])"): "on a CPU, all is on the same device",
    ("LearnedPositions", "places = torch.arange((-x).shape[-2], device=x.device)"): "only the shape is used",
    (
        "LearnedPositions",
        "places = torch.arange((x + x).shape[-2], device=x.device)",
    ): "only the shape is used",
    ("LearnedPositions", "places = torch.arange(x.shape[-2], device=(-x).device)"): "only the device is used",
    (
        "LearnedPositions",
        "places = torch.arange(x.shape[-2], device=(x + x).device)",
    ): "only the device is used",
    ("rotary", "seq, d = (-x).shape[-2:]"): "only the shape is used",
    ("rotary", "seq, d = (x + x).shape[-2:]"): "only the shape is used",
    ("rotary", "waves = sinusoidal_positions(seq, d)"): "on a CPU and in float32, there is nothing to move",
    ("rotary", "waves = sinusoidal_positions(seq, d).to(-x)"): "only device and dtype are used",
    ("rotary", "waves = sinusoidal_positions(seq, d).to(x + x)"): "only device and dtype are used",
    (
        "RotaryAttention",
        "scores = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5",
    ): "an exchange has no direction",
}
