# The front door. `make demo` and `make test` need nothing but Rust: `setup` brings the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Everything is built with the whole workspace in view, in one profile: features are settled once and nothing is compiled twice.
CARGO ?= cargo
BENCH ?=
BENCH_AUTOML ?=

.PHONY: help setup build fleet-programs demo demo-drift demo-rollback test chaos record-histories lint fmt bench bench-serving bench-drift bench-prepare bench-validate bench-automl load soak fleet fleet-security wheel docs fuzz fleet-images

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## bring build tools, cmake and nats-server where they are missing or too old
	@scripts/setup

build: setup ## compile every program
	$(CARGO) build --workspace --bins

fleet-programs: setup ## compile the programs of a fleet and its command line
	@CARGO='$(CARGO)' scripts/build-fleet

demo: fleet-programs ## train and deploy a churn model from one sentence, and predict with it
	@scripts/demo

demo-drift: fleet-programs ## a live model meets people who have changed: an alert, a retraining, a promotion, as it happens
	@scripts/demo-drift

demo-rollback: fleet-programs ## a bad model is deployed and rolled back without a person
	@scripts/demo-rollback

test: ## run every test, the end-to-end ones included
	@scripts/setup --tests
	@scripts/test

fleet-security: setup ## every identity of the broker tries every subject; keys, rotation, TLS
	@scripts/security

fuzz: setup ## feed what outsiders can send to what reads it, by coverage (FUZZ_SECONDS=60 each, FUZZ_RUNS=N, FUZZ_TARGETS="csv uri")
	@scripts/fuzz

chaos: ## kill and pause processes under runs (CHAOS_RUNS=1000 for a long one, CHAOS_SEED=N for another schedule)
	@scripts/setup --tests
	@scripts/chaos

record-histories: ## record the histories that the tests replay anew
	@scripts/setup --tests
	@scripts/record-histories

lint: setup ## check formatting, lints, licences, advisories and the schema
	@scripts/lint

wheel: build ## a Python wheel that carries the programs, in target/wheel
	@scripts/python-venv && scripts/wheel target/wheel

docs: ## a book of the documents, in target/book (brings mdbook, which takes minutes the first time)
	@scripts/book

fmt: ## format the sources
	$(CARGO) fmt --all

fleet: ## run the fleet in containers, and kill each of them once (needs Docker, or root to install and start it)
	@scripts/fleet trial

fleet-images: ## assemble the images twice: the same digests, labels, bills of materials, sizes
	@scripts/fleet images --verify

bench: setup ## measure the hot paths (BENCH=name for some of them)
	$(CARGO) bench --workspace --profile dev --bench '*' -- $(BENCH)

bench-serving: setup ## three kinds of models beside a bare handler, LightGBM and onnxruntime; CPU of a request beside MLServer and MLflow (needs their Python packages)
	@scripts/bench-serving

bench-drift: setup ## CPU of every drift statistic of 100,000 rows and 20 columns: tier0 and Evidently (brings its Python packages)
	@scripts/bench-drift

bench-prepare: setup ## from a CSV of 1,000,000 rows to splits: tier0, Polars and DuckDB (BENCH_ROWS=N; brings its Python packages)
	@scripts/bench-prepare

bench-validate: setup ## time of 20 expectations on 1,000,000 rows and 20 columns: tier0 and Great Expectations (brings its Python packages)
	@scripts/bench-validate

bench-automl: setup ## quality, time and memory of models on 30 data sets: tier0, AutoGluon, FLAML, LightGBM (BENCH_AUTOML=options; two hours)
	@scripts/bench-automl $(BENCH_AUTOML)

load: build ## many requests, slow connections, a long queue and a full disk: no run lost, bounded memory
	@scripts/load --bin "$${CARGO_TARGET_DIR:-target}/debug"

soak: setup ## half of what the model server can take for SOAK_SECONDS (3600): no error, memory that stays
	@scripts/soak
