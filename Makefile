# Thin names over the tools; every target sets up what it needs first, and only when something changed.
PYTHON ?= python3
ARGS ?=

export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_NODE := $(CURDIR)/.venv/bin/node
CDK := cdk --no-notices
PYTEST := pytest --numprocesses 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup training demo test check synth bench format schema picture snapshots clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: ## Install everything into this folder: .venv and node_modules
	@$(PYTHON) scripts/setup.py

training: ## The same, and .venv-training: what containers/training runs with
	@$(PYTHON) scripts/setup.py training

demo: training ## Deploy to an AWS on this machine, analyse photos, train a model, destroy everything
	@mlstack demo $(ARGS)

test: training ## Run the tests (ARGS="-k vision" and the like are passed on)
	@$(PYTEST) $(ARGS)

synth: setup ## Write the templates to cdk.out (ARGS="-c profile=team")
	@$(CDK) synth --quiet $(ARGS)

check: training ## Everything that must hold before a change lands
	ruff format --check .
	ruff check .
	PYTHONPATH=lambda:containers/inference:containers/training:containers/worker:machines/notebook:machines/shared:machines/workstation lint-imports
	mypy
	$(PYTEST)
	$(CDK) synth --quiet
	python -m checks --assembly cdk.out

bench: training ## Measure speed, memory, idle hours and waits against floors and peers
	@python bench/run.py $(ARGS)

format: setup ## Format the code and mend what can be mended
	@ruff format .
	@ruff check --fix .

picture: setup ## Draw docs/demo.svg from a real run of the demo
	@python scripts/demo_picture.py

schema: setup ## Write config/schema.json from the profile's models
	@python scripts/schema.py

snapshots: setup ## Accept the templates as they are now
	@pytest tests/templates --snapshot-update

clean: ## Stop the local AWS and remove everything that the targets made
	@test ! -x .venv/bin/mlstack || mlstack local down
	@find . -name __pycache__ -not -path "./.venv*" -not -path "./node_modules/*" -prune -exec rm -rf {} +
	@rm -rf .venv .venv-training node_modules .mlstack cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
