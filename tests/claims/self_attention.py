"""What lesson 05 claims in numbers, each with the test that makes it true."""

import numpy as np
import torch


def story(lesson: dict, asking: str, answering: str) -> float:
    """The share that one word of the story gives another, with the chosen W_q."""
    return float(lesson["story_weights"][lesson["words"].index(asking), lesson["words"].index(answering)])


CLAIMS = {
    '"sat" scores 0 with "cat"': lambda lesson: lesson["mirror"][2, 1] == 0,
    "Same slopes, but for the error of the nudge": lambda lesson: np.allclose(
        lesson["gradient_of"](lambda w: (w[0] * w[1] - 5) ** 2, torch.tensor([1.0, 2.0])), [-12, -6]
    ),
    "It found 3, -2 and 1.": lambda lesson: (
        np.allclose(lesson["plane"].layer.weight.detach(), [[3, -2]], atol=0.01)
        and np.allclose(lesson["plane"].layer.bias.detach(), 1, atol=0.01)
    ),
    "Is it the attention that everybody uses?": lambda lesson: lesson["largest_difference"] < 1e-4,
    '"sat" looks at "cat", and "cat" much less at "sat"': lambda lesson: (
        story(lesson, "sat", "cat") > 2 * story(lesson, "cat", "sat")
    ),
    "scores that differ by 2 give shares that differ by a factor of about 4": lambda lesson: (
        3.8 < np.exp(2 / np.sqrt(2)) < 4.3
    ),
    "finds the river more than itself": lambda lesson: (
        lesson["bank_weights"][lesson["bank"]].argmax() == lesson["sentence"].index("river")
    ),
    "Same weights, other numbers.": lambda lesson: (
        np.allclose(lesson["learned_weights"], lesson["wanted"], atol=0.03)
        and not np.allclose(
            lesson["learner"].attention.query.weight.T.detach(), lesson["chosen_w_q"], atol=0.5
        )
    ),
    "softmax sees only the differences within\na row of scores": lambda lesson: torch.allclose(
        lesson["self_attention"](
            lesson["story"],
            lesson["learner"].attention.query.weight.T * 2,
            lesson["learner"].attention.key.weight.T / 2,
            torch.eye(3),
        )[1],
        lesson["learned_weights"],
        atol=1e-5,
    ),
    '"sat" scores "cat" exactly as "cat" scores "sat"': lambda lesson: np.array_equal(
        lesson["mirror"], lesson["mirror"].T
    ),
    "it now hands on *noun* and *verb*": lambda lesson: (
        np.abs(np.diff(lesson["module"](lesson["story"])[0].detach().numpy(), axis=0)).max() > 0.1
    ),
    "The last two are the ways out": lambda lesson: (
        list(lesson["verdicts"].values()) == [True, True, False, False, False]
    ),
    "By guessing, a tenth is right.": lambda lesson: abs(lesson["outcome"].losses[0] - np.log(10)) < 0.3,
    "About a quarter, far above a tenth, and no step helps any further.": lambda lesson: (
        0.2 < lesson["outcome"].accuracy < 0.3
        and abs(lesson["outcome"].losses[200:300].mean() - lesson["outcome"].losses[300:].mean()) < 0.03
    ),
    'about a quarter of the cases (the line "knowing which symbols, not where")': lambda lesson: (
        0.22 < lesson["ceiling"] < 0.26 and lesson["outcome"].accuracy < lesson["ceiling"] + 0.02
    ),
    "Wherever a 5 stands, its answer is the same.": lambda lesson: (
        max(map(len, lesson["named_for"].values())) == 1 and len(lesson["named_for"]) == 10
    ),
    "In the next row 5 and 8 are the commonest, four of each.": lambda lesson: (
        np.bincount(lesson["row"][0]).tolist() == [1, 1, 1, 1, 1, 4, 1, 1, 4, 1]
        and lesson["named_for"][5] == {8}
        and lesson["named_for"][8] == {5}
    ),
    "choose W_q, two rows of two numbers, so that every position looks at the one before it": lambda lesson: (
        np.allclose(lesson["clock_outputs"][0][:, 0], [40, 10, 20, 30], atol=1.5)
    ),
    "each between 45 and 55 hundredths": lambda lesson: np.allclose(
        lesson["clock_outputs"][1][:, 0], [25, 15, 25, 35], atol=2
    ),
}
