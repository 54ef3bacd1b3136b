"""What lesson 08 claims in numbers, each with the test that makes it true."""

import math

import torch


def loss_by_place(lesson: dict, name: str) -> torch.Tensor:
    """(SEQ,): the mean loss at each place, on new rows."""
    guessing = __import__("spotlight.guessing", fromlist=["random_rows"])
    rows = guessing.random_rows(500, seed=5)
    with torch.no_grad():
        scores = lesson["outcomes"][name].model(lesson["shift_right"](rows, guessing.START))
    return torch.nn.functional.cross_entropy(scores.transpose(1, 2), rows, reduction="none").mean(dim=0)


FLOOR = math.log(10)

CLAIMS = {
    "pays -ln(1/10) = ln 10 = 2.303, every time": lambda lesson: (
        round(FLOOR, 3) == 2.303 and lesson["FLOOR"] == FLOOR
    ),
    "So without any positions, order leaks in:": lambda lesson: not lesson["goes_along"],
    "Your `leaks` finds all four. (The last position has no future, so it cannot leak.)": lambda lesson: (
        not lesson["leaking"]["causal"].any()
        and all(
            found.tolist() == [True] * 5 + [False]
            for name, found in lesson["leaking"].items()
            if name != "causal"
        )
    ),
    "ends at the floor": lambda lesson: -0.005 < lesson["losses"]["causal"] - FLOOR < 0.01,
    "are near a sixteenth of the floor, 0.144. They read the answer at 15 of 16 places": lambda lesson: (
        round(FLOOR / 16, 3) == 0.144
        and all(0.13 < lesson["losses"][name] < 0.2 for name in ("no mask", "one too far"))
        and loss_by_place(lesson, "no mask")[:15].max() < 0.05
    ),
    "and most near the end": lambda lesson: (
        loss_by_place(lesson, "standardised first")[14] + 0.3
        < loss_by_place(lesson, "standardised first")[:12].min()
        and lesson["losses"]["standardised first"] < 1.8
    ),
    "is clearly below the floor too": lambda lesson: lesson["losses"]["zeros after softmax"] < FLOOR - 0.15,
    "After some symbols nearly everything is left, after others hardly anything.": lambda lesson: (
        float(lesson["left"].max()) > 0.9 > 0.1 > float(lesson["left"].min())
    ),
    "on new rows, is 1.7. What is it?": lambda lesson: lesson["losses"]["zeros after softmax"] < FLOOR > 1.7,
    "Scores 1 and 3 at temperature 0.5 become 2 and 6": lambda lesson: (1 / 0.5, 3 / 0.5) == (2, 6),
    "130 of them": lambda lesson: len(set(lesson["text"]().splitlines())) == 130,
    "(31 different ones)": lambda lesson: len(lesson["writer"].alphabet) == 31,
    "It writes in the manner of its text": lambda lesson: (
        lesson["written"].loss_on_kept_back < 1.2
        and lesson["guessing"] > 3.4
        and lesson["real"][0.3] > 0.85
        and lesson["samples"][0.3].count(".\nThe") >= 2
    ),
    "Cold, its words are right, and it repeats itself. Hot, it makes up words": lambda lesson: (
        lesson["real"][0.3] > 0.85
        and lesson["real"][0.3] - 0.15 > lesson["real"][1.5] > lesson["real"][3.0] + 0.15
    ),
    "By its loss, this is by far the better model": lambda lesson: (
        lesson["cheat"].loss_on_kept_back < 0.25 * lesson["written"].loss_on_kept_back
    ),
    "And it cannot write.": lambda lesson: (
        sum(word in lesson["vocabulary"] for word in lesson["cheats_text"].split()[2:])
        < 0.5 * len(lesson["cheats_text"].split()[2:])
    ),
    "Three ways, the same output.": lambda lesson: lesson["largest_difference"] < 1e-4,
    "The longer the text, the larger the gain": lambda lesson: lesson["speed_up"] > 3,
    "A loss of nearly 0, and `leaks` finds nothing": lambda lesson: (
        lesson["unshifted"].loss < 0.05 and not lesson["unshifted_leaks"]
    ),
    "and the past has shares of exactly 0 before you divide. Then 0 / 0 is nan.": lambda lesson: bool(
        lesson["divided_again"].isnan().all()
        and lesson["shares"].eq(0).all()
        and torch.allclose(lesson["masked_before"].sum(), torch.tensor(1.0))
    ),
    '"chat" cannot see "cat".': lambda lesson: "cat" not in lesson["may_see"]["chat"],
}
