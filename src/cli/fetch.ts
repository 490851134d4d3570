import { filesOf } from '../lock/files.ts';
import { listRecipes } from '../recipe/find.ts';
import type { BuilderOptions } from './builder.ts';
import { lockFor } from './derived-lock.ts';
import { fill } from './fill.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { nameOf } from './subject.ts';
import { subjectOf, type TargetVerbOptions, theTargets } from './targets.ts';
import { theEngine, theStore } from './tools.ts';
import type { World } from './world.ts';

/** `twinbuild fetch [TARGET…]`: fills the store with everything that the locks name, so that what follows works with --offline. */
export async function fetch(world: World, words: readonly string[], options: BuilderOptions & TargetVerbOptions): Promise<Outcome> {
  const targets = await theTargets(world, words, options, await listRecipes(world.root));
  if (!targets.ok) return failed(targets.error);
  const store = await theStore(world);
  if (!store.ok) return failed(store.error);
  const done: { name: string; files: number; resolvedAnew: string | null }[] = [];
  for (const target of targets.value) {
    const subject = await subjectOf(world, target);
    if (!subject.ok) return failed(subject.error);
    const name = nameOf(subject.value);
    const found = await lockFor(world, subject.value, options);
    if (!found.ok && words.length === 0 && found.error.reason === 'lock-missing') {
      world.running.tell({ kind: 'note', text: `${name}: ${found.error.message}` });
      continue;
    }
    if (!found.ok) return failed(found.error);
    const filled = await fill(world, subject.value, found.value, {
      part: 'all',
      relockIfGone: options.relockIfGone ?? false,
      store: store.value,
      engine: () => theEngine(world),
    });
    if (!filled.ok) return failed(filled.error);
    const { packages, sources } = filled.value.lock;
    const files =
      packages.length + sources.reduce((sum, source) => sum + (source.kind === 'git' ? source.trees.length : filesOf(source).length), 0);
    world.say(`${name}: ${files} files are in the store\n`);
    done.push({ name, files, resolvedAnew: filled.value.resolvedAnew ?? null });
  }
  return { status: 0, json: { fetched: done } };
}
