# One command for each thing that a person does here; `make` alone lists them.
PYTHON ?= python3
RUNNER = PYTHONPATH=dev/src $(PYTHON) -m groundwork_dev.bootstrap
LIGHT = .venv/bin/python
PART ?=
USERS ?= 8
SECONDS ?= 30
LOAD_LLM ?= real
IMAGES ?=
BASE ?=
TORCH ?= cpu
PUSH ?=
COLLECTOR ?=
DOCS ?=
UPDATE ?=
CHUNKS ?= 5000
ROUNDS ?= 3
KILLS ?= 60
SEED ?= 2
SETS ?=
NAME ?= local
QUESTIONS ?=
MODES ?= quote,both,write
RUNS ?= $(NAME)
TYPED = services/common/src services/gateway/src services/feedback/src services/embedder/src services/llm/src cli/src dev/src webapp tests bench evals helm/generate.py images/postgres/entrypoint.py

.DEFAULT_GOAL := help
.PHONY: help run up down status logs dev smoke reconcile check test test-long test-faults test-charts test-cluster test-gpu images charts load bench-embedder bench-ingest bench-lexical bench-rag eval eval-diff eval-calibrate install

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## Start everything in the foreground; Ctrl-C ends it
	@$(RUNNER) run

up: ## Start everything in the background
	@$(RUNNER) up

down: ## Stop everything
	@$(RUNNER) down

status: ## Show the parts and how they are
	@$(RUNNER) status

logs: ## Show the logs (PART=llm for one part)
	@$(RUNNER) logs $(PART)

dev: ## Restart one part on each saved file (PART=gateway)
	@$(RUNNER) dev $(PART)

smoke: install ## Ask the running stack in each answer mode and check all that comes of it
	@$(LIGHT) -m groundwork_dev.smoke

reconcile: install ## Count what in the running stack's database belongs to nothing
	@$(LIGHT) -m groundwork_dev.reconcile

install: # The light environment: services, command line tool, tests and tools
	@$(RUNNER) install

check: install ## Format, lint, types and the architecture's rules
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy $(TYPED)
	@$(LIGHT) -m pytest -q tests/test_architecture.py tests/test_edges.py tests/test_documentation.py tests/test_product_name.py
	@$(MAKE) --no-print-directory test-charts

test: ## Every test, on real parts
	@$(RUNNER) install heavy traces
	@$(LIGHT) -m groundwork_dev.browser
	@$(LIGHT) -m pytest --ignore=tests/cluster --ignore=tests/helm

test-faults: ## Kill the worker, PostgreSQL and the embedder at moments of chance (KILLS=60 SEED=2)
	@$(RUNNER) install heavy
	@$(LIGHT) -m pytest -v tests/faults --kills $(KILLS) --seed $(SEED)

test-long: ## What takes too long for every change: 500 kills of the worker
	@$(MAKE) --no-print-directory test-faults KILLS=500

test-charts: install ## The charts: rendered, packaged, against goldens and rules, without a cluster (UPDATE=1 for new goldens)
	@UPDATE=$(UPDATE) $(LIGHT) -m pytest -q tests/helm

test-cluster: install ## Install on a real cluster and try everything (KUBECONFIG, or TEST_CLUSTER, or kind)
	@$(LIGHT) -m pytest -v -s tests/cluster

test-gpu: ## Embedder and llm on CUDA, with a Python that has torch (PYTHON=/opt/venv/bin/python)
	@$(PYTHON) -m tests.gpu

images: install ## Build the container images that changed (IMAGES="gateway llm" BASE= TORCH=cuda PUSH=registry DOCS=1)
	@$(LIGHT) -m groundwork_dev.images $(IMAGES) --torch $(TORCH) $(if $(BASE),--base $(BASE)) $(if $(PUSH),--push $(PUSH)) $(if $(COLLECTOR),--collector $(COLLECTOR)) $(if $(DOCS),--write-docs)

charts: install ## Package the umbrella chart and every subchart into .groundwork/charts
	@$(LIGHT) -m groundwork_dev.charts

load: install ## Load over HTTP, an HTML report (URL= USERS=8 SECONDS=30 LOAD_LLM=fake)
	@$(LIGHT) -m tests.load $(if $(URL),--url $(URL)) --users $(USERS) --seconds $(SECONDS) --llm $(LOAD_LLM)

eval: install ## Measure retrieval and answers on the sets of EVAL_DATA (SETS= NAME=local QUESTIONS= MODES=quote,both,write)
	@$(LIGHT) -m evals run $(SETS) --name $(NAME) --modes $(MODES) $(if $(QUESTIONS),--questions $(QUESTIONS))

eval-diff: install ## Two runs of `make eval` side by side (A= B=)
	@$(LIGHT) -m evals diff $(A) $(B)

eval-calibrate: install ## Fit when to refuse on one half of the questions of some runs (RUNS=)
	@$(LIGHT) -m evals calibrate $(RUNS)

bench-embedder: install ## The embedder beside infinity and in-process encoding, in turns (ten minutes)
	@$(RUNNER) install heavy
	@$(LIGHT) -m bench.embedder

bench-rag: install ## What the stack adds to the time to the first token, beside LangChain and LlamaIndex (needs `make up`)
	@$(LIGHT) -m bench.rag

bench-lexical: install ## Search by words among 100,000 passages, with bounds on what is read and without
	@$(LIGHT) -m bench.lexical

bench-ingest: install ## Text to searchable beside the embedder alone, LangChain and LlamaIndex (CHUNKS=5000 ROUNDS=3)
	@$(RUNNER) install heavy
	@$(LIGHT) -m bench.ingest --chunks $(CHUNKS) --rounds $(ROUNDS)
