# lakesmith: `make demo` shows what it does, `make test` proves it. Both set everything up first.
IN_RANGE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
# The first that runs, not the first that is found: a version manager leaves commands for versions that are not active.
PYTHON ?= $(shell for each in python3.12 python3.11 python3 python; do \
  $$each -c '$(IN_RANGE)' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
READY := .venv/.ready
DEEP := .venv/.deep

.PHONY: help
help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: setup ## From raw flight files to a gated model, a scored table and a report
	$(BIN)/lakesmith demo-data --quiet
	$(BIN)/lakesmith run conf/flights.yml

.PHONY: test
test: deep dist ## Runs the tests
	$(BIN)/python -m pytest

.PHONY: deep
deep: setup $(DEEP) ## Adds torch and tensorflow to .venv (3 GB to fetch)

$(DEEP): requirements-deep.lock $(READY)
	$(BIN)/pip install --quiet --require-hashes -r requirements-deep.lock
	@touch $(DEEP)

.PHONY: lint
lint: setup ## Format, lint, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

.PHONY: types
types: setup ## Static types
	$(BIN)/mypy

.PHONY: format
format: setup ## Formats the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: setup
setup: java $(READY) ## Makes .venv with the locked requirements and fetches Delta's JARs

.PHONY: java
java:
	@java=$${JAVA_HOME:+$$JAVA_HOME/bin/}java; found=$$($$java -version 2>&1 | sed -nE 's/.*version "([0-9]+).*/\1/p' | head -n 1); \
	case "$$found" in 17|21) ;; \
	*) echo "Java 17 or 21 is needed, found $${found:-none}: install one (Debian: apt-get install openjdk-17-jre-headless)" >&2; exit 5;; esac

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(IN_RANGE)' || \
	  { echo "Python 3.11 or 3.12 is needed: set PYTHON=/path/to/python3.11" >&2; exit 5; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -c 'from lakesmith import session; session.start("setup").stop()' 2>/dev/null || \
	  $(BIN)/python -c 'from lakesmith import session; session.start("setup").stop()'
	@touch $(READY)

.PHONY: dist
dist: dist/lakesmith.zip ## Writes the wheel and, from the same bytes, the zip for spark-submit --py-files

dist/lakesmith.zip: $(READY) $(shell find src/lakesmith src/lakesmith_stages -type f -not -name '*.pyc')
	@rm -rf dist && mkdir dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	@cp dist/lakesmith-*.whl dist/lakesmith.zip

.PHONY: schema
schema: setup ## Writes the JSON Schema that editors use
	$(BIN)/lakesmith schema > lakesmith.schema.json

.PHONY: clean
clean: ## Removes what can be made again; keeps .lakesmith (tables, models, reports)
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
