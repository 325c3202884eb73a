# Saty. `make run` and `make test` work from a fresh clone; nothing else is typed before them.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM ?= /usr/bin/chromium
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
TOOLS := .venv-tools
LOCK := $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command 'make lock' --default-index https://pypi.org/simple
CATALOGUES := translations/kk/LC_MESSAGES/messages.mo translations/ru/LC_MESSAGES/messages.mo
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help run test quick soak fuzz check fix bench messages audit mutants lock chromium nu

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(BIN)/.runtime $(CATALOGUES) ## everything on http://127.0.0.1:8000 (PORT=...): database, demo data, web server, worker
	@PORT=$(PORT) exec $(BIN)/python -m flask --app wsgi up --port $(PORT)

test: $(BIN)/.development $(CATALOGUES) chromium ## everything that the tests need, then all tests (ARGS="-k vote" for some)
	$(BIN)/python -m pytest $(ARGS)

quick: $(BIN)/.development $(CATALOGUES) ## the daily loop, some seven minutes: rules, features on SQLite, house; no browser, no race, no PostgreSQL
	$(BIN)/python -m pytest tests/rules tests/features tests/house -m "not postgresql and not browser and not slow" $(ARGS)

soak: $(BIN)/.development $(CATALOGUES) chromium nu ## the same tests at full size: 10,000 votes, 20 killed workers, every page in every language and width; half an hour
	SATY_SOAK=1 $(BIN)/python -m pytest $(ARGS)

nu: $(BIN)/.development ## the Nu HTML checker, pinned, for `make soak`; without Java or a network it is left out, loudly
	@$(BIN)/python tools/nu.py

fuzz: $(BIN)/.development $(CATALOGUES) ## 1,000 odd requests to every route, half an hour; ARGS="--fuzz-seed 7" makes it other ones
	$(BIN)/python -m pytest tests/fuzz --fuzz 1000 $(ARGS)

check: $(BIN)/.development $(CATALOGUES) ## format, lint, types, who may import whom, templates, migrations, catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bandit -q -r webapp -ll
	$(BIN)/lint-imports
	$(BIN)/j2lint templates --extensions html,txt --ignore jinja-statements-indentation jinja-statements-delimiter single-statement-per-line operator-enclosed-by-spaces jinja-variable-lower-case
	$(BIN)/python tools/check_migrations.py
	$(BIN)/python tools/check_catalogues.py

fix: $(BIN)/.development ## format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(BIN)/.development $(CATALOGUES) ## benchmarks as ratios to a bare page and a bare POST in the same run; writes bench.json
	$(BIN)/python -m flask --app wsgi bench $(ARGS)

messages: $(BIN)/.development ## collect the words of the interface anew, for translators
	$(BIN)/pybabel -q extract --ignore-dirs '.*' -F babel.cfg -k _l --no-location --sort-output -w 120 --project Saty --version 0.1 --copyright-holder Saty -o translations/messages.pot .
	$(BIN)/pybabel -q update -i translations/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete -w 120

audit: $(TOOLS)/.ready ## whether a weakness is on record for a pinned version; says so when the advisories cannot be reached
	$(TOOLS)/bin/python tools/audit.py

mutants: $(BIN)/.development $(TOOLS)/.ready $(CATALOGUES) ## random changes of the rules, and whether a test notices (ARGS="--count 60 --seed 7 --only voting/")
	$(TOOLS)/bin/python tools/mutants.py $(ARGS)

lock: $(TOOLS)/.ready ## pin everything anew, with hashes, after a change of a requirements*.in (ARGS="--upgrade" for newer ones)
	$(LOCK) $(ARGS) requirements.in -o requirements.txt
	$(LOCK) $(ARGS) -c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(LOCK) $(ARGS) requirements-tools.in -o requirements-tools.txt

$(TOOLS)/.ready: requirements-tools.txt
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.txt
	@touch $@

$(BIN)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (make PYTHON=... names another one)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt
	@touch $@

$(BIN)/.development: requirements-dev.txt $(BIN)/.runtime
	$(PIP) -r requirements-dev.txt
	@touch $@

%.mo: %.po $(BIN)/.runtime
	@$(BIN)/pybabel -q compile -i $< -o $@

chromium: # for the browser tests; without it they are skipped, loudly. The headless shell is the same engine, quicker.
	@test -x $(CHROMIUM) -a -x $(CHROMIUM)-headless-shell || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  echo "Installing Chromium for the browser tests ..." && apt-get -qq update && \
	  DEBIAN_FRONTEND=noninteractive apt-get -qq -y install chromium >/dev/null && \
	  { DEBIAN_FRONTEND=noninteractive apt-get -qq -y install chromium-headless-shell >/dev/null 2>&1 || true; }; } || test -x $(CHROMIUM) || \
	  echo "CHROMIUM IS MISSING ($(CHROMIUM)): THE BROWSER TESTS WILL BE SKIPPED. Install it: apt-get install chromium"
