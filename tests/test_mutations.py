"""Each reference answer with one thing changed is refused, or the change makes no difference.

A survivor that is not in the table is a check that is missing, or a new line for the table with its reason.
`python tests/mutations.py EXERCISE` prints them all.
"""

import pytest
from mutations import Judging, mutants, written_exercises

from autograder import keys

# (exercise, the changed statement): why it is no mistake.
EQUIVALENT = {
    ("encode", "hidden = np.zeros((len(-tokens), len(bias)))"): "only the length is used",
    ("encode", "hidden = np.zeros((len(tokens + tokens), len(bias)))"): "only the length is used",
    ("encode", "hidden = np.zeros((len(lengths), len(bias)))"): "there are as many lengths as sentences",
    ("encode", "hidden = np.zeros((len(tokens), len(-bias)))"): "only the length is used",
    ("encode", "hidden = np.zeros((len(tokens), len(bias + bias)))"): "only the length is used",
    ("encode", "hidden = np.zeros((len(tokens), len(w_hidden)))"): "as many rows as the bias has numbers",
    ("encode", "for position in range((-tokens).shape[1]):"): "only the shape is used",
    ("encode", "for position in range((tokens + tokens).shape[1]):"): "only the shape is used",
    ("accuracy_by_length", "return (different, accuracy)"): "a list of the same numbers",
    ("hard_lookup", "scores = (keys + keys) @ query"): "all scores doubled: the same is the largest",
    ("hard_lookup", "scores = keys @ (query + query)"): "all scores doubled: the same is the largest",
    ("dot_product_scores", "return queries @ np.swapaxes(keys, -2, -1)"): "an exchange has no direction",
    (
        "additive_scores",
        "from_queries = (queries @ w_query)[:, ..., None, :]",
    ): "the same axis, named from the front",
    ("token_mask", "return np.arange(seq) < lengths[:, np.newaxis]"): "the lengths are an array already",
    ("masked_softmax", "removed = np.finfo((-scores).dtype).min"): "only the dtype is used",
    ("masked_softmax", "removed = np.finfo((scores + scores).dtype).min"): "only the dtype is used",
    (
        "masked_softmax",
        "weights = softmax(np.where(attention_mask + attention_mask, scores, removed))",
    ): "True + True is True",
    ("masked_softmax", "return np.where(attention_mask + attention_mask, weights, 0)"): "True + True is True",
    ("score_statistics", "scores = dot_product_scores(keys, queries)"): "the same scores, turned",
    (
        "score_statistics",
        "return (scores.mean(), float(scores.var()))",
    ): "a NumPy number is a number",
    ("score_statistics", "return (float(scores.mean()), scores.var())"): "a NumPy number is a number",
    **{
        (
            "scaled_dot_product_attention",
            f"scores = dot_product_scores(queries, keys) / np.sqrt({array}.shape[-1])",
        ): "only the size is used, and keys have the same"
        for array in ("(-queries)", "(queries + queries)", "keys")
    },
    (
        "scaled_dot_product_attention",
        "weights = softmax(scores) if attention_mask is None "
        "else masked_softmax(scores, attention_mask + attention_mask)",
    ): "True + True is True",
    **{
        ("numerical_gradient", f"gradient = np.{made}"): "every place is written later"
        for made in ("ones_like(x)", "zeros_like(-x)", "zeros_like(x + x)")
    },
    **{
        ("numerical_gradient", f"for place in np.ndindex({array}.shape):"): "only the shape is used"
        for array in ("(-x)", "(x + x)")
    },
    **{
        (
            "attention_backward",
            f"_, weights = scaled_dot_product_attention(queries, keys, {values})",
        ): "only the weights are used"
        for values in ("-values", "values + values", "keys")
    },
    **{
        ("attention_backward", line): "an exchange has no direction"
        for line in (
            "grad_values = np.swapaxes(weights, -2, -1) @ grad_output",
            "grad_weights = grad_output @ np.swapaxes(values, -2, -1)",
            "return (grad_products @ keys, np.swapaxes(grad_products, -2, -1) @ queries, grad_values)",
        )
    },
    **{
        (
            "attention_backward",
            f"grad_products = softmax_backward(weights, grad_weights) / np.sqrt({array}.shape[-1])",
        ): "only the size is used, and keys have the same"
        for array in ("(-queries)", "(queries + queries)", "keys")
    },
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
    ("add_positions", "return x + positions[:(-x).shape[-2]]"): "only the shape is used",
    ("add_positions", "return x + positions[:(x + x).shape[-2]]"): "only the shape is used",
    ("LearnedPositions", "places = torch.arange(x.shape[-2])"): "on a CPU, all is on the same device",
    ("LearnedPositions", "places = torch.arange((-x).shape[-2], device=x.device)"): "only the shape is used",
    ("LearnedPositions", "places = torch.arange((x + x).shape[-2], device=x.device)"): "only the shape is used",
    ("LearnedPositions", "places = torch.arange(x.shape[-2], device=(-x).device)"): "only the device is used",
    ("LearnedPositions", "places = torch.arange(x.shape[-2], device=(x + x).device)"): "only the device is used",
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

WRITTEN = {exercise.name: (stem, exercise) for stem, exercise in written_exercises()}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_reference_with_one_thing_changed_is_refused(name):
    stem, exercise = WRITTEN[name]
    judging = Judging(stem, exercise)
    every = list(mutants(stem, name))
    assert len(every) >= 8
    survived = {(name, mutant.now) for mutant in every if judging.refused_by(mutant.code) is None}
    assert survived == {each for each in EQUIVALENT if each[0] == name}


def test_every_line_of_the_table_is_about_an_exercise():
    assert {name for name, _ in EQUIVALENT} <= set(WRITTEN)


def test_a_missing_check_lets_a_mutant_survive(tiny_course):
    exercise = keys.exercises("blend")["centre"]
    changed = {mutant.now: mutant.code for mutant in mutants("blend", "centre")}
    from_the_front = changed["return rows - rows.mean(axis=1, keepdims=True)"]
    assert Judging("blend", exercise).refused_by(from_the_front) == "there_may_be_many_rows"
    del exercise.checks[1]
    assert Judging("blend", exercise).refused_by(from_the_front) is None


def test_a_module_is_changed_in_what_the_learner_writes_only(tiny_course):
    made = list(mutants("blend", "Blend"))
    assert len(made) >= 8
    assert all(mutant.was.startswith(("queries =", "powers =", "return")) for mutant in made)
    judging = Judging("blend", keys.exercises("blend")["Blend"])
    assert judging.refused_by(keys.load_solutions("blend").Blend) is None
    survived = {mutant.now for mutant in made if judging.refused_by(mutant.code) is None}
    assert survived == {"powers = torch.exp(queries @ queries.transpose(-2, -1))"}


def test_a_mutant_that_never_ends_is_refused(tiny_course, monkeypatch):
    import mutations

    def centre(rows):
        while True:
            pass

    monkeypatch.setattr(mutations, "SECONDS", 0.1)
    assert Judging("blend", keys.exercises("blend")["centre"]).refused_by(centre) == "time"


def test_each_mutant_differs_from_the_reference_and_from_each_other(tiny_course):
    for name in ("centre", "spread", "Blend"):
        made = [(mutant.was, mutant.now) for mutant in mutants("blend", name)]
        assert len(made) == len(set(made)) and all(was != now for was, now in made)
