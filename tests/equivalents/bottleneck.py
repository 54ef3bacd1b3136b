"""Changes of lesson 01's answers that are no mistake: (exercise, the changed statement): why."""

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
}
