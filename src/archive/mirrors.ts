import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeControl } from '../base/escape.ts';
import { byBytes } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Tell } from '../base/running.ts';
import { type AptSource, type AptSources, parseDeb822, parseOneLine } from './apt-sources.ts';
import type { Mirrors } from './types.ts';

export type { Mirrors };

const RELEASE =
  /^(?:buster|bullseye|bookworm|trixie|forky|duke|sid|stable|oldstable|oldoldstable|testing|unstable|Debian[0-9.]+)(-updates|-security|-backports|-proposed-updates|\/updates)?$/;
const AREAS = new Set(['main', 'contrib', 'non-free', 'non-free-firmware']);

/**
 * Where to find the Debian archive: TWINBUILD_MIRROR (base URLs, separated by spaces; security's are TWINBUILD_MIRROR_SECURITY, else each with
 * `-security` at its end), else what the host's apt uses, else nowhere but the snapshot archive. TWINBUILD_SNAPSHOT is another snapshot archive than Debian's.
 *
 * apt's files are read as data: what cannot be understood gives a warning and is passed over. A failure (usage, mirror-invalid) only for the variables.
 *
 * @param aptFolder the host's /etc/apt
 */
export async function readMirrors(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tell: Tell;
  readonly aptFolder?: string;
}): Promise<Result<Mirrors>> {
  const debian = urlsIn(options.environment, 'TWINBUILD_MIRROR');
  const security = urlsIn(options.environment, 'TWINBUILD_MIRROR_SECURITY');
  if (!debian.ok) return debian;
  if (!security.ok) return security;
  const snapshots = urlsIn(options.environment, 'TWINBUILD_SNAPSHOT');
  if (!snapshots.ok) return snapshots;
  const [snapshot] = snapshots.value;
  const further = snapshot === undefined ? {} : { snapshot };
  if (debian.value.length > 0) {
    const own = security.value.length > 0 ? security.value : debian.value.map((url) => `${url}-security`);
    return ok({ from: 'environment', debian: debian.value, security: own, ...further });
  }
  const { sources, problems } = await readAptFolder(options.aptFolder ?? '/etc/apt');
  for (const problem of problems) options.tell({ kind: 'warning', text: problem });
  const found = mirrorsAmong(sources);
  return ok({ ...found, ...(security.value.length > 0 ? { security: security.value } : {}), ...further });
}

/** The mirrors of Debian among any sources. Whether one really is a mirror of Debian, its signature tells later. */
export function mirrorsAmong(sources: readonly AptSource[]): Mirrors {
  const debian: string[] = [];
  const security: string[] = [];
  for (const source of sources) {
    const foreignKey = source.signedBy !== '' && !/debian/i.test(source.signedBy) && !source.signedBy.includes('BEGIN PGP');
    if (
      foreignKey ||
      source.components.length === 0 ||
      !source.components.every((component) => AREAS.has(component.replace(/^updates\//, '')))
    )
      continue;
    for (const suite of source.suites) {
      const match = RELEASE.exec(suite.replace(/\/$/, ''));
      if (!match) continue;
      const list = match[1] === '-security' || match[1] === '/updates' ? security : debian;
      list.push(...source.uris.flatMap((uri) => baseUrl(uri) ?? []));
    }
  }
  const guessed = security.length > 0 ? security : debian.map((url) => `${url}-security`);
  return { from: debian.length > 0 || security.length > 0 ? 'host' : 'none', debian: likelyFirst(debian), security: likelyFirst(guessed) };
}

async function readAptFolder(folder: string): Promise<AptSources> {
  const parts = await readdir(join(folder, 'sources.list.d')).catch(() => [] as string[]);
  const paths = [join(folder, 'sources.list'), ...parts.sort(byBytes).map((name) => join(folder, 'sources.list.d', name))];
  const all: AptSources[] = [];
  for (const path of paths) {
    const parse = path.endsWith('.sources') ? parseDeb822 : path.endsWith('.list') ? parseOneLine : undefined;
    const text = parse && (await readFile(path, 'utf8').catch(() => undefined));
    if (parse && text !== undefined) all.push(parse({ name: path, text }));
  }
  return { sources: all.flatMap(({ sources }) => sources), problems: all.flatMap(({ problems }) => problems) };
}

function urlsIn(environment: Readonly<Record<string, string | undefined>>, name: string): Result<readonly string[]> {
  const words = (environment[name] ?? '').split(/\s+/).filter((word) => word !== '');
  const urls = words.map(baseUrl);
  const bad = words.find((_, index) => urls[index] === undefined);
  if (bad === undefined) return ok([...new Set(urls.filter((url) => url !== undefined))]);
  return fail({
    kind: 'usage',
    reason: 'mirror-invalid',
    message: `${name} has ${escapeControl(bad)}, which is not an http or https address`,
    next: 'Give the base address of a Debian archive, such as http://mirror.example/debian.',
  });
}

/** A base URL without a slash at its end; undefined for what is not plain http or https (cdrom, file, mirror, tor …). */
function baseUrl(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || text.includes('$(') || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.search !== '' || url.hash !== '') return undefined;
  return url.href.replace(/\/+$/, '');
}

/** Each once; those that have Debian's name in their path before those that do not. */
function likelyFirst(urls: readonly string[]): readonly string[] {
  const unique = [...new Set(urls)];
  const named = (url: string): boolean => /\/[^/]*debian[^/]*$/i.test(url);
  return [...unique.filter(named), ...unique.filter((url) => !named(url))];
}
