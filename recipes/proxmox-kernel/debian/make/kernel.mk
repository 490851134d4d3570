# The kernel image and its own modules.

kernel:
	$(KMAKE) $(KERNEL_IMAGE) modules
	grep -qF '(builder@twinbuild)' $(KERNEL)/include/generated/compile.h || grep -qF '"builder"' $(KERNEL)/include/generated/compile.h
	grep -qF '$(UNAME_DATE)"' $(KERNEL)/include/generated/utsversion.h || \
	  { echo 'error: uname -v would not end with $(UNAME_DATE): is the patch for the version timestamp applied?' >&2; exit 1; }
	debian/bin/check-abi --new $(KERNEL)/Module.symvers --old $(LISTS)/abi --ignore $(LISTS)/abi-blacklist --kvname '$(KVNAME)'

.PHONY: kernel
