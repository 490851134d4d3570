import { sha256 } from '../base/digest.ts';
import { sortedBy } from '../base/order.ts';
import type { Node } from './node.ts';
import type { Package } from './package.ts';
import type { RootTree } from './root-tree.ts';

const DPKG = 'var/lib/dpkg';

/** Files of dpkg's database that planning reads again after a configuration. */
export const STATUS = `${DPKG}/status`;
export const DIVERSIONS = `${DPKG}/diversions`;
export const OVERRIDES = `${DPKG}/statoverride`;

export type DatabaseOptions = {
  readonly unpacked: readonly Package[]; // those that were unpacked now
  readonly before: readonly Package[]; // those that are there already
  readonly status: string; // what dpkg's status says of those
  readonly architecture: string;
  readonly mtimeSeconds: number;
};

/**
 * dpkg's database (dpkg(1), "FILES"; dpkg-query(1)) for packages that lie unpacked and are not configured yet. Written as far as dpkg
 * itself would have: with `--configure` it rewrites the rest in its own form.
 *
 * A configuration file that is in its place has its digest in the status: dpkg takes one without a `.dpkg-new` beside it as settled. The
 * others are marked as new.
 */
export function writeDatabase(tree: RootTree, options: DatabaseOptions): void {
  const packages = [...options.before, ...options.unpacked];
  const write = (path: string, text: string, mode = 0o644): void => {
    const bytes = Buffer.from(text);
    const content = { kind: 'held', bytes, sha256: sha256(bytes) } as const;
    const there = tree.nodes.get(path);
    if (there?.content?.sha256 === content.sha256 && there.mode === mode) return; // as a lower layer has it
    tree.add({
      path,
      type: 'file',
      mode,
      uid: 0,
      gid: 0,
      mtimeSeconds: options.mtimeSeconds,
      link: '',
      size: bytes.length,
      content,
      owner: '',
      listed: '',
    });
  };
  write(STATUS, [...(options.status === '' ? [] : [options.status]), ...options.unpacked.map((each) => statusOf(each, tree))].join('\n'));
  write(`${DPKG}/arch`, `${options.architecture}\n`);
  write(`${DPKG}/info/format`, '1\n');
  for (const each of packages) {
    write(`${DPKG}/info/${each.fullName}.list`, (tree.lists.get(each.name) ?? []).map((path) => `${path}\n`).join(''));
    for (const node of informationOf(each)) if (!tree.nodes.has(node.path)) tree.add(node);
  }
  const { file, named } = interestsOf(packages);
  write(`${DPKG}/triggers/File`, file);
  write(`${DPKG}/triggers/Unincorp`, '');
  for (const [name, lines] of named) write(`${DPKG}/triggers/${name}`, lines);
}

function statusOf({ name, unpacked }: Package, tree: RootTree): string {
  const waits = new Set(unpacked.conffiles.length === 0 ? [] : tree.waitingOf(name));
  const conffiles = unpacked.conffiles.map(({ path, md5 }) => ` ${path} ${waits.has(path.slice(1)) ? 'newconffile' : md5}\n`).join('');
  return `${unpacked.control}Status: install ok unpacked\n${conffiles === '' ? '' : `Conffiles:\n${conffiles}`}`;
}

function informationOf(each: Package): readonly Node[] {
  return each.unpacked.information.map(({ name, mode, mtimeSeconds, size, sha256: digest, offset }) => ({
    path: `${DPKG}/info/${each.fullName}.${name}`,
    type: 'file',
    mode,
    uid: 0,
    gid: 0,
    mtimeSeconds,
    link: '',
    size,
    content: { kind: 'package', deb: each.locked.sha256, offset, sha256: digest },
    owner: each.name,
    listed: '',
  }));
}

/** Who wants to be told of what (deb-triggers(5)): one file for paths, one for each name. */
function interestsOf(packages: readonly Package[]): { readonly file: string; readonly named: readonly (readonly [string, string])[] } {
  let file = '';
  const named = new Map<string, string>();
  for (const each of packages) {
    for (const { trigger, noAwait } of triggersOf(each)) {
      const who = `${each.fullName}${noAwait ? '/noawait' : ''}\n`;
      if (trigger.startsWith('/')) file += `${trigger} ${who}`;
      else if (/^[A-Za-z0-9][A-Za-z0-9._+:-]*$/.test(trigger)) named.set(trigger, `${named.get(trigger) ?? ''}${who}`);
    }
  }
  return { file, named: sortedBy(named, ([name]) => name) };
}

/** The triggers that a package is interested in: paths from the root, or names. */
export function triggersOf({ unpacked }: Package): readonly { readonly trigger: string; readonly noAwait: boolean }[] {
  return unpacked.triggers.split('\n').flatMap((line) => {
    const [directive = '', trigger = ''] = line.replace(/#.*/, '').trim().split(/\s+/);
    return /^interest(-await|-noawait)?$/.test(directive) && trigger !== '' ? [{ trigger, noAwait: directive.endsWith('-noawait') }] : [];
  });
}
