# The kernel package's own tree. The order matters: strip, then sign (strip drops a signature), then depmod. strip keeps the mode of
# a file; what signs it writes a new one.

IMAGE := $(TREE)/debian/$(KERNEL_PACKAGE)
MODULES_DIR := $(IMAGE)/$(MODULES)
MODPROBE_DIR := $(IMAGE)/$(LIB)/modprobe.d
DEBUG_DIR := $(TREE)/debian/$(DEBUG_DEB)/usr/lib/debug
TEMPLATE_DIR := $(TREE)/debian/$(TEMPLATE_PACKAGE)/usr/share/code-signing/$(TEMPLATE_PACKAGE)
DEPMOD := /sbin/depmod
STRIP_MODULES := find $(MODULES_DIR) -name '*.ko' -print0 | xargs -0r -n 32 strip --strip-debug

install: install-kernel install-debug install-lists install-tools install-template

install-kernel:
	rm -rf $(IMAGE)
	$(UMASK) mkdir -p $(IMAGE)/boot $(MODULES_DIR)
	install -m 644 $(KERNEL)/.config $(IMAGE)/boot/config-$(KVNAME)
	install -m 644 $(KERNEL)/System.map $(IMAGE)/boot/System.map-$(KVNAME)
	install -m 644 $(KERNEL_IMAGE_PATH) $(IMAGE)/boot/vmlinuz-$(KVNAME)
	$(KMAKE) modules_install INSTALL_MOD_PATH=$(IMAGE)$(if $(filter yes,$(USR_MERGED)),/usr) DEPMOD=/bin/true
	$(if $(filter yes,$(ZFS)),$(UMASK) mkdir -p $(MODULES_DIR)/zfs; while read -r file; do \
	  install -m 644 "$$file" $(MODULES_DIR)/zfs/; done < $(BUILD)/zfs-modules)
	rm -rf $(IMAGE)/$(LIB)/firmware $(MODULES_DIR)/source $(MODULES_DIR)/build
	$(if $(DEBUG_PACKAGE),rm -rf $(TREE)/debian/$(DEBUG_DEB); $(UMASK) mkdir -p $(DEBUG_DIR)/boot $(DEBUG_DIR)/$(MODULES); \
	  install -m 644 $(KERNEL)/vmlinux $(DEBUG_DIR)/boot/vmlinux-$(KVNAME); \
	  cp -a $(MODULES_DIR)/. $(DEBUG_DIR)/$(MODULES)/; rm -f $(DEBUG_DIR)/$(MODULES)/modules.*)
	$(call with,strip-before-sign,$(STRIP_MODULES))
	$(UMASK) debian/bin/sign-modules $(MODULE_SIGNING) $(KERNEL) $(MODULES_DIR)
	$(call with,strip-before-sign,,$(STRIP_MODULES))
	$(UMASK) $(DEPMOD) -b $(IMAGE)$(if $(filter yes,$(USR_MERGED)),/usr) -F $(KERNEL)/System.map $(KVNAME)

install-debug:

# Watchdogs are loaded on purpose or not at all; families of sockets that nobody needs are not loaded on demand.
install-lists:
	$(UMASK) mkdir -p $(MODPROBE_DIR)
	$(UMASK) debian/bin/list-watchdogs $(MODULES_DIR) > $(MODPROBE_DIR)/blacklist_$(KERNEL_PACKAGE).conf
	install -m 644 debian/prevent-autoload.conf $(MODPROBE_DIR)/proxmox_prevent_autoload_$(KERNEL_PACKAGE).conf
	debian/bin/list-firmware $(MODULES_DIR) > $(BUILD)/firmware
	debian/bin/check-firmware $(BUILD)/firmware $(LISTS)/firmware

ifeq ($(TOOLS),yes)
install-tools:
	rm -rf debian/$(TOOLS_PACKAGE)
	$(UMASK) install -D -m 755 $(PERF)/perf debian/$(TOOLS_PACKAGE)/usr/bin/perf_$(KERNEL_MAJMIN)
	$(if $(WITH_DOC),$(UMASK) mkdir -p debian/$(TOOLS_PACKAGE)/usr/share/man/man1; for page in $(PERF)/*.1; do name=$${page##*/}; \
	  install -m 644 "$$page" "debian/$(TOOLS_PACKAGE)/usr/share/man/man1/$${name%.1}_$(KERNEL_MAJMIN).1"; done)
else
install-tools:
endif

# Input of a signing service: what to sign, and the source package that attaches the signature to what is in the kernel package.
install-template:
	rm -rf debian/$(TEMPLATE_PACKAGE)
	$(UMASK) mkdir -p $(TEMPLATE_DIR)/source-template/debian/source
	$(UMASK) cp $(BUILD)/signed-template/files.json $(TEMPLATE_DIR)/files.json
	$(UMASK) cd $(BUILD)/signed-template/debian; cp -r . $(TEMPLATE_DIR)/source-template/debian/
	chmod 755 $(TEMPLATE_DIR)/source-template/debian/rules

.PHONY: install install-kernel install-debug install-lists install-tools install-template
