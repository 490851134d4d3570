import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../base/result.ts';
import type { Cause } from '../cause/types.ts';
import type { Artefact, ArtefactVerdict } from '../deb/types.ts';
import { lookInto } from '../deep/look.ts';
import type { DeepLook } from '../deep/types.ts';
import { wantedFiles } from '../deep/wanted.ts';
import { loadContainer } from '../recipe/load.ts';
import { followsFrom } from '../report/sentence.ts';
import { type BuilderOptions, makeBuilder } from './builder.ts';
import { diskFailure } from './disk.ts';
import type { World } from './world.ts';

/** The container that has diffoscope: the project's own of that name, else the one that is shipped. */
const CONTAINER = 'diffoscope';
/** The folder of diffoscope's reports, next to report.json. */
export const DEEP_FOLDER = 'deep';

export type DeepRequest = {
  readonly verdicts: readonly (ArtefactVerdict & { readonly causes: readonly Cause[] })[];
  readonly first: readonly Artefact[];
  readonly second: readonly Artefact[];
  readonly folder?: string; // absolute: where to keep the reports, in `deep/` of it; left out: nothing is kept
};

/**
 * Lets diffoscope look into every artefact that counts and differs, of a package into the files that differ; those that one side lacks have nothing to
 * compare.
 */
export async function lookDeep(world: World, request: DeepRequest, options: BuilderOptions): Promise<Result<readonly DeepLook[]>> {
  const pairs = request.verdicts.flatMap((verdict) => {
    const named = ({ name }: Artefact) => name === verdict.name;
    const [first, second] = [request.first.find(named), request.second.find(named)];
    if (verdict.verdict !== 'different' || !first || !second) return [];
    return [{ first, second, wanted: wantedFiles(verdict, followsFrom(verdict.causes)) }];
  });
  if (pairs.length === 0) return ok([]);
  const container = await loadContainer(CONTAINER, { root: world.root });
  if (!container.ok) return container;
  const builder = await makeBuilder(world, { kind: 'container', container: container.value }, options);
  if (!builder.ok) return builder;
  const { engine, image } = builder.value;
  const looks: DeepLook[] = [];
  for (const { first, second, wanted } of pairs) {
    world.running.tell({ kind: 'stage', text: `diffoscope looks into ${second.name}` });
    const looked = await lookInto({ engine, image: image.id, running: world.running, first, second, wanted });
    if (!looked.ok) return looked;
    const kept = await keep(looked.value.forms, second, request.folder);
    if (!kept.ok) return kept;
    looks.push({ ...looked.value.look, files: kept.value });
  }
  return ok(looks);
}

/** Writes the forms of one report; gives their paths relative to the folder. */
async function keep(
  forms: Readonly<Record<string, Uint8Array>>,
  artefact: Artefact,
  folder: string | undefined,
): Promise<Result<Record<string, string>>> {
  const files: Record<string, string> = {};
  if (folder === undefined) return ok(files);
  const plain = /^[\w+~-][\w.+~-]{0,199}$/.test(artefact.name) ? artefact.name : artefact.sha256;
  try {
    await mkdir(join(folder, DEEP_FOLDER), { recursive: true });
    for (const [form, bytes] of Object.entries(forms)) {
      const path = `${DEEP_FOLDER}/${plain}.${form}`;
      await writeFile(join(folder, path), bytes);
      files[form] = path;
    }
    return ok(files);
  } catch (error) {
    return { ok: false, error: diskFailure(folder, error) };
  }
}
