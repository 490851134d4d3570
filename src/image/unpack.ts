import { createHash } from 'node:crypto';
import { sha256Stream } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { type ArEntry, readAr } from '../format/ar.ts';
import { type Compression, compressionOf, decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { malformed } from '../format/malformed.ts';
import { memberPath } from '../format/name.ts';
import { readTar, type TarMember } from '../format/tar.ts';
import type { Entry, Information, Unpacked } from './unpacked.ts';

const CONTROL_BYTES = 16 * 1024 ** 2; // a control member that we keep in memory; debconf templates of 1 MB are the largest seen

/** Filled while the bodies are read; complete when they have ended. */
export type Collected = { unpacked?: Unpacked };

/**
 * Takes a .deb (deb(5), format 2.0) apart: gives the bodies of all its files, one behind the other, and collects what is known of them.
 * Nothing is written anywhere; names that lead out of the root are refused before a byte of the package can reach an image.
 *
 * @throws StreamFailure (unverified-input: deb-malformed, deb-hostile-name, deb-device, and those of ar, tar and the decompressors)
 */
export async function* bodiesOf(deb: AsyncIterable<Uint8Array>, collected: Collected): AsyncGenerator<Uint8Array> {
  const control = new ControlPart();
  const data = new DataPart();
  let stage: 'version' | 'control' | 'data' | 'end' = 'version';
  for await (const entry of readAr(deb, ARCHIVE_LIMITS)) {
    const { name } = entry.member;
    if (stage === 'version') {
      if (name !== 'debian-binary' || !(await textOf(entry)).startsWith('2.'))
        throw malformed('deb-malformed', 'This is not a Debian package of format 2.0.');
      stage = 'control';
    } else if (stage === 'control' && name.startsWith('control.tar')) {
      yield* control.read(tarIn(entry));
      data.begin(control);
      stage = 'data';
    } else if (stage === 'data' && name.startsWith('data.tar')) {
      yield* data.read(tarIn(entry));
      stage = 'end';
    } else if (stage !== 'end' && !name.startsWith('_')) {
      throw malformed('deb-malformed', `The Debian package has a member "${escapeControl(name)}" where its ${stage}.tar should be.`);
    }
  }
  if (stage !== 'end') throw malformed('deb-malformed', `The Debian package has no ${stage === 'data' ? 'data' : 'control'}.tar.`);
  yield* data.missingSums(control);
  const { text } = control;
  collected.unpacked = {
    control: `${text('control').trim()}\n`,
    preinst: control.has('preinst') ? text('preinst') : undefined,
    triggers: text('triggers'),
    conffiles: control.conffiles.flatMap((path) => data.conffile(path)),
    information: control.information,
    entries: data.entries,
    bytes: data.offset,
  };
}

const COMPRESSIONS: readonly Compression[] = ['none', 'gz', 'xz', 'zst'];

function tarIn({ member, body }: ArEntry): AsyncIterable<Uint8Array> {
  const kind = compressionOf(member.name);
  if (!COMPRESSIONS.includes(kind))
    throw malformed('deb-malformed', `${escapeControl(member.name)} is compressed in a way that is not supported.`);
  return decompress(kind, body, ARCHIVE_LIMITS);
}

async function textOf({ member, body }: ArEntry): Promise<string> {
  if (member.size > 1024) throw malformed('deb-malformed', 'This is not a Debian package of format 2.0.');
  return Buffer.concat(await Array.fromAsync(body)).toString('latin1');
}

// What the text of is needed here; everything else only passes through.
const KEPT = new Set(['control', 'preinst', 'triggers', 'conffiles', 'md5sums']);

class ControlPart {
  readonly information: Information[] = [];
  offset = 0;
  readonly #texts = new Map<string, string>();

  readonly text = (name: string): string => this.#texts.get(name) ?? '';

  has(name: string): boolean {
    return this.#texts.has(name);
  }

  /** Paths of configuration files. Those that are only there to be removed on upgrades are no part of a fresh system (deb-conffiles(5)). */
  get conffiles(): readonly string[] {
    const lines = this.text('conffiles').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line.startsWith('/'));
  }

  async *read(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const { member, body } of readTar(tar, ARCHIVE_LIMITS)) {
      const name = memberPath(member.name);
      if (name === '' && member.type === 'directory') continue;
      if (name === undefined || member.type !== 'file' || !/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) {
        throw malformed('deb-malformed', `The control part of the package has an unfit member "${escapeControl(member.name)}".`);
      }
      if (member.size > CONTROL_BYTES)
        throw malformed('deb-malformed', `The member ${name} of the control part is larger than ${CONTROL_BYTES} bytes.`);
      const bytes = Buffer.concat(await Array.fromAsync(body));
      if (KEPT.has(name)) this.#texts.set(name, bytes.toString('utf8'));
      // dpkg keeps the control file in its status and writes the list itself.
      if (name === 'control' || name === 'list') continue;
      yield* this.add({ name, mode: member.mode, mtimeSeconds: Math.floor(member.mtimeSeconds) }, bytes);
    }
    if (!this.has('control')) throw malformed('deb-malformed', 'The control part of the package has no control file.');
  }

  *add(about: Pick<Information, 'name' | 'mode' | 'mtimeSeconds'>, bytes: Uint8Array): Generator<Uint8Array> {
    const hash = sha256Stream();
    hash.update(bytes);
    this.information.push({ ...about, size: bytes.length, sha256: hash.digest(), offset: this.offset });
    this.offset += bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}

