# The kernel image and its own modules.

# What runs in the build, and in the headers package on the machines of others.
host-tools:
	$(KMAKE) prepare modules_prepare

kernel:
	$(KMAKE) $(KERNEL_IMAGE) modules
	$(call with,build-user,grep -qF '(builder@twinbuild)' $(KERNEL)/include/generated/compile.h || grep -qF '"builder"' $(KERNEL)/include/generated/compile.h)
	$(call with,version-timestamp,grep -qF '$(UNAME_DATE)"' $(KERNEL)/include/generated/utsversion.h || \
	  { echo 'error: uname -v would not end with $(UNAME_DATE): is the patch for the version timestamp applied?' >&2; exit 1; })
	debian/bin/check-abi --new $(KERNEL)/Module.symvers --old $(LISTS)/abi --ignore $(LISTS)/abi-blacklist --kvname '$(KVNAME)'

.PHONY: kernel host-tools
