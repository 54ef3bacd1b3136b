"""Changes of lesson 03's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT = {
    ("token_mask", "return np.arange(seq) < lengths[:, np.newaxis]"): "the lengths are an array already",
    ("masked_softmax", "removed = np.finfo((-scores).dtype).min"): "only the dtype is used",
    ("masked_softmax", "removed = np.finfo((scores + scores).dtype).min"): "only the dtype is used",
    (
        "masked_softmax",
        "weights = softmax(np.where(attention_mask + attention_mask, scores, removed))",
    ): "True + True is True",
    ("masked_softmax", "return np.where(attention_mask + attention_mask, weights, 0)"): "True + True is True",
}
