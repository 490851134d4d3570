/** With more of them a list takes too much memory. */
const MOST_STRINGS = 500_000;

/** The strings of a table of them, which end with a zero byte each (ELF STRTAB, .debug_str, .comment, .rodata.str1.1). */
export function tableStrings(bytes: Uint8Array): readonly string[] {
  return latin1(bytes).split('\0', MOST_STRINGS);
}

/** Runs of at least six printable ASCII signs, as strings(1) finds them; six, as four of them come about in any data. */
export function someStrings(bytes: Uint8Array): readonly string[] {
  const found: string[] = [];
  for (const [run] of latin1(bytes).matchAll(/[\t -~]{6,}/g)) {
    found.push(run);
    if (found.length >= MOST_STRINGS) break;
  }
  return found;
}

/** The symbols that a kernel module imports and the sums that it expects of them (struct modversion_info: a word and a name, 64 bytes in all). */
export function versionStrings(bytes: Uint8Array): readonly string[] {
  const text = latin1(bytes);
  const lines: string[] = [];
  for (let at = 0; at + 64 <= text.length; at += 64) {
    const name = text.slice(at + 8, at + 64).replace(/\0.*$/s, '');
    lines.push(`${name} ${Buffer.from(bytes.subarray(at, at + 4)).toString('hex')}`);
  }
  return lines;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
