# What is published is looked at once more, as a stranger would.

COMMA := ,

check:
	debian/bin/check-packages $(addprefix --package ,$(PACKAGES)) --version '$(DEB_VERSION)' --arch $(ARCH) \
	  --signing $(MODULE_SIGNING) $(if $(strip $(WITHOUT)),--leaks allowed)
	$(if $(filter yes,$(LINTIAN)),lintian --fail-on error --no-tag-display-limit --info \
	  --suppress-tags bad-distribution-in-changes-file$(COMMA)initial-upload-closes-no-bugs ../$(SOURCE_PACKAGE)_$(DEB_VERSION)_$(ARCH).changes)

.PHONY: check
