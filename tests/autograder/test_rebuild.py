"""The release notebook with a submission's answers: structure and notes of every case; none is run."""

import copy
import json
from random import Random
from typing import Any

import nbformat
import pytest
from fixtures.holds import holds
from submissions.making import FULL, LESSON, RIGHT, WRONG, Case, Work, all_cases

from autograder.course import COURSE
from autograder.nbgrader_steps import NOTES, rebuilt_from
from autograder.rebuild import defines, rebuild, role
from autograder.submission import read_submission


@pytest.fixture(scope="module")
def release() -> nbformat.NotebookNode:
    return nbformat.read(COURSE / "release" / LESSON / f"{LESSON}.ipynb", 4)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_every_case_has_the_outcome_and_the_notes_that_it_names(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = nbformat.read(COURSE / "release" / case.lesson / f"{case.lesson}.ipynb", 4)
    for name, value in case.limits.items():
        monkeypatch.setattr(name, value)
    before = copy.deepcopy(release)
    notebook = rebuilt_from(case.file(), release)
    assert release == before
    about = notebook.metadata[NOTES]
    assert about["outcome"] == case.outcome
    assert bool(about["notes"]) == (case.outcome != "graded")
    for words in case.says:
        assert any(words in note for note in about["notes"]), about["notes"]
    for note in about["notes"]:
        assert (note[0].isupper() or note[0].isdigit()) and note.endswith((".", "?")), f"no sentence: {note}"
        assert "grade_id" not in note and "metadata" not in note
    holds(notebook, release)


def mutated(value: Any, random: Random, chance: float) -> Any:
    """JSON in which some parts were replaced by other kinds of parts, left out or doubled."""
    if random.random() < chance:
        odd = [None, True, -1, 1e300, "", "softmax", "code", [], {}, ["def softmax(x): pass"], {"source": 1}]
        return random.choice(odd)
    if isinstance(value, dict):
        return {
            key: mutated(each, random, chance) for key, each in value.items() if random.random() >= chance
        }
    if isinstance(value, list):
        items = [mutated(each, random, chance) for each in value if random.random() >= chance]
        return items + random.sample(items, k=min(len(items), int(random.random() < 3 * chance)))
    return value


def test_no_mutation_of_a_notebook_stops_the_rebuilding(release: nbformat.NotebookNode) -> None:
    content = Work().content
    named = {"title", "imports", "softmax", "softmax-check", "token_mask", "token_mask-check", "zero_score"}
    tagged = [
        cell for cell in release.cells if cell.id in named or "predict" in cell.metadata.get("tags", [])
    ]
    small = nbformat.from_dict(release | {"cells": tagged})
    content["cells"] = [cell for cell in content["cells"] if cell["id"] in {each.id for each in tagged}]
    before = copy.deepcopy(small)
    for seed in range(1500):
        random = Random(seed)
        odd = mutated(content, random, random.choice([0.002, 0.01, 0.05]))
        if isinstance(odd, dict) and isinstance(odd.get("cells"), list):
            random.shuffle(odd["cells"])
        submission = read_submission(json.dumps(odd).encode())
        holds(rebuild(small, submission).notebook, small)
    assert small == before


def test_an_untouched_submission_gives_the_release_back(release: nbformat.NotebookNode) -> None:
    rebuilt = rebuild(release, read_submission(Work(solved=False).saved()))
    assert rebuilt.notebook == release and not rebuilt.notes


def order(work: Work, release: nbformat.NotebookNode) -> list[str]:
    """The sources of the cells around `token_mask`, each by a short name."""
    notebook = rebuild(release, read_submission(work.saved())).notebook
    known = {RIGHT.strip(): "right", WRONG.strip(): "wrong", 'check("token_mask")': "check"}
    return [known[cell.source.strip()] for cell in notebook.cells if cell.source.strip() in known]


def test_copies_keep_their_order_and_their_side_of_the_check(release: nbformat.NotebookNode) -> None:
    work = Work()
    work.write("token_mask", WRONG)
    work.copy_of("token_mask", RIGHT, below="token_mask")
    work.copy_of("token_mask", WRONG, below="token_mask-check")
    assert order(work, release) == ["wrong", "right", "check", "wrong"]


def test_added_cells_stay_where_they_were(release: nbformat.NotebookNode) -> None:
    work = Work()
    work.add("first = 1", above="title")
    work.add("second = 2", below="token_mask")
    work.add("third = 3")
    notebook = rebuild(release, read_submission(work.saved())).notebook
    sources = [cell.source for cell in notebook.cells]
    assert sources[0] == "first = 1" and sources[-1] == "third = 3"
    assert sources[sources.index("second = 2") + 1] == 'check("token_mask")'


def test_text_of_a_submission_is_shown_and_never_rendered(release: nbformat.NotebookNode) -> None:
    trap = "````\n<img src=//x.y onerror=alert(1)>\n![](http://x.y/z.png)"
    work = Work()
    work.add(trap, cell_type="markdown")
    work["title"]["source"] += trap
    notebook = rebuild(release, read_submission(work.saved())).notebook
    for cell in notebook.cells:
        if "onerror" in cell.source:
            fence = cell.source.split("text\n")[0]
            assert len(fence) > 4 and set(fence) == {"`"} and cell.source.endswith("\n" + fence)


def test_a_note_holds_no_html_or_link_of_the_submission(
    release: nbformat.NotebookNode, tmp_path: Any
) -> None:
    note = "The file was called '<script src=//x.y>![](//x.y)[a](//x.y).ipynb'\x1b[31m."
    (tmp_path / "collected.txt").write_text(note, "utf-8")
    cell = rebuilt_from(Work().saved(), release, tmp_path).cells[0]
    assert cell.id == "spotlight-notes"
    assert "<script" not in cell.source and "[" not in cell.source


def test_experiments_that_were_changed_are_shown_and_not_run(release: nbformat.NotebookNode) -> None:
    work = Work()
    work.tagged("experiment")["source"] = "temperature = 0.5\nshow(temperature)"
    notebook = rebuild(release, read_submission(work.saved())).notebook
    (cell,) = [cell for cell in notebook.cells if "show(temperature)" in cell.source]
    assert role(cell) == "experiment"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(): pass\nclass A: pass\nx = y = 1\nz: int = 2", {"f", "A", "x", "y", "z"}),
        ("%time\ndef f(): pass\nx = 1\nx == 2", {"f", "x"}),
        ("if True:\n    def f(): pass", set()),
        ("a\0b", set()),
        ("(" * 10_000, set()),
    ],
)
def test_what_a_cell_defines(source: str, names: set[str]) -> None:
    assert defines(source) == names


def test_full_points_are_what_the_lesson_has(release: nbformat.NotebookNode) -> None:
    assert sum(cell.metadata.nbgrader.points for cell in release.cells if role(cell) == "check") == FULL
