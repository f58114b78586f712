# Each verb does its own set-up in .venv, from constraints.txt. Needs Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
PIP_FLAGS := --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test check bench clean

demo: .venv/.app  ## the whole loop on both sandboxes, about a minute
	$(BIN)/leadgrade demo

test: .venv/.test  ## all tests but benchmarks and long runs
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: .venv/.check  ## style, types and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: .venv/.test  ## benchmarks; figures are in docs/benchmarks.md
	$(BIN)/python -m pytest -q tests/benchmarks --benchmark-only --benchmark-disable-gc -s

clean:  ## remove the environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build dist

.venv/.base: constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Leadgrade needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.app: .venv/.base pyproject.toml
	$(BIN)/python -m pip install $(PIP_FLAGS) -e .
	@touch $@

.venv/.test: .venv/.base pyproject.toml
	$(BIN)/python -m pip install $(PIP_FLAGS) -e '.[test,postgres]'
	@touch $@ .venv/.app

.venv/.check: .venv/.base pyproject.toml
	$(BIN)/python -m pip install $(PIP_FLAGS) -e '.[check,test,postgres]'
	@touch $@ .venv/.app .venv/.test
