"""Taking in what was handed in: who, which lesson, and what became of each file."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from submissions.making import LESSON, Work

from autograder import collect as collecting
from autograder.collect import collect

NOTEBOOK = Work().saved()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty course to collect into."""
    monkeypatch.setattr(collecting, "COURSE", tmp_path / "course")
    return tmp_path / "course"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return buffer.getvalue()


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def taken(course: Path) -> set[str]:
    """student/lesson of all that lies in `submitted`."""
    found = (course / "submitted").glob("*/*/*.ipynb")
    return {
        str(path.parent.relative_to(course / "submitted")) for path in found if path.stem == path.parent.name
    }


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"amara/{LESSON}.ipynb", "amara"),
        (f"amara/{LESSON}/{LESSON}.ipynb", "amara"),
        (f"class/submitted/amara/{LESSON}/{LESSON}.ipynb", "amara"),
        ("amara/softmax (1).ipynb", "amara"),
        ("amara/Copy of 03_softmax.ipynb", "amara"),
        ("amara/my homework, final.ipynb", "amara"),
        ("amara/03_softmax.ipynb.txt", "amara"),
        (f"doejane_12345_678901_{LESSON}.ipynb", "doejane"),
        (f"doejane_LATE_12345_678901_{LESSON}-2.ipynb", "doejane"),
        (f"Jane Doe_1234567_assignsubmission_file_/{LESSON}.ipynb", "Jane_Doe"),
        (f"Jane Doe_1234567_assignsubmission_file_{LESSON}.ipynb", "Jane_Doe"),
        (f"assignment_export/submission_4711/{LESSON}.ipynb", "submission_4711"),
        (f"../../../amara/{LESSON}.ipynb", "amara"),
        (f"/etc/amara/{LESSON}.ipynb", "amara"),
        (f"..\\..\\amara\\{LESSON}.ipynb", "amara"),
    ],
)
def test_who_it_is_from_is_read_off_the_names_of_every_platform(
    course: Path, tmp_path: Path, name: str, student: str
) -> None:
    archive = laid_out(tmp_path, {"download.zip": zipped({name: NOTEBOOK})}) / "download.zip"
    (item,) = collect([archive])
    assert (item.student, item.lesson) == (student, LESSON), item.says
    assert taken(course) == {f"{student}/{LESSON}"}
    place = course / "submitted" / student / LESSON
    assert (place / f"{LESSON}.ipynb").read_bytes() == NOTEBOOK
    assert (place / "timestamp.txt").read_text().endswith(" UTC\n")
    outside = [path for path in tmp_path.rglob("*.ipynb") if not path.is_relative_to(course / "submitted")]
    assert not outside


def test_folders_and_zips_of_zips_are_taken_in(course: Path, tmp_path: Path) -> None:
    inner = zipped({f"{LESSON}.ipynb": NOTEBOOK, "notes.txt": b"?"})
    laid_out(tmp_path / "class", {f"amara/{LESSON}.ipynb": NOTEBOOK, "ben/work.zip": inner})
    outer = zipped({"chloe/work.zip": inner, f"__MACOSX/chloe/._{LESSON}.ipynb": b"\0\5"})
    laid_out(tmp_path, {"canvas.zip": outer})
    items = list(collect([tmp_path / "class", tmp_path / "canvas.zip"]))
    assert all(item.student for item in items), items
    assert taken(course) == {f"{name}/{LESSON}" for name in ("amara", "ben", "chloe")}


def test_one_students_folder_may_be_named_itself(course: Path, tmp_path: Path) -> None:
    laid_out(tmp_path / "amara", {f"{LESSON}.ipynb": NOTEBOOK, ".ipynb_checkpoints/x.ipynb": b"{}"})
    (item,) = collect([tmp_path / "amara"])
    assert item.student == "amara" and taken(course) == {f"amara/{LESSON}"}


def test_a_loose_file_beside_students_folders_is_nobodys(course: Path, tmp_path: Path) -> None:
    laid_out(tmp_path / "downloads", {f"amara/{LESSON}.ipynb": NOTEBOOK, "loose.ipynb": NOTEBOOK})
    known, loose = sorted(collect([tmp_path / "downloads"]), key=lambda item: item.student is None)
    assert known.student == "amara" and loose.student is None and "--student NAME" in loose.says
    assert taken(course) == {f"amara/{LESSON}"}


