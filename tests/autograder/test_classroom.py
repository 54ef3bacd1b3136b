"""A class from collecting to feedback, in a copy of the course, by our command and by stock nbgrader."""

import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fixtures.class_copy import Class, copy_course
from submissions.making import LESSON, Work, half_done, with_a_mistake

from autograder.build import build
from autograder.gradebook import safe_name

TRAP = "<script src=//x.y/z.js></script><img src='http://x.y/p.png'>![](http://x.y/q.png)"
SCORES = {
    "amara": 14, "ben": 2, "chloé": 12, "d.o_neil_2_": 14, "empty": 0, "lena": 0, "mateo": 14, "trap": 14,
}  # fmt: skip
OUTCOMES = {"empty": "unreadable", "lena": "unreadable", "mateo": "recovered", "trap": "recovered"}


def with_traps() -> bytes:
    """Right answers, among everything that could load or run something in the instructor's browser."""
    work = Work()
    work.add(TRAP, cell_type="markdown")
    work.add(f"print({TRAP!r})\nfrom IPython.display import HTML, display\ndisplay(HTML({TRAP!r}))\n# {TRAP}")
    work.add(f"raise ValueError({TRAP!r})")
    work["title"]["source"] = TRAP
    work["softmax-check"]["source"] = f"# {TRAP}"
    work.content["metadata"] = {"kernelspec": {"language": TRAP}, "title": TRAP}
    return work.saved()


@dataclass
class Graded(Class):
    """A class, and what the commands said that collected and graded it."""

    said: dict[str, subprocess.CompletedProcess] = field(default_factory=dict)

    def records(self) -> dict[str, dict[str, Any]]:
        return {each["student"]: each for each in json.loads(self.said["grade"].stdout)}


def copy_of_the_course(root: Path) -> Graded:
    build()
    return Graded(copy_course(root))


