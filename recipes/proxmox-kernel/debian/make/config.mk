# Names, version, configuration: everything that can be wrong is wrong here, before anything is compiled.

FRAGMENTS = $(foreach name,$(KERNEL_CONFIG_FRAGMENTS) signing-$(MODULE_SIGNING) $(if $(DEBUG_PACKAGE),debug),$(call fragment,$(name)))
fragment = $(firstword $(wildcard debian/variant/$(1).config debian/config/$(1).config) debian/config/$(1).config)
CERTIFICATES := $(KERNEL)/certs

config: check-signing check-zfs prepare
	rm -f $(BUILD)/requested.config
	debian/bin/merge-fragments $(FRAGMENTS) > $(BUILD)/requested.config
	$(call with,build-salt,echo 'CONFIG_BUILD_SALT="$(KVNAME)"' >> $(BUILD)/requested.config)
	$(call with,fixed-key,,sed -i 's|^CONFIG_MODULE_SIG_KEY=.*|CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"|' $(BUILD)/requested.config)
	$(CONFIG_BASE)
	$(KMAKE) olddefconfig
	debian/bin/check-retention --tree $(KERNEL) --arch $(KERNEL_ARCH) --requested $(BUILD)/requested.config \
	  --stale debian/config/stale --expected $(LISTS)/not-retained --strict $(KERNEL_CONFIG_STRICT) \
	  --report $(BUILD)/retention.txt
	debian/bin/check-invariants $(KERNEL) $(MODULE_SIGNING) $(ZFS) $(WITHOUT)
	debian/bin/check-release '$(KVNAME)' "$$($(KMAKE_QUERY) kernelrelease)" '$(UNAME_DATE)' $(KERNEL)/.config

# allnoconfig takes what was asked for as an allowed list, so that nothing else is switched on by a default; every other base is
# a complete configuration of its own, and what was asked for is written behind it.
ifeq ($(KERNEL_CONFIG_TARGET),allnoconfig)
define CONFIG_BASE
	$(KMAKE) KCONFIG_ALLCONFIG=$(BUILD)/requested.config allnoconfig
endef
else ifneq ($(and $(filter annotations,$(KERNEL_CONFIG_TARGET)),$(wildcard $(KERNEL)/debian.master/config/annotations $(BUILD)/annotations.config)),)
define CONFIG_BASE
	cat $(BUILD)/annotations.config $(BUILD)/requested.config > $(KERNEL)/.config
endef
else
define CONFIG_BASE
	$(KMAKE) $(if $(filter annotations,$(KERNEL_CONFIG_TARGET)),defconfig,$(KERNEL_CONFIG_TARGET))
	cat $(BUILD)/requested.config >> $(KERNEL)/.config
endef
endif

check-signing:
	case '$(MODULE_SIGNING)' in \
	none|test-key|detached) ;; \
	ephemeral) echo 'error: MODULE_SIGNING=ephemeral: a key that is made during the build gives another kernel and other modules each time;' \
	  'use test-key, detached or none' >&2; exit 1 ;; \
	*) echo 'error: MODULE_SIGNING=$(MODULE_SIGNING) is not one of none, test-key and detached' >&2; exit 1 ;; \
	esac
	test '$(MODULE_SIGNING)' != detached || test -e debian/signing/trusted.pem || \
	  { echo 'error: MODULE_SIGNING=detached needs the public certificate in debian/signing/trusted.pem' >&2; exit 1; }

# The packaging's own files, made from templates. Other packaging that came with the sources is taken away, as are git's files:
# neither a script of the kernel nor one of OpenZFS may find a repository and ask it for a version.
prepare:
	$(UMASK) mkdir -p $(BUILD)
	test -e $(BUILD)/extraversion || printf '%s\n' '$(KERNEL_RC)' > $(BUILD)/extraversion
	test ! -e $(KERNEL)/debian.master/config/annotations || test '$(KERNEL_CONFIG_TARGET)' != annotations || \
	  debian/bin/export-annotations $(KERNEL) $(ARCH) '$(KERNEL_CONFIG_FLAVOUR)' > $(BUILD)/annotations.new
	test ! -e $(BUILD)/annotations.new || mv $(BUILD)/annotations.new $(BUILD)/annotations.config
	$(ZFS_PATCHES)
	rm -rf $(KERNEL)/debian $(KERNEL)/debian.* $(ZFS_REPOSITORY)/debian $(ZFS_TREE)/debian
	$(call with,no-git,rm -rf $(KERNEL)/.git $(KERNEL)/.scmversion $(ZFS_REPOSITORY)/.git $(ZFS_TREE)/.git $(TREE)/.git)
	grep -qx 'EXTRAVERSION = $(EXTRAVERSION)' $(KERNEL)/Makefile || \
	  sed -i 's/^EXTRAVERSION *=.*/EXTRAVERSION = $(EXTRAVERSION)/' $(KERNEL)/Makefile
	debian/bin/fill-templates
	$(SIGNING_FILES)

ifeq ($(MODULE_SIGNING),test-key)
define SIGNING_FILES
	$(UMASK) cmp -s debian/signing/test-key.pem $(CERTIFICATES)/untrusted-test-key.pem || \
	  cp debian/signing/test-key.pem $(CERTIFICATES)/untrusted-test-key.pem
endef
else ifeq ($(MODULE_SIGNING),detached)
define SIGNING_FILES
	$(UMASK) cmp -s debian/signing/trusted.pem $(CERTIFICATES)/trusted.pem || cp debian/signing/trusted.pem $(CERTIFICATES)/trusted.pem
endef
endif

# What a repository that packages OpenZFS changes in its sources, applied once.
ifneq ($(ZFS_TREE),$(ZFS_REPOSITORY))
define ZFS_PATCHES
	test -e $(BUILD)/zfs-patched || test ! -e $(ZFS_REPOSITORY)/debian/patches/series || \
	  debian/bin/apply-series $(ZFS_REPOSITORY)/debian/patches $(ZFS_TREE)
	touch $(BUILD)/zfs-patched
endef
endif

check-zfs:
ifeq ($(ZFS),yes)
	test -e $(ZFS_TREE)/META || { echo 'error: there is no META of OpenZFS in $(ZFS_TREE:$(TREE)/%=%): are the sources there, with the submodule' \
	  'when they are one?' >&2; exit 1; }
	test -z '$(ZFS_VERSION)' || test '$(ZFS_VERSION)' = '$(call meta_field,Version)' || \
	  { echo 'error: the recipe says ZFS_VERSION $(ZFS_VERSION), but the sources of OpenZFS are $(call meta_field,Version)' >&2; exit 1; }
endif

.PHONY: config prepare check-signing check-zfs
