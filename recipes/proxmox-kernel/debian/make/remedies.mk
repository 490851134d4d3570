# What makes two builds equal, each by a name. docs/kernel.md says what each is for, and what was seen without it.
#
# A recipe can leave some out, to see just that: `WITHOUT: build-user umask`. Such a kernel must call itself so (KREL_EXTRA), as
# nobody else can build it again.

REMEDIES := build-timestamp version-timestamp build-user build-host build-version localversion no-git build-salt prefix-map \
  host-prefix-map perf-prefix-map perf-event-order perf-libraries headers-filter sorted-lists pahole-one-thread fixed-key fixed-layout \
  strip-before-sign fixed-locale fixed-timezone fixed-arch umask fixperms root-owner file-dates gzip-no-name xz zfs-probe-jobs
# One more is a patch of ours alone, and left out of patches/proxmox-kernel/kernel/series: perf-build-path. perf-event-order is one too.

WITHOUT ?=
with = $(if $(filter $(1),$(WITHOUT)),$(3),$(2))
# $(call with,NAME,what the remedy is,what stands there without it)

ifneq ($(strip $(WITHOUT)),)
ifneq ($(filter-out $(REMEDIES),$(WITHOUT)),)
$(error WITHOUT: there is no remedy $(firstword $(filter-out $(REMEDIES),$(WITHOUT))); there are: $(REMEDIES))
endif
ifeq ($(findstring without,$(KREL_EXTRA)),)
$(error WITHOUT leaves remedies out: a kernel that cannot be built again must say so in its name, so set KREL_EXTRA to -without or longer)
endif
$(warning WITHOUT: $(WITHOUT): these remedies are left out. The packages are no use to anybody but a test)
endif