@pytest.fixture(scope="module")
def a_class(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """Handed in, collected and graded."""
    found = copy_of_the_course(tmp_path_factory.mktemp("course"))
    with zipfile.ZipFile(found.root / "download.zip", "w") as archive:
        for student, name, raw in [
            ("amara", f"{LESSON}.ipynb", Work().saved()),
            ("ben", f"{LESSON}.ipynb", half_done()),
            ("chloe\u0301", f"{LESSON}.ipynb", with_a_mistake()),
            ("d.o'neil (2)", f"{LESSON}.ipynb", Work().saved()),
            ("lena", f"{LESSON}.ipynb", Work().saved()[:20_000]),
            ("mateo", "softmax (1).ipynb", Work().saved()),
            ("trap", f"{LESSON} <img src=x onerror=alert(1)>.ipynb", with_traps()),
        ]:
            archive.writestr(f"{student}/{name}", raw)
    found.said["collect"] = found.spotlight("collect", "download.zip")
    (found.course / "submitted" / "empty" / LESSON).mkdir(parents=True)
    (found.course / "submitted" / "empty" / LESSON / "answers.pdf").write_bytes(b"%PDF-1.7")
    found.said["grade"] = found.spotlight("grade", "03", "--json")
    yield found


def test_everything_was_collected(a_class: Graded) -> None:
    said = a_class.said["collect"]
    assert said.returncode == 0, said.stdout + said.stderr
    assert "7 taken in, 0 refused" in said.stdout and "spotlight grade 03" in said.stdout


def test_one_record_a_submission_in_the_form_that_was_agreed(a_class: Graded) -> None:
    said = a_class.said["grade"]
    assert said.returncode == 0, said.stderr
    records = json.loads(said.stdout)
    assert [each["student"] for each in records] == sorted(SCORES)
    for each in records:
        assert set(each) == {
            "student", "lesson", "outcome", "score", "max_score", "notes", "missing_guarantees", "exercises",
        }  # fmt: skip
        assert each["lesson"] == LESSON
        assert each["outcome"] == OUTCOMES.get(each["student"], "graded"), each
        assert (each["score"], each["max_score"]) == (SCORES[each["student"]], 14)
        assert isinstance(each["missing_guarantees"], list)
        assert all(isinstance(note, str) for note in each["notes"])
        assert bool(each["notes"]) == (each["outcome"] != "graded")
        assert sum(exercise["score"] for exercise in each["exercises"]) == each["score"]
        for exercise in each["exercises"]:
            assert set(exercise) == {"name", "score", "points", "misconception", "checks"}
            assert exercise["misconception"] is None or isinstance(exercise["misconception"], str)
            for check in exercise["checks"]:
                assert set(check) == {"name", "outcome"} and check["outcome"] in (
                    "right",
                    "wrong",
                    "our_fault",
                )


def test_notes_say_what_happened(a_class: Graded) -> None:
    records = a_class.records()
    assert "cut off" in " ".join(records["lena"]["notes"])
    assert "softmax (1).ipynb" in " ".join(records["mateo"]["notes"])
    assert "no notebook in the folder" in " ".join(records["empty"]["notes"])
    (exercise,) = [each for each in records["chloé"]["exercises"] if each["name"] == "token_mask"]
    assert exercise["score"] == 0 and [each["outcome"] for each in exercise["checks"]] == ["wrong", "wrong"]


def test_the_gradebook_has_the_scores_of_the_records(a_class: Graded) -> None:
    assert a_class.scores(LESSON) == SCORES


class Loads(HTMLParser):
    """Collects what a page would load from elsewhere, or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "base", "svg", "form"):
            self.found.append(tag)
        for name, value in attributes:
            remote = name in ("src", "href", "srcset", "style") and "//" in (value or "")
            if name.startswith("on") or (remote and not (value or "").startswith("data:")):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.found += re.findall(r"@import.*|url\([^)]*//[^)]*\)", data)


def what_it_loads(page: str) -> list[str]:
    reader = Loads()
    reader.feed(page)
    return reader.found


def test_everybody_has_a_feedback_page_that_loads_and_runs_nothing(a_class: Graded) -> None:
    for student in SCORES:
        page = (a_class.course / "feedback" / student / LESSON / f"{LESSON}.html").read_text("utf-8")
        assert what_it_loads(page) == []
        assert '<meta http-equiv="Content-Security-Policy" content="default-src' in page
        assert "None, None" not in page
    ben = (a_class.course / "feedback" / "ben" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "softmax: not started yet" in ben and "token_mask: all 2 checks pass" in ben
    assert '<a href="#token_mask-check">token_mask</a>' in ben and "Test cell" not in ben
    assert not re.search(r"<pre>\s*2\.0\s*</pre>", ben)  # the points, as only nbgrader needs them
    lena = (a_class.course / "feedback" / "lena" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "This file could not be read." in lena and "cut off" in lena
    assert "x.y/z.js" in (a_class.course / "feedback" / "trap" / LESSON / f"{LESSON}.html").read_text("utf-8")


def test_the_table_shows_the_class_and_an_odd_folder_needs_a_person(tmp_path: Path) -> None:
    """A folder that nbgrader cannot handle is told, exits with 1, and costs its neighbour nothing."""
    found = copy_of_the_course(tmp_path)
    found.hand_in("Odd [Name]!", LESSON, Work().saved())
    found.hand_in("zoe", LESSON, half_done())
    said = found.spotlight("grade", "3")
    assert said.returncode == 1, said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    shown = re.sub(r"[\s│]+", " ", said.stdout)
    assert "our fault" in shown and "rename it to 'Odd_Name_'" in shown
    assert "zoe graded 2 of 14" in shown
    assert found.scores(LESSON) == {"zoe": 2}


def test_stock_nbgrader_gives_the_same_scores(a_class: Graded) -> None:
    """`nbgrader autograde`, `generate_feedback` and Formgrader's button are the same engine."""
    shutil.rmtree(a_class.course / "autograded")
    shutil.rmtree(a_class.course / "feedback")
    with contextlib.closing(sqlite3.connect(a_class.course / "gradebook.db")) as gradebook:
        gradebook.execute("UPDATE grade SET auto_score = NULL")
        gradebook.commit()
    assert set(a_class.scores(LESSON).values()) == {0}
    graded = a_class.nbgrader("autograde", LESSON)
    assert graded.returncode == 0, graded.stderr
    assert a_class.scores(LESSON) == SCORES
    feedback = a_class.nbgrader("generate_feedback", LESSON)
    assert feedback.returncode == 0, feedback.stderr
    for student in SCORES:
        page = (a_class.course / "feedback" / student / LESSON / f"{LESSON}.html").read_text("utf-8")
        assert what_it_loads(page) == []
    pressed = a_class.python(
        "-c",
        "from nbgrader.apps.api import NbGraderAPI\n"
        "from nbgrader.apps import NbGrader\n"
        "app = NbGrader(); app.load_config_file()\n"
        f"print(NbGraderAPI(config=app.config).autograde({LESSON!r}, 'chloé')['success'])",
        cwd=a_class.course,
    )
    assert "True" in pressed.stdout, pressed.stdout + pressed.stderr
    assert a_class.scores(LESSON) == SCORES


def test_nbgrader_db_knows_students_and_lesson(a_class: Graded) -> None:
    listed = a_class.nbgrader("db", "student", "list")
    assert listed.returncode == 0 and all(student in listed.stdout for student in SCORES), listed.stderr
    assert LESSON in a_class.nbgrader("db", "assignment", "list").stdout
    added = a_class.nbgrader("db", "student", "add", "amara", "--first-name=Amara", "--last-name=Diallo")
    assert added.returncode == 0, added.stderr
    assert a_class.scores(LESSON)["amara"] == SCORES["amara"]


def test_late_penalties_and_manual_grades_survive_a_regrade(tmp_path: Path) -> None:
    from nbgrader.api import Gradebook

    found = copy_of_the_course(tmp_path)
    with open(found.course / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    for student, hour in {"early": "08", "late": "20"}.items():
        folder = found.hand_in(student, LESSON, half_done())
        (folder / "timestamp.txt").write_text(f"2026-01-01 {hour}:00:00.000000 UTC\n")
    assert found.spotlight("grade", "03", "--json").returncode == 0
    assert found.scores(LESSON) == {"early": 2, "late": 2}
    with Gradebook(f"sqlite:///{found.course / 'gradebook.db'}", "spotlight") as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2026-01-01 12:00:00.000000 UTC")
        by_hand = gradebook.find_grade("softmax-check", LESSON, LESSON, "early")
        by_hand.manual_score = 3.5
        gradebook.db.commit()
    said = found.spotlight("grade", "03", "--json")
    assert said.returncode == 0, said.stderr
    assert {each["student"]: each["score"] for each in json.loads(said.stdout)} == {"early": 2, "late": 2}
    assert found.scores(LESSON) == {"early": 5.5, "late": 0}


def test_a_half_done_grading_is_done_again(a_class: Graded) -> None:
    """After kill -9 nbgrader's folder is there without its notebook; the next run must not skip it."""
    shutil.rmtree(a_class.course / "autograded" / "amara", ignore_errors=True)
    (a_class.course / "autograded" / "amara" / LESSON).mkdir(parents=True)
    said = a_class.spotlight("grade", "03", "--student", "amara", "--json")
    assert said.returncode == 0, said.stderr
    assert [each["score"] for each in json.loads(said.stdout)] == [14]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["grade", "99"], 2, "There is no lesson '99'; there are: "),
        (["grade", "03", "--student", "nobody"], 2, "'nobody' has handed in no 03_softmax"),
        (["grade", "02"], 2, "Nobody has handed in 02_scores"),
        (["collect", "nothing.zip"], 1, "there is no such file"),
        (["collect", "lonely.ipynb"], 1, "--student NAME"),
    ],
)
def test_a_usage_error_is_a_sentence_with_an_exit_code(
    a_class: Graded, words: list[str], code: int, says: str
) -> None:
    (a_class.root / "lonely.ipynb").write_bytes(Work().saved())
    said = a_class.spotlight(*words)
    assert said.returncode == code
    assert says in re.sub(r"\s+", " ", said.stdout + said.stderr)
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("amara", "amara"),
        ("Jane Doe", "Jane_Doe"),
        ("chloe\u0301", "chloé"),
        ("../../etc", "_.._etc"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ("a/b\\c", "a_b_c"),
        ("李雷", "李雷"),
        ("x@uni.edu", "x@uni.edu"),
        ("*?[]", "_"),
        ("...", "unnamed"),
        ("\udcff", "_"),
        ("long" * 100, "long" * 20),
    ],
)
def test_a_name_becomes_a_folder_that_every_tool_can_handle(name: str, folder: str) -> None:
    assert safe_name(name) == folder
    assert safe_name(folder) == folder


