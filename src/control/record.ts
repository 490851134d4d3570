import { escapeControl } from '../base/escape.ts';
import type { Location, SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { parseDate } from './date.ts';
import { type DscFile, listedFiles } from './dsc.ts';
import { onlyStanza } from './paragraph.ts';
import { relationsOf } from './relation.ts';
import type { Stanza } from './stanza.ts';
import { parseVersion } from './version.ts';

/** A package that was installed where something was built. */
export type InstalledPackage = {
  readonly name: string;
  readonly architecture: string | undefined; // undefined: that of the build, or all
  readonly version: string;
};

/** What a .buildinfo (deb-buildinfo(5)) says of a build. All of it is somebody's word. */
export type BuildRecord = {
  readonly source: string;
  readonly sourceVersion: string; // of the source package
  readonly version: string; // of what was built; another one for a binNMU
  readonly architectures: readonly string[]; // of what was built: all, amd64, source …
  readonly buildArchitecture: string;
  readonly hostArchitecture: string | undefined; // when it was a cross build
  readonly files: readonly DscFile[]; // what was built, and the .dsc when the source was
  readonly installed: readonly InstalledPackage[];
  readonly buildPath: string | undefined; // absolute, normal
  readonly environment: Readonly<Record<string, string>>;
  readonly taintedBy: readonly string[];
  readonly buildDateSeconds: number | undefined; // since 1970-01-01T00:00:00Z
  readonly origin: string | undefined;
  readonly changes: string | undefined; // the changelog entry of a binNMU, without indentation, with a line feed at its end
};

const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const SOURCE = /^([a-z0-9][a-z0-9+.-]*)(?:\s+\(([^()\s]+)\))?$/;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)="(.*)"$/;
const MALFORMED = { kind: 'usage', reason: 'buildinfo-malformed', next: 'Get the .buildinfo anew from where it was published.' } as const;
const MOST_PACKAGES = 20_000; // the largest sets of Debian have some 3,000

/**
 * Reads a .buildinfo. A signature around it is taken off and not verified.
 *
 * @returns a `usage` failure with its place: buildinfo-malformed, or what its syntax is
 */
export function parseRecord(file: SourceText): Result<BuildRecord> {
  const only = onlyStanza(file, 'A .buildinfo', MALFORMED);
  return only.ok ? recordOf(only.value) : fail({ ...only.error, kind: 'usage' });
}

function recordOf(stanza: Stanza): Result<BuildRecord> {
  const names = namesIn(stanza);
  if (!names.ok) return names;
  const architectures = architecturesIn(stanza);
  if (!architectures.ok) return architectures;
  const files = listedFiles(stanza, 'buildinfo');
  if (!files.ok) return files;
  const installed = installedIn(stanza);
  if (!installed.ok) return installed;
  const place = placeIn(stanza);
  if (!place.ok) return place;
  const environment = environmentIn(stanza);
  if (!environment.ok) return environment;
  return ok({
    ...names.value,
    ...architectures.value,
    ...place.value,
    files: files.value,
    installed: installed.value,
    environment: environment.value,
    taintedBy: stanza.lines('Build-Tainted-By').flatMap((line) => line.split(/\s+/)),
    origin: stanza.folded('Build-Origin'),
    changes: changesIn(stanza),
  });
}

function namesIn(stanza: Stanza): Result<Pick<BuildRecord, 'source' | 'sourceVersion' | 'version'>> {
  if (!/^(0|1)\.[0-9]+$/.test(stanza.get('Format') ?? ''))
    return problem(stanza, 'Format', 'This is not a .buildinfo of a format that is known (1.0).');
  const [, source, stated] = SOURCE.exec(stanza.folded('Source') ?? '') ?? [];
  if (source === undefined) return problem(stanza, 'Source', 'There is no proper name of a source package.');
  const version = stanza.get('Version') ?? '';
  if (parseVersion(version) === undefined) return problem(stanza, 'Version', 'There is no proper version.');
  const sourceVersion = stated ?? version;
  if (parseVersion(sourceVersion) === undefined)
    return problem(stanza, 'Source', `${escapeControl(sourceVersion)} is not a Debian version.`);
  return ok({ source, sourceVersion, version });
}

