import { type Sha256, sha256, sha256Of, sha256Stream } from '../base/digest.ts';
import { sortedBy } from '../base/order.ts';
import { readAr } from '../format/ar.ts';
import { compressionOf, decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../format/limits.ts';
import { readTar, type TarEntry } from '../format/tar.ts';
import { digestUnsigned } from '../kernel/signature.ts';
import { tarAttributes } from './attributes.ts';
import { fileOpening } from './opening.ts';
import type { Artefact } from './types.ts';

/** How a kernel module compares with its twin. Unsigned: the bytes are equal when what signs them is taken off. */
export type ModuleVerdict = {
  readonly module: string; // its path in the package
  readonly verdict: 'equal' | 'equal-unsigned' | 'different' | 'only-in-first' | 'only-in-second';
};

/** What two packages have in common when the signatures of kernel modules do not count. */
export type UnsignedVerdict = {
  readonly name: string;
  readonly verdict: 'equal-unsigned' | 'different';
  readonly modules: readonly ModuleVerdict[]; // by name in byte order
  readonly others: readonly string[]; // whatever else differs, by name in byte order
};

/** What counts of one member. */
type Facts = {
  readonly attributes: string;
  readonly body: Sha256; // of a module: without its signature
  readonly signature?: Sha256 | undefined;
  readonly packed?: Sha256; // of a module: with its signature, and compressed as it lies there
  readonly text?: string | undefined; // of what is computed from the others
  readonly module: boolean;
};

const MODULE = /\.ko(\.(gz|xz|zst))?$/;
const COMPUTED = /^control\.tar[^/]*\/(\.\/)?(md5sums|control)$/;
/** A list of 100,000 files has 10 MB. A longer one counts with all its bytes. */
const MOST_TEXT_BYTES = 64 * 1024 * 1024;

/** Whether signatures can be taken off what is in an output: packages, and modules themselves. */
export function holdsModules(name: string): boolean {
  return name.endsWith('.deb') || MODULE.test(name);
}

/**
 * Compares two packages, or two kernel modules, module by module, without the signatures behind them; compressed modules are unpacked for that. Everything
 * else counts as it is, but for what follows from a signature: the checksums of those modules in md5sums, and Installed-Size.
 *
 * @throws StreamFailure when one of them cannot be read, or is not what its name says
 */
export async function compareUnsigned(first: Artefact, second: Artefact, limits: ArchiveLimits = ARCHIVE_LIMITS): Promise<UnsignedVerdict> {
  const one = await factsOf(first, limits);
  const two = await factsOf(second, limits);
  const modules: ModuleVerdict[] = [];
  const others: string[] = [];
  const computed: string[] = [];
  for (const name of sortedBy(new Set([...one.keys(), ...two.keys()]), (key) => key)) {
    const [a, b] = [one.get(name), two.get(name)];
    if (a?.text !== undefined && b?.text !== undefined) computed.push(name);
    else if (a?.module || b?.module) modules.push({ module: pathOf(name), verdict: verdictOf(a, b) });
    else if (a === undefined || b === undefined || a.body !== b.body || a.attributes !== b.attributes) others.push(pathOf(name));
  }
  const unsigned = new Set(modules.flatMap(({ module, verdict }) => (verdict === 'equal-unsigned' ? [module.replace(/^\.\//, '')] : [])));
  for (const name of computed) {
    const [a, b] = [one.get(name), two.get(name)];
    const same = without(a?.text ?? '', unsigned) === without(b?.text ?? '', unsigned);
    if (!same || a?.attributes !== b?.attributes) others.push(pathOf(name));
  }
  const inOrder = [...one.keys()].filter((name) => two.has(name)).join('\0') === [...two.keys()].filter((name) => one.has(name)).join('\0');
  if (!inOrder) others.push('the order of the members');
  const same = others.length === 0 && modules.every(({ verdict }) => verdict === 'equal' || verdict === 'equal-unsigned');
  return { name: first.name, verdict: same ? 'equal-unsigned' : 'different', modules, others: sortedBy(others, (name) => name) };
}

function verdictOf(a: Facts | undefined, b: Facts | undefined): ModuleVerdict['verdict'] {
  if (a === undefined || b === undefined) return a === undefined ? 'only-in-second' : 'only-in-first';
  if (a.body !== b.body || a.attributes !== b.attributes) return 'different';
  return a.packed === b.packed ? 'equal' : a.signature === b.signature ? 'different' : 'equal-unsigned'; // the second: packed differently
}

/** md5sums without the lines of some files; control without the size that follows from them. */
function without(text: string, unsigned: ReadonlySet<string>): string {
  if (unsigned.size === 0) return text;
  return text
    .split('\n')
    .filter((line) => !line.startsWith('Installed-Size: ') && !unsigned.has(/^[0-9a-f]{32} {2}(.*)$/.exec(line)?.[1] ?? ''))
    .join('\n');
}

/** `data.tar.xz/./lib/modules/…` without what the package itself is made of. */
function pathOf(name: string): string {
  return name.replace(/^data\.tar[^/]*\//, '').replace(/^control\.tar[^/]*\/(?:\.\/)?/, 'DEBIAN/');
}

/** Every member, in the order of the package. */
async function factsOf({ name, path }: Artefact, limits: ArchiveLimits): Promise<ReadonlyMap<string, Facts>> {
  const open = fileOpening(path);
  const facts = new Map<string, Facts>();
  if (!name.endsWith('.deb')) return facts.set(name, { ...(await moduleFacts(name, open(), limits)), attributes: '', module: true });
  for await (const { member, body } of readAr(open(), limits)) {
    if (!/^(control|data)\.tar/.test(member.name)) {
      facts.set(member.name, { attributes: '', body: (await sha256Of(body)).digest, module: false });
      continue;
    }
    for await (const entry of readTar(decompress(compressionOf(member.name), body, limits), limits)) {
      const key = `${member.name}/${entry.member.name}`;
      // A name that stands twice would hide its first body.
      facts.set(facts.has(key) ? `${key} (once more, ${facts.size})` : key, await entryFacts(key, entry, limits));
    }
  }
  return facts;
}

async function entryFacts(key: string, { member, body }: TarEntry, limits: ArchiveLimits): Promise<Facts> {
  const attributes = JSON.stringify(tarAttributes(member));
  const isFile = member.type === 'file';
  if (isFile && key.startsWith('data.') && MODULE.test(member.name)) {
    return { ...(await moduleFacts(member.name, body, limits)), attributes, module: true };
  }
  if (isFile && COMPUTED.test(key) && member.size <= MOST_TEXT_BYTES) {
    const bytes = Buffer.concat(await Array.fromAsync(body));
    return { attributes, body: sha256(bytes), text: bytes.toString('latin1'), module: false };
  }
  return { attributes, body: (await sha256Of(body)).digest, module: false };
}

async function moduleFacts(name: string, body: AsyncIterable<Uint8Array>, limits: ArchiveLimits) {
  const packed = sha256Stream();
  async function* seen(): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      packed.update(piece);
      yield piece;
    }
  }
  return { ...(await digestUnsigned(decompress(compressionOf(name), seen(), limits))), packed: packed.digest() };
}
