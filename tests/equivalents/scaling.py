"""Changes of lesson 04's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT = {
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
}
