"""Changes of lesson 02's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT = {
    ("hard_lookup", "scores = (keys + keys) @ query"): "all scores doubled: the same is the largest",
    ("hard_lookup", "scores = keys @ (query + query)"): "all scores doubled: the same is the largest",
    ("dot_product_scores", "return queries @ np.swapaxes(keys, -2, -1)"): "an exchange has no direction",
    (
        "additive_scores",
        "from_queries = (queries @ w_query)[:, ..., None, :]",
    ): "the same axis, named from the front",
}
