import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { satisfies } from '../control/relation.ts';
import { bareFolder, CONFIGURED, childOf, folderOf, type Node, nameOf } from './node.ts';
import type { Package } from './package.ts';
import type { Entry } from './unpacked.ts';

/** What dpkg puts behind the name of a configuration file until its package is configured. */
const WAITING = '.dpkg-new';
const MOST_LINKS = 40; // of one path, as Linux has it

/**
 * A root file system while packages are unpacked into it, by the rules that dpkg has for a system without any of them (deb(5), Policy
 * 7.6 and 10.1; `tarobject` in dpkg's source): folders are shared, a link never takes the place of a folder, a folder may be reached
 * through a link, and a file of two packages is fine only where one Replaces the other.
 */
export class RootTree {
  readonly nodes: Map<string, Node>;
  readonly lists: Map<string, readonly string[]>; // by package: its paths as dpkg's .list has them
  readonly #packages: Map<string, Package>;
  readonly #waiting: Map<string, string[]>; // by package
  readonly #folders = new Map<string, string>(); // real paths of folders that are known to be there

  constructor(from?: RootTree) {
    this.nodes = new Map(from?.nodes);
    this.lists = new Map(from?.lists);
    this.#packages = new Map(from ? from.#packages : []);
    this.#waiting = new Map(from ? from.#waiting : []);
  }

  add(node: Node): void {
    this.nodes.set(node.path, node);
  }

  /**
   * Unpacks a package.
   *
   * @param conffiles whether configuration files go to their place at once, or wait beside it as `.dpkg-new` until the package is configured, as
   *   they do when dpkg unpacks: scripts of other packages must not find them before (run-parts)
   */
  unpack(each: Package, conffiles: 'placed' | 'waiting'): Result<void> {
    this.#packages.set(each.name, each);
    const wanted = new Set(conffiles === 'waiting' ? each.unpacked.conffiles.map(({ path }) => path.slice(1)) : []);
    const waiting: string[] = [];
    this.#waiting.set(each.name, waiting);
    this.lists.set(each.name, ['/.', ...each.unpacked.entries.map(({ path }) => `/${path}`)]);
    const own = new Map<string, Entry>();
    for (const entry of each.unpacked.entries) {
      const folder = this.#folder(folderOf(entry.path));
      if (folder === undefined) return fail(conflict(each, entry.path, 'something that is not a folder is in the way'));
      const file = entry.type === 'hardlink' ? own.get(entry.link) : entry;
      if (file === undefined)
        return fail(
          conflict(each, entry.path, `it is a hard link to /${escapeControl(entry.link)}, which is no file before it in the package`),
        );
      if (file.type === 'file') own.set(entry.path, file);
      const place = childOf(folder, nameOf(entry.path));
      const waits = entry.type === 'file' && wanted.has(entry.path) && !this.nodes.has(place);
      if (waits) waiting.push(entry.path);
      const path = waits ? `${place}${WAITING}` : place;
      const placed = this.#place(each, {
        ...nodeOf(each, entry, file),
        path,
        link: entry.type === 'hardlink' ? (this.#real(entry.link) ?? entry.link) : entry.link,
      });
      if (!placed.ok) return placed;
    }
    return ok();
  }

  /** Which configuration files of a package wait, as paths in the package. */
  waitingOf(name: string): readonly string[] {
    return this.#waiting.get(name) ?? [];
  }

  #place(each: Package, node: Node): Result<void> {
    const there = this.nodes.get(node.path);
    if (there === undefined || isUnclaimed(there, node)) return this.#put(node, there);
    if (node.type === 'directory') {
      const isFolder =
        there.type === 'directory' || (there.type === 'symlink' && this.#walk(folderOf(node.path), there.link, MOST_LINKS) !== undefined);
      return isFolder ? ok() : fail(conflict(each, node.path, `${ownerOf(there)} has something there that is not a folder`));
    }
    if (there.type === 'directory') {
      return node.type === 'symlink' ? ok() : fail(conflict(each, node.path, `${ownerOf(there)} has a folder there`));
    }
    const other = this.#packages.get(there.owner);
    if (other === undefined) throw new Error(`/${node.path} belongs to a package that was never unpacked.`);
    if (other.name === each.name) return this.#put(node, there);
    if (replaces(each, other)) {
      this.#unlist(other.name, there.listed);
      return this.#put(node, there);
    }
    if (!replaces(other, each)) return fail(conflict(each, node.path, `${other.name} has it, too, and neither Replaces the other`));
    this.#unlist(each.name, node.listed);
    return ok();
  }

  #put(node: Node, instead: Node | undefined): Result<void> {
    this.add(node);
    if (instead?.type === 'symlink') this.#folders.clear(); // what went through it goes elsewhere
    return ok();
  }

  #unlist(name: string, path: string): void {
    this.lists.set(
      name,
      (this.lists.get(name) ?? []).filter((listed) => listed !== `/${path}`),
    );
  }

  #real(path: string): string | undefined {
    const folder = this.#folder(folderOf(path));
    return folder === undefined ? undefined : childOf(folder, nameOf(path));
  }

  /** The real path of a folder; makes the folder when nothing is there; undefined when something else is. */
  #folder(path: string, links = MOST_LINKS): string | undefined {
    if (path === '') return '';
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const above = this.#folder(folderOf(path), links);
    if (above === undefined) return undefined;
    const there = this.nodes.get(childOf(above, nameOf(path)));
    if (there === undefined) this.add(bareFolder(childOf(above, nameOf(path))));
    const real =
      there?.type === 'symlink'
        ? this.#walk(above, there.link, links - 1)
        : there === undefined || there.type === 'directory'
          ? childOf(above, nameOf(path))
          : undefined;
    if (real !== undefined) this.#folders.set(path, real);
    return real;
  }

  /** Where a link leads, seen from a folder; undefined when there is no such folder. Above the root is the root. */
  #walk(from: string, link: string, links: number): string | undefined {
    if (links < 0) return undefined;
    let at: string | undefined = link.startsWith('/') ? '' : from;
    for (const part of link.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..') at = folderOf(at);
      else if (this.nodes.has(childOf(at, part))) at = this.#folder(childOf(at, part), links);
      else return undefined;
      if (at === undefined) return undefined;
    }
    return at;
  }
}

