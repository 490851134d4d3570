import { basename } from 'node:path';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { causesOf } from '../cause/causes.ts';
import type { CauseContext } from '../cause/types.ts';
import { compareOutputs } from '../deb/compare.ts';
import type { Artefact } from '../deb/types.ts';
import { deepText } from '../report/deep.ts';
import { artefactsText } from '../report/terminal.ts';
import type { BuilderOptions } from './builder.ts';
import { lookDeep } from './deep.ts';
import { digestPair, type FileDigest } from './digest-pair.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { type Operand, type Operands, operandsOf, unreadable } from './sides.ts';
import type { World } from './world.ts';

type DiffOptions = BuilderOptions & { readonly verbose?: boolean; readonly deep?: boolean };

/** Nothing is known of how the two sides were made. */
const ELSEWHERE: CauseContext = { first: undefined, second: undefined, varied: [], epoch: undefined, builtAtSeconds: undefined };

/**
 * `twinbuild diff A B`: two files of any kind, two folders, or two .changes with the files that they list. Exit status 0 equal, 1 different, 2 when there is
 * nothing to compare or something cannot be read, 6 when a file is not the one that its .changes lists.
 */
export async function diff(world: World, [first = '', second = '']: readonly string[], options: DiffOptions): Promise<Outcome> {
  const sides = await sidesOf(first, second);
  if (!sides.ok) return failed(sides.error);
  const artefacts = await artefactsOf(...sides.value, world.running.signal);
  if (!artefacts.ok) return failed(artefacts.error);
  // Two files are compared for themselves: a .buildinfo is not excused for what it says of another build's time.
  const single = sides.value[0].kind === 'file';
  const comparison = await compareOutputs(...artefacts.value, { signal: world.running.signal, everyByte: single });
  if (!comparison.ok) return failed(comparison.error);
  const explained = comparison.value.artefacts.map((artefact) => ({ ...artefact, causes: causesOf(artefact, ELSEWHERE) }));
  world.say(artefactsText(explained, world.outPaint, options.verbose ? Number.POSITIVE_INFINITY : undefined));
  const same = comparison.value.verdict === 'reproducible';
  const json = { verdict: same ? 'equal' : 'different', artefacts: explained };
  if (!options.deep) return { status: same ? 0 : 1, json };
  const [one, two] = artefacts.value;
  const looks = await lookDeep(world, { verdicts: explained, first: one, second: two }, options);
  if (!looks.ok) return failed(looks.error);
  world.say(deepText(looks.value, world.outPaint, Number.POSITIVE_INFINITY));
  return { status: same ? 0 : 1, json: { ...json, deep: looks.value } };
}

/** Both operands, of the same kind; two files are one artefact, whatever they are called. */
async function sidesOf(first: string, second: string): Promise<Result<readonly [Operands, Operands]>> {
  const a = await operandsOf(first);
  if (!a.ok) return a;
  const b = await operandsOf(second);
  if (!b.ok) return b;
  if (a.value.kind !== b.value.kind) {
    const message = `${first} is a ${WORDS[a.value.kind]} and ${second} is a ${WORDS[b.value.kind]}.`;
    return fail({ kind: 'usage', reason: 'not-alike', message, next: 'Give two files, two folders or two .changes.' });
  }
  if (a.value.kind === 'folder') return ok([a.value, b.value]);
  return ok([a.value, { ...b.value, files: renamed(b.value.files, basename(second), basename(first)) }]);
}

const WORDS = { file: 'file', folder: 'folder', changes: '.changes' } as const;

function renamed(files: Operands['files'], from: string, to: string): Operands['files'] {
  return new Map([...files].map(([name, operand]) => [name === from ? to : name, operand]));
}

async function artefactsOf(first: Operands, second: Operands, signal: AbortSignal): Promise<Result<readonly [Artefact[], Artefact[]]>> {
  const one: Artefact[] = [];
  const two: Artefact[] = [];
  try {
    for (const name of sortedBy(new Set([...first.files.keys(), ...second.files.keys()]), (key) => key)) {
      const [a, b] = [first.files.get(name), second.files.get(name)];
      const paths = [a?.path ?? b?.path ?? '', b?.path ?? a?.path ?? ''] as const;
      const [x, y] = await digestPair(...paths, signal);
      for (const [list, operand, digest] of [[one, a, x] as const, [two, b, y] as const]) {
        if (operand === undefined) continue;
        const wrong = notAsListed(name, operand, digest);
        if (wrong !== undefined) return fail(wrong);
        list.push({ name, path: operand.path, ...digest });
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    return fail(unreadable(error));
  }
  return ok([one, two]);
}

function notAsListed(name: string, { path, listed }: Operand, { sha256, size }: FileDigest): Failure | undefined {
  if (listed === undefined || (listed.sha256 === sha256 && listed.size === size)) return undefined;
  return {
    kind: 'unverified-input',
    reason: 'digest-mismatch',
    message: `${name} is not the file that ${listed.by} lists.`,
    next: 'Get both from the same build again.',
    details: [`listed: ${listed.sha256}, ${listed.size} bytes`, `${path}: ${sha256}, ${size} bytes`],
  };
}
