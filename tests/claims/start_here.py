"""What lesson 00 claims in numbers, each with the test that makes it true."""

import numpy as np

CLAIMS = {
    "Three words, five numbers each": lambda lesson: lesson["x"].shape == (3, 5),
    '"cat" is a noun and an animal, "sat" is a verb': lambda lesson: (
        lesson["x"][1].tolist() == [1, 0, 1, 0, 0] and lesson["x"][2].tolist() == [0, 1, 0, 0, 0]
    ),
    "from `(3, 5)`, one total a word": lambda lesson: (
        lesson["x"].shape == (3, 5) and lesson["x"].sum(axis=-1).shape == (3,)
    ),
    "The axis that you name is added up, and it is gone": lambda lesson: lesson["summed"].shape == (3, 4),
    "With 1, 3 and 4 seconds, the shares are 1/8, 3/8 and 4/8": lambda lesson: np.allclose(
        lesson["shares"][0], [1 / 8, 3 / 8, 4 / 8]
    ),
    'Reader 1 looks at "sat" for half of the time': lambda lesson: np.isclose(lesson["shares"][0, 2], 0.5),
    "`(7, 2, 3) @ (7, 3, 5)` is `(7, 2, 5)`": lambda lesson: (
        (np.ones((7, 2, 3)) @ np.ones((7, 3, 5))).shape == (7, 2, 5)
    ),
    "the first column by the total of the first row": lambda lesson: np.allclose(
        lesson["careless"][:, 0], lesson["square"][:, 0] / lesson["square"][0].sum()
    ),
    "`x /= 2` changes the array of whoever called your function": lambda lesson: (
        lesson["mine"].tolist() == [1.0, 2.0]
    ),
}
