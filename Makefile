# Everything starts here: `make run` and `make test` set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help setup run test bench soak lock clean
.DEFAULT_GOAL := help

help:
	@echo "make run    the desk: with BOT_TOKEN a real bot, without one a sandbox in the browser"
	@echo "make test   lint, types, import contracts, tests"
	@echo "make bench  the table of figures"
	@echo "make soak   long fault runs"
	@echo "make setup  only what the others do first: .venv from the lock file"
	@echo "make lock   work the lock files out anew (needs uv)"

setup: $(VENV)/.run

$(VENV)/.run: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.lock
	@$(BIN)/python -c "import pathlib, sysconfig; \
	pathlib.Path(sysconfig.get_path('purelib'), 'changedesk.pth').write_text(str(pathlib.Path.cwd()))"
	@printf '#!/bin/sh\nexec "$(CURDIR)/$(BIN)/python" -m bot "$$@"\n' > $(BIN)/changedesk && chmod +x $(BIN)/changedesk
	@touch $@

$(VENV)/.test: $(VENV)/.run tests/requirements.lock
	$(PIP) -r tests/requirements.lock
	@touch $@

# Beside the environment: it asks for an older Pillow than ours, and for a newer Python than the oldest we serve.
$(VENV)/.peers: $(VENV)/.test tests/peers/requirements.lock
	$(PIP) --no-deps --ignore-requires-python --upgrade --target $(VENV)/peers -r tests/peers/requirements.lock
	@touch $@

run: $(VENV)/.run
	@$(BIN)/python -m bot start

test: $(VENV)/.peers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not soak" -n 3 --dist worksteal

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench

soak: $(VENV)/.test
	$(BIN)/python -m pytest -m soak

lock:
	uv pip compile --universal --generate-hashes --no-annotate --no-header \
		pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-annotate --no-header \
		pyproject.toml --group test -c requirements.lock -o tests/requirements.lock
	uv pip compile --universal --generate-hashes --no-annotate --no-header \
		--no-deps --python-version 3.12 tests/peers/requirements.in -o tests/peers/requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
