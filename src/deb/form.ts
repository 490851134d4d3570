import { ByteReader } from '../format/reader.ts';
import { type Form, formOf, HEAD_BYTES } from './members.ts';
import { from, type Opening, type Side } from './opening.ts';

/** The first bytes of two contents, and their form when it is the same. */
export type Heads = { readonly first: Uint8Array; readonly second: Uint8Array; readonly form: Form | undefined };

export async function headsOf(first: Opening, second: Opening): Promise<Heads> {
  const heads = { first: await head('first', first), second: await head('second', second) };
  return { ...heads, form: sameForm(heads.first, heads.second) };
}

/** The form that two contents have by their first bytes; undefined when it is not the same, or none. */
export function sameForm(first: Uint8Array, second: Uint8Array): Form | undefined {
  const one = formOf(first) ?? emptyTar(first, second);
  const two = formOf(second) ?? emptyTar(second, first);
  if (one === undefined || two === undefined || one.kind !== two.kind) return undefined;
  return one.kind === 'compressed' && two.kind === 'compressed' && one.compression !== two.compression ? undefined : one;
}

/** A tar without members is nothing but zeros, and known only by what it is compared with. */
function emptyTar(head: Uint8Array, other: Uint8Array): Form | undefined {
  const zeros = head.length === HEAD_BYTES && head.every((byte) => byte === 0);
  return zeros && formOf(other)?.kind === 'tar' ? { kind: 'tar' } : undefined;
}

async function head(side: Side, opening: Opening): Promise<Uint8Array> {
  const reader = new ByteReader(opening());
  try {
    return Uint8Array.from(await from(side, reader.upTo(HEAD_BYTES)));
  } finally {
    await reader.close();
  }
}
