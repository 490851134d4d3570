import { deflateRawSync } from 'node:zlib';

/** Small files of foreign formats, made by hand: what tests look into. */

export type ZipFile = { readonly name: string; readonly body: string; readonly day?: number; readonly stored?: boolean };

/** A zip archive (APPNOTE) with Unix modes; `day` of January 2023. */
export function tinyZip(files: readonly ZipFile[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, body, day = 1, stored = false } of files) {
    const raw = Buffer.from(body);
    const packed = stored ? raw : deflateRawSync(raw);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt16LE(((2023 - 1980) << 9) | (1 << 5) | day, 8);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(0o100644 * 0x10000, 6);
    central.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, central, Buffer.from(name)]));
    bodies.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, central, end]);
}

/** A cpio archive in the newc form. */
export function tinyCpio(files: readonly { readonly name: string; readonly body: string; readonly mtimeSeconds?: number }[]): Buffer {
  const padded = (text: string) => text + '\0'.repeat((4 - (text.length % 4)) % 4);
  const parts = [...files, { name: 'TRAILER!!!', body: '', mtimeSeconds: 0 }].map(({ name, body, mtimeSeconds = 1 }, index) => {
    const fields = [index, 0o100644, 0, 0, 1, mtimeSeconds, body.length, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('')}`;
    return padded(`${head}${name}\0`) + padded(body);
  });
  return Buffer.from(parts.join(''), 'latin1');
}

export type Section = { readonly name: string; readonly body: Uint8Array | string; readonly type?: number; readonly flags?: number };

/** A 64-bit little-endian ELF object with these sections (elf(5)), and something behind it. */
export function tinyElf(sections: readonly Section[], appended: Uint8Array | string = ''): Buffer {
  const all = [...sections, { name: '.shstrtab', body: '', type: 3 }];
  const names = Buffer.from(`\0${all.map(({ name }) => `${name}\0`).join('')}`);
  const bodies = all.map(({ name, body }) => (name === '.shstrtab' ? names : Buffer.from(body as Uint8Array)));
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  const table = [Buffer.alloc(64)];
  let [at, nameAt] = [64, 1];
  for (const [index, { name, type = 1, flags = 2 }] of all.entries()) {
    const size = bodies[index]?.length ?? 0;
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(nameAt, 0);
    entry.writeUInt32LE(type, 4);
    entry.writeBigUInt64LE(BigInt(flags), 8);
    entry.writeBigUInt64LE(BigInt(at), 24);
    entry.writeBigUInt64LE(BigInt(size), 32);
    table.push(entry);
    at += size;
    nameAt += name.length + 1;
  }
  header.writeBigUInt64LE(BigInt(at), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(all.length + 1, 60);
  header.writeUInt16LE(all.length, 62);
  return Buffer.concat([header, ...bodies, ...table, Buffer.from(appended as Uint8Array)]);
}

/** An ELF note of GNU: type 3 is the build-id. */
export function gnuNote(type: number, value: string): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(value.length / 2, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, Buffer.from('GNU\0'), Buffer.from(value, 'hex')]);
}

/** A PNG picture of these chunks; its check sums are zeros. */
export function tinyPng(chunks: readonly (readonly [type: string, body: Uint8Array | string])[]): Buffer {
  const parts = chunks.map(([type, body]) => {
    const bytes = Buffer.from(body as Uint8Array);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    return Buffer.concat([size, Buffer.from(type), bytes, Buffer.alloc(4)]);
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

/** A section of read-only data with this text in it. */
export const rodata = (text: string): Section => ({ name: '.rodata', body: `\0\x01${text}\0another text\0`, flags: 2 });

const MODULE_END = '~Module signature appended~\n';
/** A signed kernel module, of which on the second side this differs. */
export const tinyModule = (side: 0 | 1, over: { info?: boolean; versions?: boolean; signature?: boolean }): Buffer =>
  tinyElf(
    [
      { name: '.modinfo', body: `license=GPL\0vermagic=6.8.0-${over.info && side ? 'b' : 'a'}\0` },
      {
        name: '__versions',
        body: Buffer.concat([Buffer.from([over.versions && side ? 2 : 1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('printk'.padEnd(56, '\0'))]),
      },
    ],
    `\x30${over.signature && side ? 'k' : 'j'}${'\0'.repeat(12)}${MODULE_END}`,
  );

/** A kernel image for x86 (boot protocol 2.15) with one sector of set-up code, and this in it. */
export function tinyBzImage({ setup, payload, behind = '' }: { setup: string; payload: Uint8Array; behind?: string }): Buffer {
  const first = Buffer.alloc(1024);
  first.writeUInt8(1, 0x1f1);
  first.writeUInt16LE(0xaa55, 0x1fe);
  first.writeUInt8(0x6a, 0x201);
  first.write('HdrS', 0x202);
  first.writeUInt16LE(0x20f, 0x206);
  first.write(setup, 0x300);
  const decompressor = Buffer.alloc(64, 0x90);
  first.writeUInt32LE(decompressor.length, 0x248);
  first.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([first, decompressor, payload, Buffer.from(behind)]);
}

/** A font of these tables, in their order. */
export function tinyFont(tables: readonly (readonly [tag: string, body: Uint8Array | string])[]): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32BE(0x00010000);
  header.writeUInt16BE(tables.length, 4);
  header.writeUInt16BE(16 * 2 ** Math.floor(Math.log2(tables.length)), 6);
  let at = 12 + 16 * tables.length;
  const records: Buffer[] = [];
  const bodies: Buffer[] = [];
  for (const [tag, body] of tables) {
    const record = Buffer.alloc(16);
    record.write(tag);
    record.writeUInt32BE(at, 8);
    record.writeUInt32BE(Buffer.from(body).length, 12);
    records.push(record);
    bodies.push(Buffer.from(body), Buffer.alloc((4 - (Buffer.from(body).length % 4)) % 4));
    at += Math.ceil(Buffer.from(body).length / 4) * 4;
  }
  return Buffer.concat([header, ...records, ...bodies]);
}
