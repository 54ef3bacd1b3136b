"""Setting up, and what it says where that cannot work: too old a Python, no network, a full disk."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from autograder.course import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `make setup` reads, without an environment."""
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(clone: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words], cwd=clone, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def fake_python(clone: Path, body: str) -> str:
    path = clone / "fake-python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_too_old_a_python_is_told_in_one_sentence(clone):
    """The version test of the Makefile itself runs, in this Python with its version changed."""
    old = "import sys, collections; sys.version_info = (3, 9, 1); sys.version = '3.9.1 (old)'"
    body = f"""exec python3 -c "{old}; exec(sys.argv[1])" "$2" """
    done = make(clone, "setup", f"PYTHON={fake_python(clone, body)}")
    assert done.returncode != 0
    assert "Spotlight needs Python 3.11 or newer; this is 3.9.1" in done.stderr
    assert "make lab PYTHON=python3.12" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_that_is_not_there_is_told_with_what_to_do(clone):
    done = make(clone, "setup", "PYTHON=/nowhere/python3")
    assert done.returncode != 0
    assert "There is no /nowhere/python3 here" in done.stdout
    assert "PYTHON=/path/to/python3" in done.stdout


def test_without_a_network_set_up_says_so_and_can_be_run_again(clone):
    done = make(clone, "setup", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", PIP_NO_INDEX="1")
    assert done.returncode != 0
    assert "Is there a network? Run the same command again when there is." in done.stdout
    assert not (clone / ".venv" / ".ready").exists()


def test_a_full_disk_is_named(clone):
    """pip fails, and this Python says that little is free, as on a full disk."""
    full = "import shutil, types; shutil.disk_usage = lambda place: types.SimpleNamespace(free=20 << 20)"
    body = f"""case "$1 $2" in
        "-m venv") mkdir -p .venv/bin; printf '#!/bin/sh\\nexit 1\\n' > .venv/bin/python; chmod +x .venv/bin/python;;
        *) exec python3 -c "{full}; exec(__import__('sys').argv[1])" "$2";;
    esac"""
    done = make(clone, "setup", f"PYTHON={fake_python(clone, body)}")
    assert done.returncode != 0
    assert "The disk is full (20 MB left; about 2 GB are needed)" in done.stdout


def test_conda_installs_the_same_pins_and_extras_as_make():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [each["pip"] for each in environment["dependencies"] if isinstance(each, dict)]
    assert "--constraint requirements.txt" in pip
    assert "--editable .[torch,lab,teach,test]" in pip
    assert "--editable '.[torch,lab,teach,test]'" in (ROOT / "Makefile").read_text()


def test_torch_is_pinned_for_everybody_not_to_one_build():
    pins = (ROOT / "requirements.txt").read_text().split("\n")
    assert [line for line in pins if line.startswith("torch==")] == ["torch==2.13.0"]
    assert not [line for line in pins if "+" in line or " @ " in line]
