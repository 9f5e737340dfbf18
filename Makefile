# Each target makes its own .venv first: a fresh machine needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ROOMS := cli examples generator mapping matrix runtime spec templates
ENGINES ?= sqlite

.PHONY: demo test check format bench bugs fuzz clean
.DEFAULT_GOAL := check

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

# Type checkers do not see through an editable install's finder: the same rooms, linked under one roof.
.typed: $(READY) pyproject.toml
	rm -rf $@ && mkdir -p $@/gen_suite
	for file in gen_suite/*; do ln -s ../../$$file $@/$$file; done
	for room in $(ROOMS); do ln -s ../../$$room $@/gen_suite/$$room; done

demo: $(READY)  ## the whole job on the bundled shop API and SQLite
	$(BIN)/gen-suite demo demo

test: $(READY)  ## the tests; engines that cannot be reached are named as skipped
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

check: $(READY) .typed  ## format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p gen_suite
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## ratios against peers and the physical limit -> benchmarks/results.json
	$(BIN)/python -m benchmarks

bugs: $(READY)  ## every seeded bug of the shop against the emitted suite -> benchmarks/bugs.json
	$(BIN)/python -m benchmarks.bugs --engines $(ENGINES)

fuzz: $(READY)  ## long fuzzing of the database room
	$(BIN)/python -m pytest tests --fuzz long -m fuzz

clean:
	rm -rf $(VENV) .typed build *.egg-info
