# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup wheel run test lint contact-sheet campaign mutants house bench bench-reading bench-threads browser compare compare-speed docs reference pictures lock lock-compare lock-peers lock-docs

setup: .venv/.ok

# pip from outside the environment: a bare Debian has no python3-venv, and `venv --without-pip` needs none.
.venv/.ok: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "the gateway needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	rm -rf .venv
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install -q --require-hashes -r requirements.lock
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install -q --no-deps --no-build-isolation -e .
	@touch $@

# The package for other machines, in dist/: docs/installation.md.
wheel: setup
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check wheel -q --no-deps --no-build-isolation -w dist .

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

# The pages of docs/ as a site in build/docs; a warning is an error. The generator has an environment of its own.
docs: .docs/.ok
	.docs/bin/sphinx-build -q -E -W --keep-going -c docs -d build/doctrees . build/docs
	@cp build/docs/README.html build/docs/index.html
	@echo "the site is in build/docs/index.html"

.docs/.ok: docs/requirements.lock
	rm -rf .docs
	$(PYTHON) -m venv --without-pip .docs
	$(PYTHON) -m pip --python .docs/bin/python --disable-pip-version-check install -q --require-hashes --no-deps -r docs/requirements.lock
	@touch $@

# The pages that are made from the program itself: docs/reference.
reference: setup
	@PYTHONPATH=tests $(BIN)/python -m support.documentation.reference

pictures: setup
	@PYTHONPATH=tests $(BIN)/python -m support.documentation.pictures

# Longer runs: make campaign SEED=7 COUNT=1000
SEED ?= 1
COUNT ?= 1000
campaign: setup browser
	$(BIN)/python tests/campaign.py --seed $(SEED) --count $(COUNT)

# The pages in Chromium: python tests/campaign.py --only browser. Its driver has an environment of its own.
browser: build/peers/browser/.ok

build/peers/browser/.ok: tests/peers/browser.lock
	rm -rf build/peers/browser
	mkdir -p build/peers
	$(PYTHON) -m venv --without-pip build/peers/browser
	$(PYTHON) -m pip --python build/peers/browser/bin/python --disable-pip-version-check install -q --require-hashes --no-deps -r tests/peers/browser.lock
	@touch $@

# Each guard of the gateway removed in turn: which test fails? A few of them: make mutants ONLY=fencing
ONLY ?=
mutants: setup
	@PYTHONPATH=tests $(BIN)/python -m support.mutants.run --only "$(ONLY)"

# All letters as Chromium shows them, in build/contact-sheet.
contact-sheet: setup
	@PYTHONPATH=tests $(BIN)/python -m support.desk.contact_sheet

# Rooms, who imports whom, circles, wide values, and names that say too little. HOUSE names another checkout.
HOUSE ?= .
house: setup
	@PYTHONPATH=tests $(BIN)/python -m support.house $(HOUSE)

# Longer and further measurements: make bench BENCH="--mails 300 --rounds 5 --also all"
BENCH ?=
bench: setup
	$(BIN)/helpdesk bench $(BENCH)

bench-reading: setup
	@$(BIN)/python tests/benchmarks/bench_reading.py

# The 50 newest of a million conversations over HTTP: make bench-threads TICKETS=100000 DATABASE=postgresql://…
TICKETS ?= 1000000
bench-threads: setup
	@$(BIN)/python tests/benchmarks/bench_threads.py --tickets $(TICKETS) --database "$(DATABASE)"

# What public packages read on the same mails. They have an environment of their own; talon is built from its source.
CORPORA ?= ../shared/corpora
compare: setup .compare/.ok
	@$(BIN)/python tests/compare/compare.py --corpora $(CORPORA)

FOREIGN := $(PYTHON) -m pip --python .compare/bin/python --disable-pip-version-check install -q --require-hashes --no-deps
.compare/.ok: tests/compare/requirements.lock tests/compare/talon.lock
	rm -rf .compare
	$(PYTHON) -m venv --without-pip .compare
	$(FOREIGN) -r tests/compare/requirements.lock
	-$(FOREIGN) --no-build-isolation -r tests/compare/talon.lock
	@touch $@

# This gateway beside public ticket systems, which have an environment of their own: make compare-speed ROUNDS=5 MAILS=300
# On PostgreSQL with DATABASE=postgresql://…
ROUNDS ?= 5
MAILS ?= 300
DATABASE ?=
compare-speed: setup .speed/.ok
	@$(BIN)/python tests/compare/speed/compare_speed.py --rounds $(ROUNDS) --mails $(MAILS) --database "$(DATABASE)"

.speed/.ok: tests/compare/speed/requirements.lock
	rm -rf .speed
	$(PYTHON) -m venv --without-pip .speed
	$(PYTHON) -m pip --python .speed/bin/python --disable-pip-version-check install -q --require-hashes --no-deps -r tests/compare/speed/requirements.lock
	@touch $@

lock:
	uv pip compile --universal --generate-hashes --no-annotate --no-header --extra dev --extra report --extra s3 -o requirements.lock pyproject.toml

COMPILE := uv pip compile -q --upgrade --universal --python-version 3.11 --no-deps --generate-hashes --no-annotate --no-header
lock-compare:
	$(COMPILE) -o tests/compare/requirements.lock tests/compare/requirements.in
	$(COMPILE) -o tests/compare/talon.lock tests/compare/talon.in
	$(subst --no-deps ,,$(COMPILE)) -o tests/compare/speed/requirements.lock tests/compare/speed/requirements.in

lock-peers:
	$(subst --no-deps ,,$(COMPILE)) -o tests/peers/moto.lock tests/peers/moto.in
	$(subst --no-deps ,,$(COMPILE)) -o tests/peers/browser.lock tests/peers/browser.in

lock-docs:
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["docs"], sep="\n")' | \
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -o docs/requirements.lock -
