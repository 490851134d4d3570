import { type Bits, Bzip2Error } from './bits.ts';

const GROUP_SYMBOLS = 50;

/** A canonical code: for each length the last code of it, and where its symbols start. */
type Code = { readonly limit: Int32Array; readonly base: Int32Array; readonly symbols: Uint16Array };

function codeOf(lengths: Uint8Array): Code {
  const limit = new Int32Array(22).fill(-1);
  const base = new Int32Array(22);
  const symbols = new Uint16Array(lengths.length);
  let [code, at] = [0, 0];
  for (let length = 1; length <= 20; length += 1) {
    base[length] = at - code;
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      symbols[at] = symbol;
      at += 1;
      code += 1;
    }
    limit[length] = code - 1;
    code <<= 1;
  }
  return { limit, base, symbols };
}

function readSymbol(bits: Bits, { limit, base, symbols }: Code): number {
  let code = 0;
  for (let length = 1; length <= 20; length += 1) {
    code = (code << 1) | bits.take(1);
    const at = code + (base[length] ?? 0);
    if (code <= (limit[length] ?? -1) && at >= 0 && at < symbols.length) return symbols[at] ?? 0;
  }
  throw new Bzip2Error('it has a code that stands for nothing');
}

/**
 * The bytes of one block, with its runs still short (four equal bytes and a count).
 *
 * @param most bytes that the block may have
 */
export function readBlock(bits: Bits, most: number): Uint8Array {
  if (bits.take(1) === 1) throw new Bzip2Error('it is of a version before 0.9.5');
  const start = bits.take(24);
  const used = readUsed(bits);
  const { codes, selectors } = readCodes(bits, used.length + 2);
  const { sorted, counts, length } = readSorted(bits, used, (symbols) => codes[selectors[Math.floor(symbols / GROUP_SYMBOLS)] ?? -1], most);
  if (start >= length) throw new Bzip2Error('a block starts outside of itself');
  return unsorted(sorted, counts, length, start);
}

type Sorted = {
  readonly sorted: Uint32Array; // the byte in the low 8 bits, and later the place of the next one above them
  readonly counts: Uint32Array; // how often each byte is there
  readonly length: number;
};

/** Undoes the Huffman codes and the move-to-front transform. */
function readSorted(bits: Bits, used: Uint8Array, codeAt: (symbols: number) => Code | undefined, most: number): Sorted {
  const sorted = new Uint32Array(most);
  const counts = new Uint32Array(256);
  const end = used.length + 1;
  let length = 0;
  const put = (byte: number, times: number) => {
    if (length + times > most) throw new Bzip2Error('a block is too long');
    sorted.fill(byte, length, length + times);
    counts[byte] = (counts[byte] ?? 0) + times;
    length += times;
  };
  let [run, weight] = [0, 1];
  for (let symbols = 0; ; symbols += 1) {
    const code = codeAt(symbols);
    if (code === undefined) throw new Bzip2Error('it has too few tables');
    const symbol = readSymbol(bits, code);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > most) throw new Bzip2Error('a run is too long');
      continue;
    }
    put(used[0] ?? 0, run);
    [run, weight] = [0, 1];
    if (symbol === end) return { sorted, counts, length };
    const byte = used[symbol - 1] ?? 0;
    used.copyWithin(1, 0, symbol - 1);
    used[0] = byte;
    put(byte, 1);
  }
}

function readUsed(bits: Bits): Uint8Array {
  const groups = bits.take(16);
  const used: number[] = [];
  for (let group = 0; group < 16; group += 1) {
    if (((groups >>> (15 - group)) & 1) === 0) continue;
    const row = bits.take(16);
    for (let index = 0; index < 16; index += 1) if (((row >>> (15 - index)) & 1) === 1) used.push(group * 16 + index);
  }
  if (used.length === 0) throw new Bzip2Error('a block uses no byte');
  return Uint8Array.from(used);
}

function readCodes(bits: Bits, alphabet: number): { readonly codes: readonly Code[]; readonly selectors: Uint8Array } {
  const groups = bits.take(3);
  const selectors = new Uint8Array(bits.take(15));
  if (groups < 2 || groups > 6 || selectors.length === 0) throw new Bzip2Error('it has a wrong number of tables');
  const order = [0, 1, 2, 3, 4, 5].slice(0, groups);
  for (const index of selectors.keys()) {
    let place = 0;
    while (bits.take(1) === 1) place += 1;
    const [group] = order.splice(place, 1);
    if (group === undefined) throw new Bzip2Error('it names a table that it has not');
    order.unshift(group);
    selectors[index] = group;
  }
  const codes = Array.from({ length: groups }, () => {
    const lengths = new Uint8Array(alphabet);
    let length = bits.take(5);
    for (const symbol of lengths.keys()) {
      while (bits.take(1) === 1) length += bits.take(1) === 0 ? 1 : -1;
      if (length < 1 || length > 20) throw new Bzip2Error('a code has a wrong length');
      lengths[symbol] = length;
    }
    return codeOf(lengths);
  });
  return { codes, selectors };
}

/** Undoes the Burrows-Wheeler transform. */
function unsorted(sorted: Uint32Array, counts: Uint32Array, length: number, start: number): Uint8Array {
  let sum = 0;
  for (const [byte, count] of counts.entries()) {
    counts[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index += 1) {
    const byte = (sorted[index] ?? 0) & 0xff;
    const place = counts[byte] ?? 0;
    counts[byte] = place + 1;
    sorted[place] = (sorted[place] ?? 0) | (index << 8);
  }
  const bytes = new Uint8Array(length);
  let at = (sorted[start] ?? 0) >>> 8;
  for (let index = 0; index < length; index += 1) {
    const entry = sorted[at] ?? 0;
    bytes[index] = entry & 0xff;
    at = entry >>> 8;
  }
  return bytes;
}
