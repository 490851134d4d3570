import { join } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Built } from '../build/types.ts';
import { causesOf } from '../cause/causes.ts';
import type { CauseContext } from '../cause/types.ts';
import type { ArtefactVerdict, Difference } from '../deb/types.ts';
import { writeLock } from '../lock/lock.ts';
import { missingSource } from '../lock/missing.ts';
import { changedSince, hasCompiler, type Newer, newerThan } from '../rebuild/newer.ts';
import { debianPath, planRebuild, recipeOf } from '../rebuild/plan.ts';
import { isToolchain, reasonsOf, type Since } from '../rebuild/reasons.ts';
import { reasonOf, type ToolChange } from '../rebuild/toolchain.ts';
import { loadContainer } from '../recipe/load.ts';
import { failureJson, failureText } from '../report/failure.ts';
import type { RunFacts } from '../report/report.ts';
import { CONSEQUENCE } from '../report/sentence.ts';
import type { Verification } from '../report/verify.ts';
import { archiveTable } from '../report/verify-table.ts';
import { archiveLock } from './archive-lock.ts';
import { imageOf } from './builder.ts';
import { endOf, type ReproEnd } from './deeper.ts';
import { tellGithub } from './github.ts';
import { fetchLocked } from './inputs.ts';
import { failed } from './outcome.ts';
import type { OutputFolder } from './output.ts';
import {
  type ArchiveTools,
  archiveTools,
  type PublishedPart,
  type PublishedSource,
  publishedOf,
  sourceNamed,
  supposedRecord,
} from './published-source.ts';
import { REBUILT, rebuildOnce, twiceNotes, type VerifyEnd, verifyRun } from './rebuilding.ts';
import type { Outcome } from './run.ts';
import type { VerifyOptions } from './verify-record.ts';
import type { World } from './world.ts';

/** Nothing is known of how the published side was made. */
const ELSEWHERE: CauseContext = { first: undefined, second: undefined, varied: [], epoch: undefined, builtAtSeconds: undefined };

/**
 * `twinbuild verify --archive NAME[=VERSION]…`: builds sources of the archive and compares with the archive's own packages. Exit status: 0 when all
 * reproduce, 1 when any differs, else that of the first failure: then it cannot be known.
 */
export async function verifyArchive(world: World, words: readonly string[], options: VerifyOptions): Promise<Outcome> {
  const container = await loadContainer(options.container ?? 'bookworm', { root: world.root });
  if (!container.ok) return failed(container.error);
  const tools = await archiveTools(world, container.value);
  if (!tools.ok) return failed(tools.error);
  const ends: { readonly name: string; readonly end: ReproEnd }[] = [];
  for (const word of words) {
    const end = await verifyOne(world, word, tools.value, options);
    ends.push({ name: word, end });
    await tellGithub(world, { target: { kind: 'source', name: word, version: undefined }, subject: undefined }, end);
    if (end.failure?.kind === 'interrupted' || end.failure?.kind === 'terminated') break;
    if (end.failure && words.length > 1) world.warn(failureText(end.failure, world.paint));
  }
  if (words.length > 1)
    world.say(
      archiveTable(
        ends.map(({ name, end }) => ({ name, report: end.report, failure: end.failure })),
        world.outPaint,
      ),
    );
  const documents = ends.map(
    ({ name, end }) => end.report ?? { name, status: end.status, failure: end.failure && failureJson(end.failure) },
  );
  const stopped = ends.find(({ end }) => end.failure?.kind === 'interrupted' || end.failure?.kind === 'terminated');
  const worst = stopped ?? ends.find(({ end }) => end.status === 1) ?? ends.find(({ end }) => end.status !== 0);
  const failure = worst?.end.failure;
  return {
    status: worst?.end.status ?? 0,
    json: words.length === 1 ? documents[0] : { results: documents },
    ...(failure && (words.length === 1 || stopped) ? { failure } : {}),
  };
}

