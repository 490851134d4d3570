/** The source package that a binary package was built from. */
export type SourceOf = {
  readonly name: string;
  readonly version: string; // of the source
  readonly binNmu: number | undefined; // the number behind +b when it was built once more without a new source
};

/**
 * Reads the Source field of a binary package (deb-control(5)): without one the source is called like the package, without a version in it the
 * versions are the same. A binary-only upload adds `+bN` to its own version, not to that of the source.
 *
 * @returns undefined when the field is not of that form
 */
export function sourceOfBinary(binary: {
  readonly name: string;
  readonly version: string;
  readonly source: string | undefined;
}): SourceOf | undefined {
  const [, name, said] = /^([a-z0-9][a-z0-9+.-]*)(?:\s+\(([^\s()]+)\))?$/.exec((binary.source ?? '').trim() || binary.name) ?? [];
  if (name === undefined) return undefined;
  const [, without, number] = /^(.+)\+b([1-9][0-9]*)$/.exec(binary.version) ?? [];
  const version = said ?? without ?? binary.version;
  const isBinNmu = number !== undefined && !/\+b[1-9][0-9]*$/.test(version);
  return { name, version, binNmu: isBinNmu ? Number(number) : undefined };
}