def test_without_a_student_it_is_refused_and_the_option_is_named(course: Path, tmp_path: Path) -> None:
    file = laid_out(tmp_path, {f"{LESSON}.ipynb": NOTEBOOK}) / f"{LESSON}.ipynb"
    (item,) = collect([file])
    assert item.student is None and "--student NAME" in item.says
    assert not taken(course)
    (item,) = collect([file], student="Amara D.")
    assert item.student == "Amara_D" and taken(course) == {f"Amara_D/{LESSON}"}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"amara/poem.ipynb": b'{"cells": [{"source": "x = 1"}]}'}, "matches no lesson"),
        ({"broken.zip": b"PK\x03\x04 and no more"}, "not a zip"),
        (
            {"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.ipynb": b"{}"})})})},
            "zip in a zip in a zip",
        ),
        ({"notes.pdf": b"%PDF"}, "holds no notebook"),
        ({"amara/answers.pdf": b"%PDF", "amara/data.csv": b"1"}, "amara has handed in nothing else"),
        ({"empty.zip": zipped({})}, "holds no notebook"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_a_sentence(
    course: Path, tmp_path: Path, files: dict[str, bytes], says: str
) -> None:
    items = list(collect([laid_out(tmp_path / "downloaded", files)]))
    assert items and all(item.student is None for item in items)
    assert any(says in item.says for item in items), items
    assert not taken(course)


def test_damage_to_one_file_of_a_zip_leaves_the_others(course: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"amara/{LESSON}.ipynb", NOTEBOOK)
        archive.writestr(f"ben/{LESSON}.ipynb", NOTEBOOK)
        archive.writestr(f"chloe/{LESSON}.ipynb", NOTEBOOK)
        second, third = archive.infolist()[1:]
    raw = bytearray(buffer.getvalue())
    raw[second.header_offset + 60 : second.header_offset + 300] = bytes(240)  # damaged
    central = raw.rindex(b"PK\x01\x02")
    raw[third.header_offset + 6] |= 1  # said to be encrypted
    raw[central + 8] |= 1
    laid_out(tmp_path, {"download.zip": bytes(raw)})
    first, *bad = collect([tmp_path / "download.zip"])
    assert first.student == "amara" and taken(course) == {f"amara/{LESSON}"}
    assert len(bad) == 2 and all("cannot be unpacked" in item.says for item in bad)


def test_two_people_are_never_mixed_up(course: Path, tmp_path: Path) -> None:
    laid_out(tmp_path / "class", {f"Jane Doe/{LESSON}.ipynb": NOTEBOOK, f"Jane_Doe/{LESSON}.ipynb": b"{}"})
    first, second = collect([tmp_path / "class"])
    assert first.student == "Jane_Doe"
    assert second.student is None and "'Jane Doe'" in second.says and "--student" in second.says
    assert (course / "submitted" / "Jane_Doe" / LESSON / f"{LESSON}.ipynb").read_bytes() == NOTEBOOK


def test_a_resubmission_keeps_the_one_before(course: Path, tmp_path: Path) -> None:
    file = laid_out(tmp_path / "amara", {f"{LESSON}.ipynb": b"{}"}) / f"{LESSON}.ipynb"
    list(collect([tmp_path / "amara"]))
    file.write_bytes(NOTEBOOK)
    (item,) = collect([tmp_path / "amara"])
    assert "superseded" in item.says
    (kept,) = (course / "superseded" / "amara" / LESSON).glob(f"*/{LESSON}.ipynb")
    assert kept.read_bytes() == b"{}"
    (item,) = collect([tmp_path / "amara"])
    assert "the same as before" in item.says
    assert len(list((course / "superseded").rglob("*.ipynb"))) == 1


@pytest.mark.parametrize("newer", [f"{LESSON}.ipynb", f"{LESSON} (1).ipynb"])
def test_of_two_files_by_one_student_the_newer_one_stays(course: Path, tmp_path: Path, newer: str) -> None:
    names = [f"{LESSON}.ipynb", f"{LESSON} (1).ipynb"]
    laid_out(tmp_path / "amara", {name: NOTEBOOK if name == newer else b"{}" for name in names})
    for name in names:
        os.utime(tmp_path / "amara" / name, (1e9 + (name == newer), 1e9 + (name == newer)))
    list(collect([tmp_path / "amara"]))
    assert (course / "submitted" / "amara" / LESSON / f"{LESSON}.ipynb").read_bytes() == NOTEBOOK


@pytest.mark.skipif(os.name == "nt", reason="names there are always text")
def test_a_name_that_is_no_text_can_still_be_shown(course: Path, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/amara\xff"
    os.mkdir(folder)
    with open(folder + f"/{LESSON}.ipynb".encode(), "wb") as file:
        file.write(NOTEBOOK)
    (item,) = collect([Path(os.fsdecode(folder))])
    assert item.student == "amara_"
    (item.path + item.says).encode("utf-8")
