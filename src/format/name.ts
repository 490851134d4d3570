const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Names in archives are bytes. Those that are UTF-8 become that text; in others every byte above 0x7f becomes the lone surrogate
 * U+DC00 + byte, so that different names stay different and encodeName gives the same bytes back (the idea of Python's PEP 383).
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    let name = '';
    for (const byte of bytes) name += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
    return name;
  }
}

/** The bytes of a name that decodeName gave, or of any text as UTF-8. */
export function encodeName(name: string): Uint8Array {
  if (name.isWellFormed()) return Buffer.from(name, 'utf8');
  const parts: Uint8Array[] = [];
  for (const sign of name) {
    const code = sign.length === 1 ? sign.charCodeAt(0) : 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : Buffer.from(sign, 'utf8'));
  }
  return Buffer.concat(parts);
}

/**
 * The place that an archive member's name stands for, relative to the root of the archive: no `./` in front, no `/` at the end, '' for
 * the root itself. Undefined when it is absolute, has a `..`, or an empty or `.` part in its middle: such a name is never written to.
 */
export function memberPath(name: string): string | undefined {
  let path = name.startsWith('./') ? name.slice(2) : name;
  if (path.endsWith('/')) path = path.slice(0, -1);
  if (path === '' || path === '.') return name.startsWith('/') ? undefined : '';
  const parts = path.split('/');
  return parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0') ? undefined : path;
}
