import { gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { escapeControl } from '../src/base/escape.ts';
import { StreamFailure } from '../src/base/result.ts';
import { readAr } from '../src/format/ar.ts';
import { compressionOf, decompress } from '../src/format/compress.ts';
import { ARCHIVE_LIMITS } from '../src/format/limits.ts';
import { decodeName, encodeName } from '../src/format/name.ts';
import { ByteReader } from '../src/format/reader.ts';
import { readTar, type TarMember } from '../src/format/tar.ts';
import { packTar } from '../src/format/tar-write.ts';
import { inPieces, tarMember, tinyDeb, tinyTar } from './helpers/debs.ts';
import { members } from './helpers/tar.ts';

const LIMITS = { ...ARCHIVE_LIMITS, totalBytes: 10_000_000, entries: 10_000 };

/** Reads a foreign file as deep as it goes: ar, compression, tar. Nothing but a StreamFailure may come out of it. */
async function readDeep(bytes: AsyncIterable<Uint8Array>): Promise<'whole' | 'failed'> {
  try {
    for await (const { member, body } of readAr(bytes, LIMITS)) {
      const plain = decompress(compressionOf(member.name), body, LIMITS);
      if (member.name.includes('.tar')) for await (const entry of readTar(plain, LIMITS)) for await (const _ of entry.body);
      else for await (const _ of plain);
    }
    return 'whole';
  } catch (error) {
    if (error instanceof StreamFailure && error.failure.kind === 'unverified-input') return 'failed';
    throw error;
  }
}

async function readsTar(bytes: Uint8Array): Promise<boolean> {
  try {
    await members(inPieces(bytes, 1000), LIMITS);
    return true;
  } catch (error) {
    if (error instanceof StreamFailure) return false;
    throw error;
  }
}

test('random bytes are never read as an archive', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000 }), async (bytes) => {
      const ar = Buffer.concat([Buffer.from('!<arch>\n'), bytes]);
      return (await readDeep(inPieces(bytes))) === 'failed' && (await readDeep(inPieces(ar))) === 'failed' && !(await readsTar(bytes));
    }),
  );
  t.pass();
});

