import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SourceText } from '../base/location.ts';
import { byBytes } from '../base/order.ts';
import { lintChangelog } from '../lint/changelog.ts';
import { lintControl } from '../lint/control.ts';
import type { Finding } from '../lint/finding.ts';
import { isKernelConfig, lintKernelConfig } from '../lint/kernel-config.ts';
import { lintRules } from '../lint/rules.ts';
import { shownPath } from '../recipe/find.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { readText } from '../recipe/text.ts';
import type { World } from './world.ts';

const MOST_FILES = 2000;
const DEEPEST = 4; // folders below the one that a recipe names
const MOST_BYTES = 4 * 1024 * 1024;

/** Looks at the local folders of a recipe: their packaging and the kernel configurations in them. What cannot be read is left to the build. */
export async function lintFolders(world: World, recipe: Recipe): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const source of recipe.sources) {
    if (source.kind !== 'folder' || seen.has(source.path)) continue;
    seen.add(source.path);
    // Where the file will be in the source tree says what it is.
    for (const file of await filesBelow(source.path)) {
      const look = lookFor(join(source.directory ?? '', file));
      if (look === undefined) continue;
      const path = join(source.path, file);
      const text = await readText(path, shownPath(world.root, path), { mostBytes: MOST_BYTES });
      if (text.ok) findings.push(...look(text.value, world.nowMs() / 1000));
    }
  }
  return findings;
}

type Look = (file: SourceText, nowSeconds: number) => readonly Finding[];

/** What looks at the file of that place in the source tree. */
function lookFor(place: string): Look | undefined {
  if (place === 'debian/changelog') return lintChangelog;
  if (place === 'debian/control') return lintControl;
  if (place === 'debian/rules' || (place.startsWith('debian/') && place.endsWith('.mk'))) return lintRules;
  return isKernelConfig(basename(place)) ? lintKernelConfig : undefined;
}

/** Files below a folder by relative path in byte order, so many and so deep only. Links are not followed. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const walk = async (at: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => byBytes(a.name, b.name))) {
      if (files.length >= MOST_FILES || entry.name === '.git') continue;
      if (entry.isFile()) files.push(join(at, entry.name));
      else if (entry.isDirectory() && depth < DEEPEST) await walk(join(at, entry.name), depth + 1);
    }
  };
  await walk('', 0);
  return files;
}