async function verifyOne(world: World, word: string, tools: ArchiveTools, options: VerifyOptions): Promise<ReproEnd> {
  const source = sourceNamed(word, tools);
  if (!source.ok) return endOf(source.error);
  const { name, version } = source.value;
  world.running.tell({ kind: 'stage', text: `${name} ${version}: fetching the archive's packages` });
  const published = await publishedOf(source.value, tools);
  if (!published.ok) return endOf(published.error);
  const parts = published.value.parts;
  const unknown = parts.find(
    ({ version: built, evidence, record }) => built !== version && evidence.changes === undefined && record?.changes === undefined,
  );
  if (unknown !== undefined) return endOf(unknownBinNmu(unknown));
  const [first] = parts;
  if (first === undefined) throw new Error('a source without packages');
  const recipe = recipeFor(published.value, first, tools);
  const folderName = `${name}_${version.replace(/^\d+:/, '')}`.replaceAll(/[^A-Za-z0-9.+~_-]/g, '_');
  return verifyRun(world, { name: folderName, deep: options.deep ?? false }, { recipe }, (folder, learn) =>
    rebuildParts(world, published.value, tools, { options, folder, learn }),
  );
}

function unknownBinNmu({ version }: PublishedPart) {
  return {
    kind: 'infrastructure',
    reason: 'binnmu-unknown',
    message: `The packages are of the binNMU ${version}, and none of them has its changelog entry`,
    next: 'Rebuild it from the .buildinfo of that build: `twinbuild verify FILE.buildinfo`.',
  } as const;
}

/** The recipe of one part. Its text is what is known: a record that nobody wrote. */
function recipeFor(published: PublishedSource, part: PublishedPart, tools: ArchiveTools) {
  const record = supposedRecord(published, part, tools);
  return recipeOf(record, { name: `${record.source} of the archive`, text: canonicalJson(record) }, tools.container);
}

type PartsContext = { readonly options: VerifyOptions; readonly folder: OutputFolder; readonly learn: (more: Partial<RunFacts>) => void };

/** One build for the packages of an architecture and one for those of all, as build machines do it. */
async function rebuildParts(
  world: World,
  published: PublishedSource,
  tools: ArchiveTools,
  { options, folder, learn }: PartsContext,
): Promise<Result<VerifyEnd>> {
  const artefacts: ArtefactVerdict[] = [];
  const outputs: Built['outputs'][number][] = [];
  const steps: Built['steps'][number][] = [];
  const newer: Newer[] = [];
  const changed: ToolChange[] = [];
  const unlike: string[] = [];
  let wallSeconds = 0;
  let last: VerifyEnd['plan'] | undefined;
  for (const part of published.parts) {
    const record = supposedRecord(published, part, tools);
    const recipe = recipeFor(published, part, tools);
    const lock = await archiveLock(world, recipe, tools);
    if (!lock.ok) return lock;
    const lockDigest = sha256(writeLock(lock.value));
    learn({ lock: lock.value, lockDigest, epoch: lock.value.epoch });
    const image = await imageOf(world, tools, lock.value, async (wanted) => {
      const fetched = await fetchLocked(world, { kind: 'recipe', recipe, container: tools.container }, lock.value, wanted, tools.store);
      return fetched.ok ? fetched : fail(await missingSource(recipe, fetched.error, tools));
    });
    if (!image.ok) return image;
    learn({ image: image.value.id });
    const buildPath = options.buildPath ?? record.buildPath ?? debianPath(record.source, record.sourceVersion);
    const plan = planRebuild({ record, recipe, lock: lock.value, lockDigest, image: image.value, cpus: tools.cpus, buildPath });
    if (!plan.ok) return plan;
    const rebuilt = await rebuildOnce(
      world,
      tools,
      { plan: plan.value, published: part.published, twice: options.twice ?? false, only: true },
      folder,
      part.part,
    );
    if (!rebuilt.ok) return rebuilt;
    artefacts.push(...rebuilt.value.comparison.artefacts);
    unlike.push(...(rebuilt.value.twice ?? []));
    outputs.push(...rebuilt.value.built.outputs);
    steps.push(
      ...rebuilt.value.built.steps.map((step) => ({
        ...step,
        name: published.parts.length > 1 ? `${step.name} (${part.part})` : step.name,
        startedSeconds: step.startedSeconds + wallSeconds,
      })),
    );
    wallSeconds += rebuilt.value.built.wallSeconds;
    last = plan.value;
    if (rebuilt.value.comparison.verdict === 'reproducible') continue;
    changed.push(...changedSince(record.installed, lock.value.packages).filter(({ tool }) => !changed.some((one) => one.tool === tool)));
    const younger = await newerThan(lock.value.packages, part.evidence.dateSeconds, tools.store);
    if (!younger.ok) return younger;
    // A compiler says nothing where nothing was compiled.
    const telling = younger.value.filter(({ name }) => part.part === 'any' || !hasCompiler([name]));
    newer.push(...telling.filter(({ name }) => !newer.some((one) => one.name === name)));
  }
  if (last === undefined) return fail({ kind: 'usage', reason: 'no-outputs', message: 'There is nothing to build' });
  const verdict = artefacts.every((one) => one.verdict === 'equal') ? 'reproducible' : 'different';
  const built: Built = { folder: join(folder.work, REBUILT), outputs, steps, wallSeconds };
  const verify = verificationOf(published, {
    artefacts,
    built: outputs.map(({ name }) => name),
    since: { newer, changed },
    twice: options.twice ? unlike : undefined,
    buildPath: last.surroundings.buildPath,
  });
  return ok({
    rebuilt: { built, comparison: { verdict, artefacts }, twice: options.twice ? unlike : undefined },
    plan: last,
    published: published.parts.flatMap((part) => part.published),
    verify,
  });
}

