/** A word for a POSIX shell: as it is when nothing in it means anything to a shell, else in single quotes. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
