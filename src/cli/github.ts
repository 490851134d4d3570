import { appendFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { escapeControl } from '../base/escape.ts';
import { type Location, lineAndColumn } from '../base/location.ts';
import type { Failure } from '../base/result.ts';
import { type Annotation, annotationLine, differenceAnnotations, listAnnotations } from '../report/github.ts';
import type { ManyReport } from '../report/many.ts';
import { markdownText } from '../report/markdown.ts';
import type { Report } from '../report/report.ts';
import type { RecipeSubject } from './subject.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

type Place = { readonly file: string; readonly line: number; readonly column?: number };

/** Shows on GitHub how the run of one recipe ended: remarks on its line, and a part of the job's summary. Does nothing elsewhere. */
export async function tellGithub(
  world: World,
  run: { readonly target: Target; readonly subject: RecipeSubject | undefined },
  { report, failure }: { readonly report?: Report; readonly failure?: Failure },
): Promise<void> {
  if (!world.workflow) return;
  const place = runPlace(world, run);
  const annotations = [
    ...(failure ? failureAnnotations(world, failure, place) : []),
    ...(report?.verdict === 'different' ? differenceAnnotations(report, place) : []),
    ...(report?.lock.resolvedAnew ? [lockAnnotation(report, place)] : []),
  ];
  annotate(world, annotations);
  const summary = world.environment['GITHUB_STEP_SUMMARY'];
  if (!report || !summary) return;
  await appendFile(summary, `${markdownText(report)}\n`).catch((error: Error) => {
    world.warn(`The job summary could not be written: ${escapeControl(error.message)}\n`);
  });
}

/** Shows on GitHub what is wrong with a list or another file, where it stands. Does nothing elsewhere. */
export function tellGithubOfFailure(world: World, failure: Failure, file: string): void {
  const place = { file: inRepository(world, resolve(world.root, file)), line: 1 };
  annotate(world, failureAnnotations(world, failure, place));
}

/** Shows on GitHub which lines of a list did not come out as reproducible. Does nothing elsewhere. */
export function tellGithubOfList(world: World, report: ManyReport, lines: ReadonlyMap<string, Location>): void {
  const placed = listAnnotations(report, (name) => {
    const at = lines.get(name);
    return at && { ...lineAndColumn(at.source.text, at.start), file: inRepository(world, resolve(world.root, at.source.name)) };
  });
  annotate(world, placed);
}

/** Commands are stopped while anything else is printed, so that no line of a build can be one. */
function annotate({ workflow, warn }: World, annotations: readonly Annotation[]): void {
  if (workflow && annotations.length > 0) warn(`${workflow.resume}${annotations.map(annotationLine).join('')}${workflow.stop}`);
}

/** The line of a recipe that names it; of a tree or a .dsc its first one. */
function runPlace(world: World, { target, subject }: Parameters<typeof tellGithub>[1]): Place {
  switch (target.kind) {
    case 'recipe': {
      if (!subject) return { file: inRepository(world, resolve(world.root, 'recipes', target.name, 'recipe.yaml')), line: 1 };
      const { path, file } = subject.recipe;
      const at = file.text.search(/^name[ \t]*:/m);
      return { file: inRepository(world, path), line: at === -1 ? 1 : lineAndColumn(file.text, at).line };
    }
    case 'tree':
      return { file: inRepository(world, join(target.path, 'debian/control')), line: 1 };
    case 'dsc':
      return { file: inRepository(world, target.path), line: 1 };
    case 'source':
      return { file: target.name, line: 1 }; // no file of the repository: GitHub shows it on the page of the job
    default:
      return target satisfies never;
  }
}

function failureAnnotations(world: World, failure: Failure, place: Place): readonly Annotation[] {
  if (failure.kind === 'interrupted' || failure.kind === 'terminated') return [];
  const all = failure.others && failure.others.length > 0 ? failure.others : [failure];
  return all.slice(0, 10).map((one) => {
    const at = one.at && {
      ...lineAndColumn(one.at.source.text, one.at.start),
      file: inRepository(world, resolve(world.root, one.at.source.name)),
    };
    const next = one.next ?? failure.next;
    const lines = [one.message, ...(one.details ?? []).slice(-10), ...(next === undefined ? [] : [`Next: ${next}`])];
    return { level: 'error', ...(at ?? place), title: one.reason.replaceAll('-', ' '), message: lines.map(escapeControl).join('\n') };
  });
}

function lockAnnotation({ recipe, lock }: Report, place: Place): Annotation {
  return {
    level: 'warning',
    ...place,
    title: 'the lock was resolved anew',
    message: escapeControl(`${recipe.name}: ${lock.resolvedAnew}`),
  };
}

/** A path as GitHub knows it: from the top of the checkout. */
function inRepository(world: World, path: string): string {
  const top = world.environment['GITHUB_WORKSPACE'];
  const inside = relative(top && isAbsolute(top) ? top : world.root, path);
  return inside.startsWith('..') ? path : inside;
}
