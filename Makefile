# Limner. `make` alone lists what there is.

PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Installs Debian packages, for those who may.
define INSTALL
as_root() { if [ "$$(id -u)" = 0 ]; then "$$@"; else sudo -n "$$@"; fi; }; \
debian() { command -v apt-get >/dev/null && as_root true 2>/dev/null && echo "Installing $$*" \
  && as_root apt-get update -qq \
  && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >/dev/null; }; \
debian
endef
.PHONY: help run test screenshots chaos check format bench build clean tools

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

run: .venv/.installed  ## start everything and print the page's address; Ctrl-C stops it
	@exec $(BIN)/limner up

test: .venv/.developing tools  ## all tests, the page's modules and the browser included
	@if command -v node >/dev/null; then node --test --test-reporter=dot tests/page/*.test.js; \
	  elif [ "$${CI:-}" = true ]; then echo "node is missing, and the page's modules can't go untested in CI"; exit 1; \
	  else echo "The page's modules are not tested: node is not installed."; fi
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

screenshots: .venv/.developing tools  ## a picture of all that the page can show, in FOLDER (under /tmp)
	@PYTHONPATH=tests $(BIN)/python -m browser.gallery $(FOLDER)

chaos: .venv/.developing  ## kill and pause everything for CHAOS_SECONDS (180); CHAOS_SEED repeats a run
	@PYTHONPATH=tests $(BIN)/python -m chaos $(CHAOS_SECONDS:%=--seconds %) $(CHAOS_SEED:%=--seed %)

check: .venv/.developing  ## format, lint, types, layers, SQL, dependencies, spelling, sizes
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint sql
	$(BIN)/deptry src
	$(BIN)/codespell src tests sql README.md Makefile pyproject.toml
	@find src tests sql \( -name '*.py' -o -name '*.js' -o -name '*.css' -o -name '*.sql' \) -print0 \
	  | xargs -0 wc -l | awk '$$2 != "total" && $$1 > 250 { print $$2 " has " $$1 " lines, more than 250"; bad = 1 } END { exit bad }'

format: .venv/.developing  ## put the code into its form
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

bench: .venv/.developing  ## measure beside what others use, and print; BENCH="--only fanout --rounds 1"
	@PYTHONPATH=tests $(BIN)/python -m bench $(BENCH)

build: .venv/.developing  ## the wheel, into dist/
	$(BIN)/python -m build --wheel --outdir dist

clean:  ## remove what was made here, the data folder aside
	rm -rf .venv .bench dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What the tests need of the system. Who may install gets it; for others the tests say what they skip.
tools:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v node >/dev/null || missing="$$missing nodejs"; \
	if [ -n "$$missing" ]; then \
	  $(INSTALL) $$missing || echo "Could not install$$missing; the tests say what they skip for want of it."; \
	fi

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Limner needs Python 3.11 or newer; $(PYTHON) is older. Name another with PYTHON=…"; exit 2; }
	@if ! $(PYTHON) -m venv .venv >.venv.log 2>&1; then \
	  rm -rf .venv; \
	  $(INSTALL) python3-venv && $(PYTHON) -m venv .venv \
	  || { cat .venv.log; echo "A virtual environment can't be made; on Debian, python3-venv is what lacks."; exit 2; }; \
	fi
	@rm -f .venv.log

.venv/.installed: pyproject.toml | .venv/bin/python
	@echo "Installing Limner into .venv, which takes a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.developing: pyproject.toml | .venv/bin/python
	@echo "Installing Limner and its tools into .venv, which takes a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/.installed
