"""Changes of lesson 07's answers that are no mistake: (exercise, the changed statement): why."""

EQUIVALENT: dict = {}
