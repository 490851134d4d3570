import { StreamFailure } from '../base/result.ts';
import { ByteReader } from '../format/reader.ts';
import { Broken } from '../store/exchange.ts';
import { protocolFailure } from './trouble.ts';

/** One packet of git's wire format. */
export type Packet = { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'flush' | 'delimiter' | 'response-end' };

const MOST_BYTES = 65_520; // of a packet with its length (gitprotocol-common(5))
const SPECIAL = { 0: 'flush', 1: 'delimiter', 2: 'response-end' } as const;

/** A packet with that text, or those bytes. */
export function packet(body: string | Uint8Array): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

export const FLUSH: Uint8Array = Buffer.from('0000');
export const DELIMITER: Uint8Array = Buffer.from('0001');

/** Reads packets from a stream: four hex digits of length, which count themselves, then the bytes (gitprotocol-common(5), "pkt-line Format"). */
export class PacketReader {
  readonly #reader: ByteReader;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#reader = new ByteReader(bytes);
  }

  /**
   * The next packet, or undefined where the stream ends between two of them. A view that is good until the next call.
   *
   * @throws Broken when the stream ends inside of a packet, StreamFailure git-protocol when it is none
   */
  async next(): Promise<Packet | undefined> {
    const digits = await this.#reader.upTo(4);
    if (digits.length === 0) return undefined;
    if (digits.length < 4) throw new Broken('the answer ended in the middle of a packet');
    const text = Buffer.from(digits).toString('latin1');
    const length = /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
    if (length === 0 || length === 1 || length === 2) return { kind: SPECIAL[length] };
    if (length < 4 || length > MOST_BYTES) throw new StreamFailure(protocolFailure(`a packet cannot begin with "${text}"`));
    const bytes = await this.#reader.upTo(length - 4);
    if (bytes.length < length - 4) throw new Broken('the answer ended in the middle of a packet');
    return { kind: 'data', bytes };
  }

  /** Tells the source that no more is wanted. */
  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** A packet's bytes as a line of text, without the line feed that may end it. */
export function lineOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
