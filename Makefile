# Everything a fresh clone needs: Python 3.11 or newer, and make. No root.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup lab test demo lint
setup: $(READY)
	@$(BIN)/spotlight build

lab: setup
	@$(BIN)/spotlight lab

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q

demo: $(READY)
	@$(BIN)/python tests/demo.py

$(READY): requirements.txt pyproject.toml
	@PYTHON="$(PYTHON)" BIN="$(BIN)" sh autograder/setup.sh
	@touch $@
