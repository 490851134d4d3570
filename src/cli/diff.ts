import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256Of } from '../base/digest.ts';
import { byBytes } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { compareOutputs } from '../deb/compare.ts';
import type { Artefact } from '../deb/types.ts';
import { artefactsText } from '../report/terminal.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import type { World } from './world.ts';

/** `twinbuild diff A B`: two files, two folders, or two .changes with the files that they list. Exit status 0 equal, 1 different, 2 not readable. */
export async function diff(world: World, [first = '', second = '']: readonly string[]): Promise<Outcome> {
  const a = await side(first);
  if (!a.ok) return failed(a.error);
  const b = await side(second);
  if (!b.ok) return failed(b.error);
  // Two single files are one artefact, whatever they are called.
  const pair =
    a.value.length === 1 && b.value.length === 1 && a.value[0] && b.value[0] ? { ...b.value[0], name: a.value[0].name } : undefined;
  const comparison = await compareOutputs(a.value, pair ? [pair] : b.value);
  if (!comparison.ok) return failed(comparison.error);
  world.say(artefactsText(comparison.value.artefacts, world.outPaint));
  const same = comparison.value.verdict === 'reproducible';
  return { status: same ? 0 : 1, json: { verdict: same ? 'equal' : 'different', artefacts: comparison.value.artefacts } };
}

async function side(path: string): Promise<Result<readonly Artefact[]>> {
  try {
    const about = await stat(path);
    if (!about.isDirectory()) return ok([await artefact(path)]);
    const names = (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort(byBytes);
    const artefacts: Artefact[] = [];
    for (const name of names) artefacts.push(await artefact(join(path, name)));
    return ok(artefacts);
  } catch (error) {
    return fail(unreadable(path, error));
  }
}

async function artefact(path: string): Promise<Artefact> {
  return { name: basename(path), path, ...(await digestOf(path)) };
}

async function digestOf(path: string): Promise<Pick<Artefact, 'sha256' | 'size'>> {
  const { digest, size } = await sha256Of(createReadStream(path, { highWaterMark: 1 << 20 }));
  return { sha256: digest, size };
}

function unreadable(path: string, error: unknown): Failure {
  if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  return {
    kind: 'usage',
    reason: 'not-readable',
    message: `${path} can not be read: ${(error as Error).message}`,
    next: 'Give two .debs, two folders or two .changes that exist.',
    cause: error,
  };
}
