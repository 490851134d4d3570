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
PAHOLE_ONE_THREAD ?= yes
# no: shows what BTF does with several threads.
MAINTAINER ?= Twinbuild Recipes <recipes@example.org>
XZ_LEVEL ?= 6

# ---- the same everywhere -----------------------------------------------------------------------------------------------------
# What dpkg-buildpackage would say of debian/control.
export DEB_RULES_REQUIRES_ROOT := no
export LC_ALL := C
export LANG := C
export TZ := UTC
unexport LANGUAGE LC_COLLATE LC_CTYPE LC_MESSAGES LC_NUMERIC LC_TIME CDPATH GREP_OPTIONS
# umask cannot be set for all of make, so every recipe line that makes files of a package starts with it.
UMASK := umask 022;

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
export KCFLAGS := $(PREFIX_MAP)
export KAFLAGS := $(PREFIX_MAP)
# HOSTCC and not HOSTCFLAGS: the libraries below tools/ set their own flags.
HOST_COMPILER := gcc $(PREFIX_MAP)

# Who, where, when and how often: what a kernel writes into /proc/version and into its built-in cpio archive.
export KBUILD_BUILD_USER := builder
export KBUILD_BUILD_HOST := twinbuild
export KBUILD_BUILD_VERSION := 1
export KBUILD_BUILD_TIMESTAMP := $(shell LC_ALL=C date -u -d @$(SOURCE_DATE_EPOCH))
# With LOCALVERSION set, though empty, no script asks git whether the tree was changed.
export LOCALVERSION :=
export GIT_CEILING_DIRECTORIES := $(abspath $(TREE)/..)

# pahole with several threads numbers the types of BTF in the order in which threads finish.
PAHOLE := $(if $(filter yes,$(PAHOLE_ONE_THREAD)),$(TREE)/debian/bin/pahole-one-thread,pahole)

KMAKE = +$(UMASK) $(MAKE) -C $(KERNEL) $(JOBS) ARCH=$(KERNEL_ARCH) HOSTCC='$(HOST_COMPILER)' PAHOLE='$(PAHOLE)' \
  KBUILD_BUILD_VERSION_TIMESTAMP='$(UNAME_DATE)'
KMAKE_QUERY = $(MAKE) -s -C $(KERNEL) --no-print-directory ARCH=$(KERNEL_ARCH) HOSTCC='$(HOST_COMPILER)' PAHOLE='$(PAHOLE)'

ifeq ($(USR_MERGED),yes)
LIB := usr/lib
else
LIB := lib
endif
