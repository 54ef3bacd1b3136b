"""Every lesson runs from start to end with the reference's answers, and what its text claims is so."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import solved_lesson

from autograder.build import build

LESSONS = sorted(path.stem for path in (solved_lesson.ROOT / "course" / "lessons").glob("*.md"))


def claims_of(stem: str) -> dict[str, Any]:
    path = solved_lesson.ROOT / "tests" / "claims" / f"{stem}.py"
    spec = importlib.util.spec_from_file_location(f"claims_{stem}", path)
    assert spec and spec.loader, f"{path} is missing"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CLAIMS


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_solved_lesson_runs_and_its_claims_hold(lesson: str) -> None:
    build()
    said = subprocess.run(
        [sys.executable, "tests/solved_lesson.py", lesson],
        cwd=solved_lesson.ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-3000:]
    held = json.loads(said.stdout.splitlines()[-1])["held"]
    assert [phrase for phrase, holds in held.items() if not holds] == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_claims_stand_in_the_text_and_no_number_stands_alone(lesson: str) -> None:
    stem = lesson.split("_", 1)[1]
    claims, text = claims_of(stem), solved_lesson.whole_text(stem)
    assert [phrase for phrase in claims if " ".join(phrase.split()) not in text] == []
    assert solved_lesson.unclaimed(stem, list(claims)) == []


def test_a_number_that_nobody_vouches_for_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lessons = tmp_path / "course" / "lessons"
    lessons.mkdir(parents=True)
    (lessons / "01_tiny.md").write_text("---\ntitle: x\n---\nIt is 0.25 here,\nand 40 % there. `0.5`\n")
    monkeypatch.setattr(solved_lesson, "ROOT", tmp_path)
    assert len(solved_lesson.unclaimed("tiny", [])) == 2
    assert len(solved_lesson.unclaimed("tiny", ["0.25 here, and"])) == 1
    assert solved_lesson.unclaimed("tiny", ["It is 0.25", "40 % there"]) == []
