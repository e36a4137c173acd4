# Two commands matter: `make demo` and `make test`. Both set up their own .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types contracts bench docs clean
.DELETE_ON_ERROR:

demo: .venv/ready examples/shop/api/site
	$(BIN)/python examples/shop/demo.py

test: lint types contracts examples/shop/api/site
	$(BIN)/pytest --cov --cov-report=term:skip-covered --cov-fail-under=90
	$(BIN)/coverage report --include='deployctl/model/*,deployctl/engine/*' --fail-under=100

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/ready
	$(BIN)/mypy

contracts: .venv/ready
	$(BIN)/lint-imports --no-cache

docs: .venv/ready
	$(BIN)/python -m docs.generator

bench: .venv/ready
	$(BIN)/python benchmarks/startup.py

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "deployctl needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make a virtual environment: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[sandbox,dev]'
	touch $@

examples/shop/api/site: .venv/ready examples/shop/api/requirements.txt
	PYTHON=$(abspath $(BIN)/python) examples/shop/prepare.sh
	touch $@

clean:
	rm -rf .venv examples/shop/api/site .coverage .mypy_cache .ruff_cache .pytest_cache
