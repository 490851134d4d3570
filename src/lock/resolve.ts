import { fail, ok, type Result } from '../base/result.ts';
import { parseStanzas } from '../control/stanza.ts';
import { Bench, inTreeOrder, type LockSubject, type ResolveOptions } from './bench.ts';
import { epochOf } from './epoch.ts';
import { NOTHING, type Packaging } from './packaging.ts';
import type { ResolvedSource } from './source.ts';
import type { Lock } from './types.ts';
import { BUILD_FIELDS, type BuildFields, fieldsFor, type Wish } from './wish.ts';

/**
 * Resolves a recipe, or a container by itself, against a verified archive. The same recipe and the same index give the same lock.
 *
 * Failures: usage for what the recipe asks for and the archive does not have, build-failed (unsatisfiable, base-conflict, base-changed),
 * unverified-input, infrastructure.
 */
export async function resolveLock(options: ResolveOptions): Promise<Result<Lock>> {
  const { subject, index, toolVersion } = options;
  const { container } = subject;
  const { architecture } = container;
  const bench = new Bench(options);
  const base = bench.base(container.variant);
  if (!base.ok) return base;
  const sources = await bench.sources();
  if (!sources.ok) return sources;
  const packagings = await bench.packagings(sources.value);
  if (!packagings.ok) return packagings;
  const wish = wishOf(subject, sources.value, packagings.value);
  if (!wish.ok) return wish;
  const build = await bench.solve(wish.value, base.value);
  if (!build.ok) return build;
  const epoch = subject.kind === 'recipe' ? epochOf(subject.recipe, packagings.value) : ok(index.newestSeconds);
  if (!epoch.ok) return epoch;
  const { name, digest, parts } = subject.kind === 'recipe' ? subject.recipe : container;
  return ok({
    schema: 1,
    twinbuild: toolVersion,
    for: subject.kind,
    name,
    digest,
    parts,
    architecture,
    epoch: epoch.value,
    imageEpoch: index.newestSeconds,
    suites: index.suites,
    packages: [...base.value, ...build.value],
    ...(bench.tools === undefined ? {} : { tools: bench.tools }),
    sources: sources.value.map((one) => one.locked),
  });
}

/** What a build needs: the fields of the debian/control that lies on top, and what the recipe and its container say. */
function wishOf(subject: LockSubject, sources: readonly ResolvedSource[], packagings: readonly Packaging[]): Result<Wish> {
  const { container } = subject;
  if (subject.kind === 'container') return ok({ name: container.name, fields: undefined, relations: container.packages, profiles: [] });
  const { recipe } = subject;
  let fields: BuildFields | undefined;
  for (const [number, one] of inTreeOrder(sources).entries()) {
    const own = one.fields === undefined ? controlFields(packagings[number] ?? NOTHING) : ok(one.fields);
    if (!own.ok) return own;
    fields = own.value ?? fields;
  }
  const tree = sources.find((one) => one.fields !== undefined)?.locked;
  return ok({
    name: tree?.kind === 'debian' || tree?.kind === 'dsc' ? `${tree.name} ${tree.version}` : recipe.name,
    fields: fields && fieldsFor(fields, recipe.build),
    relations: [...container.packages, ...recipe.buildDepends],
    profiles: (recipe.environment['DEB_BUILD_PROFILES'] ?? '').split(/\s+/).filter((one) => one !== ''),
  });
}

function controlFields({ control }: Packaging): Result<BuildFields | undefined> {
  if (control === undefined) return ok(undefined);
  const stanzas = parseStanzas(control, { comments: true });
  if (!stanzas.ok) return stanzas;
  const [source] = stanzas.value;
  if (source?.get('Source') === undefined) {
    return fail({
      kind: 'usage',
      reason: 'control-source',
      message: 'A debian/control starts with a paragraph that has a `Source`',
      at: { source: control, start: 0, end: 1 },
    });
  }
  return ok(Object.fromEntries(BUILD_FIELDS.map((name) => [name, source.folded(name) ?? ''])));
}
