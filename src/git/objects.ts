import { createHash, type Hash } from 'node:crypto';
import type { StreamFailure } from '../base/result.ts';
import { ByteReader } from '../format/reader.ts';

export type ObjectFormat = 'sha1' | 'sha256';
type Kind = 'commit' | 'tree' | 'blob';

/** An object whose body can be read once, before the next one is asked for. */
export type GitObject = { readonly size: number; readonly body: AsyncIterable<Uint8Array> };

/**
 * Reads objects as `git cat-file --batch` prints them: `ID KIND SIZE\n`, the content, `\n`. Each is asked for by its id, and hashed on the way: whatever
 * made the stream, only content with that id comes out of here.
 */
export class ObjectStream {
  readonly #reader: ByteReader;
  readonly #format: ObjectFormat;
  readonly #other: (why: string) => StreamFailure;

  /** @param other the failure for content that is not what its id says */
  constructor(bytes: AsyncIterable<Uint8Array>, format: ObjectFormat, other: (why: string) => StreamFailure) {
    this.#reader = new ByteReader(bytes);
    this.#format = format;
    this.#other = other;
  }

  /** The next object, which must be the one with that id. */
  async next(id: string, kind: Kind): Promise<GitObject> {
    const wanted = `${id} ${kind} `;
    const head = await this.#reader.upTo(wanted.length);
    if (Buffer.from(head).toString('latin1') !== wanted) throw this.#other(`the ${kind} ${id} is missing`);
    const size = await this.#digits();
    const length = Number(size);
    return { size: length, body: this.#body(id, kind, length) };
  }

  /** A whole object in memory. */
  async whole(id: string, kind: Kind, mostBytes: number): Promise<Uint8Array> {
    const { size, body } = await this.next(id, kind);
    if (size > mostBytes) throw this.#other(`the ${kind} ${id} has ${size} bytes`);
    return Buffer.concat(await Array.fromAsync(body));
  }

  /** The stream must end here. */
  async end(): Promise<void> {
    if ((await this.#reader.some(1)) !== undefined) throw this.#other('there is more than belongs to it');
    await this.#reader.close();
  }

  async *#body(id: string, kind: Kind, size: number): AsyncGenerator<Uint8Array> {
    const hash: Hash = createHash(this.#format).update(`${kind} ${size}\0`);
    let left = size;
    while (left > 0) {
      const piece = await this.#reader.some(left);
      if (piece === undefined) throw this.#other('it ends early');
      hash.update(piece);
      left -= piece.length;
      yield piece;
    }
    if (hash.digest('hex') !== id) throw this.#other(`the ${kind} ${id} has another content`);
    if ((await this.#reader.upTo(1))[0] !== 0x0a) throw this.#other('it ends early');
  }

  /** The number that ends a line. */
  async #digits(): Promise<string> {
    let text = '';
    for (;;) {
      const [byte] = await this.#reader.upTo(1);
      if (byte === 0x0a && text !== '') return text;
      if (byte === undefined || byte < 0x30 || byte > 0x39 || text.length > 14) throw this.#other('it is no list of objects');
      text += String.fromCharCode(byte);
    }
  }
}
