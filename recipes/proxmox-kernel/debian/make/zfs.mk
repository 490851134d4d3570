# OpenZFS modules, built against the compiled kernel tree. Sources that were patched bring a configure script that is older than
# its input, and git sources bring none: it is always made anew.

ifeq ($(ZFS),yes)
ZMAKE = +$(UMASK) $(MAKE) -C $(ZFS_TREE) $(JOBS) $(KMAKE_ARCH) PAHOLE='$(PAHOLE)'

zfs:
	$(call with,no-git,touch $(ZFS_TREE)/.nogitrelease)
	test -z '$(ZFS_RELEASE)' || grep -qx 'Release: *$(ZFS_RELEASE)' $(ZFS_TREE)/META || \
	  sed -i 's/^Release:.*/Release:       $(ZFS_RELEASE)/' $(ZFS_TREE)/META
	test -e $(BUILD)/zfs-autogen || { cd $(ZFS_TREE); $(UMASK) ./autogen.sh; }
	touch $(BUILD)/zfs-autogen
	$(ZFS_CONFIGURE)
	$(ZMAKE)
	debian/bin/list-modules $(ZFS_TREE)/module > $(BUILD)/zfs-modules
	test -s $(BUILD)/zfs-modules || { echo 'error: OpenZFS gave no module' >&2; exit 1; }

# The probes are compiled in parallel; how many at once must not depend on the machine, and neither must what they find.
define ZFS_CONFIGURE
	new="$$(sha256sum < $(KERNEL)/.config)"; \
	if test "$$new" != "$$(cat $(BUILD)/zfs-configured 2>/dev/null)"; then \
	  $(UMASK) cd $(ZFS_TREE); \
	  $(call with,zfs-probe-jobs,TEST_JOBS=$(patsubst -j%,%,$(or $(JOBS),-j1))) ./configure --with-config=kernel \
	    --with-linux=$(KERNEL) --with-linux-obj=$(KERNEL) \
	    || { tail -n 40 config.log >&2; echo 'error: OpenZFS does not accept this kernel' >&2; exit 1; }; \
	  printf '%s\n' "$$new" > $(BUILD)/zfs-configured; \
	fi
endef
else
zfs:
endif

.PHONY: zfs
