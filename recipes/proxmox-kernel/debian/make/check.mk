# What is published is looked at once more, as a stranger would.

check:
	debian/bin/check-packages $(addprefix --package ,$(PACKAGES)) --version '$(DEB_VERSION)' --arch $(ARCH)
	lintian --fail-on error --no-tag-display-limit --info --suppress-tags bad-distribution-in-changes-file,initial-upload-closes-no-bugs \
	  ../$(SOURCE_PACKAGE)_$(DEB_VERSION)_$(ARCH).changes

.PHONY: check
