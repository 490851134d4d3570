/** Bytes that are no bzip2 file. The caller makes a failure of it. */
export class Bzip2Error extends Error {}

/** Bits, the highest of a byte first. */
export class Bits {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #word = 0;
  #count = 0;

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  take(count: number): number {
    if (count > 16) return this.take(count - 16) * 0x10000 + this.take(16);
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) throw new Bzip2Error('it is cut short');
      this.#word = ((this.#word << 8) | (this.#bytes[this.#at] ?? 0)) & 0xffffff;
      this.#at += 1;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#word >>> this.#count) & ((1 << count) - 1);
  }

  align(): void {
    this.#count = 0;
  }
}
