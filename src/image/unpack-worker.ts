import { pipeline, Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { constants, createZstdCompress } from 'node:zlib';
import type { Sha256 } from '../base/digest.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { storeOf } from '../store/store.ts';
import type { Store } from '../store/types.ts';
import { bodiesOf, type Collected } from './unpack.ts';
import { INDEX, TREE } from './unpacked.ts';

// A thread that unpacks one .deb of the store after the other: the digest comes as a message, the Result goes back as one.
const store = storeOf(String(workerData));

parentPort?.on('message', (digest: Sha256) => {
  void unpackInto(store, digest).then((result) => parentPort?.postMessage(result));
});

async function unpackInto(store: Store, digest: Sha256): Promise<Result<void>> {
  const collected: Collected = {};
  const unpacked = await caught(async () => {
    const kept = await store.addDerived(TREE, digest, compressed(bodiesOf(store.read(digest), collected)));
    if (!kept.ok) return kept;
    // Last, because the index says that the tree is there.
    return store.addDerived(INDEX, digest, once(Buffer.from(JSON.stringify(collected.unpacked))));
  });
  if (unpacked.ok) return unpacked;
  // What broke off half-way was not hashed to its end: a damaged entry must be known as one, or no run would ever fetch it again.
  const whole = await caught(async () => {
    for await (const _piece of store.read(digest));
    return ok();
  });
  return whole.ok ? unpacked : whole;
}

async function caught(action: () => Promise<Result<void>>): Promise<Result<void>> {
  try {
    return await action();
  } catch (error) {
    const { cause: _notForMessages, ...failure } = failureOf(error);
    return fail(failure);
  }
}

/** Level 1: as small as xz is not needed, and it decompresses ten times as fast. */
function compressed(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const encoder = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: 256 * 1024 });
  return pipeline(Readable.from(bytes, { objectMode: true }), encoder, () => undefined);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