type Parts = {
  readonly artefacts: readonly ArtefactVerdict[];
  readonly built: readonly string[];
  readonly since: Since;
  readonly twice: readonly string[] | undefined; // as in Rebuilt
  readonly buildPath: string;
};

function verificationOf(published: PublishedSource, { artefacts, built, since, twice, buildPath }: Parts): Verification {
  const { source, parts } = published;
  const same = artefacts.every(({ verdict }) => verdict === 'equal');
  const reason = reasonOf(artefacts, follows);
  const paths = [...new Set(parts.flatMap(({ evidence }) => evidence.paths))];
  const names = new Set(parts.flatMap((part) => part.published.map(({ name }) => name)));
  const extra = built.filter((name) => /\.(deb|udeb|ddeb)$/.test(name) && !names.has(name));
  return {
    of: 'the archive',
    outcome: same ? 'reproduces' : isToolchain(reason, since) && !twice?.some((name) => names.has(name)) ? 'toolchain' : 'different',
    indicative: !same, // what was installed when it was built is not known
    reasons: same ? [] : reasonsOf(reason, since),
    twice: twice ?? null,
    signature: 'does not apply',
    signedBy: [],
    source: `${source.name} ${source.version}, from ${source.archive} ${source.suite}`,
    buildPath,
    recorded: 0,
    named: [],
    nearest: [],
    added: [],
    notes: [
      'built with the packages that the archive has now: those of the first build are not recorded there',
      ...parts.flatMap(({ part, record }) =>
        record === undefined
          ? []
          : [`path and variables of the packages for ${part} are those of a collected .buildinfo, which nobody vouches for`],
      ),
      paths.length > 0
        ? `the packages name the folder in which they were built: ${paths.slice(0, 3).join(', ')}`
        : 'the packages name no folder in which they were built: that of build machines since 2024 was taken',
      ...parts.flatMap(({ version, evidence }) =>
        evidence.changes === undefined ? [] : [`the binNMU ${version}: its changelog entry was taken from a package`],
      ),
      ...twiceNotes(twice),
      ...(extra.length > 0 ? [`not compared, as this archive does not have them: ${extra.join(', ')}`] : []),
    ],
  };
}

/** Checksums and sizes differ with whatever is in the package. */
function follows(artefact: ArtefactVerdict, difference: Difference): boolean {
  const [only, more] = causesOf({ ...artefact, differences: artefact.differences }, ELSEWHERE).filter(
    ({ trail }) => trail.join('\0') === difference.trail.join('\0'),
  );
  return only?.name === CONSEQUENCE && more === undefined;
}
