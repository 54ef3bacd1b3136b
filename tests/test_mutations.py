"""Each reference answer with one thing changed is refused, or the change makes no difference.

A survivor that is not listed in `tests/equivalents/STEM.py` is a check that is missing, or a new line there with its
reason.
`python tests/mutations.py EXERCISE` prints them all.
"""

import runpy
from pathlib import Path

import pytest
from mutations import Judging, mutants, written_exercises

from autograder import keys

EQUIVALENT = {
    change: reason
    for path in sorted(Path(__file__).parent.glob("equivalents/*.py"))
    for change, reason in runpy.run_path(str(path))["EQUIVALENT"].items()
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


def test_every_listed_change_is_about_an_exercise():
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
