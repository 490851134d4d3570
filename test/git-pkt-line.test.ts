import test from 'ava';
import fc from 'fast-check';
import { StreamFailure } from '../src/base/result.ts';
import { DELIMITER, FLUSH, lineOf, type Packet, PacketReader, packet } from '../src/git/pkt-line.ts';
import { Broken } from '../src/store/exchange.ts';
import { inPieces } from './helpers/debs.ts';

async function all(bytes: Uint8Array, piece = 3): Promise<Packet[]> {
  const reader = new PacketReader(inPieces(bytes, piece));
  const packets: Packet[] = [];
  for (let next = await reader.next(); next !== undefined; next = await reader.next())
    packets.push(next.kind === 'data' ? { ...next, bytes: Uint8Array.from(next.bytes) } : next);
  return packets;
}

const anyPacket = fc.oneof(
  fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => ({ packet: { kind: 'data', bytes } satisfies Packet as Packet, encoded: packet(bytes) })),
  fc.constantFrom(
    { packet: { kind: 'flush' } as Packet, encoded: FLUSH },
    { packet: { kind: 'delimiter' } as Packet, encoded: DELIMITER },
    { packet: { kind: 'response-end' } as Packet, encoded: Buffer.from('0002') as Uint8Array },
  ),
);

test('packets come out as they went in, however the bytes arrive', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPacket, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), async (packets, piece) => {
      const read = await all(Buffer.concat(packets.map(({ encoded }) => encoded)), piece);
      t.deepEqual(
        read,
        packets.map(({ packet }) => packet),
      );
    }),
  );
});

test('a stream that ends inside of a packet is never taken for a whole one', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), async (bytes, cut) => {
      const whole = packet(bytes);
      await t.throwsAsync(all(whole.subarray(0, 1 + (cut % (whole.length - 1)))), { instanceOf: Broken });
    }),
  );
});

test('foreign bytes give packets, or one of two failures, and nothing else', async (t) => {
  const digits = fc.array(fc.constantFrom(...'0123456789abcdefABCDEF -x'), { maxLength: 40 }).map((signs) => Buffer.from(signs.join('')));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), digits), async (bytes) => {
      try {
        const read = await all(bytes);
        const length = read.reduce((sum, one) => sum + 4 + (one.kind === 'data' ? one.bytes.length : 0), 0);
        t.is(length, bytes.length);
      } catch (error) {
        t.true(error instanceof Broken || (error instanceof StreamFailure && error.failure.reason === 'git-protocol'));
      }
    }),
  );
});

const refused = test.macro(async (t, text: string) => {
  const error = await t.throwsAsync(all(Buffer.from(text)), { instanceOf: StreamFailure });
  t.is(error?.failure.reason, 'git-protocol');
});
test('a length of 3', refused, '0003');
test('a length above the largest', refused, 'fff1');
test('a sign', refused, '+005x');
test('a page of HTML', refused, '<!DOCTYPE html>');

test('an empty packet is data, and only a last line feed is no part of a line', async (t) => {
  t.deepEqual(await all(Buffer.from('0004')), [{ kind: 'data', bytes: new Uint8Array(0) }]);
  t.is(lineOf(Buffer.from('a\nb\n')), 'a\nb');
  t.is(lineOf(Buffer.from('a')), 'a');
});
