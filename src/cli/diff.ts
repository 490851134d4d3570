import { basename } from 'node:path';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result, StreamFailure } from '../base/result.ts';
import { causesOf } from '../cause/causes.ts';
import type { CauseContext } from '../cause/types.ts';
import { compareOutputs } from '../deb/compare.ts';
import type { Artefact, ArtefactVerdict } from '../deb/types.ts';
import { compareUnsigned, holdsModules, type UnsignedVerdict } from '../deb/unsigned.ts';
import { deepText } from '../report/deep.ts';
import { artefactsText } from '../report/terminal.ts';
import { unsignedText } from '../report/unsigned.ts';
import type { BuilderOptions } from './builder.ts';
import { lookDeep } from './deep.ts';
import { digestPair, type FileDigest } from './digest-pair.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { type Operand, type Operands, operandsOf, unreadable } from './sides.ts';
import type { World } from './world.ts';

type DiffOptions = BuilderOptions & { readonly verbose?: boolean; readonly deep?: boolean; readonly ignoreSignatures?: boolean };

/** Nothing is known of how the two sides were made. */
const ELSEWHERE: CauseContext = { first: undefined, second: undefined, varied: [], epoch: undefined, builtAtSeconds: undefined };

/**
 * `twinbuild diff A B`: two files of any kind, two folders, or two .changes with the files that they list. Exit status 0 equal, 1 different, 2 trouble of any
 * kind, as diff(1) has them: scripts that compare know these three. Only what `--deep` needs beyond the comparison keeps the status of its failure. With
 * `--ignore-signatures` what signs kernel modules does not count.
 */
export async function diff(world: World, [first = '', second = '']: readonly string[], options: DiffOptions): Promise<Outcome> {
  const sides = await sidesOf(first, second);
  if (!sides.ok) return trouble(sides.error);
  const artefacts = await artefactsOf(...sides.value, world.running.signal);
  if (!artefacts.ok) return trouble(artefacts.error);
  // Two files are compared for themselves: a .buildinfo is not excused for what it says of another build's time.
  const single = sides.value[0].kind === 'file';
  const comparison = await compareOutputs(...artefacts.value, { signal: world.running.signal, everyByte: single });
  if (!comparison.ok) return trouble(comparison.error);
  const explained = comparison.value.artefacts.map((artefact) => ({ ...artefact, causes: causesOf(artefact, ELSEWHERE) }));
  const unsigned = options.ignoreSignatures ? await withoutSignatures(comparison.value.artefacts, ...artefacts.value) : ok(undefined);
  if (!unsigned.ok) return trouble(unsigned.error);
  const excused = new Set(unsigned.value?.excused);
  const counted = explained.filter(({ name }) => !excused.has(name));
  world.say(artefactsText(counted, world.outPaint, options.verbose ? Number.POSITIVE_INFINITY : undefined));
  if (unsigned.value) world.say(unsignedText(unsigned.value.verdicts, world.outPaint));
  const same = counted.every(({ verdict }) => verdict === 'equal' || verdict === 'not-counted');
  const verdict = !same ? 'different' : excused.size > 0 ? 'equal-unsigned' : 'equal';
  const json = { verdict, artefacts: explained, ...(unsigned.value ? { unsigned: unsigned.value.verdicts } : {}) };
  if (!options.deep) return { status: same ? 0 : 1, json };
  const [one, two] = artefacts.value;
  const looks = await lookDeep(world, { verdicts: explained, first: one, second: two }, options);
  if (!looks.ok) return failed(looks.error);
  world.say(deepText(looks.value, world.outPaint, Number.POSITIVE_INFINITY));
  return { status: same ? 0 : 1, json: { ...json, deep: looks.value } };
}

type Unsigned = { readonly verdicts: readonly UnsignedVerdict[]; readonly excused: readonly string[] };

/** Compares what differs once more, without the signatures of kernel modules. Excused: what is equal then, and a .buildinfo that only tells of that. */
async function withoutSignatures(
  verdicts: readonly ArtefactVerdict[],
  first: readonly Artefact[],
  second: readonly Artefact[],
): Promise<Result<Unsigned>> {
  const found: UnsignedVerdict[] = [];
  try {
    for (const { name, verdict } of verdicts) {
      const [a, b] = [first, second].map((side) => side.find((artefact) => artefact.name === name));
      if (verdict === 'different' && a && b && holdsModules(name)) found.push(await compareUnsigned(a, b));
    }
  } catch (error) {
    if (error instanceof StreamFailure) return fail(error.failure);
    throw error;
  }
  const equal = found.flatMap(({ name, verdict }) => (verdict === 'equal-unsigned' ? [name] : []));
  const tells = ({ name, verdict, differences, more }: ArtefactVerdict): boolean =>
    name.endsWith('.buildinfo') &&
    verdict === 'different' &&
    more === 0 &&
    differences.every(
      ({ what }) => what.kind === 'field' && /^Checksums-\S+ /.test(what.field) && equal.includes(what.field.replace(/^\S+ /, '')),
    );
  return ok({ verdicts: found, excused: [...equal, ...verdicts.filter(tells).map(({ name }) => name)] });
}

/** Everything but a signal ends with 2; the reason stays what it is. */
function trouble(failure: Failure): Outcome {
  const stopped = failure.kind === 'interrupted' || failure.kind === 'terminated';
  return failed(stopped ? failure : { ...failure, kind: 'usage' });
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
