# A front of short targets; each sets up first what is missing (scripts/setup.sh), which takes a moment when all is there.
#   make repro                 build hello twice and compare
#   make repro RECIPE="a b"    several recipes, by name or by the path of a recipe.yaml
#   make prep KERNEL_REF=v6.12 ZFS_REF=zfs-2.2.7, then make deb RECIPE=proxmox-kernel-mainline

RECIPE ?= hello
run := scripts/run.sh

.DEFAULT_GOAL := help
.PHONY: help setup repro deb prep lock test check bench clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
	@echo '  RECIPE=hello    the recipe or recipes, by name or by the path of a recipe.yaml'
	@echo '  YES=1           do not ask before sudo is used to install or start an engine'

setup: ## pnpm, dependencies, Node and an engine, as far as they are missing
	@scripts/setup.sh

repro: ## build RECIPE twice in different surroundings and compare
	@$(run) twinbuild repro --relock-if-gone $(RECIPE)

deb: ## build RECIPE once
	@for recipe in $(RECIPE); do $(run) twinbuild build --relock-if-gone "$$recipe" || exit; done

# The sources that the command line says; KERNEL_SHA1 and ZFS_SHA1 are older names for the same.
KERNEL_REF ?= $(KERNEL_SHA1)
ZFS_REF ?= $(ZFS_SHA1)
prep: export KERNEL_REF := $(KERNEL_REF)
prep: export ZFS_REF := $(ZFS_REF)
prep: ## lock a kernel with KERNEL_REF and ZFS_REF: tags, branches or commits
	@set -- $(if $(filter file,$(origin RECIPE)),proxmox-kernel-mainline,$(RECIPE)); \
	  test -z "$$KERNEL_REF" || set -- "$$@" --ref "kernel=$$KERNEL_REF"; \
	  test -z "$$ZFS_REF" || set -- "$$@" --ref "zfs=$$ZFS_REF"; \
	  $(run) twinbuild lock "$$@"

lock: ## resolve RECIPE anew and write its lock
	@$(run) twinbuild lock $(RECIPE)

test: ## every check and test, with a real engine; STAGES="unit checks engine kernel" for some of them
	@$(run) node scripts/test.ts $(STAGES)

check: ## the checks and tests that need no engine
	@NO_ENGINE=1 $(run) node scripts/test.ts checks unit

bench: ## ratios against mmdebstrap, dpkg-buildpackage and debrepro
	@$(run) node bench/main.ts

archive-run: ## some sixty packages of the archive, built twice and compared; takes hours, and goes on where it was
	@$(run) twinbuild repro --from bench/archive-run.list --time-limit 30m

clean: ## what twinbuild left in the engine and the store, and out/
	@$(run) twinbuild clean
	@rm -rf out coverage