class DataPart {
  readonly entries: Entry[] = [];
  offset = 0;
  readonly #md5 = new Map<string, string>();
  #md5Wanted: (path: string) => boolean = () => false;
  #newestSeconds = 0;

  begin(control: ControlPart): void {
    this.offset = control.offset;
    const conffiles = new Set(control.conffiles.map((path) => path.slice(1)));
    const all = !control.has('md5sums');
    this.#md5Wanted = (path) => all || conffiles.has(path);
  }

  conffile(path: string): Unpacked['conffiles'] {
    const md5 = this.#md5.get(path.slice(1));
    return md5 === undefined ? [] : [{ path, md5 }];
  }

  async *read(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const { member, body } of readTar(tar, ARCHIVE_LIMITS)) {
      const entry = this.#entryOf(member);
      if (entry === undefined) continue;
      this.#newestSeconds = Math.max(this.#newestSeconds, entry.mtimeSeconds);
      if (entry.type !== 'file') {
        this.entries.push(entry);
        continue;
      }
      const hash = sha256Stream();
      const md5 = this.#md5Wanted(entry.path) ? createHash('md5') : undefined;
      for await (const piece of body) {
        hash.update(piece);
        md5?.update(piece);
        yield piece;
      }
      if (md5) this.#md5.set(entry.path, md5.digest('hex'));
      this.entries.push({ ...entry, sha256: hash.digest() });
      this.offset += member.size;
    }
  }

  /** A package without md5sums gets them from dpkg when it is unpacked (dpkg 1.16.3 and later). */
  *missingSums(control: ControlPart): Generator<Uint8Array> {
    if (control.has('md5sums')) return;
    const lines = this.entries.filter(({ type }) => type === 'file').map(({ path }) => `${this.#md5.get(path)}  ${path}\n`);
    control.offset = this.offset;
    yield* control.add({ name: 'md5sums', mode: 0o644, mtimeSeconds: this.#newestSeconds }, Buffer.from(lines.join('')));
    this.offset = control.offset;
  }

  #entryOf(member: TarMember): Entry | undefined {
    const path = safePath(member.name);
    if (path === '') return undefined;
    const { type, mode, uid, gid, size } = member;
    if (type === 'character' || type === 'block')
      throw malformed('deb-device', `The package holds a device, ${escapeControl(member.name)}; that is refused.`);
    return {
      path,
      type,
      mode,
      uid,
      gid,
      mtimeSeconds: Math.max(0, Math.floor(member.mtimeSeconds)),
      link: linkOf(member, path),
      size,
      sha256: undefined,
      offset: this.offset,
    };
  }
}

function linkOf(member: TarMember, path: string): string {
  if (member.type === 'hardlink') return safePath(member.link);
  if (member.type === 'symlink' && climbsOut(path, member.link)) {
    throw malformed(
      'deb-hostile-name',
      `The package's link ${escapeControl(member.name)} leads out of the root: ${escapeControl(member.link)}.`,
    );
  }
  return member.link;
}

function safePath(name: string): string {
  const path = memberPath(name);
  if (path === undefined || path.includes('\n'))
    throw malformed('deb-hostile-name', `The package holds the name "${escapeControl(name)}", which is refused.`);
  return path;
}

/** Whether a relative link goes up further than there are folders above it. An absolute one is of the image's root: fine. */
function climbsOut(path: string, link: string): boolean {
  if (link.startsWith('/')) return false;
  let depth = path.split('/').length - 1;
  for (const part of link.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
