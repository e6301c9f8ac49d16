# Two commands: `make study` runs the real study, `make test` the tests. Both build the environment where it is needed.
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
UV ?= uv
STUDY ?= data/nc_counties/study.toml
export UV
# One thread per process: small matrices lose many times over to threads that wait for each other.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help environment study demo test validation lint format coverage bench lab lock spark clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z.]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

environment: ## build .venv from requirements.lock, unless it is there and whole (PYTHON=... names the interpreter)
	@python=$$(sh tools/find_python.sh $(PYTHON)) && "$$python" tools/environment.py $(VENV) $(if $(PYTHON),--this-python)

study: environment ## run the study of 90 North Carolina counties, or another (STUDY=data/demo_bureau); the report goes to reports/
	@$(BIN)/kpi-research run $(STUDY) --out reports

demo: environment ## run the study of the simulated bureau; the report goes to reports/
	@$(BIN)/kpi-research run data/demo_bureau/study.toml --out reports

test: environment ## run the fast tests and the examples of the docstrings
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations 10

validation: environment ## run the slow simulations that check coverage and error rates; figures go to reports/validation/
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations 10 -m validation
	@$(BIN)/python tools/write_dossiers.py

lint: environment ## check style, format and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: environment ## format the code and mend what can be mended
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

coverage: environment ## run the fast tests and show which lines they reach; pages in htmlcov/
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report term --cov-report html

bench: environment ## run every benchmark
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

lab: environment ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

spark: environment ## add Apache Spark to .venv (needs Java 17; 400 MB, so it is not in requirements.lock)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-spark.lock

COMPILE = pip compile --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --annotation-style line \
    --custom-compile-command "make lock" --quiet
EXTRAS = --extra examples --extra notebooks --extra postgres --extra cluster --extra dev

lock: ## choose the package versions anew within pyproject.toml (needs uv; OPTIONS=--upgrade for the newest)
	@command -v "$(UV)" >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	@$(UV) $(COMPILE) pyproject.toml $(EXTRAS) --output-file requirements.lock $(OPTIONS)
	@printf 'pyspark>=4.0\n' | $(UV) $(COMPILE) - --constraint requirements.lock --output-file requirements-spark.lock $(OPTIONS)

environment.yml: pyproject.toml tools/conda_environment.py ## write the conda environment from pyproject.toml
	@python=$$(sh tools/find_python.sh $(PYTHON)) && "$$python" tools/conda_environment.py

clean: ## remove the environment, caches and coverage pages; reports stay
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .mypy_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
