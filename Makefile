# Everything a fresh clone needs: Python 3.11 or newer, and make. No root.
#
#   make lab     set up, build the notebooks, open the course
#   make test    set up, run every test
#   make demo    set up, grade a sample class
#
# Another Python: make lab PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup lab test demo
.SILENT:

setup: $(READY)
	$(BIN)/spotlight build

lab: setup
	$(BIN)/spotlight lab

test: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2

demo: setup
	$(BIN)/python tests/demo.py

$(READY): requirements.txt pyproject.toml
	command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Spotlight needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name a newer one: make lab PYTHON=python3.12")'
	$(PYTHON) -m venv .venv || { echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv. If the disk is full, make room."; exit 1; }
	echo "Setting up (once, a few minutes) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt --editable '.[torch,lab,teach,test]' || { echo; $(PYTHON) -c 'import shutil; free = shutil.disk_usage(".").free >> 20; print(f"The disk is full ({free} MB left; about 2 GB are needed). Make room, then run the same command again." if free < 500 else "Packages could not be installed. Is there a network? Run the same command again when there is.")'; exit 1; }
	touch $@
