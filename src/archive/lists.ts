import type { ExtraArchive } from '../recipe/recipe.ts';

/**
 * The address under which apt in a container knows an archive. It leads nowhere (RFC 2606, .invalid), and is the same on every machine, so that no
 * mirror's name gets into an image.
 */
const INSIDE = 'http://archive.invalid/';

/** A suite as apt has it in its sources.list. */
export type AptSuite = { readonly archive: string; readonly suite: string; readonly components: readonly string[] };

/** `deb` and `deb-src` lines that fit the lists of those suites. */
export function sourcesListOf(suites: readonly AptSuite[]): string {
  return suites
    .flatMap(({ archive, suite, components }) =>
      ['deb', 'deb-src'].map((type) => [type, insideUrl(archive), suite, ...(suite.endsWith('/') ? [] : components)].join(' ')),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** The name of a file of a suite (`InRelease`, `main/binary-amd64/Packages`) in /var/lib/apt/lists/. */
export function listName(archive: string, suite: string, path: string): string {
  return mangled(`${insideUrl(archive)}/${distPath(suite)}${path}`);
}

/** Where the files of a suite are below its archive: `dists/bookworm/`, or the suite itself when it is a path (sources.list(5)). */
export function distPath(suite: string): string {
  if (!suite.endsWith('/')) return `dists/${suite}/`;
  return suite === '/' ? '' : suite;
}

/** The archive and the path of an address that apt printed in the container; undefined when it is not one of ours. */
export function placeOfUri(uri: string): { readonly archive: string; readonly path: string } | undefined {
  if (!uri.startsWith(INSIDE)) return undefined;
  const [archive, ...path] = uri.slice(INSIDE.length).split('/').map(decodePart);
  if (archive === undefined || archive === '' || path.length === 0) return undefined;
  return { archive, path: path.filter((part) => part !== '.' && part !== '').join('/') };
}

/** Names that an archive of the user's own may not have. */
export function isTaken(archive: Pick<ExtraArchive, 'name'>): boolean {
  return ['debian', 'debian-security', 'url', 'local'].includes(archive.name);
}

function insideUrl(archive: string): string {
  return INSIDE + encodeURIComponent(archive);
}

/** As URItoFileName of apt (apt-pkg/contrib/strutl.cc): the scheme goes, some signs become %xx, a slash becomes `_`. */
function mangled(url: string): string {
  return Array.from(Buffer.from(url.replace(/^[a-z]+:\/\//, '')), (byte) => {
    const sign = String.fromCharCode(byte);
    const quoted = byte <= 0x20 || byte >= 0x7f || '\\|{}[]<>"^~_=!@#$%^&*'.includes(sign);
    return quoted ? `%${byte.toString(16).padStart(2, '0')}` : sign;
  })
    .join('')
    .replaceAll('/', '_');
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
