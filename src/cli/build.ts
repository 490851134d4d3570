import { join, relative } from 'node:path';
import { ok } from '../base/result.ts';
import { runBuild } from '../build/run.ts';
import { bytesText, secondsText } from '../report/units.ts';
import type { BuilderOptions } from './builder.ts';
import { printAsked } from './init.ts';
import { goOn, keepAnew, stepIndex } from './kept.ts';
import { oneBuild } from './one-build.ts';
import { failed } from './outcome.ts';
import { openOutput, publish, published, REPORT_FILES, writePapers } from './output.ts';
import type { Outcome } from './run.ts';
import type { TargetVerbOptions } from './targets.ts';
import { WHY_FILE } from './why.ts';
import type { World } from './world.ts';

type BuildOptions = BuilderOptions &
  TargetVerbOptions & { readonly printRecipe?: boolean; readonly keep?: boolean; readonly from?: string };

/**
 * `twinbuild build TARGET`: one build in the first surroundings, outputs in out/RECIPE/first/. With `--keep` its volume stays; with `--from` it goes on
 * with a step on that volume.
 */
export async function build(caller: World, words: readonly string[], options: BuildOptions): Promise<Outcome> {
  if (options.printRecipe) return printAsked(caller, words, options);
  const one = await oneBuild(caller, words, options);
  if (!one.ok) return failed(one.error);
  const { world, recipe, builder, plan } = one.value;
  const { image, engine, store } = builder;
  const kept = await onKept();
  if (!kept.ok) return failed(kept.error);
  const folder = await openOutput(world, recipe.name);
  if (!folder.ok) return failed(folder.error);
  const built = await runBuild({
    engine,
    store,
    running: world.running,
    build: 'first',
    plan,
    folder: join(folder.value.work, 'first'),
    folderOf: builder.folderOf,
    ...(kept.value ? { kept: kept.value } : {}),
  });
  const papers = await writePapers(folder.value.work, built.ok ? { first: built.value } : {}, undefined);
  // A verdict of an earlier run would speak of other bytes than those that lie next to it now.
  const done = papers.ok ? await publish(folder.value, ['first', 'second', ...REPORT_FILES, 'SHA256SUMS', WHY_FILE]) : papers;
  if (!built.ok && kept.value) world.warn(keptText(recipe.name));
  if (!built.ok) return failed(built.error);
  if (!done.ok) return failed(done.error);

  const { outputs, wallSeconds, steps, folder: at } = published(built.value, folder.value, 'first');
  for (const output of outputs) world.say(`${output.sha256}  ${output.name}  ${bytesText(output.size)}\n`);
  world.say(`built ${recipe.name} in ${secondsText(wallSeconds)}: ${relative(process.cwd(), at)}/\n`);
  if (kept.value) world.say(keptText(recipe.name));
  return {
    status: 0,
    json: {
      recipe: recipe.name,
      image: image.id,
      folder: at,
      outputs: outputs.map(({ name: file, sha256, size }) => ({ name: file, sha256, size })),
      steps,
      ...(kept.value ? { keptVolume: kept.value.volume } : {}),
    },
  };

  async function onKept() {
    if (options.from === undefined && !options.keep) return ok(undefined);
    const out = join(world.root, 'out', recipe.name);
    const from = options.from === undefined ? ok(0) : stepIndex(plan, options.from, '--from');
    if (!from.ok) return from;
    return from.value === 0 ? keepAnew(world, engine, plan, out, plan.steps.length) : goOn(engine, recipe, plan, out, from.value);
  }
}

function keptText(recipe: string): string {
  return `the volume is kept: \`twinbuild shell ${recipe}\` looks into it, \`twinbuild build ${recipe} --from STEP\` goes on, \`twinbuild clean\` removes it\n`;
}
