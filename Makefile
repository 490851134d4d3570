# A front of short targets; each sets up first what is missing (scripts/setup.sh), which takes a moment when all is there.
#   make repro                 build hello twice and compare
#   make repro RECIPE="a b"    several recipes, by name or by the path of a recipe.yaml

RECIPE ?= hello
run := scripts/run.sh

.DEFAULT_GOAL := help
.PHONY: help setup repro deb lock test check bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
	@echo '  RECIPE=hello    the recipe or recipes, by name or by the path of a recipe.yaml'
	@echo '  YES=1           do not ask before sudo is used to install or start an engine'

setup: ## pnpm, dependencies, Node and an engine, as far as they are missing
	@scripts/setup.sh

repro: ## build RECIPE twice in different surroundings and compare
	@$(run) twinbuild repro --relock-if-gone $(RECIPE)

deb: ## build RECIPE once
	@for recipe in $(RECIPE); do $(run) twinbuild build --relock-if-gone "$$recipe" || exit; done

lock: ## resolve RECIPE anew and write its lock
	@$(run) twinbuild lock $(RECIPE)

test: ## every check and test, with a real engine
	@$(run) node scripts/test.ts

check: ## the checks and tests that need no engine
	@NO_ENGINE=1 $(run) node scripts/test.ts checks unit

bench: ## ratios against mmdebstrap, dpkg-buildpackage and debrepro
	@$(run) node bench/main.ts

clean: ## what twinbuild left in the engine and the store, and out/
	@$(run) twinbuild clean
	@rm -rf out coverage
