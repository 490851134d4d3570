import type { Leak } from './leak.ts';
import { ARCHIVES } from './leaks-archives.ts';
import { HOST, LOCALE, USER } from './leaks-around.ts';
import { CHANCE } from './leaks-chance.ts';
import { ASKED, COMPILED } from './leaks-compiled.ts';
import { MODULE_NEEDS, MODULES } from './leaks-module.ts';
import { TIMES } from './leaks-time.ts';
import { tinyPackage } from './tiny.ts';

/** A package of leaks, and the switches with which it is built. */
export type CorpusPackage = {
  readonly name: string;
  readonly flags: readonly string[];
  readonly leaks: readonly Leak[];
  readonly needs?: string; // Build-Depends, where the common image is not enough
};

/** A line each that makes md5sums, as dh_md5sums does, and makes the package grow with the host's name. */
const SUMS: Leak[] = [
  { file: 'growing', body: 'for i in $(seq 2000); do uname -n; done > "$OUT/growing"', cause: 'hostname', surrounding: 'hostname' },
];
const MD5SUMS = 'mkdir -p debian/tmp/DEBIAN; (cd debian/tmp && find usr -type f | LC_ALL=C sort | xargs -d "\\n" md5sum > DEBIAN/md5sums)';

/** Built one after the other, so that what is exact to a second differs. */
const APART = '--sequential';

export const CORPUS: readonly CorpusPackage[] = [
  { name: 'corpus-around', flags: [APART], leaks: [...HOST, ...USER, ...LOCALE, ...SUMS] },
  { name: 'corpus-time', flags: [APART], leaks: [...TIMES, ...ARCHIVES, ...CHANCE, ...COMPILED] },
  { name: 'corpus-module', flags: [APART], leaks: MODULES, needs: MODULE_NEEDS },
  { name: 'corpus-asked', flags: [APART, '--vary', 'clock', '--vary', 'build-path'], leaks: ASKED },
];

/** The files of a package of the corpus. */
export function corpusFiles({ name, leaks, needs }: CorpusPackage): Record<string, string> {
  return tinyPackage(name, [...leaks.map(({ body }) => body), MD5SUMS].join('\n'), '', needs);
}
