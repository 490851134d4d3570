import xzDecompress from 'xz-decompress'; // CommonJS: its exports are the default

/** What the WebAssembly module inside of xz-decompress offers: xz-embedded with 64 MiB of dictionary at most. */
type XzExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  create_context(): number;
  destroy_context(context: number): void;
  supply_input(context: number, bytes: number): void;
  get_next_output(context: number): number;
};

// xz.h of xz-embedded.
const OK = 0;
const STREAM_END = 1;
const WORDS: Readonly<Record<number, string>> = {
  2: 'its check sum is of an unknown kind',
  3: 'it wants too much memory',
  4: 'it wants a dictionary of more than 64 MiB',
  5: 'it is not an xz file',
  6: 'it uses options that are not supported',
  7: 'its data is damaged',
  8: 'it is cut short',
};

/** Thrown by XzDecoder for bytes that are not a whole xz file. */
export class XzError extends Error {}

/**
 * Decompresses .xz, piece by piece and synchronously: concatenated streams and padding too, check sums verified.
 *
 * It drives the module of xz-decompress directly. The stream class of that package lets only one stream of a thread live at a time, so
 * two that are read in step would wait for each other for ever; and it takes an empty file for a bug.
 */
export class XzDecoder {
  readonly #exports: XzExports;
  readonly #context: number;
  readonly #bufferBytes: number;
  #ended = false;

  private constructor(exports: XzExports) {
    this.#exports = exports;
    this.#context = exports.create_context();
    this.#bufferBytes = this.#words()[0] ?? 0;
  }

  /** Every decoder has a memory of its own (about 10 MiB for files of `xz -6`), freed with the object. */
  static async open(): Promise<XzDecoder> {
    const inside = xzDecompress.XzReadableStream as unknown as {
      _getModuleInstance(): Promise<void>;
      _moduleInstance: { exports: XzExports };
    };
    const loading = inside._getModuleInstance();
    await loading;
    return new XzDecoder(inside._moduleInstance.exports);
  }

  /** Takes more input and gives all output that it leads to. To be read to its end. */
  *push(input: Uint8Array): Generator<Uint8Array> {
    for (let from = 0; from < input.length; from += this.#bufferBytes) {
      const part = input.subarray(from, from + this.#bufferBytes);
      new Uint8Array(this.#exports.memory.buffer, this.#words()[1], this.#bufferBytes).set(part);
      this.#exports.supply_input(this.#context, part.length);
      yield* this.#drain();
    }
  }

  /** Says that there is no more input; throws when the file is not whole. */
  *end(): Generator<Uint8Array> {
    this.#exports.supply_input(this.#context, 0);
    yield* this.#drain();
    if (!this.#ended) throw new XzError(WORDS[8]);
  }

  *#drain(): Generator<Uint8Array> {
    while (!this.#ended) {
      const status = this.#exports.get_next_output(this.#context);
      const words = this.#words();
      const [, , inputUsed = 0, inputBytes = 0, outputAt = 0, outputBytes = 0] = words;
      if (outputBytes > 0) {
        yield new Uint8Array(this.#exports.memory.buffer).slice(outputAt, outputAt + outputBytes);
        this.#words()[5] = 0;
      }
      if (status === STREAM_END) this.#ended = true;
      else if (status !== OK) throw new XzError(WORDS[status] ?? `the decoder says ${status}`);
      else if (outputBytes < this.#bufferBytes && inputUsed === inputBytes) return;
    }
  }

  /** The state at the start of the context: buffer size, input address, input used, input length, output address, output length. */
  #words(): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, this.#context, 6); // the memory's buffer is another one after it has grown
  }
}
