import { readFile } from 'node:fs/promises';
import { placeOf } from '../base/location.ts';
import type { Finding } from '../lint/finding.ts';
import { lintLock } from '../lint/lock.ts';
import { lintRecipe } from '../lint/recipe.ts';
import { checkLock } from '../lock/check.ts';
import { parseLock } from '../lock/lock.ts';
import { listRecipes, shownPath } from '../recipe/find.ts';
import { failureText } from '../report/failure.ts';
import { lintFolders } from './lint-files.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { lockPath, type RecipeSubject } from './subject.ts';
import { type TargetVerbOptions, theTargets } from './targets.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/**
 * `twinbuild lint [TARGET…]`: what is likely to make two builds differ, as far as recipe, lock and local folders show it; all recipes of the project when
 * none is named. Nothing is built or fetched. Exit status 1 when there is a finding.
 */
export async function lint(world: World, words: readonly string[], options: TargetVerbOptions): Promise<Outcome> {
  const targets = await theTargets(world, words, options, await listRecipes(world.root));
  if (!targets.ok) return failed(targets.error);
  const results: { recipe: string; findings: Record<string, unknown>[] }[] = [];
  const around = lintEnvironment(world);
  for (const { read } of targets.value) {
    const subject = await read();
    if (!subject.ok) return failed(subject.error);
    const { name } = subject.value.recipe;
    const findings = [...around, ...(await lintSubject(world, subject.value))];
    for (const finding of findings) world.say(findingText(world, finding));
    world.say(
      findings.length === 0
        ? `${name}: nothing found\n`
        : `${name}: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}\n`,
    );
    results.push({ recipe: subject.value.recipe.name, findings: findings.map(findingJson) });
  }
  return { status: results.some(({ findings }) => findings.length > 0) ? 1 : 0, json: { results } };
}

/** Tells the findings as warnings before a build. They never have a part in its verdict. */
export async function warnBefore(world: World, subject: RecipeSubject): Promise<void> {
  const findings = [...lintEnvironment(world), ...(await lintSubject(world, subject))];
  // Its own failure says the same about the lock.
  for (const finding of findings.filter(({ rule }) => !rule.startsWith('lock-'))) {
    const place = finding.at ? `${placeOf(finding.at)} ` : '';
    world.running.tell({ kind: 'warning', text: `${place}${finding.message} ${finding.remedy}` });
  }
}

async function lintSubject(world: World, subject: RecipeSubject): Promise<readonly Finding[]> {
  // Whoever names a source of the archive without a version means the newest, and a lock that is made when it is needed is missing at first.
  const said = lintRecipe(subject.recipe).filter(({ rule }) => !subject.derived || rule !== 'unpinned-source');
  return [...said, ...(await lintOwnLock(world, subject)), ...(await lintFolders(world, subject.recipe))];
}

/** The lock as a file: missing, unreadable and stale ones are findings here. */
async function lintOwnLock(world: World, subject: RecipeSubject): Promise<readonly Finding[]> {
  const path = lockPath(subject);
  const name = shownPath(world.root, path);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const relock = `Run \`twinbuild lock ${subject.recipe.name}\` and commit the file.`;
  if (text === undefined && subject.derived) return [];
  if (text === undefined)
    return [{ rule: 'lock-missing', message: `${subject.recipe.name} has no lock: ${name} does not exist.`, remedy: relock }];
  const source = { name, text };
  const lock = parseLock(source);
  const current = lock.ok ? checkLock(lock.value, subject.recipe, source) : lock;
  if (!current.ok) {
    const { reason, at, message, next } = current.error;
    return [
      {
        rule: reason.startsWith('lock-') ? reason : `lock-${reason}`,
        ...(at ? { at } : {}),
        message: `${message}.`,
        remedy: next ?? relock,
      },
    ];
  }
  return lock.ok ? lintLock(lock.value, source, { nowSeconds: world.nowMs() / 1000, toolVersion: VERSION }) : [];
}

/** What the caller has set and no build will see. */
function lintEnvironment(world: World): readonly Finding[] {
  const epoch = world.environment['SOURCE_DATE_EPOCH'];
  if (epoch === undefined) return [];
  return [
    {
      rule: 'ambient-epoch',
      message: `SOURCE_DATE_EPOCH=${epoch} is set in the environment; it is ignored.`,
      remedy: 'A build gets the date that its lock says: give the recipe an `epoch` to set another, and unset the variable.',
    },
  ];
}

function findingText(world: World, { at, message, remedy, rule }: Finding): string {
  const text = failureText(
    { kind: 'usage', reason: rule, message: `${message} [${rule}]`, next: remedy, ...(at ? { at } : {}) },
    world.outPaint,
  );
  return at ? text : text.replace(/^.*?error:\S* /, '');
}

function findingJson({ rule, at, message, remedy }: Finding): Record<string, unknown> {
  const place = at && /^(?<file>.*):(?<line>\d+):(?<column>\d+)$/.exec(placeOf(at))?.groups;
  return {
    rule,
    message,
    remedy,
    ...(place ? { at: { file: place['file'], line: Number(place['line']), column: Number(place['column']) } } : {}),
  };
}
