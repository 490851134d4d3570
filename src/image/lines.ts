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
