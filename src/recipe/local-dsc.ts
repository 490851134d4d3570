import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Sha256, sha256 } from '../base/digest.ts';
import { fail, ok, type Result, StreamFailure } from '../base/result.ts';
import type { Source } from './recipe.ts';

const MOST_DSC_BYTES = 4 * 1024 ** 2;

/**
 * A .dsc of this machine as a source: its address and the digest of its bytes, which vouches for the files beside it.
 *
 * @param path absolute
 * @param shown how messages call it
 */
export async function localDsc(path: string, shown: string): Promise<Result<{ readonly url: string; readonly sha256: Sha256 }>> {
  const problem = (reason: string, message: string): Result<never> => fail({ kind: 'usage', reason, message });
  try {
    await using file = await open(path, 'r');
    const about = await file.stat();
    if (!about.isFile()) return problem('dsc-unreadable', `${shown} is not a file`);
    if (about.size > MOST_DSC_BYTES) return problem('dsc-malformed', `${shown} has ${about.size} bytes; that is no .dsc`);
    return ok({ url: pathToFileURL(path).href, sha256: sha256(await file.readFile()) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    return problem(missing ? 'dsc-missing' : 'dsc-unreadable', `${shown} ${missing ? 'does not exist' : `cannot be read (${code})`}`);
  }
}

/** Where a source's .dsc lies on this machine; undefined when it is elsewhere. */
export function localDscPath(source: Source): string | undefined {
  return source.kind === 'dsc' && source.url.startsWith('file:') ? fileURLToPath(source.url) : undefined;
}

/**
 * The bytes of a file beside a local .dsc, or of the .dsc itself.
 *
 * @throws StreamFailure (usage, dsc-file-missing) when it cannot be read
 */
export async function* localFile(dscPath: string, name: string): AsyncGenerator<Uint8Array> {
  const path = join(dirname(dscPath), basename(name));
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) yield piece as Uint8Array;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StreamFailure({
      kind: 'usage',
      reason: 'dsc-file-missing',
      message: `${basename(name)}, which ${basename(dscPath)} lists, ${code === 'ENOENT' ? 'does not lie beside it' : `cannot be read (${code})`}`,
      next: `Put it into ${dirname(path)}.`,
      cause: error,
    });
  }
}
