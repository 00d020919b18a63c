# Every verb of the project. CI and contributors use the same ones; `make` alone lists them.
# A second call is quick: stamps below $(VENV) say what is already there.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
VENV_HUB5 ?= .venv-hub5
BIN := $(VENV)/bin
PORT ?= 8000
DATA_DIR ?= .gatehouse
# What pytest runs: make test TESTS="tests/demo -k ports"
TESTS ?=
# Most of a test's time is waiting for processes. A file stays on one worker, so that its fixtures start once.
PARALLEL ?= -n 4 --dist loadfile

PIP := -m pip --disable-pip-version-check --quiet install
JLPM := PATH="$(abspath $(BIN)):$$PATH" $(BIN)/jlpm
INSTALLED := $(VENV)/.installed
NODE_MODULES := node_modules/.yarn-state.yml
LABEXTENSION := server_ext/labextension/package.json
LAB_LINK := $(VENV)/share/jupyter/labextensions/jupyterlab-gatehouse
LAB_SOURCES := $(shell find labextension/src labextension/style labextension/schema labextension/tsconfig.json -type f 2>/dev/null | grep -v -e __tests__ -e '\.test\.')
HUB5_TESTS := tests/identity tests/spawn tests/wiring
WHOLE_TESTS := tests/packaging tests/chaos tests/panel tests/flow tests/demo

.PHONY: help demo test checks test-python test-hub5 test-whole test-kubernetes jest lint bench bench-admission bench-overhead bench-metering bench-panel messages docs pictures build clean python node chromium postgresql go containerd prometheus

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(LABEXTENSION) ## everything on this machine until Ctrl-C (PORT=8000 DATA_DIR=.gatehouse)
	@exec $(BIN)/gatehouse demo --port "$(PORT)" --data-dir "$(DATA_DIR)"

# Most of a test's time is waiting for processes, so what computes goes on beside it.
test: chromium postgresql $(LABEXTENSION) ## all checks, and the tests of each room (TESTS=... narrows pytest)
	$(MAKE) --jobs=2 checks test-python

checks: lint docs ## everything but pytest: formatting, types, layers, docs, jest
	$(MAKE) jest

lint: $(LABEXTENSION) ## formatting, types, layers, for Python and TypeScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(JLPM) tsc -p labextension --noEmit
	$(JLPM) tsc -p labextension/tsconfig.test.json
	$(JLPM) lint

bench: ## measurements (each is a verb bench-NAME)
	@verbs="$$(grep -oE '^bench-[a-z-]+' $(MAKEFILE_LIST) || true)"; \
	if [ -z "$$verbs" ]; then echo "There are no benchmarks yet."; else $(MAKE) $$verbs; fi

bench-admission: $(INSTALLED) postgresql ## how long scale(1000) waits; over-grants; fairness; budget overshoot
	@for name in admission sharing overshoot; do $(BIN)/python -m benchmarks.$$name; done

bench-overhead: $(INSTALLED) ## new_cluster() to two workers, beside a stock Dask Gateway
	@$(BIN)/python -m benchmarks.overhead

bench-metering: $(INSTALLED) postgresql ## how exact the ledger is beside samplers; intake; answers at ten million intervals
	@$(BIN)/python -m benchmarks.metering

bench-panel: $(LABEXTENSION) chromium ## the panel: its size, its idle processor time, how soon it shows an event; 200 of them
	@$(BIN)/python -m benchmarks.panel

messages: $(INSTALLED) ## the panel's messages: template, catalogs, and what JupyterLab reads of them
	$(BIN)/python labextension/scripts/messages.py

docs: $(INSTALLED) ## the documentation as HTML in docs/_build/html; a warning is an error
	$(BIN)/python -m docs.generate
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -b html docs docs/_build/html

pictures: $(LABEXTENSION) chromium ## the screenshots in docs/images, taken anew by the browser tests
	@taken="$$(mktemp -d)"; GATEHOUSE_SCREENSHOTS="$$taken" $(BIN)/python -m pytest -q tests/flow tests/panel; \
	for picture in docs/images/*.png; do cp "$$taken/$${picture##*/}" "$$picture"; done; rm -r "$$taken"

build: $(LABEXTENSION) ## sdist and wheel in dist/, with the built JupyterLab extension
	$(BIN)/python -m build

clean: ## what was built; environments and the demo's state stay
	rm -rf build dist docs/_build labextension/lib server_ext/labextension coverage
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find hub_ext server_ext tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the parts of `make test` ---

jest: $(LABEXTENSION)
	$(JLPM) test

test-python: $(LABEXTENSION) chromium postgresql
	$(BIN)/python -m pytest $(PARALLEL) $(TESTS)

# JupyterHub 5 is supported too.
test-hub5: $(VENV_HUB5)/.installed ## the hub's rooms on the newest JupyterHub 5
	$(VENV_HUB5)/bin/python -m pytest -q -p no:cacheprovider $(PARALLEL) $(HUB5_TESTS)

# Most files are a whole demo, many with JupyterLab in a browser, so two beside each other are enough.
test-whole: $(LABEXTENSION) chromium ## the whole product: the panel in a browser, one day, kill -9, the wheel (TESTS=...)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(or $(TESTS),$(WHOLE_TESTS))