def test_a_reference_that_breaks_is_our_fault_and_never_a_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three tries, then the exercise's name, exit code 1, and no grade; mended, the same command grades."""
    found = copy_of_the_course(tmp_path)
    found.hand_in("zoe", LESSON, half_done())
    solutions = found.root / "solutions" / "softmax.py"
    line = "    return np.arange(seq) < np.asarray(lengths)"
    breaks = '    import os\n\n    if "BROKEN" in os.environ:\n        raise OSError("no such file")\n'
    solutions.write_text(solutions.read_text("utf-8").replace(line, breaks + line), "utf-8")
    assert found.spotlight("build").returncode == 0
    with monkeypatch.context() as patch:
        patch.setenv("BROKEN", "1")
        said = found.spotlight("grade", "03", "--json")
    assert said.returncode == 1 and said.stdout and "Traceback" not in said.stderr, said.stderr
    (record,) = json.loads(said.stdout)
    assert record["outcome"] == "our_fault" and record["score"] is None
    assert "token_mask failed 3 times" in " ".join(record["notes"])
    assert not found.scores(LESSON).get("zoe")
    assert not (found.course / "feedback" / "zoe").exists()
    assert found.spotlight("grade", "03", "--json").returncode == 0
    assert found.scores(LESSON) == {"zoe": 2}


def test_a_lesson_that_cannot_be_built_is_told_with_its_place(tmp_path: Path) -> None:
    found = copy_of_the_course(tmp_path)
    found.hand_in("zoe", LESSON, half_done())
    with open(found.root / "solutions" / "softmax.py", "a", encoding="utf-8") as file:
        file.write("\n\ndef token_mask(lengths, seq):\n    return None\n")
    said = found.spotlight("grade", "03")
    assert said.returncode == 1 and "Traceback" not in said.stderr
    assert "solutions/softmax.py" in said.stderr and "`token_mask` is defined" in said.stderr
