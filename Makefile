# Everything starts here: `make demo`, `make test`. Needs make and Python >= 3.11; the rest is installed under .venv.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Another interpreter to build the environment with, and arguments for the command behind a target: make demo ARGS=--once
PYTHON ?=
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

# An environment that was moved, or whose Python has gone, is made anew: its scripts hold absolute paths.
PLACE := $(shell test -x $(BIN)/python && $(BIN)/python -c "print(open('$(VENV)/.place').read())" 2>/dev/null)
ifneq ($(PLACE),$(CURDIR))
$(shell rm -f $(VENV)/.requirements $(VENV)/.project $(VENV)/.place)
endif

.PHONY: demo test check format setup web lock clean
.DEFAULT_GOAL := demo

demo: setup
	@$(BIN)/facility-monitor demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.project
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(VENV)/.project
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

setup: $(VENV)/.project web

web: $(VENV)/.project
	@$(BIN)/python web/build.py

$(VENV)/.requirements: requirements/all.txt
ifneq ($(PLACE),$(CURDIR))
	@$(find_python); \
	echo "==> Making the Python environment in $(VENV) with $$python ($$("$$python" --version 2>&1))"; \
	"$$python" -m venv --clear $(VENV)
endif
	@echo "==> Installing $$(grep -c == requirements/all.txt) pinned Python packages; the first time takes about a minute"
	@$(BIN)/python -m pip install -qq --require-hashes --requirement requirements/all.txt
	@printf '%s' '$(CURDIR)' > $(VENV)/.place
	@touch $@

$(VENV)/.project: $(VENV)/.requirements pyproject.toml
	@echo "==> Installing facility-monitor itself"
	@$(BIN)/python -m pip install -qq --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# The first interpreter that is new enough and can make environments; else one line that says what is missing.
define find_python
python=; found=; \
for candidate in $(if $(PYTHON),'$(PYTHON)',python3 python3.14 python3.13 python3.12 python3.11 python); do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	found=$$candidate; \
	"$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
	python=$$candidate; break; \
done; \
if test -z "$$found"; then \
	seen=$$('$(or $(PYTHON),python3)' --version 2>/dev/null | head -n 1); \
	echo "facility-monitor needs Python 3.11 or newer: $(or $(PYTHON),python3) is $${seen:-not there}$(if $(PYTHON),, (another: make PYTHON=/path/to/python3))" >&2; exit 1; \
elif test -z "$$python"; then \
	echo "$$found cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; \
fi
endef

# New versions of everything within the bounds of pyproject.toml; needs uv on PATH.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --upgrade
lock:
	$(LOCK) pyproject.toml --output-file requirements/run.txt
	$(LOCK) pyproject.toml --constraint requirements/run.txt --extra demo --extra dev --group build --output-file requirements/all.txt
	$(LOCK) --group build --output-file requirements/build.txt
	$(LOCK) --group node --output-file requirements/node.txt

clean:
	rm -rf $(VENV) src/facility_monitor/web/dist web/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