function nodeOf(each: Package, entry: Entry, file: Entry): Node {
  const content =
    file.sha256 === undefined
      ? undefined
      : ({ kind: 'package', deb: each.locked.sha256, offset: file.offset, sha256: file.sha256 } as const);
  const { path, type, mode, uid, gid, mtimeSeconds, link } = entry;
  return { path, type, mode, uid, gid, mtimeSeconds, link, size: file.size, content, owner: each.name, listed: path };
}

/** Whether what is there is no package's and gives way: a folder that nobody described, or, as with dpkg, anything else but a folder. */
function isUnclaimed(there: Node, node: Node): boolean {
  if (node.type === 'directory') return there.owner === '' && there.type === 'directory';
  return (there.owner === '' || there.owner === CONFIGURED) && there.type !== 'directory';
}

function replaces(one: Package, other: Package): boolean {
  return one.replaces.some((alternatives) =>
    alternatives.some((relation) => relation.name === other.name && satisfies(other.version, relation)),
  );
}

function ownerOf(node: Node): string {
  return node.owner === '' || node.owner === CONFIGURED ? 'the system' : node.owner;
}

function conflict(each: Package, path: string, why: string): Failure {
  return {
    kind: 'build-failed',
    reason: 'file-conflict',
    message: `The package ${each.name} ${each.version} cannot be unpacked: at /${escapeControl(path)} ${why}.`,
    next: 'Leave one of the packages out of the build dependencies or of the container.',
  };
}
