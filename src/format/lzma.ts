/** Bytes that are no LZMA stream. The caller makes a failure of it. */
export class LzmaError extends Error {}

const MOST_DICTIONARY_BYTES = 64 * 1024 * 1024; // as of xz files
const PIECE_BYTES = 256 * 1024;
const SYMBOL_BYTES = 64; // no symbol takes as many
const TOP = 2 ** 24;

// Where the probabilities of each kind stand in one table (names of the LZMA specification).
const [IS_MATCH, IS_REP, IS_REP_G0, IS_REP_G1, IS_REP_G2, IS_REP0_LONG] = [0, 192, 204, 216, 228, 240];
const [SLOT, SPECIAL, ALIGN, LENGTH, REP_LENGTH, LITERAL] = [432, 688, 816, 832, 1346, 1860];

/** How a stream was made: literal context bits, literal position bits, position bits, and bytes of the dictionary. */
export type LzmaProperties = { readonly lc: number; readonly lp: number; readonly pb: number; readonly dictionaryBytes: number };

/**
 * Decodes raw LZMA (the specification in the LZMA SDK), piece by piece and with bounded memory. Own code: what there is for JavaScript wants the whole
 * input in memory, allocates what a header asks for, and takes a broken stream for a whole one.
 */
export class LzmaDecoder {
  readonly #probabilities: Uint16Array;
  readonly #window: Uint8Array;
  readonly #lc: number;
  readonly #literalMask: number;
  readonly #positionMask: number;
  readonly #size: number | undefined;
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0xffff_ffff;
  #code = 0;
  #started = false;
  #last = false; // no more input comes
  #state = 0;
  readonly #reps: [number, number, number, number] = [0, 0, 0, 0];
  #written = 0;
  #given = 0;
  ended = false;

  /** @param size bytes that come out; undefined when only a marker says where the end is */
  constructor({ lc, lp, pb, dictionaryBytes }: LzmaProperties, size: number | undefined) {
    if (dictionaryBytes > MOST_DICTIONARY_BYTES && (size ?? dictionaryBytes) > MOST_DICTIONARY_BYTES)
      throw new LzmaError('it wants a dictionary of more than 64 MiB');
    this.#window = new Uint8Array(Math.max(4096, Math.min(dictionaryBytes, size ?? dictionaryBytes)));
    this.#probabilities = new Uint16Array(LITERAL + (0x300 << (lc + lp))).fill(1024);
    this.#lc = lc;
    this.#literalMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    this.#size = size;
  }

  /** What is left of the input behind the end. */
  get rest(): Uint8Array {
    return this.#input.subarray(this.#at);
  }

