import { placeOfUri } from '../archive/lists.ts';
import type { ArchiveIndex, BinaryPackage } from '../archive/types.ts';
import { escapeControl } from '../base/escape.ts';
import { byBytes } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';

/** What `apt-get --simulate` says that it would do. */
export type Simulation = {
  readonly installed: readonly string[];
  readonly changed: readonly string[]; // there already, in another version
  readonly removed: readonly string[];
};

/** Reads the `Inst` and `Remv` lines: `Inst name [old] (new archive [arch])`, where `[old]` is there only for a change. */
export function parseSimulation(text: string): Simulation {
  const installed: string[] = [];
  const changed: string[] = [];
  const removed: string[] = [];
  for (const [, what, name = '', old] of text.matchAll(/^(Inst|Remv) (\S+)( \[[^\]]*\])?/gm)) {
    if (what === 'Remv') removed.push(name);
    else (old === undefined ? installed : changed).push(name);
  }
  return { installed, changed, removed };
}

/**
 * Finds each line of `apt-get --print-uris` (`'URI' filename size SHA256:hex`) in the verified index. A line that does not match an entry in archive,
 * path, size and digest is no package that anybody vouches for.
 *
 * @returns packages in apt's order; an unverified-input failure solver-mismatch
 */
export function packagesOf(
  text: string,
  index: Pick<ArchiveIndex, 'packagesByName'>,
  architecture: string,
): Result<readonly BinaryPackage[]> {
  const found: BinaryPackage[] = [];
  for (const line of text.split('\n').filter((one) => one.startsWith("'"))) {
    const match = /^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$/.exec(line.trim());
    const [, uri = '', fileName = '', size, digest] = match ?? [];
    const place = placeOfUri(uri);
    const entry = index.packagesByName
      .get(fileName.split('_')[0] ?? '')
      ?.find(
        (one) =>
          place !== undefined &&
          one.archive === place.archive &&
          one.filename === place.path &&
          one.size === Number(size) &&
          one.sha256 === digest &&
          (one.architecture === architecture || one.architecture === 'all'),
      );
    if (entry === undefined) return fail(mismatch(`apt chose a package that the verified index does not have: ${escapeControl(line)}`));
    found.push(entry);
  }
  return ok(found);
}

/** Whether the two lists speak of the same packages; apt leaves lines out of either for reasons of its own. */
export function checkComplete(packages: readonly BinaryPackage[], { installed, changed }: Simulation): Result<void> {
  const bare = (name: string): string => name.split(':')[0] ?? '';
  const planned = [...installed, ...changed].map(bare).sort(byBytes);
  const named = packages.map(({ name }) => name).sort(byBytes);
  const odd = [...planned.filter((name) => !named.includes(name)), ...named.filter((name) => !planned.includes(name))];
  if (odd.length === 0 && planned.length === named.length) return ok();
  return fail(mismatch(`apt's plan and its list of files differ: ${odd.join(', ')}`));
}

function mismatch(message: string): Failure {
  return { kind: 'unverified-input', reason: 'solver-mismatch', message };
}

/**
 * Why apt found no solution, from its own words: lines such as ` builddeps:./ : Depends: gone but it is not installable`, the package's
 * name in the first only.
 */
export function unsatisfiable(name: string, { stdout, stderr }: { readonly stdout: string; readonly stderr: string }): Failure {
  // An alternative stands on a line of its own.
  const lines = `${stdout}\n${stderr}`
    .replaceAll(/ or[ \t]*\n\s+/g, ' or ')
    .split('\n')
    .map((line) => line.trimEnd());
  const from = lines.findIndex((line) => /unmet dependencies/.test(line));
  const unmet = lines.slice(from + 1).filter((line) => /^\s.*(Depends|Conflicts|Breaks|PreDepends): /.test(line));
  const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  const reasons = from === -1 ? [] : unmet.map((line) => line.trim().replace(/^builddeps:\S+ : |^satisfy:\S+ : /, ''));
  const [first] = reasons;
  const words = first?.replace(/^(Pre)?Depends: /, 'needs ').replace(/^(Conflicts|Breaks): /, 'conflicts with ');
  const why = words === undefined ? `: ${errors[0] ?? 'apt gave no reason'}` : first?.includes(' : ') ? `: ${first}` : ` ${words}`;
  return {
    kind: 'build-failed',
    reason: 'unsatisfiable',
    message: `What ${name} needs cannot be installed together${why.startsWith(':') ? why : `: it${why}`}`,
    next: "Change `build-depends` or the container's packages, components or archives.",
    details: [...reasons, ...errors].map(escapeControl),
  };
}
