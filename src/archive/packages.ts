import { parseSha256, type Sha256 } from '../base/digest.ts';
import type { Stanza } from '../control/stanza.ts';
import { LazyMap, type OnUnusable } from './lazy-map.ts';
import type { IndexText } from './stanzas.ts';
import type { BinaryPackage, PackageMap, SourcePackage } from './types.ts';

/** Looks packages up in Packages files, those of one name in the order of the files. */
export function packageMap(texts: readonly IndexText[], onUnusable: OnUnusable): PackageMap {
  const map = new LazyMap<BinaryPackage>(texts, binaryPackage, onUnusable);
  let providers: ReadonlyMap<string, readonly BinaryPackage[]> | undefined;
  return Object.assign(map, {
    essential: () => map.having('Essential: yes').filter((each) => each.essential),
    ofPriority: (priority: string) => map.having(`Priority: ${priority}`).filter((each) => each.priority === priority),
    providing: (name: string) => {
      providers ??= providersAmong(map.having('Provides:'));
      return providers.get(name) ?? [];
    },
    ofSource: (name: string) => {
      const own = [...map.having(`Source: ${name}`), ...(map.get(name) ?? [])].filter((each) => sourceOf(each).name === name);
      return [...new Set(own)];
    },
  });
}

/** The source package that a binary package was built from: itself when its stanza names none. */
export function sourceOf({ name, version, source }: Pick<BinaryPackage, 'name' | 'version' | 'source'>): {
  readonly name: string;
  readonly version: string;
} {
  const [, called = name, its = version] = /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(source) ?? [];
  return { name: called, version: its };
}

/** Looks source packages up in Sources files. */
export function sourceMap(texts: readonly IndexText[], onUnusable: OnUnusable): ReadonlyMap<string, readonly SourcePackage[]> {
  return new LazyMap<SourcePackage>(texts, sourcePackage, onUnusable);
}

/** A stanza of a Packages file; undefined when it lacks what is needed to fetch and verify the package. */
export function binaryPackage(stanza: Stanza, text: { readonly archive: string; readonly suite: string }): BinaryPackage | undefined {
  const get = (field: string): string => stanza.folded(field) ?? '';
  const sha256 = parseSha256(get('SHA256').toLowerCase());
  const filename = safePath(get('Filename'));
  const size = wholeNumber(get('Size'));
  const [name, version, architecture] = [get('Package'), get('Version'), get('Architecture')];
  if (sha256 === undefined || filename === undefined || size === undefined || version === '' || architecture === '' || !NAME.test(name))
    return undefined;
  return {
    archive: text.archive,
    suite: text.suite,
    name,
    version,
    architecture,
    filename,
    size,
    sha256,
    priority: get('Priority'),
    essential: get('Essential') === 'yes',
    multiArch: get('Multi-Arch'),
    source: get('Source'),
    preDepends: get('Pre-Depends'),
    depends: get('Depends'),
    provides: get('Provides'),
    conflicts: get('Conflicts'),
    breaks: get('Breaks'),
  };
}

/** A stanza of a Sources file; undefined when it lacks what is needed to fetch and verify the source. */
export function sourcePackage(stanza: Stanza, text: { readonly archive: string; readonly suite: string }): SourcePackage | undefined {
  const get = (field: string): string => stanza.folded(field) ?? '';
  const [name, version] = [get('Package'), get('Version')];
  const directory = get('Directory') === '.' || get('Directory') === '' ? '' : safePath(get('Directory'));
  const files = stanza.lines('Checksums-Sha256').map(checksum);
  const dsc = files.filter((file) => file?.name.endsWith('.dsc'));
  if (directory === undefined || version === '' || !NAME.test(name) || dsc.length !== 1 || files.includes(undefined)) return undefined;
  const whole = files as readonly { name: string; size: number; sha256: Sha256 }[];
  return {
    archive: text.archive,
    suite: text.suite,
    name,
    version,
    directory,
    files: [...whole.filter((file) => file === dsc[0]), ...whole.filter((file) => file !== dsc[0])],
    architectures: get('Architecture')
      .split(' ')
      .filter((one) => one !== ''),
    extraSourceOnly: get('Extra-Source-Only') === 'yes',
    buildDepends: get('Build-Depends'),
    buildDependsArch: get('Build-Depends-Arch'),
    buildDependsIndep: get('Build-Depends-Indep'),
    buildConflicts: get('Build-Conflicts'),
    buildConflictsArch: get('Build-Conflicts-Arch'),
    buildConflictsIndep: get('Build-Conflicts-Indep'),
  };
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9+.-]*$/; // Policy 5.6.1, and capitals, which old archives have

function checksum(line: string): { name: string; size: number; sha256: Sha256 } | undefined {
  const [digest = '', length = '', name = '', ...more] = line.split(/\s+/);
  const sha256 = parseSha256(digest.toLowerCase());
  const size = wholeNumber(length);
  if (sha256 === undefined || size === undefined || more.length > 0 || safePath(name) !== name || name.includes('/')) return undefined;
  return { name, size, sha256 };
}

/** A path below the archive's root without `.` parts; undefined when it is none or leads out of it. */
function safePath(path: string): string | undefined {
  if (path.startsWith('/') || !/^[!-~]+$/.test(path)) return undefined;
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}

function wholeNumber(text: string): number | undefined {
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
  return value;
}

function providersAmong(packages: readonly BinaryPackage[]): ReadonlyMap<string, readonly BinaryPackage[]> {
  const providers = new Map<string, BinaryPackage[]>();
  for (const each of packages) {
    const names = new Set(each.provides.split(',').map((provided) => provided.trim().split(/[ (:]/, 1)[0] ?? ''));
    for (const name of names) {
      const before = providers.get(name);
      if (before) before.push(each);
      else providers.set(name, [each]);
    }
  }
  return providers;
}
