/** The parts of a Debian version, `[epoch:]upstream[-revision]` (Policy 5.6.12). */
export type Version = { readonly epoch: number; readonly upstream: string; readonly revision: string };

/** The parts of a version, or undefined when the text is none (deb-version(7)). */
export function parseVersion(text: string): Version | undefined {
  const version = split(text);
  const epoch = text.includes(':') ? text.slice(0, text.indexOf(':')) : '0';
  const dashless = /^[0-9A-Za-z.+~]+$/;
  const whole = /^[0-9]{1,9}$/.test(epoch) && /^[0-9A-Za-z.+~:-]+$/.test(version.upstream);
  return whole && (dashless.test(version.revision) || (version.revision === '' && !text.endsWith('-'))) ? version : undefined;
}

/**
 * Orders versions as dpkg does (Policy 5.6.12, deb-version(7)): by epoch, upstream version, revision; a missing revision is the same as `0`. Texts that
 * are not versions are ordered too, somehow but always in the same way.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const first = split(a);
  const second = split(b);
  return first.epoch - second.epoch || comparePart(first.upstream, second.upstream) || comparePart(first.revision, second.revision);
}

function split(text: string): Version {
  const colon = text.indexOf(':');
  const rest = colon === -1 ? text : text.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number.parseInt(text.slice(0, colon), 10) || 0,
    upstream: hyphen === -1 ? rest : rest.slice(0, hyphen),
    revision: hyphen === -1 ? '' : rest.slice(hyphen + 1),
  };
}

/** Stretches without digits and stretches of digits in turn. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while (isText(a, i) || isText(b, j)) {
      const difference = weight(a, i) - weight(b, j);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    const [x, y] = [digitsAt(a, i), digitsAt(b, j)];
    const difference = compareDigits(x, y);
    if (difference !== 0) return difference;
    i += x.length;
    j += y.length;
  }
  return 0;
}

/** Numbers of any length, so never converted. */
function compareDigits(a: string, b: string): number {
  const x = a.replace(/^0+/, '');
  const y = b.replace(/^0+/, '');
  if (x.length !== y.length) return x.length - y.length;
  return x === y ? 0 : x < y ? -1 : 1;
}

function digitsAt(text: string, from: number): string {
  let to = from;
  while (isDigit(text, to)) to += 1;
  return text.slice(from, to);
}

function isText(text: string, at: number): boolean {
  return at < text.length && !isDigit(text, at);
}

const ZERO = 0x30;

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= 0x39;
}

/** `~` before the end, the end (and a digit) before letters, letters before everything else. */
function weight(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 0x7e) return -1;
  const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return letter ? code : code + 0x10000;
}
