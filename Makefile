# Everything runs in an environment of its own, .venv; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-rest test-all lint audit requirements format clean

demo: $(VENV)/.app ## Set up, ingest the bundled sample if there is no index, open the app
	$(BIN)/kindred ui --sample $(if $(PORT),--port $(PORT))

# Marks are explained in pyproject.toml.
# One process more than there are processors: much of what is tested waits.
PYTEST = $(BIN)/pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist loadfile --no-loadscope-reorder
REST := e2e or process or server or slow
# Hundreds of processes would compile the same modules again.
test test-rest test-all: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.tests ## Set up and run what to run after every change, on all processors
	$(PYTEST) -m "not ($(REST))"

test-rest: $(VENV)/.tests ## Browsers, processes, a real server if one is named, and what is slow
	$(PYTEST) -m "$(REST)"

test-all: $(VENV)/.tests ## Both
	$(PYTEST)

lint: $(VENV)/.tests ## Style, types, and what it is deployed from
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python .ci/scan_secrets.py
	$(BIN)/hadolint --failure-threshold warning Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml docker-compose.cluster.yml

audit: $(VENV)/.tests ## Known vulnerabilities in what the image is made of
	$(BIN)/python .ci/audit.py

# Needs uv. An image takes nothing else, whatever has been published since: after this, `make audit test`.
PIN := uv pip compile --quiet --upgrade --python-version 3.12 --python-platform linux --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make requirements"
requirements: ## Pin what the image is made of, anew
	$(PIN) pyproject.toml --output-file requirements.txt
	sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml | $(PIN) - --output-file requirements-build.txt

format: $(VENV)/.tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Kindred needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@if command -v uv >/dev/null; then uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); \
	else $(PYTHON) -m venv $(VENV); fi

# uv where there is one, because it is faster; pip otherwise.
define install
	@echo "Installing into $(VENV) ..."
	@if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python $(1); \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1); fi
	@touch $@
endef

$(VENV)/.app: pyproject.toml | $(BIN)/python
	$(call install,--editable .)

$(VENV)/.tests: pyproject.toml | $(BIN)/python
	$(call install,--editable '.[test]')
