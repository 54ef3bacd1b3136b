"""What lesson 06 claims in numbers, each with the test that makes it true."""

CLAIMS = {
    "Not at all.": lambda lesson: lesson["distance"] < 1e-5 < 0.05 < lesson["distance_with_positions"],
    "The order is in, and for every word": lambda lesson: lesson["sees_order"] and lesson["on_apart"] > 0.3,
    "From a quarter to all of them": lambda lesson: (
        0.22 < lesson["accuracies"]["none"] < 0.28 and lesson["accuracies"]["sinusoidal"] > 0.99
    ),
    "The hill is the same everywhere": lambda lesson: (
        abs(lesson["likeness"][10, :20] - lesson["likeness"][30, 20:40]).max() < 1e-3
        and lesson["likeness"][30].argmax() == 30
    ),
    "It ends like the one without any positions, or below": lambda lesson: (
        lesson["accuracies"]["from the web"] < lesson["accuracies"]["none"] + 0.02
        and abs(
            lesson["outcomes"]["from the web"].losses[-50:].mean()
            - lesson["outcomes"]["none"].losses[-50:].mean()
        )
        < 0.1
    ),
    "with numbers never seen": lambda lesson: abs(lesson["in_batches"] - lesson["accuracies"]["none"]) < 0.02,
    "Waves and a learned table solved it": lambda lesson: (
        min(lesson["accuracies"][name] for name in ("sinusoidal", "learned", "rotary and waves")) > 0.99
    ),
    "Hardly more than no positions at all": lambda lesson: 0.25 < lesson["accuracies"]["rotary"] < 0.4,
    "Rotary alone is right at both ends, and almost blind between them": lambda lesson: (
        lesson["right_at"]["rotary"][[0, 15]].min() > 0.95 and lesson["right_at"]["rotary"][1:15].max() < 0.4
    ),
    "right beside the ends it does worse than no positions at all": lambda lesson: (
        lesson["right_at"]["rotary"][[1, 14]].max() < lesson["right_at"]["none"].min() - 0.02
    ),
    "the last pair turns 5,600 times more slowly": lambda lesson: (
        abs(float(lesson["waves"][1, 30].arcsin()) * 5600 - 1) < 0.01
    ),
    "the largest share decides": lambda lesson: (
        (
            lesson["outcomes"]["sinusoidal"].model.weights(lesson["symbols_1000"]).argmax(dim=-1)
            == lesson["torch"].arange(15, -1, -1)
        )
        .double()
        .mean()
        > 0.98
    ),
    "Along each diagonal the key stands equally far behind its query, or ahead: one number": lambda lesson: (
        all(
            float(
                lesson["turned_scores"].diagonal(offset).max()
                - lesson["turned_scores"].diagonal(offset).min()
            )
            < 1e-4
            for offset in range(-7, 8)
        )
    ),
    "At length 16 the three are equal: all right": lambda lesson: (
        min(lesson["by_length"][name][0] for name in ("rotary", "sinusoidal", "learned")) > 0.99
    ),
    "positions fall to guessing": lambda lesson: (lesson["by_length"]["learned"][1:] < 0.16).all(),
    "in rows of 20 they get about what a model without positions gets, in longer ones sometimes more": lambda lesson: (
        abs(lesson["by_length"]["sinusoidal"][1] - lesson["by_length"]["none"][1]) < 0.1
        and (lesson["by_length"]["sinusoidal"] - lesson["by_length"]["none"])[2:].max() > 0.05
        and lesson["by_length"]["sinusoidal"][1:].max() < 0.5
    ),
    'survives. "Three back" looks the same': lambda lesson: lesson["by_length"]["rotary"][-1] > 0.9,
    "the large ones begin to disturb": lambda lesson: lesson["far"][512] < lesson["far"][64] - 0.1,
    "Short rows do not tell": lambda lesson: lesson["not_told"].accuracy > 0.95,
    "By then the shares are fixed": lambda lesson: lesson["too_late"].accuracy < 0.28,
    "they are nearly back where they were": lambda lesson: (
        lesson["apart"]["rounded"] < 0.1 < 1 < lesson["apart"]["right"]
    ),
}
