/**
 * Orders strings by their UTF-8 bytes, as `LC_ALL=C sort` does. Never use localeCompare where the order reaches an output: it
 * follows the ICU data of the host.
 */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Sorts a copy by one string key, in byte order. */
export function sortedBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items]
    .map((item) => ({ item, bytes: Buffer.from(key(item)) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ item }) => item);
}

/**
 * JSON with sorted keys and no white space: the same value gives the same bytes. For hashing; not for people. `undefined` fields are
 * left out, as JSON.stringify does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(sortedBy(Object.entries(inner), ([name]) => name))
      : inner,
  );
}
