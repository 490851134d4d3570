import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { byBytes } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import type { Built, OutputFile } from '../build/types.ts';
import { htmlText } from '../report/html.ts';
import type { Scripts } from '../report/html-scripts.ts';
import { junitText } from '../report/junit.ts';
import type { Report } from '../report/report.ts';
import { ownedName, ownerMayLive, prefixOf } from '../store/address.ts';
import { diskFailure } from './disk.ts';
import { MANY } from './many-folder.ts';
import type { World } from './world.ts';

/** The folders of one recipe's results, below `out/` of the project. */
export type OutputFolder = {
  readonly path: string; // out/NAME
  readonly work: string; // out/NAME/.work@…: this run's alone, until it is published
};

/** The folder of what was verified, below out/. */
export const VERIFY = 'verify';

const WORK = '.work';
const WORK_FILE = `${WORK}-file`;
/** Backups, and local folders that are sources, leave out a folder that has this (Cache Directory Tagging Specification). */
const CACHE_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# Results of twinbuild.\n';

/** Removes the work folders of dead runs below out/, and files that they left half written: of recipes, of what was verified, of lists; gives how many. */
export async function sweepResults(out: string): Promise<number> {
  const namesIn = (folder: string) => readdir(folder).catch(() => []);
  const lists = (await namesIn(join(out, MANY))).map((name) => join(out, MANY, name));
  let count = 0;
  for (const folder of [out, join(out, VERIFY), ...lists]) {
    for (const name of await namesIn(folder)) count += await sweepWorkFolders(join(folder, name));
  }
  for (const list of lists) count += await sweepWorkFolders(list);
  return count;
}

/** Removes the work folders of dead runs below out/NAME; gives how many there were. */
async function sweepWorkFolders(path: string): Promise<number> {
  const left = [WORK, WORK_FILE];
  const dead = (await readdir(path).catch(() => [])).filter(
    (name) => left.includes(prefixOf(name)) && !left.includes(name) && !ownerMayLive(name),
  );
  for (const name of dead) await rm(join(path, name), { recursive: true, force: true });
  return dead.length;
}

/** The folder of the results of a recipe. */
export function resultsPath({ root, outputs }: Pick<World, 'root' | 'outputs'>, name: string): string {
  return outputs ?? join(root, 'out', name);
}

/** A work folder for this run, so that two runs of one recipe do not write into each other's files. */
export async function openOutput(world: Pick<World, 'root' | 'outputs'>, name: string): Promise<Result<OutputFolder>> {
  const path = resultsPath(world, name);
  const work = join(path, ownedName(WORK));
  return guarded(path, async () => {
    await sweepWorkFolders(path);
    await mkdir(work, { recursive: true });
    await writeFile(join(world.root, 'out', 'CACHEDIR.TAG'), CACHE_TAG);
    return { path, work };
  });
}

/** Puts what is in the work folder in place of what an earlier run left; `stale` names go away as they would contradict it. */
export async function publish(folder: OutputFolder, stale: readonly string[]): Promise<Result<void>> {
  return guarded(folder.path, async () => {
    const aside = join(folder.work, '.replaced');
    await mkdir(aside, { recursive: true });
    const made = (await readdir(folder.work)).filter((name) => name !== '.replaced').sort(byBytes);
    for (const name of [...stale, ...made]) await moveAway(join(folder.path, name), join(aside, name));
    for (const name of made) await replaceBy(join(folder.work, name), join(folder.path, name));
    await rm(folder.work, { recursive: true, force: true });
  });
}

/** Where the results of a build are once they are published. */
export function published(built: Built, folder: OutputFolder, name: 'first' | 'second'): Built {
  const to = join(folder.path, name);
  return { ...built, folder: to, outputs: built.outputs.map((output) => ({ ...output, path: join(to, output.name) })) };
}

/** SHA256SUMS as sha256sum(1) reads it, in byte order of the names. */
export function sumsText(outputs: readonly OutputFile[]): string {
  return [...outputs]
    .sort((a, b) => byBytes(a.name, b.name))
    .map(({ sha256, name }) => `${sha256}  ${name}\n`)
    .join('');
}

/** The report in all its forms; they are written together and go together. */
export const REPORT_FILES = ['report.json', 'report.html', 'junit.xml'];

/** Writes the SHA256SUMS of each build next to its outputs, and the report in its forms. */
export async function writePapers(
  work: string,
  builds: { readonly first?: Built; readonly second?: Built },
  report: Report | undefined,
): Promise<Result<void>> {
  return guarded(work, async () => {
    for (const [name, built] of Object.entries(builds)) {
      if (built) await writeFile(join(work, name, 'SHA256SUMS'), sumsText(built.outputs));
    }
    const both = Object.entries(builds).flatMap(([name, built]) =>
      (built?.outputs ?? []).map((output) => ({ ...output, name: `${name}/${output.name}` })),
    );
    if (both.length > 0) await writeFile(join(work, 'SHA256SUMS'), sumsText(both));
    if (report) {
      await writeFile(join(work, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
      await writeFile(join(work, 'report.html'), htmlText(report, { scripts: await readScripts(work) }));
      await writeFile(join(work, 'junit.xml'), junitText(report));
    }
  });
}

/** What stays of a build whose outputs are not kept. */
const PAPERS = new Set(['build.sh', 'build.log', 'SHA256SUMS']);

/** Removes the outputs of both builds from a folder of results, and writes its page without links to them. */
export async function dropOutputs(folder: string, report: Report): Promise<Result<void>> {
  return guarded(folder, async () => {
    const html = htmlText(report, { scripts: await readScripts(folder), linked: false });
    await writeWhole(join(folder, 'report.html'), html);
    for (const build of ['first', 'second']) {
      const names = await readdir(join(folder, build)).catch(() => []);
      for (const name of names.filter((each) => !PAPERS.has(each))) await rm(join(folder, build, name), { recursive: true, force: true });
    }
  });
}

/** Writes a file so that a reader sees the old one or the new one, and never half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), ownedName(WORK_FILE));
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Both build.sh, of this run or of the earlier one whose builds it uses. */
async function readScripts(work: string): Promise<Scripts | undefined> {
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const of = (folder: string) => readFile(join(folder, name, 'build.sh'), 'utf8').catch(() => undefined);
      return (await of(work)) ?? (await of(dirname(work)));
    }),
  );
  return first !== undefined && second !== undefined ? { first, second } : undefined;
}

async function moveAway(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Another run of the same recipe may have published in this very moment: the last one wins. */
async function replaceBy(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
  });
}

async function guarded<T>(path: string, action: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await action());
  } catch (error) {
    return { ok: false, error: diskFailure(path, error) };
  }
}