function architecturesIn(stanza: Stanza): Result<Pick<BuildRecord, 'architectures' | 'buildArchitecture' | 'hostArchitecture'>> {
  const architectures = (stanza.folded('Architecture') ?? '').split(' ').filter((word) => word !== '');
  if (architectures.length === 0 || !architectures.every((word) => ARCHITECTURE.test(word)))
    return problem(stanza, 'Architecture', 'There are no proper names of architectures.');
  const buildArchitecture = stanza.get('Build-Architecture') ?? '';
  if (!ARCHITECTURE.test(buildArchitecture) || buildArchitecture === 'all')
    return problem(stanza, 'Build-Architecture', 'There is no proper name of the architecture on which it was built.');
  const hostArchitecture = stanza.get('Host-Architecture');
  if (hostArchitecture !== undefined && !ARCHITECTURE.test(hostArchitecture))
    return problem(stanza, 'Host-Architecture', 'This is no name of an architecture.');
  return ok({ architectures, buildArchitecture, hostArchitecture });
}

function placeIn(stanza: Stanza): Result<Pick<BuildRecord, 'buildPath' | 'buildDateSeconds'>> {
  const buildPath = stanza.get('Build-Path');
  if (buildPath !== undefined && !isNormalPath(buildPath))
    return problem(stanza, 'Build-Path', 'This is not an absolute path without detours.');
  const date = stanza.get('Build-Date');
  const buildDateSeconds = date === undefined ? undefined : parseDate(date);
  if (date !== undefined && buildDateSeconds === undefined)
    return problem(stanza, 'Build-Date', 'This is not a date such as "Mon, 26 Dec 2022 16:30:00 +0100".');
  return ok({ buildPath, buildDateSeconds });
}

function problem(stanza: Stanza, field: string, message: string): Result<never> {
  return fail(malformed(stanza.at(field), stanza.field(field) === undefined ? `The field ${field} is missing.` : message));
}

/** `name (= version)`, separated by commas; `name:architecture` for a package of another architecture than that of the build. */
function installedIn(stanza: Stanza): Result<readonly InstalledPackage[]> {
  const field = 'Installed-Build-Depends';
  const relations = relationsOf(stanza, field);
  if (!relations.ok) return fail({ ...relations.error, reason: 'buildinfo-malformed' });
  const installed = new Map<string, InstalledPackage>();
  if (relations.value.length > MOST_PACKAGES) return fail(malformed(stanza.at(field), `There are more than ${MOST_PACKAGES} packages.`));
  for (const alternatives of relations.value) {
    const [one, other] = alternatives;
    const plain = one !== undefined && other === undefined && one.architectures.length === 0 && one.profiles.length === 0;
    if (!plain || one.version?.operator !== '=') {
      const name = one?.name ?? '';
      return fail(malformed(stanza.within(field, name), `${escapeControl(name)} does not stand there as "name (= version)".`));
    }
    const key = `${one.name}:${one.qualifier ?? ''}`;
    const before = installed.get(key);
    if (before !== undefined && before.version !== one.version.version)
      return fail(malformed(stanza.within(field, one.name), `${escapeControl(one.name)} stands there in two versions.`));
    installed.set(key, { name: one.name, architecture: one.qualifier, version: one.version.version });
  }
  return installed.size > 0
    ? ok([...installed.values()])
    : fail(malformed(stanza.at(field), 'It does not say which packages were installed.'));
}

/** Lines `NAME="value"`, where a quote in the value has a backslash before it (dpkg-genbuildinfo). */
function environmentIn(stanza: Stanza): Result<Readonly<Record<string, string>>> {
  const environment: Record<string, string> = {};
  for (const line of stanza.lines('Environment')) {
    const [, name, value] = VARIABLE.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      const message = `"${escapeControl(line.slice(0, 80))}" is not a variable such as LANG="C.UTF-8".`;
      return fail(malformed(stanza.within('Environment', line), message));
    }
    if (Object.hasOwn(environment, name)) return fail(malformed(stanza.within('Environment', line), `The variable ${name} stands twice.`));
    Object.defineProperty(environment, name, { value: value.replaceAll('\\"', '"'), enumerable: true });
  }
  return ok(environment);
}

/** The text of the changelog entry: a space before each line goes, and a line with a dot alone is an empty one. */
function changesIn(stanza: Stanza): string | undefined {
  const value = stanza.get('Binary-Only-Changes');
  if (value === undefined || value === '') return undefined;
  const lines = value.split('\n').map((line, index) => (index === 0 ? line : line.replace(/^[ \t]/, '')).trimEnd());
  return `${lines.map((line) => (line === '.' ? '' : line)).join('\n')}\n`;
}

function isNormalPath(path: string): boolean {
  const parts = path.split('/').slice(1);
  return path.startsWith('/') && escapeControl(path) === path && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

function malformed(at: Location, message: string): Failure {
  return { ...MALFORMED, message, at };
}
