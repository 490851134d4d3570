import { posix } from 'node:path';
import { escapeControl } from '../base/escape.ts';
import type { SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { TarInput } from '../format/tar-write.ts';
import type { Store } from '../store/types.ts';
import type { ResolvedSource } from './source.ts';
import type { LockedFile } from './types.ts';
import { file, folder, runScript, type Workshop } from './workshop.ts';

/** What a source says of itself once it is unpacked. */
export type Packaging = {
  readonly control: SourceText | undefined; // debian/control of the tree
  readonly changelog: SourceText | undefined; // debian/changelog of the tree
  readonly newestSeconds: number | undefined; // newest date in its archives, since 1970-01-01T00:00:00Z
};

export const NOTHING: Packaging = { control: undefined, changelog: undefined, newestSeconds: undefined };

const TIMEOUT_MS = 30 * 60_000;
const SOURCES = 'twinbuild/sources';

/** Which files have to be in the store before a source can be looked into. */
export function filesToLookInto({ locked, fields }: ResolvedSource, newest: boolean): readonly LockedFile[] {
  if (locked.kind === 'git') return [];
  if (locked.kind === 'folder' || (locked.kind !== 'tarball' && fields === undefined && !newest)) return [];
  const packaging = locked.files.filter(({ path }) => /\.debian\.tar\.[a-z0-9]+$/.test(path));
  return newest || packaging.length === 0 ? locked.files : packaging;
}

// Prints what a tree says: each file as a line of base64, so that nothing in it can look like another line.
const REPORT = `
sources=/${SOURCES}/$1
say() {
  if [ -f "$2" ] && [ ! -L "$2" ]; then
    printf '%s ' "$1"
    head -c 4000000 "$2" | base64 --wrap=0
    echo
  fi
}
`;

// --no-same-owner: root without capabilities, and nobody else either, may give files away.
const DEBIAN = `
mkdir /tmp/tree
packaging=$(find "$sources" -name '*.debian.tar.*')
if [ -n "$packaging" ]; then
  tar --extract --no-same-owner --directory=/tmp/tree --file="$packaging"
  tree=/tmp/tree
else
  dpkg-source --no-check --extract "$sources"/*.dsc /tmp/tree/source >&2
  tree=/tmp/tree/source
fi
say control "$tree/debian/control"
say changelog "$tree/debian/changelog"
`;

const TARBALL = `
mkdir /tmp/tree
archive=$(find "$sources" -type f)
tar --extract --no-same-owner --directory=/tmp/tree --strip-components=1 --file="$archive" --wildcards "*/$2control" "*/$2changelog" 2>/tmp/words || {
  # Only that there is no such file is no failure.
  if grep --invert-match --quiet --regexp='Not found in archive' --regexp='Exiting with failure status' /tmp/words; then cat /tmp/words >&2; exit 1; fi
}
say control "/tmp/tree/$2control"
say changelog "/tmp/tree/$2changelog"
`;

const NEWEST = `
for archive in "$sources"/*; do
  case $archive in *.dsc | *.asc | *.sig | *.diff.*) continue ;; esac
  tar --list --verbose --verbose --numeric-owner --full-time --utc --quoting-style=escape --file="$archive" >/tmp/list
  awk '{ print "date " $4 "T" $5 }' /tmp/list
done
`;

export type LookOptions = { readonly workshop: Workshop; readonly store: Store; readonly newest: boolean };

/**
 * Looks into a source in a container: Debian's own tools unpack it, and it is gone after. The files of filesToLookInto are in the store.
 *
 * @param number distinguishes the sources of a recipe
 * @returns a build-failed failure source-unreadable when the tools cannot unpack it
 */
export async function lookInto(one: ResolvedSource, number: number, options: LookOptions): Promise<Result<Packaging>> {
  const { locked } = one;
  if (locked.kind === 'folder' || locked.kind === 'git')
    throw new Error('a local folder or a tree of git needs no container to be looked into');
  const name = locked.kind === 'tarball' ? posix.basename(locked.files[0]?.path ?? '') : `${locked.name} ${locked.version}`;
  const below = packagingFolder(one);
  const scripts = [...(below === undefined ? [] : [locked.kind === 'tarball' ? TARBALL : DEBIAN]), ...(options.newest ? [NEWEST] : [])];
  if (scripts.length === 0) return ok(NOTHING);
  options.workshop.running.tell({ kind: 'stage', text: `looking into ${name}` });
  const ended = await runScript(options.workshop, {
    doing: `Looking into ${name}`,
    script: [REPORT, ...scripts].join(''),
    words: [String(number), below ?? ''],
    files: staged(filesToLookInto(one, options.newest), number, options.store),
    environment: {},
    user: 'nobody',
    timeoutMs: TIMEOUT_MS,
  });
  if (!ended.ok) return ended;
  const { status, stdout, stderr } = ended.value;
  return status === 0 ? ok(parseReport(stdout, name)) : fail(unreadable(name, stderr));
}

/** Where in a source the tree's debian/ lies; undefined when it has nothing of it. */
function packagingFolder({ locked, fields }: ResolvedSource): 'debian/' | '' | undefined {
  if (locked.kind !== 'tarball') return fields === undefined ? undefined : 'debian/';
  return locked.directory === undefined ? 'debian/' : locked.directory === 'debian' ? '' : undefined;
}

function* staged(files: readonly LockedFile[], number: number, store: Store): Generator<TarInput> {
  for (const path of ['twinbuild', SOURCES, `${SOURCES}/${number}`]) yield folder(path);
  for (const { path, sha256, size } of files) {
    const name = posix.basename(URL.canParse(path) ? decodeURIComponent(new URL(path).pathname) : path);
    yield file(`${SOURCES}/${number}/${name}`, { bytes: store.read(sha256), size });
  }
}

function parseReport(stdout: string, name: string): Packaging {
  const found = new Map<string, SourceText>();
  let newestSeconds: number | undefined;
  for (const line of stdout.split('\n')) {
    const [what = '', value = ''] = line.split(' ');
    if (what === 'control' || what === 'changelog')
      found.set(what, { name: `debian/${what} of ${name}`, text: Buffer.from(value, 'base64').toString() });
    const seconds = what === 'date' ? Math.floor(Date.parse(`${value}Z`) / 1000) : Number.NaN;
    if (seconds >= 0) newestSeconds = Math.max(newestSeconds ?? 0, seconds);
  }
  return { control: found.get('control'), changelog: found.get('changelog'), newestSeconds };
}

function unreadable(name: string, stderr: string): Failure {
  const details = stderr.trim().split('\n').slice(-10).map(escapeControl);
  return { kind: 'build-failed', reason: 'source-unreadable', message: `${escapeControl(name)} cannot be unpacked`, details };
}
