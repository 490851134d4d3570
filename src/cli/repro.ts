import { join } from 'node:path';
import { ok } from '../base/result.ts';
import { profileOf } from '../build/profiles.ts';
import { failureJson } from '../report/failure.ts';
import { endOf, type ReproEnd } from './deeper.ts';
import { tellGithub } from './github.ts';
import { remember } from './history.ts';
import { printAsked } from './init.ts';
import { type ManyOptions, timeLimitOf } from './many-options.ts';
import { failed } from './outcome.ts';
import { type ReproSubjectOptions, reproSubject } from './repro-subject.ts';
import { resultName } from './result-name.ts';
import type { Outcome } from './run.ts';
import { resultsWorld } from './subject.ts';
import { targetText } from './target.ts';
import { type AskedTarget, theTargets } from './targets.ts';
import type { World } from './world.ts';

type ReproVerbOptions = ManyOptions & { readonly printRecipe?: boolean };

/** `twinbuild repro TARGET…`: two builds each, compared. Exit status: the first failure's, else 1 when any differs, else 0. */
export async function repro(world: World, words: readonly string[], options: ReproVerbOptions): Promise<Outcome> {
  if (options.printRecipe) return printAsked(world, words, options);
  const profile = options.as === undefined ? ok(undefined) : profileOf(options.as);
  if (!profile.ok) return failed(profile.error);
  if (options.from !== undefined || options.fromContainer !== undefined) return reproList(world, words, options);
  const targets = await theTargets(world, words, options);
  if (!targets.ok) return failed(targets.error);
  const limit = timeLimitOf(options.timeLimit);
  if (!limit.ok) return failed(limit.error);
  const timed = { ...options, ...(limit.value === undefined ? {} : { timeLimitSeconds: limit.value }) };
  const ends = await reproAll(world, targets.value, timed);
  const worst = ends.find(({ failure }) => failure) ?? ends.find(({ status }) => status !== 0);
  const documents = ends.map(({ report, failure, status }) => report ?? { status, failure: failure && failureJson(failure) });
  return {
    status: worst?.status ?? 0,
    json: targets.value.length === 1 ? documents[0] : { results: documents },
    ...(worst?.failure ? { failure: worst.failure } : {}),
  };
}

async function reproAll(world: World, targets: readonly AskedTarget[], options: ReproSubjectOptions): Promise<readonly ReproEnd[]> {
  const ends: ReproEnd[] = [];
  const taken = new Map<string, string>(); // results of one target are never laid over those of another
  for (const { target, read } of targets) {
    const subject = await read();
    const startedAtMs = world.nowMs();
    let end: ReproEnd;
    if (subject.ok) {
      const { name } = subject.value.recipe;
      const { root } = resultsWorld(world, subject.value);
      const folder = resultName(join(root, 'out', name), target, taken);
      end = await reproSubject({ ...world, outputs: folder }, subject.value, options);
      remember(world, { name, target: targetText(target), folder, startedAtMs }, end);
    } else {
      end = endOf(subject.error);
    }
    ends.push(end);
    await tellGithub(world, { target, subject: subject.ok ? subject.value : undefined }, end);
    if (end.failure?.kind === 'interrupted' || end.failure?.kind === 'terminated') break;
    if (end.failure && targets.length > 1) world.warn(`${targetText(target)}: ${end.failure.message}\n`);
  }
  return ends;
}

async function reproList(world: World, words: readonly string[], options: ManyOptions): Promise<Outcome> {
  if (words.length === 0 && (options.source ?? []).length === 0) return (await import('./many.ts')).many(world, options);
  return failed({
    kind: 'usage',
    reason: 'list-and-targets',
    message: 'A list and single targets do not go together',
    next: 'Put the targets into the list, or run the command twice.',
  });
}
