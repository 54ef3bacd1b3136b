"""Changes of lesson 09's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT: dict[tuple[str, str], str] = {}
