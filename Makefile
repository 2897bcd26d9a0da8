# make demo: set everything up and map the bundled survey.   make test: set everything up and test.
.DEFAULT_GOAL := help
.PHONY: help setup browser demo test test-slow calibrate lint format bench docs book wheel release clean
PYTHON := .venv/bin/python
READY := .venv/installed

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 20

$(READY): pyproject.toml .ci/make_environment .ci/find_python
	@sh .ci/make_environment

setup: $(READY) ## the environment alone, in .venv

browser: # for the tests of the report; no help line: make test asks for it
	@sh .ci/install_browser

demo: $(READY) ## fit the bundled survey and draw its maps, in leopard_demo/
	@.venv/bin/scr demo leopard_demo

test: $(READY) browser ## the tests (minutes)
	$(PYTHON) -m pytest -n auto --dist worksteal

test-slow: $(READY) browser ## the simulation studies (an hour)
	$(PYTHON) -m pytest -n auto -m slow

calibrate: $(READY) ## the study of calibration; goes on where it was stopped (an hour)
	$(PYTHON) docs/calibration.py

lint: $(READY) ## style, types and layers
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: $(READY) ## put the code into the house style
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: $(READY) ## time kernel, fits, whole process; writes benchmarks/README.md (quarter of an hour)
	$(PYTHON) benchmarks/run.py $(ONLY)

docs: $(READY) ## fit the demo; redraw the pictures and numbers of README
	$(PYTHON) docs/make_readme.py
	$(PYTHON) docs/make_gallery.py
	$(PYTHON) docs/make_data_dictionary.py

book: $(READY) ## these pages as a site, without a network: build/book/index.html
	$(PYTHON) -m sphinx --fail-on-warning --keep-going -q -b html docs build/book

wheel: $(READY) ## a wheel in dist/
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist .

release: ## sdist and wheel, tried on the oldest and newest libraries (minutes, with a network)
	@sh .ci/check_release

clean: ## remove the environment and everything made
	rm -rf .venv dist build leopard_demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