  /** Takes more input and gives the output that it leads to; `last` says that no more comes. To be read to its end. */
  *push(input: Uint8Array, last: boolean): Generator<Uint8Array> {
    this.#input = this.#at === this.#input.length ? input : Buffer.concat([this.#input.subarray(this.#at), input]);
    this.#at = 0;
    this.#last = last;
    if (!this.#started && !this.#start()) return;
    while (!this.ended && (last || this.#input.length - this.#at >= SYMBOL_BYTES)) {
      this.#symbol();
      if (this.#written - this.#given >= Math.min(PIECE_BYTES, this.#window.length / 2) || this.ended) yield* this.#flush();
    }
    yield* this.#flush();
  }

  #start(): boolean {
    if (this.#input.length < 5) {
      if (this.#last) throw new LzmaError('it is cut short');
      return false;
    }
    if (this.#next() !== 0) throw new LzmaError('its data is damaged');
    for (let index = 0; index < 4; index += 1) this.#code = ((this.#code << 8) | this.#next()) >>> 0;
    this.#started = true;
    if (this.#size === 0) this.#finish();
    return true;
  }

  #symbol(): void {
    if (this.#written === this.#size) {
      this.#finish();
      return;
    }
    const position = this.#written & this.#positionMask;
    if (this.#bit(IS_MATCH + (this.#state << 4) + position) === 0) this.#literal();
    else this.#copy(this.#match(position));
    if (this.#written === this.#size && this.#code === 0) this.ended = true;
  }

  /** All is there that was announced; only a marker may follow. */
  #finish(): void {
    if (this.#code === 0) this.ended = true;
    else if (this.#bit(IS_MATCH + (this.#state << 4) + (this.#written & this.#positionMask)) === 1) {
      this.#match(this.#written & this.#positionMask);
    }
    if (!this.ended) throw new LzmaError('something else stands behind its end');
  }

  #literal(): void {
    const before = this.#written === 0 ? 0 : this.#byteBack(1);
    const context = ((this.#written & this.#literalMask) << this.#lc) + (before >> (8 - this.#lc));
    const table = LITERAL + 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let match = this.#byteBack(this.#reps[0] + 1);
      do {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.#bit(table + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(table + symbol);
    this.#window[this.#written % this.#window.length] = symbol;
    this.#written += 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** The length of a match, whose distance is then the first of the last four; 0 for the marker at the end. */
  #match(position: number): number {
    const state = this.#state;
    if (this.#bit(IS_REP + state) === 0) return this.#newMatch(position);
    if (this.#written === 0) throw new LzmaError('its data is damaged');
    if (this.#bit(IS_REP_G0 + state) === 0) {
      if (this.#bit(IS_REP0_LONG + (state << 4) + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      const which = this.#bit(IS_REP_G1 + state) === 0 ? 1 : this.#bit(IS_REP_G2 + state) === 0 ? 2 : 3;
      const distance = this.#reps[which] ?? 0;
      this.#reps.copyWithin(1, 0, which);
      this.#reps[0] = distance;
    }
    this.#state = state < 7 ? 8 : 11;
    return this.#length(REP_LENGTH, position);
  }

  #newMatch(position: number): number {
    this.#reps.copyWithin(1, 0, 3);
    const length = this.#length(LENGTH, position);
    this.#state = this.#state < 7 ? 7 : 10;
    this.#reps[0] = this.#distance(length);
    if (this.#reps[0] !== 0xffff_ffff) return length;
    if (this.#size !== undefined && this.#written !== this.#size) throw new LzmaError('it ends before it should');
    if (this.#code !== 0) throw new LzmaError('its data is damaged');
    this.ended = true;
    return 0;
  }

  #length(table: number, position: number): number {
    if (this.#bit(table) === 0) return 2 + this.#tree(table + 2 + (position << 3), 3);
    if (this.#bit(table + 1) === 0) return 10 + this.#tree(table + 130 + (position << 3), 3);
    return 18 + this.#tree(table + 258, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(SLOT + (Math.min(length - 2, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + this.#reverse(SPECIAL + base - slot, bits);
    let direct = 0;
    for (let left = bits - 4; left > 0; left -= 1) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      direct = direct * 2 + bit;
      this.#normalise();
    }
    return base + direct * 16 + this.#reverse(ALIGN, 4);
  }

  #copy(length: number): void {
    if (length === 0) return;
    const window = this.#window;
    const distance = this.#reps[0] + 1;
    if (distance > this.#written || distance > window.length) throw new LzmaError('its data is damaged');
    if (this.#size !== undefined && this.#written + length > this.#size) throw new LzmaError('it gives more than it should');
    let to = this.#written % window.length;
    let from = to - distance;
    if (from < 0) from += window.length;
    for (let left = length; left > 0; left -= 1) {
      window[to] = window[from] ?? 0;
      to = to + 1 === window.length ? 0 : to + 1;
      from = from + 1 === window.length ? 0 : from + 1;
    }
    this.#written += length;
  }

  #byteBack(distance: number): number {
    if (distance > this.#written || distance > this.#window.length) throw new LzmaError('its data is damaged');
    return this.#window[(this.#written - distance) % this.#window.length] ?? 0;
  }

  *#flush(): Generator<Uint8Array> {
    while (this.#given < this.#written) {
      const from = this.#given % this.#window.length;
      const to = Math.min(this.#window.length, from + this.#written - this.#given);
      this.#given += to - from;
      yield this.#window.slice(from, to);
    }
  }

  #tree(table: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left -= 1) symbol = (symbol << 1) | this.#bit(table + symbol);
    return symbol - (1 << bits);
  }

  #reverse(table: number, bits: number): number {
    let [symbol, value] = [1, 0];
    for (let index = 0; index < bits; index += 1) {
      const bit = this.#bit(table + symbol);
      symbol = (symbol << 1) | bit;
      value += bit * 2 ** index;
    }
    return value;
  }

  #bit(index: number): 0 | 1 {
    const probability = this.#probabilities[index] ?? 0;
    const bound = (this.#range >>> 11) * probability;
    const zero = this.#code < bound;
    if (zero) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      this.#probabilities[index] = probability - (probability >> 5);
    }
    this.#normalise();
    return zero ? 0 : 1;
  }

  #normalise(): void {
    if (this.#range >= TOP) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  #next(): number {
    const byte = this.#input[this.#at];
    if (byte === undefined) throw new LzmaError('it is cut short');
    this.#at += 1;
    return byte;
  }
}
