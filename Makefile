# make run    starts everything on http://127.0.0.1:8000 (PORT=8931 make run, DEMO=0 make run)
# make reload replaces the running web server, worker and beat without a pause
# make backup writes everything into one file below var/backups/; make restore FILE=… brings it back
# make test   runs the tests; TESTS="tests/people -k sign" chooses some
# make bundle  builds the drawing library of the browser with only what is drawn; without it the whole one serves
# make lint, make format, make messages

SHELL := /bin/sh
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-compile --require-hashes
TESTS ?=
# Some of a test is waiting for a browser or a process: one more than the processors of a small machine.
WORKERS ?= 3
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# Everything here is many processes over the same modules: the first compiles them for all.
unexport PYTHONDONTWRITEBYTECODE

# A Python that was removed takes its virtual environment with it.
ifneq ($(shell $(BIN)/python -c '$(SUPPORTED)' 2>&1 || echo broken),)
$(shell rm -f $(VENV)/.python)
endif

.PHONY: run reload backup restore test bundle lint format messages clean

run: $(VENV)/.run-installed
	@exec $(BIN)/python -m okrplanner.embedded --until-parent-ends

reload: $(VENV)/.run-installed
	@exec $(BIN)/python -m okrplanner.embedded reload

backup: $(VENV)/.run-installed
	@exec $(BIN)/python manage.py backup $(if $(TO),--to "$(TO)") $(if $(KEEP),--keep $(KEEP))

# Also as `make restore var/backups/….okrbackup`
restore: FILE ?= $(filter %.okrbackup,$(MAKECMDGOALS))
restore: $(VENV)/.run-installed
	@exec $(BIN)/python manage.py restore $(if $(FILE),"$(FILE)") $(if $(YES),--yes)

%.okrbackup: restore
	@:

test: $(VENV)/.test-installed
	@exec $(BIN)/python tests/prepare.py
	@exec $(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

bundle: $(VENV)/.run-installed $(VENV)/.bundle-installed
	@$(BIN)/python bundle/make.py

lint: $(VENV)/.test-installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@EMBEDDED=0 SECRET_KEY="$$(head -c 48 /dev/urandom | base64)" ALLOWED_HOSTS=localhost DATABASE_URL=postgresql:///lint $(BIN)/mypy

format: $(VENV)/.test-installed
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

messages: $(VENV)/.test-installed
	@$(BIN)/python -m okrplanner.translations update

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUPPORTED)' 2>/dev/null || { echo "Python 3.11, 3.12 or 3.13 is needed: PYTHON=python3.12 make $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv."; exit 1; }
	@touch $@

$(VENV)/.run-installed: requirements.lock $(VENV)/.python
	@echo "Installing what requirements.lock names."
	@$(PIP) --requirement requirements.lock
	@touch $@

$(VENV)/.test-installed: requirements-test.lock $(VENV)/.python
	@echo "Installing what requirements-test.lock names."
	@$(PIP) --requirement requirements-test.lock
	@touch $@ $(VENV)/.run-installed

# Node and npm, to build the bundle with.
$(VENV)/.bundle-installed: bundle/requirements.lock $(VENV)/.python
	@echo "Installing what bundle/requirements.lock names."
	@$(PIP) --requirement bundle/requirements.lock
	@touch $@
