# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run test lint campaign bench lock

setup: .venv/.ok

# pip from outside the environment: a bare Debian has no python3-venv, and `venv --without-pip` needs none.
.venv/.ok: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "the gateway needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	rm -rf .venv
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install -q --require-hashes -r requirements.lock
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install -q --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/helpdesk demo var

test: setup lint
	$(BIN)/pytest

# Static tools cannot follow setuptools' package-dir map, so they read a tree of links that git ignores.
build/links: Makefile
	mkdir -p $@/helpdesk && ln -sfnr config gateway store templates threading $@/helpdesk/
	@touch $@

lint: setup build/links
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=build/links $(BIN)/lint-imports

# Longer runs: make campaign SEED=7 COUNT=1000
SEED ?= 1
COUNT ?= 1000
campaign: setup
	$(BIN)/python tests/campaign.py --seed $(SEED) --count $(COUNT)

bench: setup
	$(BIN)/helpdesk bench

lock:
	uv pip compile --universal --generate-hashes --no-annotate --no-header --extra dev -o requirements.lock pyproject.toml
