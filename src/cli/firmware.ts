import { relative } from 'node:path';
import { escapeControl } from '../base/escape.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { compareFirmware, firmwareList, type ModuleFile, parseFirmware } from '../kernel/firmware.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type DebOptions, debsOf, filesOf, held } from './built-deb.ts';
import { listPath, readList, writeList } from './list-file.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { recipeSubject } from './subject.ts';
import type { World } from './world.ts';

const MODULE = /^(?:\.\/)?(?:usr\/)?lib\/modules\/([^/]+)\/(.+\.ko)$/;

type Built = { readonly kernel: string; readonly firmware: readonly string[] };

/**
 * `twinbuild firmware check|update RECIPE`: compares what the built modules may ask for with debian/lists/firmware of the recipe, or accepts it.
 * Exit status 0: as listed; 1: other firmware.
 */
export async function firmware(world: World, [action = '', name = '']: readonly string[], options: DebOptions): Promise<Outcome> {
  if (action !== 'check' && action !== 'update') {
    return failed({
      kind: 'usage',
      reason: 'unknown-action',
      message: `firmware has no ${action}`,
      next: 'Write `firmware check RECIPE` or `firmware update RECIPE`.',
    });
  }
  const subject = await recipeSubject(world, name);
  if (!subject.ok) return failed(subject.error);
  const { recipe } = subject.value;
  const built = await builtFirmware(world, recipe, options);
  if (!built.ok) return failed(built.error);
  return action === 'check' ? check(world, recipe, built.value) : update(world, recipe, built.value);
}

async function builtFirmware(world: World, recipe: Recipe, options: DebOptions): Promise<Result<Built>> {
  const debs = await debsOf(world, recipe.name, options);
  if (!debs.ok) return debs;
  const modules: ModuleFile[] = [];
  let kernel: string | undefined;
  try {
    for (const deb of debs.value.filter(
      (path) => /(kernel|image)-[^/]*\.deb$/.test(path) && !/-(dbgsym|dbg|signed-template)_/.test(path),
    )) {
      for await (const { member, body } of filesOf(deb)) {
        const [, release, path] = MODULE.exec(member.name) ?? [];
        if (release === undefined || path === undefined || member.type !== 'file') continue;
        kernel ??= release;
        modules.push({ path, bytes: await held(body) });
      }
    }
  } catch (error) {
    return fail(failureOf(error));
  }
  if (kernel !== undefined) return ok({ kernel, firmware: firmwareList(modules) });
  const message = `None of the packages of ${recipe.name} holds a kernel module`;
  return fail({ kind: 'usage', reason: 'no-modules', message, next: 'Name the package with the modules of the kernel with --from.' });
}

async function check(world: World, recipe: Recipe, { kernel, firmware: after }: Built): Promise<Outcome> {
  const list = await readList(world, recipe, 'firmware');
  if (!list.ok) return failed(list.error);
  const { came, gone } = compareFirmware(parseFirmware(list.value?.text ?? ''), after);
  const lines = [...came.map((line) => `new: ${escapeControl(line)}`), ...gone.map((line) => `gone: ${escapeControl(line)}`)];
  const same = lines.length === 0;
  world.say(
    [...lines, `${kernel}: ${after.length} entries, ${same ? 'as listed' : `${came.length} new, ${gone.length} gone`}`, ''].join('\n'),
  );
  return { status: same ? 0 : 1, json: { kernel, entries: after.length, came, gone } };
}

async function update(world: World, recipe: Recipe, { kernel, firmware: after }: Built): Promise<Outcome> {
  const text = [`# What the modules of ${kernel} may ask for: FIRMWARE MODULE`, ...after, ''].join('\n');
  const written = await writeList(world, recipe, 'firmware', text);
  if (!written.ok) return failed(written.error);
  const path = relative(process.cwd(), listPath(recipe, 'firmware'));
  world.say(`${path}: ${after.length} entries of ${kernel}; the list is part of the recipe, so run \`twinbuild lock ${recipe.name}\`\n`);
  return { status: 0, json: { kernel, entries: after.length, list: path } };
}