# --- a real Kubernetes ---

# One control plane for the run, so nothing beside each other. The first run builds its programs, which takes minutes.
test-kubernetes: $(INSTALLED) postgresql go containerd prometheus ## the tests on a real Kubernetes: KUBECONFIG's, or one built here (TESTS=... narrows pytest)
	@$(BIN)/python -m tests.kubernetes.building $(if $(KUBECONFIG),kubectl) >/dev/null
	$(BIN)/python -m pytest $(or $(TESTS),tests/kubernetes)

# --- environments ---

python:
	@command -v $(PYTHON) >/dev/null || { echo "Gatehouse needs python3 3.11 or newer; $(PYTHON) was not found. Install it, or name another with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gatehouse needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1 | cut -d' ' -f2). Name another with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments; install its venv module (Debian: apt install python3-venv)." >&2; exit 1; }

$(VENV)/.made: | python
	@$(BIN)/python -c pass 2>/dev/null || { echo "Making $(VENV)..."; rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@touch $@

# The extension is linked, not copied, so that a rebuild is seen at once. Without the link first, pip would remove the
# files behind it when it replaces an older installation.
$(INSTALLED): pyproject.toml constraints.txt package.json $(VENV)/.made
	@echo "Installing the Python packages into $(VENV)..."
	@rm -rf $(LAB_LINK)
	@$(BIN)/python $(PIP) -c constraints.txt -e '.[dev]'
	@rm -rf $(LAB_LINK) && mkdir -p $(dir $(LAB_LINK)) && ln -s $(abspath $(dir $(LABEXTENSION))) $(LAB_LINK)
	@touch $@

$(VENV_HUB5)/.installed: pyproject.toml constraints.txt package.json | python
	@echo "Installing JupyterHub 5 into $(VENV_HUB5)..."
	@$(VENV_HUB5)/bin/python -c pass 2>/dev/null || { rm -rf $(VENV_HUB5); $(PYTHON) -m venv $(VENV_HUB5); }
	@grep -v '^jupyterhub==' constraints.txt > $(VENV_HUB5)/constraints.txt
	@$(VENV_HUB5)/bin/python $(PIP) -c $(VENV_HUB5)/constraints.txt -e '.[hub,service,kubernetes]' 'jupyterhub<6' configurable-http-proxy hypothesis psutil pytest pytest-asyncio pytest-xdist virtualenv
	@touch $@

# --- the JupyterLab extension ---

node:
	@command -v node >/dev/null || { echo "Building the JupyterLab extension needs node 20.19 or newer; it was not found. Install it, or install the wheel, which needs none." >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' || { echo "Building the JupyterLab extension needs node 20.19 or 22.12 or newer; this is $$(node --version)." >&2; exit 1; }

$(NODE_MODULES): package.json yarn.lock $(INSTALLED) | node
	@echo "Installing the JavaScript packages..."
	@$(JLPM) install --immutable > $(VENV)/jlpm.log 2>&1 || { tail -n 20 $(VENV)/jlpm.log >&2; exit 1; }
	@touch $@

$(LABEXTENSION): $(NODE_MODULES) $(LAB_SOURCES)
	@echo "Building the JupyterLab extension..."
	@$(JLPM) build:prod > $(VENV)/build.log 2>&1 || { tail -n 40 $(VENV)/build.log >&2; exit 1; }
	@touch $@

# --- the browser that tests drive ---

chromium:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's chromium for the browser tests..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-liberation >/dev/null; \
	else \
		echo "The browser tests need chromium; it was not found. Install it (Debian: sudo apt install chromium)." >&2; exit 1; \
	fi

# --- the database that tests start, one for each run ---

# Only its programs: a cluster of Debian's own is neither made nor started.
postgresql:
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { command -v initdb && command -v postgres; } >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's postgresql for the tests..."; \
		mkdir -p /etc/postgresql-common/createcluster.d && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/gatehouse.conf; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql >/dev/null; \
	else \
		echo "The tests need PostgreSQL's server programs; none were found in /usr/lib/postgresql. Install them (Debian: sudo apt install postgresql)." >&2; exit 1; \
	fi

# --- what the tests on Kubernetes need: Go to build it, and what runs the containers of a real node ---

# With KUBECONFIG nothing is built but kubectl.
go:
	@if command -v go >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's golang-go to build Kubernetes..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends golang-go >/dev/null; \
	fi # without it the build says what to do

# The tests start containerd themselves, in namespaces of its own. Without these programs, or without root, the tests
# with a real node are left out, and pytest's first lines say so.
containerd:
	@if { command -v containerd && command -v runc && command -v ip && ls /usr/lib/cni/bridge; } >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's containerd and runc for the tests on Kubernetes..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
			containerd runc containernetworking-plugins iproute2 >/dev/null; \
	fi

# --- what checks alerts and dashboards ---

# Only the programs: the service that Debian's package would start is told not to.
prometheus:
	@if command -v prometheus >/dev/null && command -v promtool >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's prometheus for the tests..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends prometheus >/dev/null; \
	else \
		echo "The tests of alerts and dashboards need prometheus and promtool; they were not found. Install them (Debian: sudo apt install prometheus)." >&2; exit 1; \
	fi
