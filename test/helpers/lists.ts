import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLock, writeLock } from '../../src/lock/lock.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import type { ManyReport } from '../../src/report/many.ts';
import type { Rig } from './rig.ts';
import { value } from './stores.ts';
import { tinyPackage } from './tiny.ts';

/** A home of its own for what is remembered, with the store that all tests share. */
export async function ownHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'twinbuild-home-'));
  const usual = process.env['TWINBUILD_HOME'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'twinbuild');
  await symlink(join(usual, 'store'), join(path, 'store'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/**
 * Tiny packages by name: what each leaves in its output is a shell command. All have one source and therefore, but for the name and the digest of the
 * recipe, one lock: it is resolved once.
 */
export async function packages(r: Rig, bodies: Readonly<Record<string, string>>): Promise<void> {
  const source = Object.entries(tinyPackage('shared', 'eval "$BODY"')).filter(([name]) => name.includes('/source/'));
  await r.write(Object.fromEntries(source.map(([name, text]) => [name.replace('recipes/shared/', ''), text])));
  const names = Object.keys(bodies);
  for (const name of names) {
    const recipe = `name: ${name}\ncontainer: bookworm\nsources:\n  - folder: ../../source\nenvironment:\n  BODY: ${JSON.stringify(bodies[name])}\n`;
    await r.write({ [`recipes/${name}/recipe.yaml`]: recipe });
  }
  const [model = ''] = names;
  const locked = await r.exec('lock', model);
  if (locked.status !== 0) throw new Error(locked.stderr);
  const path = `recipes/${model}/recipe.lock`;
  const lock = value(parseLock({ name: path, text: await readFile(join(r.path, path), 'utf8') }));
  for (const name of names.slice(1)) {
    const { digest, parts } = value(await loadRecipe(name, { root: r.path }));
    await r.write({ [`recipes/${name}/recipe.lock`]: writeLock({ ...lock, name, digest, parts }) });
  }
}

export async function indexOf(r: Rig, list: string): Promise<ManyReport> {
  return JSON.parse(await readFile(join(r.path, 'out/many', list, 'index.json'), 'utf8')) as ManyReport;
}
