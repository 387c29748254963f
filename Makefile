# SPDX-License-Identifier: Apache-2.0
# The index of everything one can do here: `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
BUILD := build/release

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what build and tests need (Debian 12; root or sudo; quick when present)
	@tools/setup

.PHONY: configure
configure: setup
	@[ -f $(BUILD)/build.ninja ] || cmake --preset release

.PHONY: build
build: configure ## build the release binaries into build/release
	@cmake --build $(BUILD) -j $(JOBS)

.PHONY: peers
peers: setup
	@tools/get_codec_peers || echo "peers: not to be had here; tests that compare with them are skipped"

.PHONY: test
test: build peers ## build and run every test
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

.PHONY: tidy
tidy: ## check the house rules: arrows, sizes, names, links
	@tools/tidy
	@tools/changelog check

.PHONY: docs
docs: build ## write docs/reference anew from the catalog
	@$(BUILD)/penstock docs --all docs/reference

.PHONY: drift
drift: build
	@$(BUILD)/penstock docs --check docs/reference

.PHONY: check
check: setup tidy build drift test ## what CI runs: set-up, build, every test, tidy, drift
	@echo "check: every test passed, the tree is tidy, generated files are up to date"

.PHONY: demo
demo: build ## count the words of a real text and show the most frequent
	@$(BUILD)/penstock run examples/wordcount/wordcount.yaml --state build/demo/state
	@echo; echo "The ten most frequent words (all of them: build/demo/counts.txt):"
	@sort -rn build/demo/counts.txt | sed -n 1,10p
	@echo; echo "Next: look at examples/wordcount/wordcount.yaml, then $(BUILD)/penstock list"

.PHONY: fuzz
fuzz: ## run every fuzz target, FUZZ_SECONDS (60) each, under ASan and UBSan
	@tools/setup nightly
	@tools/fuzz

.PHONY: nightly
nightly: build ## the long proofs: torture, simulation, planted bugs, sanitizers, fuzzing (two hours)
	@tools/setup nightly
	@tools/nightly

.PHONY: bench
bench: build ## measure beside ceilings and other systems; writes docs/benchmarks.md
	@tools/setup nightly
	@bench/get_peers || echo "other systems are left out"
	@bench/run

.PHONY: bench-peers
bench-peers: build ## measure JSON queries beside other systems; writes docs/benchmarks_json.md
	@tools/setup nightly
	@bench/get_peers
	@bench/run_peers

.PHONY: nexmark
nexmark: build ## compare the NEXMark queries with DuckDB over EVENTS (5 million) events
	@tests/nexmark/check --events $(or $(EVENTS),5000000)

.PHONY: format
format: ## format the C++ sources in place
	@tools/setup nightly
	@git ls-files -z '*.h' '*.cc' | xargs -0 -n 16 -P $(JOBS) clang-format-19 -i

.PHONY: install
install: build ## install penstock, its alias flowctl and completion under PREFIX (/usr/local)
	@cmake --install $(BUILD) --prefix $(PREFIX)

.PHONY: clean
clean: ## remove everything that was built
	@rm -rf build
