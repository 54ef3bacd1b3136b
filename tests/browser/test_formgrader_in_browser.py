"""An instructor's way in a real browser: Formgrader over a class that `spotlight grade` has graded."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from tests.browser import lab  # noqa: E402  (after the skip)
from tests.demo import MISTAKES, solved, untouched, with_answers  # noqa: E402
from tests.fixtures.class_copy import copy_course  # noqa: E402

expect = playwright.expect

LESSON = "03_softmax"


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A copy of the course in which three have handed in lesson 03."""
    place = tmp_path_factory.mktemp("course")
    copy_course(place)
    handed_in = {
        "amara": solved(),
        "chloe": with_answers(solved(), softmax=MISTAKES["chloe"][1]),
        "hana": untouched(),
    }
    for student, notebook in handed_in.items():
        (place / "handed_in" / student).mkdir(parents=True)
        nbformat.write(notebook, place / "handed_in" / student / f"{LESSON}.ipynb")
    return place


@pytest.fixture(scope="module")
def environment(place):
    return lab.variables(place / "home", place, place / "course")


@pytest.fixture(scope="module")
def records(place, environment):
    """What `spotlight grade 03 --json` says, by student."""

    def types(*words):
        command = [sys.executable, "-m", "autograder.cli", *words]
        return subprocess.run(
            command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    types("collect", "handed_in")
    return {each["student"]: each for each in json.loads(types("grade", "03", "--json"))}


@pytest.fixture(scope="module")
def shown(records):
    """The scores as Formgrader writes them."""
    return {student: f"{each['score']:g} / {each['max_score']:g}" for student, each in records.items()}


@pytest.fixture(scope="module")
def address(place, environment, records):
    """The instructor's JupyterLab, started as README says; -y: Control-C needs no confirmation."""
    command = [str(Path(sys.executable).parent / "jupyter"), "lab", "--no-browser", "-y"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with lab.serving(command, place / "course", environment) as address:
        yield address


@pytest.fixture
def page(browser, address):
    """A page that is logged in."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.goto(address)
        page.locator(".lm-MenuBar-itemLabel").first.wait_for()
        yield page


def open_formgrader(page, address, path):
    page.goto(re.sub(r"/lab\?.*", f"/formgrader/{path}", address), wait_until="domcontentloaded")


def rows(place):
    """The table's rows, once nbgrader's script has filled it."""
    expect(place.locator("tbody tr").first).not_to_contain_text("Loading")
    return {
        row[0].strip(): row
        for row in (text.split("\t") for text in place.locator("tbody tr").all_inner_texts())
    }


def test_formgrader_is_in_the_menu_and_shows_the_class(page, shown):
    asked = lab.elsewhere(page)
    page.locator(".Toastify__toast").get_by_text(
        "No", exact=True
    ).click()  # Jupyter's news; learners are not asked
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Formgrader$")).click()
    formgrader = page.frame_locator("iframe")
    expect(formgrader.locator("body")).to_contain_text("Manage Assignments")
    lesson = formgrader.locator("tr", has_text=LESSON)
    expect(lesson.locator("td.num-submissions")).to_have_text("3")
    lesson.locator("td.num-submissions a").click()
    expect(formgrader.locator("body")).to_contain_text("Manage Submissions")
    table = rows(formgrader)
    assert {name.rstrip(","): row[4] for name, row in table.items()} == shown
    assert all(row[3] == "graded" for row in table.values())
    assert "None" not in " ".join(map(str, table))
    assert asked == []


def test_the_gradebook_and_a_submission_show_scores_and_the_panel(page, address, records, shown):
    assert records["amara"]["score"] == records["amara"]["max_score"] > records["chloe"]["score"] > 0
    assert records["hana"]["score"] == 0
    asked = lab.elsewhere(page)
    open_formgrader(page, address, "manage_students")
    assert {name.rstrip(","): row[3] for name, row in rows(page).items() if "Add new" not in name} == shown
    open_formgrader(page, address, f"gradebook/{LESSON}/{LESSON}")
    submissions = page.locator("tr", has_text="Submission #")
    expect(submissions).to_have_count(3)
    assert sorted(row.split("\t")[2] for row in submissions.all_inner_texts()) == sorted(shown.values())
    assert asked == []
    page.route("https://**", lambda route: route.abort())
    submissions.filter(has_text=shown["chloe"]).get_by_text("Submission #").click()
    softmax = next(each for each in records["chloe"]["exercises"] if each["name"] == "softmax")
    expect(page.get_by_text(re.compile(r"^✗ .* · softmax"))).to_be_visible()
    expect(page.locator("body")).to_contain_text(softmax["misconception"].replace("`", ""))
    assert all("/mathjax/" in address for address in asked)  # nbgrader's own; without it, formulas stay text


def test_formgraders_autograde_button_gives_the_same_grade(page, address, shown):
    open_formgrader(page, address, f"manage_submissions/{LESSON}")
    rows(page)
    page.locator("tr", has_text="chloe").locator(".autograde a").click()
    expect(page.locator(".modal-dialog")).to_contain_text(
        f"Successfully autograded '{LESSON}' for student 'chloe'", timeout=lab.SECONDS * 1000
    )
    open_formgrader(page, address, f"manage_submissions/{LESSON}")
    assert {name.rstrip(","): row[4] for name, row in rows(page).items()} == shown


@pytest.mark.parametrize("student", ["amara", "chloe", "hana"])
def test_feedback_opens_from_a_file_without_asking_anybody(browser, place, records, student):
    with browser.new_context() as context:
        page = context.new_page()
        asked = lab.elsewhere(page)
        page.goto((place / "course" / "feedback" / student / LESSON / f"{LESSON}.html").as_uri())
        record = records[student]
        expect(
            page.get_by_text(f"(Score: {record['score']:.1f} / {record['max_score']:.1f})")
        ).to_be_visible()
        wrong = [each["name"] for each in record["exercises"] if each["score"] < each["points"]]
        expect(page.locator("strong", has_text="✗")).to_have_count(len(wrong))
        expect(page.locator("strong", has_text="✓")).to_have_count(len(record["exercises"]) - len(wrong))
        assert asked == []
