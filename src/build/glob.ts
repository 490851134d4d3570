import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { OutputsRequest } from './outputs.ts';

/** Expands each pattern by itself, without splitting it at spaces. */
const EXPAND = `
cd -- "$1" || exit
shift
shopt -s nullglob globstar
IFS=
for pattern; do
  matches=($pattern)
  [ "\${#matches[@]}" = 0 ] || printf '%s\\0' "\${matches[@]}"
done`;

const MOST_BYTES = 4 * 1024 ** 2; // of names

/** Which paths below the output root the recipe's globs match, each once. None at all is a failure, reason `no-outputs`. */
export async function findOutputs({ holder, plan, build, signal }: Omit<OutputsRequest, 'folder'>): Promise<Result<readonly string[]>> {
  const { uid, gid } = plan.surroundings.user;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let words = '';
  const exit = await holder.exec(['/bin/bash', '-c', EXPAND, 'outputs', plan.outputRoot, ...plan.outputs], {
    user: `${uid}:${gid}`,
    timeoutMs: 120_000,
    signal,
    output(stream, piece) {
      if (stream === 'stderr') {
        words = `${words}${Buffer.from(piece).toString('utf8')}`.slice(0, 2000);
        return;
      }
      bytes += piece.length;
      if (bytes <= MOST_BYTES) pieces.push(piece);
    },
  });
  if (!exit.ok) return exit;
  if (signal.aborted) return fail(signal.reason as Failure);
  const text = decoded(Buffer.concat(pieces));
  if (exit.value.status !== 0 || bytes > MOST_BYTES || text === undefined) {
    return fail({
      kind: 'build-failed',
      reason: 'output-name',
      message: `The outputs of the ${build} build could not be listed.`,
      details: words === '' ? [] : [words.trim()],
      next: 'Are there too many, or names that are not UTF-8?',
    });
  }
  const paths = new Set(text.split('\0').slice(0, -1));
  if (paths.size > 0) return ok([...paths]);
  return fail({
    kind: 'build-failed',
    reason: 'no-outputs',
    message: `The steps of the ${build} build ended well, but no file in ${plan.outputRoot} matches ${plan.outputs.map((glob) => `"${glob}"`).join(' or ')}.`,
    next: 'Correct `outputs` in the recipe: its globs are relative to the folder above the source tree.',
  });
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
