# Needs Python 3.11 to 3.13 and make, nothing else. `make help` lists what there is.
PORT ?= 8000
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every process starts in half the time where Python keeps what it has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-all services check security bench faults soak histories nights lock

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: .venv/.runtime ## Try the Portal: everything on this machine, until Ctrl-C (PORT=8000, KEEP=1 goes on with the last one)
	@PORTAL_MODE=embedded PORTAL_VAR="$(CURDIR)/var/demo" PORT="$(PORT)" KEEP="$(KEEP)" exec $(BIN)/python manage.py demo

test: .venv/.dev ## Run the tests that this machine can run (K=word: those of that name; REQUIRE_ALL=1: leaving any out is an error)
	@REQUIRE_ALL="$(REQUIRE_ALL)" exec $(BIN)/python scripts/test.py $(if $(K),-k "$(K)")

test-all: .venv/.dev ## Run every test on both set-ups, with the long ones: for a night or a release
	@REQUIRE_ALL="$(REQUIRE_ALL)" exec $(BIN)/python scripts/test.py --everything

services: ## Install PostgreSQL, Redis and Chromium from Debian packages where missing, and start them
	@scripts/services

check: .venv/.dev ## Format, lint, types, import contracts, templates, migrations, deployment settings, sizes
	@scripts/check

security: .venv/.dev ## Run the tests of the security checklist, and print its 57 rows
	@exec $(BIN)/python scripts/security.py

bench: .venv/.dev ## Measure speed and memory on PostgreSQL (ROWS=4,5,8 measures only those)
	@ROWS="$(ROWS)" exec $(BIN)/python -m tests.bench

faults: .venv/.dev ## Put the Portal through every fault, and print what happened
	@exec $(BIN)/python scripts/faults.py

soak: .venv/.dev ## Random sequences of syncs, faults and kills (SOAK_MINUTES=20, SOAK_SEQUENCES=2000)
	@exec $(BIN)/python scripts/soak.py

histories: .venv/.dev ## Random histories of remediation, outages and kills against the rules (HISTORIES=500)
	@HISTORIES="$(or $(HISTORIES),500)" exec $(BIN)/python scripts/histories.py

nights: .venv/.dev ## A thousand histories of nights that read changes alone (NIGHTS=1000)
	@CHANGES_HISTORIES="$(or $(NIGHTS),1000)" exec $(BIN)/python -m pytest -q -n 2 --timeout 0 -m "" tests/integrations/sync/test_changes_histories.py

lock: .venv/.dev ## Write requirements.txt and requirements-dev.txt from their .in files (UPGRADE=1: newest that fit)
	@scripts/lock $(if $(UPGRADE),--upgrade)

.venv/.created:
	@scripts/create-venv
	@touch $@

.venv/.runtime: requirements.txt .venv/.created
	@echo "Installing what the Portal runs with ..."
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt .venv/.created
	@echo "Installing what the Portal runs and is tested with ..."
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.txt
	@touch .venv/.runtime $@
