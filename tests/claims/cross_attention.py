"""What lesson 07 claims in numbers, each with the test that makes it true."""


def most_often_at(lesson, word):
    names = [english for english, _ in lesson["looked_at"][word]]
    return max(set(names), key=names.count)


def share_at(lesson, word, wanted):
    names = [english for english, _ in lesson["looked_at"][word]]
    return sum(name == wanted for name in names) / len(names)


CLAIMS = {
    "In lesson 01 a network read a row of symbols, kept *one* vector": lambda lesson: (
        lesson["before"][0] > 0.95 and lesson["before"][39] < 0.3
    ),
    "Same size, same task, same plot: all right, at every length.": lambda lesson: (
        lesson["after"].min() > 0.99
    ),
    "It looks at the place that it is about to write": lambda lesson: (
        lesson["copy_weights"].argmax(dim=-1).tolist() == list(range(8))
        and lesson["copy_weights"].diagonal().mean() > 0.7
    ),
    "The vector that had to carry everything is not missed now": lambda lesson: (
        lesson["without"]["last"].min() > 0.99
    ),
    "Without the states, the network guesses": lambda lesson: (
        abs(lesson["without"]["states"][19:].mean() - 0.1) < 0.03
    ),
    "it need not run from top left to bottom right": lambda lesson: (
        lesson["toy_weights"].shape == (1, 3, 6)
        and lesson["toy_weights"][0].argmax(dim=-1).tolist() == [1, 2, 5]
    ),
    "With one vector, hardly a sentence comes out whole, not even a short one": lambda lesson: (
        lesson["right"]["one vector"].mean() < 0.02 and lesson["by_bucket"]["one vector"][0] < 0.1
    ),
    "With attention more than half do": lambda lesson: lesson["right"]["with attention"].mean() > 0.53,
    "Long ones come out whole less often": lambda lesson: (
        lesson["by_bucket"]["with attention"][-1] < lesson["by_bucket"]["with attention"][0] - 0.2
    ),
    "`translator.translate` is greedy too": lambda lesson: all(
        lesson["translate"](lesson["with_attention"], pair.source)
        == lesson["with_attention"].translate([pair.source])[0]
        for pair in lesson["examined"][:20]
    ),
    'French puts "noir" after the noun': lambda lesson: lesson["chat_noir"][:3] == ["le", "chat", "noir"],
    "Much nearer than the diagonal": lambda lesson: (
        lesson["aer"]["attention"] < 0.13 < 0.3 < lesson["aer"]["diagonal"] < lesson["aer"]["identity"]
    ),
    '"n\'" looks at "did"': lambda lesson: most_often_at(lesson, "n'") == "did",
    '"papa" looks at the *comma* behind "dad", every time or nearly': lambda lesson: (
        share_at(lesson, "papa", ",") > 0.8 and lesson["share_off"]["papa"] > 0.8
    ),
    "Far worse than knowing nothing": lambda lesson: (
        lesson["aer"]["row below"] > 0.75 > lesson["aer"]["identity"] + 0.1
    ),
    "A map can be drawn for a decoder that never looks at the English": lambda lesson: (
        lesson["moves"]["keys_from_the_decoder"] == 0 and lesson["moves"]["keys_from_the_encoder"] > 0.1
    ),
}
