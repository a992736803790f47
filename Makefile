# Two commands matter: `make demo` and `make test`.  Both install what they need into .venv, once per
# change of the locks; after that they need no network.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format bench lock clean

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; name another one with PYTHON=…
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PORT ?= 8765

help:  ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/runtime.stamp  ## Try the bot in a browser: no account, no server (PORT=8765)
	@$(BIN)/python -m bot demo --port $(PORT)

test: lint  ## Check everything: format, lint, types, tests
	$(BIN)/pytest

lint: $(VENV)/dev.stamp  ## Check format, lint and types only
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: $(VENV)/dev.stamp  ## Format the code, repair what lint can repair
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/dev.stamp  ## Measure how fast it is: every tests/bench/bench_*.py
	@set -e; for file in tests/bench/bench_*.py; do \
		echo "== $$file"; $(BIN)/python -m "tests.bench.$$(basename "$$file" .py)"; done

# Kept versions stay as they are; `make lock UPGRADE=--upgrade` takes the newest, UPGRADE="-P NAME" one of them.
lock: var/uv/bin/uv  ## Write requirements*.txt anew from pyproject.toml
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt

clean:  ## Remove the environment and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis var/uv

COMPILE = var/uv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --custom-compile-command "make lock" $(UPGRADE) pyproject.toml

var/uv/bin/uv:
	@$(usable)
	$(PYTHON) -m venv var/uv
	var/uv/bin/pip install --quiet --disable-pip-version-check uv

$(VENV)/runtime.stamp: requirements.txt $(BIN)/python
	@$(install)

$(VENV)/dev.stamp: requirements-dev.txt $(BIN)/python
	@$(install)

$(BIN)/python:
	@$(usable)
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)

# A venv whose Python was replaced, or whose making was interrupted, has no working pip: it is made anew.
# pip names a package when it starts with it; one dot each is progress enough.
define install
set -e; rm -f $@; \
$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(usable); $(PYTHON) -m venv --clear $(VENV); }; \
printf 'Installing %s packages into $(VENV) ' "$$(grep -c '==' $<)"; \
{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r $< && touch $@; } \
	| while read -r word rest; do case "$$word" in Collecting) printf . ;; Installing) printf ' ' ;; esac; done; \
if test -f $@; then echo ' done'; else echo; echo 'The installation failed; the reason is above.' >&2; exit 1; fi
endef

define usable
{ test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; } 2>/dev/null \
	|| { echo 'Python 3.11 or newer is needed; name it with: make $(MAKECMDGOALS) PYTHON=/path/to/python3' >&2; exit 1; }; \
"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo 'This Python cannot make environments; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
endef
