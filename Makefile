# The studio's commands. `make run` and `make test` are the two that matter.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help install run test bench chaos format clean
.DEFAULT_GOAL := help

help:
	@echo "make install   the virtual environment in .venv, nothing else"
	@echo "make run       everything on this machine; prints the address"
	@echo "make test      every check there is"
	@echo "make bench     how well the engine uses its slots, as ratios; about an hour (docs/performance.md)"
	@echo "make chaos     kill everything while it works, and count what was lost or paid twice (docs/chaos.md)"
	@echo "make format    format and fix what can be fixed by itself"

install: $(VENV)/.installed

$(VENV)/.installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Install it, or set PYTHON=/path/to/python3.11." >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "Installing what requirements.txt pins into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what requirements-dev.txt pins into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Ctrl-C ends the runner with 130; that is how a run is meant to end.
run: install
	@$(BIN)/python -m mjstudio.keys
	@ports="$$($(BIN)/python -m mjstudio.ports)" && eval "$$ports" && \
	$(BIN)/python manage.py bootstrap && \
	{ $(BIN)/honcho start; code=$$?; [ $$code -eq 130 ] || exit $$code; }

test: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.run

# BENCH="makespan lag" chooses; ARGS="--quick" is small, ARGS=--help lists the rest.
bench: $(VENV)/.installed-dev
	@BENCH="$(BENCH)" $(BIN)/python -m benchmarks.run $(ARGS)

# make chaos ARGS="--seed 7"; ARGS=--help lists the rest.
chaos: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks.chaos $(ARGS)

format: $(VENV)/.installed-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
