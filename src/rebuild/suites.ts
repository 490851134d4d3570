import type { SearchPlaces } from '../archive/exact.ts';
import { type Keyring, readKeyring } from '../archive/keyring.ts';
import type { ListsWish } from '../archive/suite-lists.ts';
import { ok, type Result } from '../base/result.ts';
import type { BuildRecord } from '../control/record.ts';
import type { Container } from '../recipe/recipe.ts';

/** Debian's releases by the first number of base-files, which is that of the release. */
const CODENAMES: Readonly<Record<string, string>> = { 10: 'buster', 11: 'bullseye', 12: 'bookworm', 13: 'trixie', 14: 'forky', 15: 'duke' };
const COMPONENTS = ['main', 'contrib', 'non-free', 'non-free-firmware'];

/** The release in which something was built, as its base-files tells; undefined when it tells nothing. */
export function releaseOf({ installed }: Pick<BuildRecord, 'installed'>): string | undefined {
  const version = installed.find(({ name }) => name === 'base-files')?.version ?? '';
  return CODENAMES[/^([0-9]+)/.exec(version)?.[1] ?? ''];
}

/**
 * Where to look for the packages of a record: first the suites of its release, in the container's components, and the container's own archives; then
 * the other components, backports, what is proposed, and unstable, from which uploads are built; then the same as a snapshot archive has them.
 */
export async function placesOf(
  record: Pick<BuildRecord, 'installed' | 'buildArchitecture' | 'buildDateSeconds'>,
  container: Container,
  keyring: Keyring,
): Promise<Result<SearchPlaces>> {
  const suite = releaseOf(record) ?? container.suite;
  const architecture = record.buildArchitecture;
  const debian = (archive: string, name: string, components: readonly string[]): ListsWish => ({
    archive,
    suite: name,
    components,
    architecture,
    keyring,
  });
  const family = [
    ['debian', suite],
    ['debian', `${suite}-updates`],
    ['debian-security', `${suite}-security`],
  ] as const;
  const own: ListsWish[] = [];
  for (const archive of container.archives) {
    const keys = await readKeyring(archive.keyring);
    if (!keys.ok) return keys;
    own.push({ archive: archive.name, suite: archive.suite, components: archive.components, architecture, keyring: keys.value });
  }
  const others = COMPONENTS.filter((component) => !container.components.includes(component));
  const further = [
    ...(others.length === 0 ? [] : family.map(([archive, name]) => debian(archive, name, others))),
    ...[`${suite}-backports`, `${suite}-proposed-updates`, 'sid'].map((name) => debian('debian', name, COMPONENTS)),
  ];
  const snapshot = [
    debian('debian', 'sid', COMPONENTS),
    ...family.map(([archive, name]) => debian(archive, name, COMPONENTS)),
    ...[`${suite}-proposed-updates`, `${suite}-backports`, 'experimental'].map((name) => debian('debian', name, COMPONENTS)),
  ];
  return ok({
    first: [...family.map(([archive, name]) => debian(archive, name, container.components)), ...own],
    further,
    snapshot,
    snapshotSeconds: record.buildDateSeconds,
  });
}
