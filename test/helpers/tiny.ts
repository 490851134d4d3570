/**
 * The files of a tiny source package and its recipe, below `recipes/NAME/`. Without `buildDepends` it needs nothing but what every builder image
 * has, so that all such packages share one image.
 *
 * @param body shell commands that fill `debian/tmp/usr/share/NAME/`, which is `$OUT`
 */
export function tinyPackage(name: string, body: string, recipe: string = '', buildDepends: string = ''): Record<string, string> {
  const at = `recipes/${name}`;
  return {
    [`${at}/recipe.yaml`]: `name: ${name}\ncontainer: bookworm\nsources:\n  - folder: source\n${recipe}`,
    [`${at}/source/debian/control`]: `Source: ${name}
Section: misc
Priority: optional
Maintainer: Nobody <nobody@example.org>
Standards-Version: 4.6.2
Rules-Requires-Root: no
${buildDepends === '' ? '' : `Build-Depends: ${buildDepends}\n`}
Package: ${name}
Architecture: all
Description: tiny package of a test
 It holds what a build left in it.
`,
    [`${at}/source/debian/changelog`]: `${name} (1.0) bookworm; urgency=medium

  * First and only.

 -- Nobody <nobody@example.org>  Mon, 01 Jan 2024 12:00:00 +0000
`,
    [`${at}/source/debian/source/format`]: '3.0 (native)\n',
    [`${at}/source/debian/rules`]: `#!/usr/bin/make -f
build build-arch build-indep clean binary-arch:
binary binary-indep:
	sh -e debian/fill
	mkdir -p debian/tmp/DEBIAN
	dpkg-gencontrol -p${name}
	chmod -R u=rwX,go=rX debian/tmp
	dpkg-deb --root-owner-group --build debian/tmp ..
.PHONY: build build-arch build-indep clean binary binary-arch binary-indep
`,
    [`${at}/source/debian/fill`]: `OUT=$PWD/debian/tmp/usr/share/${name}\nmkdir -p "$OUT"\n${body}\n`,
  };
}
