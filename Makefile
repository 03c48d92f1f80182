# The executable companion to Fundamentals of Deep Learning.
# `make` alone lists what can be made. Every target sets up what it needs.

PYTHON  ?= python3.11
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
BENCH   := .venv-bench
PROFILE ?= $(or $(FDL_PROFILE),quick)
JOBS    ?= 2
PORT    ?= 8000
THREADS ?= 1

export FDL_PROFILE := $(PROFILE)
export PYTHONHASHSEED := 0
# what would put other packages or other rules in the place of the pinned ones
unexport PYTHONPATH PYTHONHOME PYTHONOPTIMIZE PYTHONWARNINGS PIP_USER PIP_TARGET PIP_PREFIX

.DEFAULT_GOAL := help
.PHONY: environment bench-environment help html test lint bench record data epub serve notebooks linkcheck lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# An environment is whole when it holds .ready, which tells where it was made:
# one that was left half made, moved, copied or robbed of its Python is made
# anew. One make at a time sets it up.
GONE  := $(shell test ! -e $(READY) || { test -x $(BIN)/python && { test ! -s $(READY) || test "$$(cat $(READY))" = "$(CURDIR)"; }; } || rm -f $(READY))
MAKES  = $(MAKE) --no-print-directory
ALONE  = flock --nonblock --conflict-exit-code 75 Makefile $(MAKES) $(1); code=$$?; test $$code = 75 || exit $$code; \
	  echo "Another make sets up the environment: waiting for it." >&2; flock Makefile $(MAKES) $(1)
FRESH  = if test -e $(1)/pyvenv.cfg && ! test -e $(1)/.ready; then rm -rf $(1); fi; rm -f $(1)/.ready; test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
PIP    = -m pip install --quiet --disable-pip-version-check

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 was not found: please install it with its venv module (on Debian or Ubuntu: apt install python3.11-venv), or say where it is with make PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(call ALONE,environment)

environment:
	@if test $(READY) -nt requirements.lock && test $(READY) -nt pyproject.toml; then exit; fi; set -e; \
	$(call FRESH,$(VENV)); \
	$(BIN)/python $(PIP) --require-hashes -r requirements.lock; \
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .; \
	echo "$(CURDIR)" > $(READY)

html: $(READY)  ## run stale chapters and build the site in build/html
	$(BIN)/fdl book build --jobs $(JOBS)

test: $(READY)  ## run the tests, JOBS files at once
	OMP_NUM_THREADS=$(THREADS) $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile

lint: $(READY)  ## check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# PyTorch and gensim stay out of the lock: an environment of its own, on top of
# the other
$(BENCH)/.ready: $(READY)
	@$(call ALONE,bench-environment)

bench-environment:
	@if test $(BENCH)/.ready -nt $(READY); then exit; fi; set -e; \
	$(call FRESH,$(BENCH)); \
	echo "import site; site.addsitedir('$(CURDIR)/$(VENV)/lib/python3.11/site-packages')" \
	  > $(BENCH)/lib/python3.11/site-packages/locked.pth; \
	$(BENCH)/bin/python $(PIP) $$(sed -n 's/^bench = \[\(.*\)\]$$/\1/p' pyproject.toml | tr -d '",'); \
	touch $(BENCH)/.ready

bench: $(BENCH)/.ready  ## time our training steps against PyTorch's
	$(BENCH)/bin/python tests/bench/run.py --threads $(THREADS)

record: $(READY)  ## run every experiment at the book's own scale (hours)
	$(BIN)/fdl record --all --resume

data: $(READY)  ## download and verify the data sets that the chapters use
	$(BIN)/fdl data fetch --book

epub: $(READY)  ## write the book as one file, build/book.epub
	$(BIN)/fdl book ebook --jobs $(JOBS)

serve: $(READY)  ## show the built site at http://localhost:8000
	@$(BIN)/fdl book serve --port $(PORT)

notebooks: $(READY)  ## write the chapters as plain Jupyter notebooks
	$(BIN)/fdl book notebooks

linkcheck: $(READY)  ## try every link that leads out of the book
	$(BIN)/fdl book linkcheck

lock: $(READY)  ## pin every dependency anew, with hashes
	$(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes --upgrade \
	  --extra atari --extra book --extra test pyproject.toml --output-file requirements.lock

clean:  ## remove what was built (the environment and the data stay)
	@flock --nonblock build/.lock true || { \
	  echo "A build is at work in build/: wait for its end, or stop it." >&2; exit 1; }
	find build -mindepth 1 ! -name .gitignore ! -name .lock -delete
	find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +
