import { fail, failureOf, ok, type Result } from '../base/result.ts';
import type { BuildRecord } from '../control/record.ts';
import type { LockedPackage } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { dateOf } from './evidence.ts';
import type { ToolChange } from './toolchain.ts';

/** A package that is built with here and is younger than what was published: the first build cannot have had it in this version. */
export type Newer = { readonly name: string; readonly version: string; readonly dateSeconds: number };

// What makes bytes of a package, in the order in which it is told: compilers, linkers and libraries of the compiler, packaging, generators, interpreters.
const TELLING = [
  /^(gcc|g\+\+|gfortran|gnat|clang|rustc|golang-[0-9.]+-go|openjdk-[0-9]+-jdk-headless|ocaml|ghc|valac|fp-compiler)(-[0-9.]+)?(-base)?$/,
  /^(binutils|lld(-[0-9]+)?|libc6-dev|libgcc-[0-9]+-dev|dwz)$/,
  /^(debhelper|dpkg-dev|dpkg|dh-[a-z-]+|libdebhelper-perl|dh-strip-nondeterminism|libfile-stripnondeterminism-perl|po-debconf|intltool-debian)$/,
  /^(doxygen|help2man|texinfo|groff-base|man-db|gettext|docbook-xsl|xsltproc|pandoc.*|python3-(sphinx|docutils)|asciidoctor|asciidoc-base|gtk-doc-tools)$/,
  /^(xz-utils|gzip|tar|coreutils)$/,
  /^(perl|python3\.[0-9]+|ruby[0-9.]+|php[0-9.]+-cli|nodejs)$/,
];

/**
 * The packages of an image that are younger than a date, those that tell the most first. A package is as old as its newest changelog entry, which dpkg-deb
 * writes into it, and no build is older than that.
 *
 * @param dateSeconds SOURCE_DATE_EPOCH of what was published; it was built soon after, as another build of the same source has another version
 */
export async function newerThan(packages: readonly LockedPackage[], dateSeconds: number, store: Store): Promise<Result<readonly Newer[]>> {
  const newer: (Newer & { readonly rank: number })[] = [];
  try {
    for (const { name, version, sha256 } of packages) {
      const rank = TELLING.findIndex((pattern) => pattern.test(name));
      if (rank === -1) continue;
      const date = await dateOf(store.read(sha256));
      if (date > dateSeconds) newer.push({ name, version, dateSeconds: date, rank });
    }
  } catch (error) {
    return fail(failureOf(error));
  }
  return ok(newer.sort((a, b) => a.rank - b.rank).map(({ rank: _rank, ...one }) => one));
}

/** What a collected .buildinfo names in another version than it is built with here, those that tell the most first. */
export function changedSince(installed: BuildRecord['installed'], packages: readonly LockedPackage[]): readonly ToolChange[] {
  const here = new Map(packages.map(({ name, version }) => [name, version]));
  const changed = installed.flatMap(({ name, version }) => {
    const is = here.get(name);
    const rank = TELLING.findIndex((pattern) => pattern.test(name));
    return is === undefined || is === version || rank === -1 ? [] : [{ rank, change: { tool: name, published: version, rebuilt: is } }];
  });
  return changed.sort((a, b) => a.rank - b.rank).map(({ change }) => change);
}

/** Whether a compiler, or what it links with, is among these packages. */
export function hasCompiler(names: readonly string[]): boolean {
  return names.some((name) => TELLING.slice(0, 2).some((pattern) => pattern.test(name)));
}
