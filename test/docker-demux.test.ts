import test from 'ava';
import fc from 'fast-check';
import { demux } from '../src/docker/demux.ts';

type Frame = { readonly kind: 0 | 1 | 2; readonly bytes: Uint8Array };

function encode({ kind, bytes }: Frame): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' };
  for await (const { stream: name, bytes } of demux(stream)) text[name] += Buffer.from(bytes).toString('hex');
  return text;
}

const frames = fc.array(fc.record({ kind: fc.constantFrom(0 as const, 1 as const, 2 as const), bytes: fc.uint8Array({ maxLength: 40 }) }), {
  maxLength: 8,
});

test('every byte arrives on its stream, however the pieces are cut', async (t) => {
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.nat(20), { maxLength: 40 }), async (all, sizes) => {
      const of = (...kinds: number[]): string =>
        Buffer.concat(all.filter(({ kind }) => kinds.includes(kind)).map(({ bytes }) => bytes)).toString('hex');
      t.deepEqual(await read(cut(Buffer.concat(all.map(encode)), sizes)), { stdout: of(0, 1), stderr: of(2) });
    }),
  );
});

test('a stream that breaks off inside of a frame is an error', async (t) => {
  const whole = encode({ kind: 1, bytes: Buffer.from('output') });
  for (let length = 1; length < whole.length; length += 1)
    await t.throwsAsync(read(cut(whole.subarray(0, length), [])), { message: /broke off/ });
});

test('what is not in this format is an error', async (t) => {
  await t.throwsAsync(read(cut(Buffer.from('plain text of a terminal'), [])), { message: /unknown format/ });
});
