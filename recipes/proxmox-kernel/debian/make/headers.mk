# What a module outside of the tree needs to be built, and the headers of the system-call interface.

HEADERS := $(TREE)/debian/$(HEADERS_PACKAGE)
HEADERS_DIR := $(HEADERS)/usr/src/linux-headers-$(KVNAME)
LIBC_DIR := $(TREE)/debian/$(LIBC_PACKAGE)

headers:
	rm -rf $(HEADERS) $(LIBC_DIR)
	$(UMASK) mkdir -p $(HEADERS_DIR) $(HEADERS)/$(MODULES)
	$(UMASK) debian/bin/list-headers $(KERNEL) $(KERNEL_ARCH) $(call with,headers-filter,,unfiltered) > $(BUILD)/headers.list
	$(UMASK) tar -C $(KERNEL) --no-recursion -cf - -T $(BUILD)/headers.list | tar -C $(HEADERS_DIR) -xf - --no-same-permissions
	ln -s /usr/src/linux-headers-$(KVNAME) $(HEADERS)/$(MODULES)/build
	$(KMAKE) headers_install INSTALL_HDR_PATH=$(LIBC_DIR)/usr
	rm -rf $(LIBC_DIR)/usr/include/drm $(LIBC_DIR)/usr/include/scsi
	find $(LIBC_DIR) '(' -name .install -o -name '*.cmd' ')' -delete
	$(UMASK) mkdir -p $(LIBC_DIR)/usr/include/$(MULTIARCH)
	mv $(LIBC_DIR)/usr/include/asm $(LIBC_DIR)/usr/include/$(MULTIARCH)/
	test ! -e $(LIBC_DIR)/usr/include/arch || mv $(LIBC_DIR)/usr/include/arch $(LIBC_DIR)/usr/include/$(MULTIARCH)/

.PHONY: headers
