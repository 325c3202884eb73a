# Saty. `make run` and `make test` work from a fresh clone; nothing else is typed before them.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help run test check fix bench setup setup-dev chromium

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(BIN)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=... names another one)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.development: requirements-dev.txt $(BIN)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: $(BIN)/.runtime
setup-dev: $(BIN)/.development

test: $(BIN)/.development ## everything that the tests need, then all tests
	$(BIN)/python -m pytest

run: $(BIN)/.runtime ## everything on http://127.0.0.1:8000 (PORT=...): database, demo data, web server, worker
	@$(BIN)/pybabel -q compile -d translations 2>/dev/null; PORT=$(PORT) $(BIN)/python -m flask --app wsgi up --port $(PORT)

bench: $(BIN)/.development ## benchmarks as ratios to a bare page and a bare POST in the same run; writes bench.json
	$(BIN)/pybabel -q compile -d translations
	$(BIN)/python -m flask --app wsgi bench $(ARGS)
