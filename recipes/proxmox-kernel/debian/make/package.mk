# From trees to .debs. dpkg-deb clamps times that are newer than SOURCE_DATE_EPOCH only, so all are set.

XZ := $(call with,xz,-Zxz,-Zzstd) -z$(XZ_LEVEL)

package:
	rm -rf debian/files debian/*.substvars debian/*.debhelper.log debian/.debhelper
	for package in $(KERNEL_META) $(HEADERS_META); do rm -rf debian/$$package; done
	$(UMASK) dh_testdir
	$(UMASK) dh_installdocs
	# What the packages were built from is no documentation that nodoc may leave out.
	$(UMASK) for package in $(PACKAGES); do install -D -m 644 debian/SOURCE debian/$$package/usr/share/doc/$$package/SOURCE; done
	$(UMASK) dh_installchangelogs
	$(UMASK) dh_lintian
# lint: gzip-name is wanted, to show what the remedy is for
	$(call with,gzip-no-name,,for package in $(PACKAGES); do gzip -9f debian/$$package/usr/share/doc/$$package/changelog.Debian; done)
	$(UMASK) dh_compress -X.ko
	$(call with,fixperms,$(UMASK) dh_fixperms)
	$(UMASK) dh_strip --no-automatic-dbgsym -p$(HEADERS_PACKAGE)
	$(if $(filter yes,$(TOOLS)),$(UMASK) dh_strip -p$(TOOLS_PACKAGE))
	$(UMASK) dh_shlibdeps -p$(HEADERS_PACKAGE) $(if $(filter yes,$(TOOLS)),-p$(TOOLS_PACKAGE))
	$(UMASK) dh_installdeb
	$(UMASK) dh_gencontrol
	$(UMASK) dh_md5sums
	$(call with,file-dates,find $(addprefix debian/,$(PACKAGES)) $(wildcard debian/.debhelper) -print0 | \
	  xargs -0r touch --no-dereference --date=@$(SOURCE_DATE_EPOCH))
	$(UMASK) $(call with,root-owner,,DEB_RULES_REQUIRES_ROOT=binary-targets) dh_builddeb -- $(XZ)
	$(UMASK) dpkg-genbuildinfo --build=binary -O../$(SOURCE_PACKAGE)_$(DEB_VERSION)_$(ARCH).buildinfo
	$(UMASK) dpkg-genchanges --build=binary -O../$(SOURCE_PACKAGE)_$(DEB_VERSION)_$(ARCH).changes

.PHONY: package
