# What the recipe decides, and what is the same for every build.

SHELL := /bin/sh
.SHELLFLAGS := -ec

# ---- from the recipe's environment -------------------------------------------------------------------------------------------
KERNEL_VERSION ?=
# The version that the kernel sources must have, such as 6.1.176. Empty: whatever the sources say.
KREL ?= 1
# The package's own release number. Raised for every build that is published.
KREL_EXTRA ?=
# Goes into the kernel's name, so that a variant can be installed next to another: -test, -bpo12.
PKG_REV_EXTRA ?=
# Goes into the Debian revision only: ~bpo12+1.
KERNEL_NAME_SUFFIX ?= -pve
KERNEL_CONFIG_TARGET ?= x86_64_defconfig
# allnoconfig, a defconfig, or `annotations`: exported from debian.master/config/annotations when the tree has it, else the defconfig.
KERNEL_CONFIG_FLAVOUR ?= generic
# Of the annotations.
KERNEL_CONFIG_FRAGMENTS ?= common $(ARCH)
# Files of debian/config without their suffix, in order; a later one wins.
KERNEL_CONFIG_STRICT ?= yes
# yes: an option that was asked for and is not retained stops the build, unless debian/lists/not-retained names it.
MODULE_SIGNING ?= none
# none, test-key or detached.
USR_MERGED ?= no
# yes: modules and modprobe.d go to /usr/lib (series from 6.14 on), else to /lib.
ZFS_VERSION ?=
# The version that META of OpenZFS must say, such as 2.2.10. Empty: whatever it says.
ZFS_RELEASE ?= pve1
# Release in META of OpenZFS: the module reports 2.1.11-pve1. Empty: META keeps its own.
ZFS ?= yes
TOOLS ?= yes
MAINTAINER ?= Twinbuild Recipes <recipes@example.org>
XZ_LEVEL ?= 6
LINTIAN ?= yes
# no: for a kernel that nobody will install.

# ---- the same everywhere -----------------------------------------------------------------------------------------------------
# What dpkg-buildpackage would say of debian/control.
export DEB_RULES_REQUIRES_ROOT := no
ifneq ($(call with,fixed-locale,yes),)
export LC_ALL := C
export LANG := C
unexport LANGUAGE LC_COLLATE LC_CTYPE LC_MESSAGES LC_NUMERIC LC_TIME
endif
ifneq ($(call with,fixed-timezone,yes),)
export TZ := UTC
endif
unexport CDPATH GREP_OPTIONS
# umask cannot be set for all of make, so every recipe line that makes files of a package starts with it.
UMASK := $(call with,umask,umask 022;)
# Scripts that list files leave them as find gives them.
export LISTS_AS_FOUND := $(call with,sorted-lists,,yes)

ifeq ($(SOURCE_DATE_EPOCH),)
$(error SOURCE_DATE_EPOCH is not set: it is the date of the changelog and of every file)
endif
export SOURCE_DATE_EPOCH

TREE := $(CURDIR)
KERNEL := $(TREE)/kernel
# A repository that packages OpenZFS has its sources in upstream/ and patches for them in debian/patches.
ZFS_REPOSITORY := $(TREE)/zfs
ZFS_TREE := $(if $(wildcard $(ZFS_REPOSITORY)/upstream),$(ZFS_REPOSITORY)/upstream,$(ZFS_REPOSITORY))
BUILD := $(TREE)/build
LISTS := $(TREE)/debian/lists
JOBS := $(patsubst parallel=%,-j%,$(filter parallel=%,$(DEB_BUILD_OPTIONS)))
PROFILES := $(DEB_BUILD_PROFILES)
DEBUG_PACKAGE := $(filter pkg.proxmox-kernel.debug,$(PROFILES))
WITH_DOC := $(if $(filter nodoc,$(DEB_BUILD_OPTIONS) $(PROFILES)),,yes)

ARCH := $(shell dpkg-architecture -qDEB_HOST_ARCH)
MULTIARCH := $(shell dpkg-architecture -qDEB_HOST_MULTIARCH)
ifeq ($(ARCH),amd64)
KERNEL_ARCH := x86
KERNEL_IMAGE := bzImage
GRUB := grub-pc | grub-efi-amd64 | grub-efi-ia32 | grub-efi-arm64
else ifeq ($(ARCH),arm64)
KERNEL_ARCH := arm64
KERNEL_IMAGE := vmlinuz.efi
GRUB := grub-efi-arm64
else
$(error this packaging knows amd64 and arm64, not $(ARCH))
endif
KERNEL_IMAGE_PATH := $(KERNEL)/arch/$(KERNEL_ARCH)/boot/$(KERNEL_IMAGE)

# The folder that the build happens to run in never reaches a file: neither debug information nor __FILE__ nor a build-id.
PREFIX_MAP := -ffile-prefix-map=$(TREE)/=
export KCFLAGS := $(call with,prefix-map,$(PREFIX_MAP))
export KAFLAGS := $(call with,prefix-map,$(PREFIX_MAP))
# HOSTCC and not HOSTCFLAGS: the libraries below tools/ set their own flags.
HOST_COMPILER := gcc $(call with,host-prefix-map,$(PREFIX_MAP))

# Who, where, when and how often: what a kernel writes into /proc/version and into its built-in cpio archive.
export KBUILD_BUILD_USER := $(call with,build-user,builder)
export KBUILD_BUILD_HOST := $(call with,build-host,twinbuild)
export KBUILD_BUILD_VERSION := $(call with,build-version,1)
export KBUILD_BUILD_TIMESTAMP := $(call with,build-timestamp,$(shell LC_ALL=C date -u -d @$(SOURCE_DATE_EPOCH)))
# With LOCALVERSION set, though empty, no script asks git whether the tree was changed.
ifneq ($(call with,localversion,yes),)
export LOCALVERSION :=
endif
export GIT_CEILING_DIRECTORIES := $(call with,no-git,$(abspath $(TREE)/..))

# pahole with several threads numbers the types of BTF in the order in which threads finish.
PAHOLE := $(call with,pahole-one-thread,$(TREE)/debian/bin/pahole-one-thread,pahole)

KMAKE_ARCH := $(call with,fixed-arch,ARCH=$(KERNEL_ARCH))
KMAKE = +$(UMASK) $(MAKE) -C $(KERNEL) $(JOBS) $(KMAKE_ARCH) HOSTCC='$(HOST_COMPILER)' PAHOLE='$(PAHOLE)' \
  $(call with,version-timestamp,KBUILD_BUILD_VERSION_TIMESTAMP='$(UNAME_DATE)')
KMAKE_QUERY = $(MAKE) -s -C $(KERNEL) --no-print-directory $(KMAKE_ARCH) HOSTCC='$(HOST_COMPILER)' PAHOLE='$(PAHOLE)'

ifeq ($(USR_MERGED),yes)
LIB := usr/lib
else
LIB := lib
endif
