import { malformed } from './malformed.ts';
import { ByteReader } from './reader.ts';
import { Stretch } from './stretch.ts';

/** A stretch of a bzImage. */
export type BzImagePart = {
  readonly name: 'boot sector' | 'boot header' | 'setup' | 'decompressor' | 'payload' | 'size of the payload' | 'behind the payload';
  readonly body: AsyncIterable<Uint8Array>;
};

const HEADER_AT = 0x1f1;
const MAGIC_AT = 0x202;
/** As much as tells whether it is one, and where its parts are. */
const HEAD_BYTES = 0x250;
const SECTOR = 512;
const PAYLOAD_SINCE = 0x208; // version of the protocol that says where the payload is
const GZIP = 0x8b1f;

/** Whether bytes, the first thousand of a file, begin a kernel image for x86 that says where its payload is. */
export function isBzImage(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  return (
    bytes.length >= HEAD_BYTES &&
    bytes.readUInt16LE(0x1fe) === 0xaa55 &&
    bytes.toString('latin1', MAGIC_AT, MAGIC_AT + 4) === 'HdrS' &&
    bytes.readUInt16LE(0x206) >= PAYLOAD_SINCE
  );
}

/**
 * The parts of a kernel image for x86 (Documentation/arch/x86/boot.rst of the kernel), in their order: the code that runs first, the numbers that it is
 * loaded by, and the kernel itself, compressed, with what decompresses it around.
 *
 * @throws StreamFailure (unverified-input: bzimage-malformed), or what reading `bytes` throws
 */
export async function* readBzImage(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<BzImagePart> {
  const reader = new ByteReader(bytes);
  const cut = () => malformed('bzimage-malformed', `The kernel image is cut short at ${reader.offset}.`);
  try {
    const head = Buffer.from(await reader.upTo(HEAD_BYTES));
    if (!isBzImage(head)) throw malformed('bzimage-malformed', 'This is no kernel image for x86.');
    const setupBytes = ((head[HEADER_AT] || 4) + 1) * SECTOR;
    const headerEnd = MAGIC_AT + (head[0x201] ?? 0);
    const payloadAt = setupBytes + head.readUInt32LE(0x248);
    const payloadBytes = head.readUInt32LE(0x24c);
    if (headerEnd < HEAD_BYTES || headerEnd > setupBytes || payloadAt < setupBytes || payloadBytes < 8)
      throw malformed('bzimage-malformed', 'The header of the kernel image names places that cannot be.');
    yield { name: 'boot sector', body: held(head.subarray(0, HEADER_AT)) };
    const restOfHeader = await reader.upTo(headerEnd - HEAD_BYTES);
    yield { name: 'boot header', body: held(Buffer.concat([head.subarray(HEADER_AT), restOfHeader])) };
    for (const [name, end] of [['setup', setupBytes] as const, ['decompressor', payloadAt] as const]) {
      const stretch = new Stretch(reader, end - reader.offset, cut);
      yield { name, body: stretch.pieces() };
      await stretch.end();
    }
    const start = Buffer.from(await reader.upTo(2));
    if (start.length < 2) throw cut();
    // All but gzip do not know how much will come out, so the size stands behind them.
    const behind = start.readUInt16LE(0) === GZIP ? 0 : 4;
    const payload = new Stretch(reader, payloadBytes - behind - start.length, cut);
    yield { name: 'payload', body: joined(start, payload.pieces()) };
    await payload.end();
    if (behind > 0) {
      const size = new Stretch(reader, behind, cut);
      yield { name: 'size of the payload', body: size.pieces() };
      await size.end();
    }
    const more = await reader.some(1024 * 1024);
    if (more !== undefined) yield { name: 'behind the payload', body: rest(reader, more) };
  } finally {
    await reader.close();
  }
}

async function* held(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* joined(start: Uint8Array, more: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  yield* more;
}

async function* rest(reader: ByteReader, start: Uint8Array): AsyncGenerator<Uint8Array> {
  yield start;
  for (let more = await reader.some(1024 * 1024); more !== undefined; more = await reader.some(1024 * 1024)) yield more;
}
