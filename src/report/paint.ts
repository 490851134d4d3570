/** How words are set off on this terminal; every function gives its text back unchanged where there is no colour. */
export type Paint = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
};

const same = (text: string): string => text;

/** No colour at all. */
export const PLAIN: Paint = { bold: same, dim: same, red: same, green: same, yellow: same };