for (const compression of ['none', 'gz', 'zst'] as const) {
  test(`a .deb cut short anywhere is never whole (${compression})`, async (t) => {
    const deb = await tinyDeb({ compression });
    t.is(await readDeep(inPieces(deb)), 'whole');
    // The length of an ar archive stands nowhere: a cut between members is a shorter archive, and padding may be missing.
    const headers = [...deb.toString('latin1').matchAll(/\d+ +`\n/g)].map(({ 0: text, index }) => ({
      size: Number.parseInt(text, 10),
      end: index + text.length,
    }));
    const ends = new Set([8, ...headers.flatMap(({ size, end }) => [end + size, end + size + (size % 2)])]);
    const step = compression === 'none' ? 67 : 5;
    for (let length = 0; length < deb.length - 1; length += step) {
      t.is(await readDeep(inPieces(deb.subarray(0, length), 333)), ends.has(length) ? 'whole' : 'failed', `${length}`);
    }
  });

  test(`a .deb with flipped bits is read or refused (${compression})`, async (t) => {
    const deb = await tinyDeb({ compression });
    const flip = fc.record({ at: fc.nat(deb.length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 4 }), async (flips) => {
        const bytes = Buffer.from(deb);
        for (const { at, bit } of flips) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        await readDeep(inPieces(bytes, 777));
      }),
      { numRuns: 60 },
    );
    t.pass();
  });
}

test('damaged compressed bytes are read or refused', async (t) => {
  const xz = Buffer.from('/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAMaGVsbG8sIHdvcmxkCgAAAAB7RlqByRK46gABJQ1xGcS2H7bzfQEAAAAABFla', 'base64');
  const kinds = { xz, gz: gzipSync('hello '.repeat(50)), zst: zstdCompressSync('hello '.repeat(50)) };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...(['xz', 'gz', 'zst'] as const)),
      fc.nat(),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      async (kind, at, noise) => {
        const bytes = Buffer.from(kinds[kind]);
        bytes.set(noise.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
        try {
          for await (const _ of decompress(kind, inPieces(bytes, 40), LIMITS));
        } catch (error) {
          if (!(error instanceof StreamFailure)) throw error;
        }
      },
    ),
    { numRuns: 200 },
  );
  t.pass();
});

const name = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => decodeName(bytes.map((byte) => (byte === 0 ? 1 : byte))));
const anyMember: fc.Arbitrary<TarMember> = fc
  .record({
    name: name.map((text) => (text.endsWith('/') ? `${text}x` : text)),
    mode: fc.nat(0o7777),
    uid: fc.nat(2 ** 32),
    gid: fc.nat(2 ** 32),
    mtimeSeconds: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    uname: fc.constantFrom('', 'root', 'ü'.repeat(20)),
    size: fc.nat(2000),
    pax: fc.dictionary(fc.constantFrom('comment', 'SCHILY.xattr.user.a', 'SCHILY.xattr.user.b=c'), name, { maxKeys: 2 }),
  })
  .map((over) => tarMember({ ...over, pax: Object.fromEntries(Object.entries(over.pax).filter(([key]) => !key.includes('='))) }));

test('whatever is packed is read back', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMember, { maxLength: 4 }), fc.integer({ min: 1, max: 2000 }), async (all, pieceBytes) => {
      const entries = all.map((member) => ({ member, body: Buffer.alloc(member.size, 'x') }));
      const tar = Buffer.concat(await Array.fromAsync(packTar(entries)));
      t.deepEqual(
        await members(inPieces(tar, pieceBytes)),
        all.map((member) => [member, 'x'.repeat(member.size)]),
      );
    }),
  );
});

test('a tar with one changed header byte is refused', async (t) => {
  const tar = await tinyTar([{ name: './a' }]);
  await fc.assert(
    fc.asyncProperty(fc.nat(511), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      fc.pre(at < 148 || at >= 156); // other ways to write the same check sum are fine
      const bytes = Buffer.from(tar);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      return !(await readsTar(bytes));
    }),
  );
  t.pass();
});

test('names keep their bytes', (t) => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.compare(encodeName(decodeName(bytes)), bytes) === 0));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeName(encodeName(text)) === text));
  t.pass();
});

test('a reader gives the bytes of its source, however it is asked', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.nat(30)), async (pieces, wishes) => {
      async function* source() {
        yield* pieces;
      }
      const whole = Buffer.concat(pieces);
      const reader = new ByteReader(source());
      for (const wish of wishes) {
        const at = reader.offset;
        const expected = whole.subarray(at, at + wish);
        const got = wish % 2 === 0 ? await reader.upTo(wish) : await reader.skip(wish);
        t.deepEqual(typeof got === 'number' ? got : Buffer.from(got), typeof got === 'number' ? expected.length : expected);
      }
    }),
  );
});

const escapes = test.macro((t, text: string, expected: string) => t.is(escapeControl(text), expected));
test('plain text stays', escapes, './usr/share/ä 日本 🎉', './usr/share/ä 日本 🎉');
test('an escape sequence', escapes, '\u001b[31mred\u0007', '\\x1b[31mred\\x07');
test('line feeds and tabs', escapes, 'a\n\tb\r', 'a\\x0a\\x09b\\x0d');
test('C1 controls', escapes, '\u009b31m\u0085', '\\u009b31m\\u0085');
test('text from right to left', escapes, 'a\u202egpj.exe', 'a\\u202egpj.exe');
test('signs without a width', escapes, 'a\u200bb\ufeffc\u{e0041}', 'a\\u200bb\\ufeffc\\u{e0041}');
test('bytes that are not UTF-8', escapes, decodeName(Uint8Array.of(0x61, 0xff, 0x80)), 'a\\xff\\x80');
test('a lone surrogate', escapes, 'a\ud800b', 'a\\ud800b');
test('a backslash', escapes, '\\x1b', '\\\\x1b');

test('what is escaped has nothing hidden, and different texts stay different', (t) => {
  const text = fc.string({ unit: fc.constantFrom('\\', 'x', '1', 'b', '\u001b', '\u009b', '\u202e', '\udc80', 'u', '{', '}') });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  fc.assert(fc.property(text, (a) => !/[\u0000-\u001f\u007f-\u009f\u202e\ud800-\udfff]/.test(escapeControl(a))));
  fc.assert(fc.property(text, text, (a, b) => a === b || escapeControl(a) !== escapeControl(b)));
  t.pass();
});
