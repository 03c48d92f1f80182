# The executable companion to Fundamentals of Deep Learning.
# `make` alone lists what can be made. Every target sets up what it needs.

PYTHON  ?= python3.11
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
BENCH   := .venv-bench
PROFILE ?= quick
JOBS    ?= 2
PORT    ?= 8000
THREADS ?= 1

export FDL_PROFILE := $(PROFILE)
export PYTHONHASHSEED := 0
# kernels start in chapters/, so a relative mirror folder would be lost there
ifneq ($(and $(FDL_DATA_MIRROR),$(wildcard $(FDL_DATA_MIRROR))),)
export FDL_DATA_MIRROR := $(abspath $(FDL_DATA_MIRROR))
endif

.DEFAULT_GOAL := help
.PHONY: help html test lint bench record data serve notebooks linkcheck lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 was not found: please install it with its venv module (on Debian or Ubuntu: apt install python3.11-venv), or say where it is with make PYTHON=/path/to/python3.11." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

html: $(READY)  ## run stale chapters and build the site in build/html
	$(BIN)/fdl book build --jobs $(JOBS)

test: $(READY)  ## run the tests
	$(BIN)/python -m pytest -q

lint: $(READY)  ## check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# PyTorch stays out of the lock: an environment of its own, on top of the other
$(BENCH)/.ready: $(READY)
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@echo "import site; site.addsitedir('$(CURDIR)/$(VENV)/lib/python3.11/site-packages')" \
	  > $(BENCH)/lib/python3.11/site-packages/locked.pth
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check \
	  "$$(sed -n 's/^bench = \["\(.*\)"\]$$/\1/p' pyproject.toml)"
	@touch $@

bench: $(BENCH)/.ready  ## time our training steps against PyTorch's
	$(BENCH)/bin/python tests/bench/run.py --threads $(THREADS)

record: $(READY)  ## run every experiment at the book's own scale (hours)
	$(BIN)/fdl record --all --resume

data: $(READY)  ## download and verify the data sets that the chapters use
	$(BIN)/fdl data fetch --book

serve: $(READY)  ## show the built site at http://localhost:8000
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/html $(PORT)

notebooks: $(READY)  ## write the chapters as plain Jupyter notebooks
	$(BIN)/fdl book notebooks

linkcheck: $(READY)  ## try every link that leads out of the book
	$(BIN)/fdl book linkcheck

lock: $(READY)  ## pin every dependency anew, with hashes
	$(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes --upgrade \
	  --extra book --extra test pyproject.toml --output-file requirements.lock

clean:  ## remove what was built (the environment and the data stay)
	find build -mindepth 1 ! -name .gitignore -delete
	find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +
