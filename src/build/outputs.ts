import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { sha256Stream } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { byBytes } from '../base/order.ts';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok, StreamFailure } from '../base/result.ts';
import type { Container } from '../docker/engine.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar } from '../format/tar.ts';
import { findOutputs } from './glob.ts';
import type { BuildPlan, OutputFile } from './types.ts';
import { writeFailure } from './write-failure.ts';

/** Files of ours that lie next to the outputs. */
const TAKEN = ['build.log', 'build.sh', 'SHA256SUMS', 'report.json', 'report.html'];

export type OutputsRequest = {
  readonly holder: Container;
  readonly plan: BuildPlan;
  readonly build: string;
  readonly folder: string; // absolute, exists
  readonly signal: AbortSignal;
};

/**
 * Copies what the recipe's globs match out of the container. Names are decided before a byte is written: plain files with plain, different
 * names, all together within the disk limit. Written to a folder beside, moved into place when all are there.
 */
export async function takeOutputs(request: OutputsRequest): Promise<Result<readonly OutputFile[]>> {
  const { plan, folder } = request;
  const found = await findOutputs(request);
  if (!found.ok) return found;
  const paths = found.value;
  const refused = nameProblem(paths);
  if (refused !== undefined) return fail(outputFailure('output-name', refused));
  const aside = join(folder, '.incoming');
  try {
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside);
    const outputs: OutputFile[] = [];
    let left = plan.limits.diskBytes;
    for (const path of [...paths].sort((a, b) => byBytes(posix.basename(a), posix.basename(b)))) {
      if (request.signal.aborted) return fail(request.signal.reason as Failure);
      const taken = await takeOne(request.holder, posix.join(plan.outputRoot, path), aside, left);
      if (!taken.ok) return taken;
      left -= taken.value.size;
      outputs.push({ ...taken.value, path: join(folder, taken.value.name) });
    }
    for (const { name, path } of outputs) await rename(join(aside, name), path);
    return ok(outputs);
  } catch (error) {
    if (error instanceof StreamFailure) return fail(error.failure);
    return fail(writeFailure(folder, error));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Why these paths cannot become files beside each other, or undefined. Names that some file system takes for the same are not different. */
export function nameProblem(paths: readonly string[]): string | undefined {
  const seen = new Map<string, string>(TAKEN.map((name) => [folded(name), name]));
  for (const path of paths) {
    const name = posix.basename(path);
    const shown = escapeControl(path);
    if (name === '' || name === '.' || name === '..' || name.startsWith('.') || shown !== path || Buffer.byteLength(name) > 255)
      return `The output "${shown}" has a name that we do not write to a disk.`;
    const other = seen.get(folded(name));
    if (other !== undefined)
      return `The output "${shown}" has the same name as ${TAKEN.includes(other) ? `our own file "${other}"` : `the output "${other}"`}.`;
    seen.set(folded(name), path);
  }
  return undefined;
}

function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

async function takeOne(holder: Container, path: string, folder: string, most: number): Promise<Result<Omit<OutputFile, 'path'>>> {
  const name = posix.basename(path);
  const tar = await holder.getArchive(path);
  if (!tar.ok) return tar;
  let taken: Omit<OutputFile, 'path'> | undefined;
  for await (const { member, body } of readTar(tar.value, { ...ARCHIVE_LIMITS, entries: 8, totalBytes: most + 64 * 1024 })) {
    if (member.type !== 'file')
      return fail(outputFailure('output-type', `The output "${escapeControl(path)}" is a ${member.type}, not a plain file.`));
    if (taken !== undefined || member.name !== name)
      return fail(outputFailure('output-type', `The engine gave something else for the output "${escapeControl(path)}".`));
    const hash = sha256Stream();
    await using file = await open(join(folder, name), 'wx', 0o644);
    for await (const piece of body) {
      hash.update(piece);
      await file.writeFile(piece);
    }
    taken = { name, size: hash.size, sha256: hash.digest() };
  }
  return taken === undefined
    ? fail(outputFailure('output-type', `The engine gave nothing for the output "${escapeControl(path)}".`))
    : ok(taken);
}

function outputFailure(reason: string, message: string): Failure {
  return { kind: 'build-failed', reason, message, next: 'Correct `outputs` in the recipe, or what the steps leave there.' };
}
