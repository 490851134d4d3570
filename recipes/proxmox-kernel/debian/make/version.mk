# One version model: MAJ.MIN.PATCHLEVEL of the sources, KREL of the packaging, and the names that follow from them.

# The four fields as the sources give them. The file is read and not made, as make would need a configured tree.
makefile_field = $(shell sed -n 's/ *$$//; s/^$(1) *= *//p' $(KERNEL)/Makefile | head -n 1)
KERNEL_MAJ := $(call makefile_field,VERSION)
KERNEL_MIN := $(call makefile_field,PATCHLEVEL)
KERNEL_PATCHLEVEL := $(or $(call makefile_field,SUBLEVEL),0)
ifeq ($(KERNEL_MAJ),)
$(error kernel/Makefile gives no VERSION: the kernel sources are not in kernel/)
endif

# What the sources themselves append (-rc5). The packaging overwrites the field with its own part, so it is kept aside.
KERNEL_RC := $(shell cat $(BUILD)/extraversion 2>/dev/null || sed -n 's/ *$$//; s/^EXTRAVERSION *= *//p' $(KERNEL)/Makefile | head -n 1)

KERNEL_MAJMIN := $(KERNEL_MAJ).$(KERNEL_MIN)
KERNEL_VER := $(KERNEL_MAJMIN).$(KERNEL_PATCHLEVEL)
ifneq ($(KERNEL_VERSION),)
# A release of mainline is called 6.12 and its sources are 6.12.0.
ifeq ($(filter $(KERNEL_VERSION),$(KERNEL_VER)$(KERNEL_RC) $(if $(filter 0,$(KERNEL_PATCHLEVEL)),$(KERNEL_MAJMIN)$(KERNEL_RC))),)
$(error the recipe says KERNEL_VERSION $(KERNEL_VERSION), but the kernel sources are $(KERNEL_VER)$(KERNEL_RC))
endif
endif

EXTRAVERSION := $(KERNEL_RC)-$(KREL)$(KREL_EXTRA)$(KERNEL_NAME_SUFFIX)
KVNAME := $(KERNEL_VER)$(EXTRAVERSION)
DEB_VERSION := $(KERNEL_VER)$(subst -,~,$(KERNEL_RC))-$(KREL)$(PKG_REV_EXTRA)

# What `uname -v` ends with. The web interface of Proxmox VE takes the date from the brackets; the whole must fit in 64 signs.
UNAME_DATE := PMX $(DEB_VERSION) ($(shell date -u -d @$(SOURCE_DATE_EPOCH) +%Y-%m-%dT%H:%MZ))

SOURCE_PACKAGE := proxmox-kernel-$(KERNEL_MAJMIN)
KERNEL_PACKAGE := proxmox-kernel-$(KVNAME)
HEADERS_PACKAGE := proxmox-headers-$(KVNAME)
KERNEL_META := proxmox-kernel-$(KERNEL_MAJMIN)
HEADERS_META := proxmox-headers-$(KERNEL_MAJMIN)
TOOLS_PACKAGE := linux-tools-$(KERNEL_MAJMIN)
LIBC_PACKAGE := proxmox-kernel-libc-dev
DEBUG_DEB := $(KERNEL_PACKAGE)-dbgsym
TEMPLATE_PACKAGE := $(KERNEL_PACKAGE)-signed-template
PACKAGES := $(KERNEL_PACKAGE) $(HEADERS_PACKAGE) $(KERNEL_META) $(HEADERS_META) $(LIBC_PACKAGE) $(TEMPLATE_PACKAGE) \
  $(if $(filter yes,$(TOOLS)),$(TOOLS_PACKAGE)) $(if $(DEBUG_PACKAGE),$(DEBUG_DEB))

MODULES := $(LIB)/modules/$(KVNAME)

# What the templates may ask for.
meta_field = $(shell sed -n 's/^$(1): *//p' $(ZFS_TREE)/META 2>/dev/null | head -n 1)
ZFS_NAME := $(if $(filter yes,$(ZFS)),OpenZFS $(call meta_field,Version) ($(or $(ZFS_RELEASE),$(call meta_field,Release))),nothing: it has no ZFS)
CHANGELOG_DATE := $(shell LC_ALL=C date -u -R -d @$(SOURCE_DATE_EPOCH))
TEMPLATE_NAMES := SOURCE_PACKAGE KERNEL_PACKAGE HEADERS_PACKAGE KERNEL_META HEADERS_META TOOLS_PACKAGE LIBC_PACKAGE DEBUG_DEB TEMPLATE_PACKAGE \
  MAINTAINER KVNAME KERNEL_MAJMIN KERNEL_VER KERNEL_RC KREL DEB_VERSION ARCH GRUB MODULES LIB ZFS_NAME CHANGELOG_DATE DEBUG_PACKAGE
$(foreach name,$(TEMPLATE_NAMES),$(eval export TEMPLATE_$(name) := $($(name))))
export TEMPLATE_TOOLS := $(filter yes,$(TOOLS))
