import { relative } from 'node:path';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { compareAbi, describeAbi, parseIgnore } from '../kernel/abi.ts';
import { type Abi, formatAbi, parseSymvers } from '../kernel/symvers.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type DebOptions, debsOf, filesOf, held } from './built-deb.ts';
import { listPath, readList, writeList } from './list-file.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { recipeSubject } from './subject.ts';
import type { World } from './world.ts';

const SYMVERS = /^(?:\.\/)?usr\/src\/linux-headers-([^/]+)\/Module\.symvers$/;

type Built = { readonly kernel: string; readonly abi: Abi };

/**
 * `twinbuild abi check|update RECIPE`: compares the symbols that the built kernel exports with debian/lists/abi of the recipe, or accepts them.
 * Exit status 0: compatible, or the kernel has another name; 1: modules for the accepted kernel would not load.
 */
export async function abi(world: World, [action = '', name = '']: readonly string[], options: DebOptions): Promise<Outcome> {
  if (action !== 'check' && action !== 'update') {
    return failed({
      kind: 'usage',
      reason: 'unknown-action',
      message: `abi has no ${action}`,
      next: 'Write `abi check RECIPE` or `abi update RECIPE`.',
    });
  }
  const subject = await recipeSubject(world, name);
  if (!subject.ok) return failed(subject.error);
  const { recipe } = subject.value;
  const built = await builtAbi(world, recipe, options);
  if (!built.ok) return failed(built.error);
  return action === 'check' ? check(world, recipe, built.value) : update(world, recipe, built.value);
}

async function builtAbi(world: World, recipe: Recipe, options: DebOptions): Promise<Result<Built>> {
  const debs = await debsOf(world, recipe.name, options);
  if (!debs.ok) return debs;
  try {
    for (const deb of debs.value.filter((path) => /headers/.test(path) || debs.value.length === 1)) {
      for await (const { member, body } of filesOf(deb)) {
        const kernel = SYMVERS.exec(member.name)?.[1];
        if (kernel === undefined || member.type !== 'file') continue;
        const read = parseSymvers({ name: member.name, text: (await held(body)).toString() });
        return read.ok ? ok({ kernel, abi: read.value }) : read;
      }
    }
  } catch (error) {
    return fail(failureOf(error));
  }
  const message = `None of the packages of ${recipe.name} holds a Module.symvers`;
  return fail({ kind: 'usage', reason: 'no-symbols', message, next: 'Name the package with the headers of the kernel with --from.' });
}

async function check(world: World, recipe: Recipe, { kernel, abi: after }: Built): Promise<Outcome> {
  const list = await readList(world, recipe, 'abi');
  if (!list.ok) return failed(list.error);
  if (list.value === undefined) {
    world.say(`${recipe.name} has no ABI list yet: \`twinbuild abi update ${recipe.name}\` writes one\n`);
    return { status: 0, json: { kernel, symbols: after.symbols.size, changes: null } };
  }
  const before = parseSymvers(list.value);
  if (!before.ok) return failed(before.error);
  const ignored = await readList(world, recipe, 'abi-blacklist');
  if (!ignored.ok) return failed(ignored.error);
  const comparison = compareAbi(before.value, after, kernel, parseIgnore(ignored.value?.text ?? ''));
  const lines = describeAbi(comparison).map((line) => (comparison.renamed ? line.replace(/^error:/, 'warning:') : line));
  const broken = comparison.breaks && !comparison.renamed;
  const verdict = broken
    ? `${kernel}: modules that were built for it would no longer load; raise KREL, or mend the kernel`
    : `${kernel}: ${after.symbols.size} symbols, ${comparison.breaks ? 'other than' : 'compatible with'} ${before.value.kernel ?? 'the list'}`;
  world.say([...lines, verdict, ''].join('\n'));
  const json = {
    kernel,
    before: before.value.kernel ?? null,
    symbols: after.symbols.size,
    breaks: comparison.breaks,
    renamed: comparison.renamed,
    changes: comparison.changes,
  };
  return { status: broken ? 1 : 0, json };
}

async function update(world: World, recipe: Recipe, { kernel, abi: after }: Built): Promise<Outcome> {
  const written = await writeList(world, recipe, 'abi', formatAbi(kernel, after.symbols.values()));
  if (!written.ok) return failed(written.error);
  const path = relative(process.cwd(), listPath(recipe, 'abi'));
  world.say(
    `${path}: ${after.symbols.size} symbols of ${kernel}; the list is part of the recipe, so run \`twinbuild lock ${recipe.name}\`\n`,
  );
  return { status: 0, json: { kernel, symbols: after.symbols.size, list: path } };
}
