import { ok } from '../base/result.ts';
import { profileOf } from '../build/profiles.ts';
import { failureJson } from '../report/failure.ts';
import { endOf, type ReproEnd } from './deeper.ts';
import { tellGithub } from './github.ts';
import { printAsked } from './init.ts';
import { failed } from './outcome.ts';
import { reproSubject } from './repro-subject.ts';
import type { Outcome } from './run.ts';
import type { ReproOptions } from './surroundings.ts';
import { targetText } from './target.ts';
import { type TargetVerbOptions, theTargets } from './targets.ts';
import type { World } from './world.ts';

type ReproVerbOptions = ReproOptions & TargetVerbOptions & { readonly printRecipe?: boolean };

/** `twinbuild repro TARGET…`: two builds each, compared. Exit status: the first failure's, else 1 when any differs, else 0. */
export async function repro(world: World, words: readonly string[], options: ReproVerbOptions): Promise<Outcome> {
  if (options.printRecipe) return printAsked(world, words, options);
  const profile = options.as === undefined ? ok(undefined) : profileOf(options.as);
  if (!profile.ok) return failed(profile.error);
  const targets = await theTargets(world, words, options);
  if (!targets.ok) return failed(targets.error);
  const ends: ReproEnd[] = [];
  for (const { target, read } of targets.value) {
    const subject = await read();
    const end = subject.ok ? await reproSubject(world, subject.value, options) : endOf(subject.error);
    ends.push(end);
    await tellGithub(world, { target, subject: subject.ok ? subject.value : undefined }, end);
    if (end.failure?.kind === 'interrupted' || end.failure?.kind === 'terminated') break;
    if (end.failure && targets.value.length > 1) world.warn(`${targetText(target)}: ${end.failure.message}\n`);
  }
  const worst = ends.find(({ failure }) => failure) ?? ends.find(({ status }) => status !== 0);
  const documents = ends.map(({ report, failure, status }) => report ?? { status, failure: failure && failureJson(failure) });
  return {
    status: worst?.status ?? 0,
    json: targets.value.length === 1 ? documents[0] : { results: documents },
    ...(worst?.failure ? { failure: worst.failure } : {}),
  };
}
