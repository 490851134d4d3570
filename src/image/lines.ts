/** Cuts the output of two streams into lines. */
export class Lines {
  readonly #give: (line: string) => void;
  readonly #rest = new Map<string, { readonly decoder: InstanceType<typeof TextDecoder>; text: string }>();

  constructor(give: (line: string) => void) {
    this.#give = give;
  }

  push(stream: string, piece: Uint8Array): void {
    let rest = this.#rest.get(stream);
    if (rest === undefined) {
      rest = { decoder: new TextDecoder(), text: '' };
      this.#rest.set(stream, rest);
    }
    const lines = (rest.text + rest.decoder.decode(piece, { stream: true })).split('\n');
    rest.text = lines.pop() ?? '';
    for (const line of lines) this.#give(line);
  }

  /** Gives what came after the last line feed. */
  end(): void {
    for (const { text } of this.#rest.values()) if (text !== '') this.#give(text);
    this.#rest.clear();
  }
}

const BEFORE = 20;
const LAST = 10;

/** The lines of an output worth showing when it ended badly: what led to the first fault, and the last ones. */
export class Memorable {
  readonly #fault: RegExp;
  readonly #toFault: string[] = [];
  readonly #after: string[] = [];
  #state: 'fine' | 'why' | 'known' = 'fine'; // why: the next line says what was wrong
  #skipped = 0;

  constructor(fault: RegExp) {
    this.#fault = fault;
  }

  add(line: string): void {
    if (this.#state === 'known') {
      this.#after.push(line);
      if (this.#after.length <= LAST) return;
      this.#after.shift();
      this.#skipped += 1;
      return;
    }
    this.#toFault.push(line);
    if (this.#state === 'why') this.#state = 'known';
    else if (this.#fault.test(line)) this.#state = 'why';
    else if (this.#toFault.length > BEFORE) this.#toFault.shift();
  }

  lines(): readonly string[] {
    return [...this.#toFault, ...(this.#skipped > 0 ? ['…'] : []), ...this.#after];
  }
}
