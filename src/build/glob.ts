import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { OutputsRequest } from './outputs.ts';

/** Expands each pattern by itself, without splitting it at spaces; says how many it matched, then which. */
const EXPAND = `
cd -- "$1" || exit
shift
shopt -s nullglob globstar
IFS=
for pattern; do
  matches=($pattern)
  printf '%s\\0' "\${#matches[@]}" "\${matches[@]}"
done`;

const MOST_BYTES = 4 * 1024 ** 2; // of names

/** Which paths below the output root the recipe's globs match, each once, and which globs match nothing. */
export async function findOutputs({ holder, plan, build, signal }: Omit<OutputsRequest, 'folder'>): Promise<Result<{ readonly paths: readonly string[]; readonly unmatched: readonly string[] }>> {
  const { uid, gid } = plan.surroundings.user;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let words = '';
  const exit = await holder.exec(['/bin/bash', '-c', EXPAND, 'outputs', plan.outputRoot, ...plan.outputs], {
    user: `${uid}:${gid}`,
    timeoutMs: 120_000,
    signal,
    output(stream, piece) {
      if (stream === 'stderr') words = `${words}${Buffer.from(piece).toString('utf8')}`.slice(0, 2000);
      else if ((bytes += piece.length) <= MOST_BYTES) pieces.push(piece);
    },
  });
  if (!exit.ok) return exit;
  if (signal.aborted) return fail(signal.reason as Failure);
  const text = decoded(Buffer.concat(pieces));
  if (exit.value.status !== 0 || bytes > MOST_BYTES || text === undefined) {
    return fail({ kind: 'build-failed', reason: 'output-name', message: `The outputs of the ${build} build could not be listed.`, details: words === '' ? [] : [words.trim()], next: 'Are there too many, or names that are not UTF-8?' });
  }
  const { paths, unmatched } = parsed(text.split('\0'), plan.outputs);
  if (paths.length > 0) return ok({ paths, unmatched });
  return fail({
    kind: 'build-failed',
    reason: 'no-outputs',
    message: `The steps of the ${build} build ended well, but no file in ${plan.outputRoot} matches ${plan.outputs.map((glob) => `"${glob}"`).join(' or ')}.`,
    next: 'Correct `outputs` in the recipe: its globs are relative to the folder above the source tree.',
  });
}

function parsed(words: readonly string[], globs: readonly string[]): { readonly paths: readonly string[]; readonly unmatched: readonly string[] } {
  const paths = new Set<string>();
  const unmatched: string[] = [];
  let at = 0;
  for (const glob of globs) {
    const count = Number(words[at]);
    const matches = words.slice(at + 1, at + 1 + count);
    at += 1 + count;
    if (count === 0) unmatched.push(glob);
    for (const path of matches) paths.add(path);
  }
  return { paths: [...paths], unmatched };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
