import type { SourceText } from '../base/location.ts';
import { byBytes } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import { onlyStanza } from './paragraph.ts';
import type { Stanza } from './stanza.ts';

/** A field, or one entry of a list field, that counts and differs. */
export type FieldDifference = { readonly field: string; readonly first: string | undefined; readonly second: string | undefined };

/**
 * Fields of a .buildinfo (deb-buildinfo(5)) that speak of the time and place of a build and not of what was built from what. Everything else counts,
 * fields that do not exist yet too.
 */
const NOT_COUNTED = ['build-date', 'build-path', 'build-kernel-version', 'build-tainted-by', 'environment'];

/** Where two .buildinfo files differ in what counts: an entry each for files and installed packages, by field and name in byte order. */
export function compareBuildinfo(first: SourceText, second: SourceText): Result<readonly FieldDifference[]> {
  const one = countedOf(first);
  if (!one.ok) return one;
  const two = countedOf(second);
  if (!two.ok) return two;
  const fields = [...new Set([...one.value.keys(), ...two.value.keys()])].sort(byBytes);
  return ok(
    fields
      .map((field) => ({ field, first: one.value.get(field), second: two.value.get(field) }))
      .filter((difference) => difference.first !== difference.second),
  );
}

function countedOf(file: SourceText): Result<ReadonlyMap<string, string>> {
  const only = onlyStanza(file, 'A .buildinfo', { kind: 'unverified-input', reason: 'buildinfo-malformed' });
  if (!only.ok) return only;
  const counted = new Map<string, string>();
  for (const [key, value] of only.value.fields().flatMap(({ name, value }) => entriesOf(only.value, name, value))) {
    const before = counted.get(key); // an entry that stands twice counts twice
    counted.set(key, before === undefined ? value : `${before}\n${value}`);
  }
  return ok(counted);
}

/** A field as one entry, a list as one for each of its lines, keyed by what the line speaks of. */
function entriesOf(stanza: Stanza, name: string, value: string): (readonly [string, string])[] {
  const lower = name.toLowerCase();
  if (NOT_COUNTED.includes(lower)) return [];
  if (lower.startsWith('checksums-')) {
    const lines = stanza.lines(name).map((line) => ({ file: line.split(/\s+/)[2] ?? line, line }));
    return lines.filter(({ file }) => !file.endsWith('.buildinfo')).map(({ file, line }) => [`${name} ${file}`, line]);
  }
  if (lower === 'installed-build-depends') {
    const packages = value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
    return packages.map((entry) => [`${name} ${entry.split(' ')[0]}`, entry]);
  }
  return [[name, value.replaceAll(/\s+/g, ' ')]];
}
