import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { decodeName } from '../format/name.ts';

/** What a `.gitmodules` says of its submodules: path to address, as they are written there. */
export function parseModules(listing: Uint8Array): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  const urls = new Map<string, string>();
  for (const item of decodeName(listing).split('\0')) {
    const feed = item.indexOf('\n');
    const [, name, key] = /^submodule\.(.+)\.(path|url)$/s.exec(feed === -1 ? '' : item.slice(0, feed)) ?? [];
    if (name !== undefined) (key === 'path' ? paths : urls).set(name, item.slice(feed + 1));
  }
  return new Map(
    [...paths].flatMap(([name, path]) => {
      const url = urls.get(name);
      return url === undefined ? [] : [[path.replace(/\/+$/, ''), url] as const];
    }),
  );
}

/**
 * The address of a submodule. One that begins with `./` or `../` is relative to that of its parent, as of a folder (gitmodules(5)).
 *
 * @param written in `.gitmodules`; undefined: nothing is written there
 */
export function submoduleUrl(written: string | undefined, parent: string, path: string): Result<string> {
  if (written === undefined) return fail(refused(path, 'its repository pins a commit and does not say where to find it'));
  const relative = /^\.\.?(\/|$)/.test(written);
  const url = relative ? joined(parent, written) : written;
  if (url === undefined || !/^https?:\/\/[^\s/?#@]+\/[^\s?#]*[^\s?#/]$/.test(url.replace(/\/+$/, ''))) {
    return fail(
      refused(
        path,
        `\`${escapeControl(written)}\` ${relative ? `beside ${escapeControl(parent)}` : ''} is no http or https address`.replace('  ', ' '),
      ),
    );
  }
  if (parent.startsWith('https:') && url.startsWith('http:'))
    return fail(refused(path, `${escapeControl(url)} is not encrypted, and its parent is`));
  return ok(url.replace(/\/+$/, ''));
}

/** Undefined when it leads out of the server. */
function joined(parent: string, relative: string): string | undefined {
  const { origin, pathname } = new URL(parent);
  const parts = pathname.split('/').filter((part) => part !== '');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? undefined : `${origin}/${parts.join('/')}`;
}

function refused(path: string, why: string): Failure {
  return {
    kind: 'usage',
    reason: 'git-submodule',
    message: `The submodule ${escapeControl(path)} cannot be fetched: ${why}`,
    next: `Say in the recipe where it is: \`submodules: {${escapeControl(path)}: https://…}\`.`,
  };
}
