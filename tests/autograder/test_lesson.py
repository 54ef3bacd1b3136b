"""An author's mistakes in a lesson's text: one sentence each, and its file and line are right."""

import pytest
from fixtures.authored import FIRST, SECOND, Desk, Mistake

LESSON, NEXT = f"course/lessons/{FIRST}.md", f"course/lessons/{SECOND}.md"
CODE = "```{code-cell} python\n"


IN_THE_TEXT = {
    "unknown exercise": Mistake(
        LESSON, ":exercise: pair", ":exercise: pear", CODE + ":exercise: pear", "no exercise `pear` in"
    ),
    "unknown option": Mistake(
        LESSON, ":importance: 5", ":important: 5", ":important:", "unknown option `important`"
    ),
    "unknown tag": Mistake(LESSON, "[experiment]", "[experimnet]", "experimnet", "unknown tag `experimnet`"),
    "tags that are no list": Mistake(LESSON, "[experiment]", "experiment", ":tags:", "`tags` is a list"),
    "option twice": Mistake(LESSON, ":difficulty: 2", ":importance: 2", ":importance: 5", "twice"),
    "unreadable option": Mistake(LESSON, "[experiment]", "[experiment", ":tags:", "`tags` cannot be read"),
    "option without effect": Mistake(
        LESSON,
        ":tags: [experiment]",
        ":difficulty: 3",
        CODE + ":difficulty: 3\nrow",
        "`difficulty` means nothing",
    ),
    "tags of an exercise": Mistake(
        LESSON,
        ":exercise: pair",
        ":exercise: pair\n:tags: [see]",
        CODE + ":exercise: pair",
        "`tags` means nothing",
    ),
    "exercise without a name": Mistake(
        LESSON, ":exercise: pair", ":exercise:", ":exercise:\n", "name of an exercise"
    ),
    "difficulty out of range": Mistake(
        LESSON, ":difficulty: 2", ":difficulty: 7", ":difficulty: 7", "from 1 to 5, not 7"
    ),
    "difficulty in words": Mistake(
        LESSON, ":difficulty: 2", ":difficulty: hard", ": hard", "from 1 to 5, not 'hard'"
    ),
    "exercise with two cells": Mistake(
        LESSON,
        ":exercise: pair",
        ":exercise: centre",
        CODE + ":exercise: centre\n```",
        "`centre` has a cell already",
    ),
    "cell that is not empty": Mistake(
        LESSON, ":exercise: pair", ":exercise: pair\n\npair = 1", "pair = 1", "`pair` must be empty"
    ),
    "syntax error in a cell": Mistake(LESSON, "print(row", "print((row", "print((row", "not Python"),
    "syntax error below blank lines": Mistake(
        LESSON, "row = np", "\n\nrow == = np", "row == =", "not Python"
    ),
    "unclosed fence": Mistake(
        LESSON,
        "print(row.mean())\n```",
        "print(row.mean())",
        CODE + ":exercise: centre",
        "inside a code cell",
    ),
    "last fence unclosed": Mistake(
        LESSON, ":exercise: letter\n```", ":exercise: letter", CODE + ":exercise: letter", "is not closed"
    ),
    "fence inside a code cell": Mistake(
        LESSON,
        "print(row.mean())",
        "print('''\n```python\n''')",
        "```python\n''')",
        "a fence inside a code cell",
    ),
    "code cell in a line of text": Mistake(
        LESSON, "Now a class.\n\n```{", "Now a class. ```{", "Now a class.", "must start its line"
    ),
    "indented code cell": Mistake(
        LESSON, "Now a class.\n\n```{", "Now a class.\n\n  ```{", "  ```{", "must start its line"
    ),
    "code cell with a space": Mistake(
        LESSON, "Now a class.\n\n```{", "Now.\n\n``` {", "``` {", "only ```{code-cell}"
    ),
    "misspelt code cell": Mistake(
        LESSON, "class.\n\n```{code-cell}", "class.\n\n```{codecell}", "{codecell}", "only ```{code-c"
    ),
    "colon fence": Mistake(
        LESSON, "Now a class.", ":::{note}\nNow a class.\n:::", ":::{note}", "`:::` is not understood"
    ),
    "missing front matter field": Mistake(
        LESSON, "question: Where is the middle?\n", "", "---\ntitle", "no `question`"
    ),
    "empty front matter field": Mistake(LESSON, "title: Shift", "title:", "---\ntitle", "no `title`"),
    "no front matter": Mistake(
        LESSON, "---\ntitle: Shift", "title: Shift", "title: Shift", "no front matter"
    ),
    "unreadable front matter": Mistake(LESSON, "title: Shift", "title: [Shift", "question", "cannot be read"),
    "minutes in words": Mistake(
        LESSON, "minutes: 10", "minutes: ten", "minutes: ten", "a whole number, not 'ten'"
    ),
    "given of an unknown exercise": Mistake(
        NEXT, ":given: centre", ":given: center", CODE + ":given: center", "no exercise `center` to give"
    ),
    "given of an own exercise": Mistake(
        NEXT,
        ":given: centre",
        ":given: spread",
        CODE + ":given: spread",
        "lesson spread, which is not an earlier one",
    ),
    "given of a later exercise": Mistake(
        LESSON,
        ":tags: [experiment]\nrow",
        ":given: spread\n```\n\n```{code-cell} python\nrow",
        CODE + ":given: spread",
        "lesson spread, which is not an earlier one",
    ),
    "given twice": Mistake(
        NEXT,
        "## Exercise",
        CODE + ":given: centre\n```\n\n## Exercise",
        CODE + ":given: centre",
        "has a cell already",
    ),
}


@pytest.mark.parametrize("name", IN_THE_TEXT)
def test_a_mistake_in_the_text_stops_the_build(desk: Desk, name: str) -> None:
    desk.suffers(IN_THE_TEXT[name])
