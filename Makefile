# Sekisho's door. `make demo` needs Python (3.11 or later) and make; `make test` also needs Go, for the pinned `opa`.
# What was done is remembered in stamp files inside .venv, so that a second call does only what changed.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DIR    ?= demo-city
ENGINE ?= embedded
WORKERS ?= 2
SHIMIN ?= sqlite
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
SAY    := @printf '\n>> %s\n'

.DEFAULT_GOAL := help
.PHONY: help install demo test check format lint types contract rego unit coverage lock bench clean distclean
# A recipe that fails half-way leaves no stamp behind.
.DELETE_ON_ERROR:

help:
	@echo 'make demo         build a reference city (synthetic people) and run the main job on it; ENGINE=opa uses an OPA server, SHIMIN=postgresql a PostgreSQL, POPULATION=5000 makes a small city'
	@echo 'make test         everything CI does: format, lint, types, import contract, policy, tests'
	@echo 'make coverage     the tests once more, with the lines and branches of our code that they run (half as long again)'
	@echo 'make check        the same without the tests'
	@echo 'make format       put the code into its format'
	@echo 'make bench        measure sources, generator and approved queries, and write docs/benchmarks.md'
	@echo 'make lock         resolve requirements/*.txt again from pyproject.toml'
	@echo 'make clean        remove the demo city and caches (distclean: .venv and .tools too)'

# --- installation ---------------------------------------------------------------------------------------------------

$(VENV)/.made:
	$(SAY) 'Making a virtual environment in $(VENV)'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Sekisho needs Python 3.11 or later. Name one: make demo PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt requirements/build.txt $(VENV)/.made
	$(SAY) 'Installing the locked packages that Sekisho runs on (each checked against its hash; a minute or two)'
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements/run.txt -r requirements/build.txt
	@touch $@

# --no-deps: the lock is complete. With dependencies pip would look for the newest release of every extra, and refuse it.
# The build backend is among the locked packages, so that nothing is fetched at build time.
$(VENV)/.sekisho: pyproject.toml $(VENV)/.run
	$(SAY) 'Installing Sekisho itself, as the command $(BIN)/sekisho'
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.sekisho
	$(SAY) 'Installing the locked packages that the tests and checks need'
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements/dev.txt
	@$(PIP) check
	@touch $@

install: $(VENV)/.sekisho

# The pinned Open Policy Agent: the one on PATH where it has that version, else built by Go.
.tools/opa: scripts/opa.sh
	$(SAY) 'Providing the pinned Open Policy Agent in .tools/ (built with Go unless it is on PATH; a few minutes)'
	@scripts/opa.sh
	@touch $@

# --- what people come for -------------------------------------------------------------------------------------------

ifeq ($(ENGINE),opa)
demo: .tools/opa
endif
# The server's programs are among the packages for development.
ifeq ($(SHIMIN),postgresql)
demo: $(VENV)/.dev
SOURCES := --source shimin=postgresql
endif
demo: $(VENV)/.sekisho
	$(SAY) 'Running the demo in $(DIR)/ with the $(ENGINE) policy engine, the resident register in $(SHIMIN)'
	@$(BIN)/sekisho --engine $(ENGINE) demo --dir $(DIR) $(SOURCES) $(if $(POPULATION),--population $(POPULATION))

test: check unit
	$(SAY) 'All checks and tests passed'

unit: $(VENV)/.dev .tools/opa
	$(SAY) 'Running the tests, in $(WORKERS) processes'
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

coverage: $(VENV)/.dev .tools/opa
	$(SAY) 'Running the tests with coverage, in $(WORKERS) processes'
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --cov --cov-report=term-missing

check: lint types contract rego

lint: $(VENV)/.dev
	$(SAY) 'Checking format and lint (ruff)'
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check --output-format concise .

types: $(VENV)/.dev
	$(SAY) 'Checking types (mypy, strict)'
	@$(BIN)/mypy

contract: $(VENV)/.dev
	$(SAY) 'Checking that the rooms import in one direction (import-linter)'
	@$(BIN)/lint-imports

rego: $(VENV)/.sekisho .tools/opa
	$(SAY) 'Checking the policy: format, strict compile, tests with full coverage, committed build'
	@$(BIN)/sekisho policy test

format: $(VENV)/.dev .tools/opa
	$(SAY) 'Formatting Python and Rego'
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .
	@.tools/opa fmt --write policies/rego

bench: $(VENV)/.dev
	$(SAY) 'Measuring sources, generator and approved queries (some tens of minutes; PARTS="sources" for one part)'
	@$(BIN)/python -m tests.benchmarks $(PARTS)

# Universal: one lock for every platform and every Python from 3.11. The build backend is locked from the same file.
LOCK := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
        --no-header --no-annotate
lock: $(VENV)/.dev
	$(SAY) 'Resolving requirements/run.txt, dev.txt and build.txt from pyproject.toml'
	@$(LOCK) pyproject.toml --output-file requirements/run.txt
	@$(LOCK) pyproject.toml --group dev --output-file requirements/dev.txt
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | $(LOCK) - --output-file requirements/build.txt

clean:
	$(SAY) 'Removing the demo city and caches'
	@rm -rf $(DIR) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean
	$(SAY) 'Removing the virtual environment and the tools'
	@rm -rf $(VENV) .tools
