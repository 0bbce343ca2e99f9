# Everything a person does here. `make help` lists it; nothing but Python 3.11+, make and pip's registry is needed.
PYTHON ?= python3
BIN := .venv/bin
MAKEFLAGS += --no-print-directory
INSTALLED := .venv/.installed
STAND_IN := .venv/.slack-stand-in

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-e2e check fix bench replay policies traceability lock

help: ## this list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

setup: $(INSTALLED) $(STAND_IN) ## install everything, exactly as locked, into .venv
	@:

demo: setup ## three AI systems through their lives, on real servers, then stop
	@$(BIN)/aims demo

up: setup ## the whole product on this machine, until Ctrl-C
	@$(BIN)/aims up

test: $(INSTALLED) ## all tests but the end-to-end ones
	@$(BIN)/pytest -q -m "not e2e"

test-e2e: setup ## the tests that need npm, node or chromium
	@$(BIN)/pytest -q -m e2e

check: $(INSTALLED) ## what must hold before the tests: style, types, layers, policies, traceability, lock
	@$(BIN)/ruff check --quiet . && echo "ruff check: nothing to say"
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@layers=$$($(BIN)/lint-imports --no-logo 2>&1) && echo "$$layers" | tail -n 1 || { echo "$$layers"; exit 1; }
	@$(BIN)/aims policy check
	@$(BIN)/aims policy schema --check
	@$(BIN)/python -m tests.traceability --check
	@$(BIN)/pytest -q tests/architecture/test_lock.py
	@$(BIN)/python -m tests.architecture.sizes

fix: $(INSTALLED) ## mend what ruff can mend, and format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(INSTALLED) ## measure the governed approval beside its baseline
	@$(BIN)/python -m benchmarks.governed_approval

replay: $(INSTALLED) ## recorded histories against the workflows of this checkout
	@$(BIN)/pytest -q tests/replay

policies: $(INSTALLED) ## write the JSON Schemas of the policy files anew
	@$(BIN)/aims policy schema

traceability: $(INSTALLED) ## write docs/traceability.md anew from the marks of the tests
	@$(BIN)/python -m tests.traceability

# Not in the list: a dependency changes seldom. Needs uv; CONTRIBUTING.md says when.
lock:
	@uv pip compile pyproject.toml --no-config --extra embedded --group dev --group build --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Installing into .venv, once; about a minute"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The stand-in is a comfort: without npm everything else still works.
$(STAND_IN): package.json package-lock.json $(INSTALLED)
	@if ! command -v npm >/dev/null; then echo "npm is not here: going on without the Slack stand-in"; \
	elif npm ci --silent --no-progress 2>/dev/null; then touch $@; \
	else echo "npm ci failed: going on without the Slack stand-in (try: npm ci)"; fi
