# make run: the desk on this machine.   make test: its tests.   make help: the rest.
# Needs Python 3.11, 3.12 or 3.13, and make. Everything else goes into .venv.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
VENV ?= .venv
BIN := $(VENV)/bin
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# The lock is whole, so nothing is resolved: old pips in hash mode look for other releases than the locked ones.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
CHECK := $(BIN)/python -m pip --disable-pip-version-check check >/dev/null
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" --quiet
PYTEST := $(BIN)/pytest
# A worker more than there are cores: tests of processes and of pages mostly wait. Those of one group, which
# share a started desk, go to one worker.
PARALLEL ?= -n $(shell expr `getconf _NPROCESSORS_ONLN` + 1) --dist loadgroup

.PHONY: help install run test fuzz lint format bench lock

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-7s %s\n' "$$name" "$$text"; done

install: $(VENV)/.run ## what the desk needs, into .venv (VENV=..., PYTHON=...)

run: $(VENV)/.run ## web, worker and beat on this machine, with a demo (PORT=8001, DEMO=0, DATA_DIR=...)
	@exec $(BIN)/python manage.py up

test: $(VENV)/.dev ## every test that needs no server
	@$(PYTEST) $(PARALLEL) -m "not eventlog$(if $(BUT), and $(BUT))" $(ARGS)

fuzz: $(VENV)/.dev ## the tests on random data, longer and with new seeds; what they find becomes an @example
	@$(PYTEST) $(PARALLEL) -m "hypothesis" --hypothesis-profile=fuzz $(ARGS)

lint: $(VENV)/.dev ## style, types, import rules, migrations, architecture
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory --jobs=2 .types .rules

# The two that take long, side by side.
.PHONY: .types .rules
.types:
	@$(BIN)/mypy

.rules:
	@DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	@$(PYTEST) tests/architecture -q

format: $(VENV)/.dev ## formats and mends what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## queries, bytes and how time grows with the rows (ARGS="--sizes 1000,100000")
	@$(BIN)/python -m tests.benchmarks $(ARGS)

lock: $(VENV)/.lock ## newest versions that requirements*.in allow, with hashes
	@$(VENV)/lock/bin/$(LOCK) --upgrade --output-file requirements.txt requirements.in
	@$(VENV)/lock/bin/$(LOCK) --upgrade --constraint requirements.txt --output-file requirements-dev.txt requirements-dev.in

$(VENV)/bin/python:
	@python=$(PYTHON); \
	if [ -z "$$python" ]; then \
		for name in python3.13 python3.12 python3.11 python3 python; do \
			if "$$name" -c '$(FITS)' >/dev/null 2>&1; then python=$$name; break; fi; \
		done; \
	elif ! "$$python" -c '$(FITS)' >/dev/null 2>&1; then \
		echo "$$python is not a Python 3.11, 3.12 or 3.13. Leave PYTHON unset, or name one that is." >&2; exit 1; \
	fi; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 found. Install one, or name it: make run PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	if ! "$$python" -m venv $(VENV) >/dev/null 2>&1; then \
		rm -rf $(VENV); \
		echo "$$python cannot make $(VENV): the folder is not writable, or python3-venv is not installed." >&2; exit 1; \
	fi

$(VENV)/.run: requirements.txt $(VENV)/bin/python
	@test -e $(VENV)/.dev && test $(VENV)/.dev -nt requirements.txt || { \
		echo "Installing (once, a minute or two) ..."; $(PIP) -r requirements.txt; $(CHECK); }
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/bin/python
	@echo "Installing for development (once, a minute or two) ..."
	@$(PIP) -r requirements-dev.txt
	@$(CHECK)
	@touch $@ $(VENV)/.run

$(VENV)/.lock: $(VENV)/bin/python
	@$(BIN)/python -m venv $(VENV)/lock
	@$(VENV)/lock/bin/pip install --quiet --disable-pip-version-check uv
	@touch $@
