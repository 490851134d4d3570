import { basename, dirname } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import type { Target } from './target.ts';

/**
 * A name for the folder of a target's results that no other target of the same run has: `short`, else with the version behind it as the files of a source
 * package have it, else with a digest.
 *
 * @param taken the names that are in use, by the target that has each; the new one is added. The same target has the same name again
 */
export function resultName(short: string, target: Target, taken: Map<string, string>): string {
  const key = canonicalJson(target);
  const version = versionOf(target);
  const names = [short, ...(version === undefined ? [] : [`${short}_${version}`]), `${short}~${sha256(key).slice(0, 8)}`];
  const name = names.find((one) => (taken.get(one) ?? key) === key) ?? `${short}~${sha256(key)}`;
  taken.set(name, key);
  return name;
}

/** The version that a target names, with signs that every file system takes; a colon is written as `%3a`, as apt does. */
function versionOf(target: Target): string | undefined {
  if (target.kind === 'source') return target.version?.replaceAll(':', '%3a');
  return target.kind === 'dsc' ? /_([^_]+)\.dsc$/.exec(basename(target.path))?.[1] : undefined;
}

/** What people would call a target in short. */
export function shortName(target: Target): string {
  switch (target.kind) {
    case 'source':
      return target.name;
    case 'dsc':
      return basename(target.path, '.dsc');
    case 'tree':
      return basename(target.path);
    case 'recipe':
      return target.name.endsWith('recipe.yaml') ? basename(dirname(target.name)) : basename(target.name);
    default:
      return target satisfies never;
  }
}
