import { type Sha256, sha256Of } from '../base/digest.ts';
import { type Failure, StreamFailure } from '../base/result.ts';
import type { Store } from '../store/types.ts';
import type { Layer } from './layer.ts';
import { layerTar } from './layer-tar.ts';

/** A layer's tar, as an engine and the image formats see it. */
export type Blob = {
  readonly digest: Sha256; // of the tar: the layer's diffID
  readonly size: number; // bytes
  readonly open: () => AsyncIterable<Uint8Array>;
};

const STATE = 'image-layer'; // layer key to digest and size

/**
 * The tar of a layer. Its digest is remembered in the store, so that a layer that the engine has need not be written again to know its name.
 *
 * @throws StreamFailure as layerTar does, and the signal's when that is aborted
 */
export async function blobOf(store: Store, layer: Layer, signal: AbortSignal): Promise<Blob> {
  const open = () => layerTar(store, layer);
  const known = asMeasure(await store.readState(STATE, layer.key));
  if (known !== undefined) return { ...known, open };
  const measured = await sha256Of(whileWanted(open(), signal));
  await store.writeState(STATE, layer.key, measured); // when it cannot be written it is measured again
  return { ...measured, open };
}

/** A small blob that is in memory. */
export async function heldBlob(bytes: AsyncIterable<Uint8Array>): Promise<Blob> {
  const pieces = await Array.fromAsync(bytes);
  const open = () => allOf(pieces);
  return { ...(await sha256Of(open())), open };
}

async function* allOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** A stream that breaks off with the signal's failure when that is aborted. */
export async function* whileWanted(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    if (signal.aborted) throw new StreamFailure(signal.reason as Failure);
    yield piece;
  }
}

/** What state said of a tar, or undefined when that is not of the right form. */
export function asMeasure(value: unknown): { readonly digest: Sha256; readonly size: number } | undefined {
  if (typeof value !== 'object' || value === null || !('digest' in value) || !('size' in value)) return undefined;
  const { digest, size } = value;
  return typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) && Number.isSafeInteger(size)
    ? { digest: digest as Sha256, size: size as number }
    : undefined;
}
