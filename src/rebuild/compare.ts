import { sortedBy } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import type { OutputFile } from '../build/types.ts';
import type { DscFile } from '../control/dsc.ts';
import { type CompareOptions, compareOutputs } from '../deb/compare.ts';
import type { Artefact, ArtefactVerdict, Comparison } from '../deb/types.ts';

/** A package that somebody published: its digest, and its bytes where they are at hand. */
export type Published = DscFile & { readonly path: string | undefined }; // path: absolute

const PACKAGE = /\.(deb|udeb|ddeb)$/;

/** Whether a file is a binary package. Everything else that is published with one speaks of its build or is its source. */
export function isPackage({ name }: { readonly name: string }): boolean {
  return PACKAGE.test(name);
}

/**
 * Holds what was built against what was published, package by package: by size and SHA-256, and where both are at hand by content, which explains a
 * difference. The published side is the first. A package that only one side has is a difference.
 */
export async function compareRebuilt(
  published: readonly Published[],
  built: readonly OutputFile[],
  options: CompareOptions,
): Promise<Result<Comparison>> {
  const own = built.filter(isPackage);
  const first = published.flatMap(({ path, name, size, sha256 }): Artefact[] => (path === undefined ? [] : [{ name, size, sha256, path }]));
  const held = new Set(first.map(({ name }) => name));
  const artefacts: ArtefactVerdict[] = published
    .filter(({ path }) => path === undefined)
    .map((one) =>
      byDigest(
        one,
        own.find(({ name }) => name === one.name),
      ),
    );
  const known = new Set(published.map(({ name }) => name));
  const second = own.filter(({ name }) => held.has(name) || !known.has(name));
  if (first.length + second.length > 0) {
    const compared = await compareOutputs(first, second, options);
    if (!compared.ok) return compared;
    artefacts.push(...compared.value.artefacts);
  }
  const same = artefacts.every(({ verdict }) => verdict === 'equal');
  return ok({ verdict: same ? 'reproducible' : 'different', artefacts: sortedBy(artefacts, ({ name }) => name) });
}

/** The verdict on a package of which only the digest is known. */
function byDigest({ name, size, sha256 }: Published, built: OutputFile | undefined): ArtefactVerdict {
  const first = { size, sha256 };
  if (built === undefined)
    return {
      name,
      verdict: 'only-in-first',
      first,
      second: undefined,
      differences: [{ trail: [name], what: { kind: 'only-in', side: 'first' } }],
      more: 0,
    };
  const second = { size: built.size, sha256: built.sha256 };
  const equal = size === built.size && sha256 === built.sha256;
  return { name, verdict: equal ? 'equal' : 'different', first, second, differences: [], more: 0 };
}
