"""What lesson 09 claims in numbers, each with the test that makes it true."""

import numpy as np


def both(lesson: dict, num_heads: int) -> float:
    """The share of places with both names right."""
    return lesson["outcomes"][num_heads].accuracy


def sides(lesson: dict, model: object) -> list[float]:
    """What is right on the worse and on the better side."""
    return sorted(lesson["each_side"](model))


def looked_at(lesson: dict, sentence: str, head: int) -> str:
    """The word that "bank" gives most."""
    words = sentence.split()
    return words[int(lesson["bank_weights"][sentence][head, words.index("bank")].argmax())]


def of_an_empty_row(lesson: dict) -> bool:
    """What PyTorch's class gives where nothing may be attended to, with weights and without."""
    torch, mine, theirs = lesson["torch"], lesson["mine"], lesson["theirs"]
    may = lesson["may_attend"].clone()
    may[1, 2] = False
    given = lesson["queries"], lesson["others"], lesson["others"]
    mask = lesson["to_pytorch_mask"](may, 4)
    with torch.no_grad():
        asked, silent = (theirs(*given, attn_mask=mask, need_weights=need)[0] for need in (True, False))
        return bool(asked[1, 2].isnan().all()) and torch.allclose(silent, mine(*given, may)[0], atol=1e-5)


def padding_agrees(lesson: dict) -> bool:
    """Does PyTorch's mask for padding, flipped, do what ours does?"""
    torch = lesson["torch"]
    given = lesson["queries"], lesson["others"], lesson["others"]
    real = torch.arange(7) < torch.tensor([[4], [6]])  # (batch, seq_k)
    with torch.no_grad():
        theirs = lesson["theirs"](*given, key_padding_mask=~real)[0]
        return torch.allclose(theirs, lesson["mine"](*given, real[:, None])[0], atol=1e-5)


CLAIMS = {
    "But a sum keeps no record of what came from where.": lambda lesson: (
        np.array_equal(lesson["cat_on_mat"], lesson["mat_on_cat"])
        and not np.array_equal(lesson["cat"], lesson["mat"])
    ),
    "Four matrices, 32 × 32, whatever the number of heads": lambda lesson: (
        set(lesson["sizes"].values()) == {4 * (32 * 32 + 32)}
    ),
    'the second one finds "loan". In the other sentence, the first one finds "river"': lambda lesson: (
        looked_at(lesson, "The bank loan was peaceful", 1) == "loan"
        and looked_at(lesson, "The bank by the river was peaceful", 0) == "river"
    ),
    "With the mask translated, both agree but for rounding": lambda lesson: (
        max(lesson["differences"]["translated"]) < 1e-5 and min(lesson["differences"]["as it is"]) > 0.1
    ),
    "PyTorch 2.13 gives nan there; if you do not, its heads bring 0, as yours do": of_an_empty_row,
    "For padding, `key_padding_mask=~token_mask` does the same.": padding_agrees,
    "all have the same size": lambda lesson: (
        {outcome.parameters for outcome in lesson["outcomes"].values()} == {5204}
    ),
    "**One head** names one side well and almost guesses the other.": lambda lesson: (
        both(lesson, 1) < 0.3
        and sides(lesson, lesson["outcomes"][1].model)[0] < 0.3
        and sides(lesson, lesson["outcomes"][1].model)[1] > 0.8
    ),
    "**Two heads** name everything rightly.": lambda lesson: both(lesson, 2) > 0.99,
    "**Four and eight** do too.": lambda lesson: min(both(lesson, 4), both(lesson, 8)) > 0.97,
    "**Thirty-two** are worse than two, after the same training.": lambda lesson: both(lesson, 32) < 0.5,
    "Six times the parameters do not replace a second look.": lambda lesson: (
        lesson["large_one"].parameters == 18_580
        and 5.8 < lesson["large_one"].parameters / lesson["small_two"].parameters < 6.2
        and lesson["large_one"].accuracy < 0.3
        and lesson["small_two"].accuracy > 0.95
    ),
    "one head leans to the left and the other to the right": lambda lesson: (
        lesson["looks_2"].argmax(axis=0).tolist() in ([0, 1], [1, 0])
        and lesson["looks_2"].max(axis=0).min() > 0.4
    ),
    "names on its side fall to guessing, and the other side hardly suffers": lambda lesson: all(
        lesson["left_2"][head, side] < 0.2 and lesson["left_2"][head, 1 - side] > 0.85
        for head, side in enumerate(lesson["looks_2"].argmax(axis=1))
    ),
    "The head that is missed least looks at the neighbours too, and almost nothing is lost without it": lambda lesson: (
        lesson["looks_8"][lesson["least"][0]].sum() > 0.3
        and lesson["outcomes"][8].accuracy - lesson["alone"].max() < 0.05
    ),
    "five heads that cost little one by one cost more at once than their losses added up": lambda lesson: (
        lesson["outcomes"][8].accuracy - lesson["together"] > lesson["losses_alone"].sum() + 0.01
    ),
    "About four fifths": lambda lesson: 0.75 < lesson["torn"].accuracy < 0.85,
    "Places 5 and 6 sit on either side of the tear, and each misses one neighbour": lambda lesson: (
        lesson["at_place"][[4, 5]].max() < 0.2 and np.delete(lesson["at_place"], [4, 5]).min() > 0.95
    ),
    "the shares too even": lambda lesson: lesson["largest"]["d_model"] < lesson["largest"]["head_dim"] - 0.05,
    "Head 0 sees the first key only, whoever asks, and head 3 lets everybody see everything": lambda lesson: (
        lesson["in_front"][0, 0].int().tolist() == [[1, 0, 0, 0]] * 4 and bool(lesson["in_front"][0, 3].all())
    ),
}
