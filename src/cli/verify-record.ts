import { basename } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { BuildRecord } from '../control/record.ts';
import { writeLock } from '../lock/lock.ts';
import type { Lock } from '../lock/types.ts';
import { allowedOf } from '../rebuild/environment.ts';
import { debianPath, planRebuild, recipeOf } from '../rebuild/plan.ts';
import { loadContainer } from '../recipe/load.ts';
import type { Container, Recipe } from '../recipe/recipe.ts';
import type { RunFacts } from '../report/report.ts';
import type { Verification } from '../report/verify.ts';
import { fetchFiles } from '../store/fetch.ts';
import { imageOf } from './builder.ts';
import { endOf, type ReproEnd } from './deeper.ts';
import { localSource } from './local-source.ts';
import type { OutputFolder } from './output.ts';
import { type Rebuilt, rebuildOnce, twiceNotes, type VerifyEnd, verifyRun } from './rebuilding.ts';
import { type Gathered, gather, type ReadRecord, readRecord } from './record.ts';
import { type RecordedInputs, recordedInputs } from './recorded-inputs.ts';
import { openTools } from './tools.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

export type VerifyOptions = {
  readonly keyring?: string;
  readonly nearest?: boolean;
  readonly twice?: boolean;
  readonly deep?: boolean;
  readonly container?: string;
  readonly buildPath?: string;
};

/**
 * Rebuilds what a .buildinfo tells of, from exactly what it recorded, and compares. What is wrong with the files that were given is said before
 * anything is fetched or built.
 */
export async function verifyRecord(world: World, [name = '', ...given]: readonly string[], options: VerifyOptions): Promise<ReproEnd> {
  const read = await readRecord(world, name, options.keyring);
  if (!read.ok) return endOf(read.error);
  const gathered = await gather(world, read.value, given);
  if (!gathered.ok) return endOf(gathered.error);
  const container = await loadContainer(options.container ?? 'bookworm', { root: world.root });
  if (!container.ok) return endOf(container.error);
  const { record, file } = read.value;
  const possible = checkArchitecture(record, container.value);
  if (!possible.ok) return endOf(possible.error);
  const recipe = recipeOf(record, file, container.value);
  const folderName = basename(name)
    .replace(/\.buildinfo$/, '')
    .replaceAll(/[^A-Za-z0-9.+~_-]/g, '_');
  return verifyRun(world, { name: folderName, deep: options.deep ?? false }, { recipe }, (folder, learn) =>
    rebuild(world, { ...read.value, ...gathered.value, recipe, options }, folder, learn),
  );
}

function checkArchitecture({ buildArchitecture, hostArchitecture }: BuildRecord, { architecture, name }: Container): Result<void> {
  if (hostArchitecture !== undefined && hostArchitecture !== buildArchitecture) {
    return fail({
      kind: 'usage',
      reason: 'cross-build',
      message: `It was built on ${buildArchitecture} for ${hostArchitecture}: cross builds cannot be rebuilt`,
    });
  }
  if (buildArchitecture === architecture) return ok();
  return fail({
    kind: 'preflight',
    reason: 'other-architecture',
    message: `It was built on ${buildArchitecture}, and the container ${name} is for ${architecture}`,
    next: `Rebuild it on a machine with that architecture, with a container that has \`architecture: ${buildArchitecture}\`.`,
  });
}

type Request = ReadRecord & Gathered & { readonly recipe: Recipe; readonly options: VerifyOptions };

async function rebuild(
  world: World,
  request: Request,
  folder: OutputFolder,
  learn: (more: Partial<RunFacts>) => void,
): Promise<Result<VerifyEnd>> {
  const { record, recipe, options, published } = request;
  const tools = await openTools(world);
  if (!tools.ok) return tools;
  const { store, engine, cpus } = tools.value;
  const local = request.dsc === undefined ? ok(undefined) : await localSource(request.dsc, store);
  if (!local.ok) return local;
  const inputs = await recordedInputs(world, record, recipe.container, store, {
    nearest: options.nearest ?? false,
    source: local.value,
  });
  if (!inputs.ok) return inputs;
  const lock = lockOf(record, recipe, inputs.value, Math.floor(world.nowMs() / 1000));
  const lockDigest = sha256(writeLock(lock));
  learn({ lock, lockDigest, epoch: lock.epoch });
  const image = await imageOf(world, { engine, store }, lock, async (part) =>
    part === 'all' ? fetchFiles(store, inputs.value.files, inputs.value.context.fetch) : ok(),
  );
  if (!image.ok) return image;
  learn({ image: image.value.id });
  const buildPath = options.buildPath ?? record.buildPath ?? debianPath(record.source, record.sourceVersion);
  const plan = planRebuild({ record, recipe, lock, lockDigest, image: image.value, cpus, buildPath });
  if (!plan.ok) return plan;
  const rebuilt = await rebuildOnce(world, { engine, store }, { plan: plan.value, published, twice: options.twice ?? false }, folder);
  if (!rebuilt.ok) return rebuilt;
  return ok({
    rebuilt: rebuilt.value,
    plan: plan.value,
    published,
    verify: verificationOf(request, inputs.value, rebuilt.value, buildPath),
  });
}

/** The lock that a record stands for: what was installed then, each package with the list that vouches for it. */
function lockOf(record: BuildRecord, recipe: Recipe, inputs: RecordedInputs, nowSeconds: number): Lock {
  const written = Number(record.environment['SOURCE_DATE_EPOCH']);
  const built = record.buildDateSeconds;
  const epoch = Number.isSafeInteger(written) && written >= 0 ? written : (built ?? 0);
  return {
    schema: 1,
    twinbuild: VERSION,
    for: 'recipe',
    name: record.source,
    digest: recipe.digest,
    parts: recipe.parts,
    architecture: record.buildArchitecture,
    epoch,
    // As old as the build: the same record gives the same image, whenever it is rebuilt.
    imageEpoch: built !== undefined && built > 0 && built < nowSeconds ? built : nowSeconds - (nowSeconds % 86_400),
    suites: inputs.suites,
    packages: inputs.packages,
    sources: [inputs.source],
  };
}

function verificationOf(request: Request, inputs: RecordedInputs, rebuilt: Rebuilt, buildPath: string): Verification {
  const { record, file, options, published } = request;
  const { verdict } = rebuilt.comparison;
  const { refused } = allowedOf(record.environment);
  const unheld = published.filter(({ path }) => path === undefined).length;
  const otherPath = record.buildPath !== undefined && record.buildPath !== buildPath;
  return {
    of: basename(file.name),
    outcome: verdict === 'reproducible' ? 'reproduces' : 'different',
    indicative: inputs.nearest.length > 0 || otherPath,
    reasons: [],
    twice: rebuilt.twice ?? null,
    signature: request.signature,
    signedBy: request.signedBy,
    source: `${record.source} ${record.sourceVersion}, ${inputs.signedSource ? 'from the signed archive' : 'from the .dsc at hand, which no signed list vouches for'}`,
    buildPath,
    recorded: record.installed.length,
    named: inputs.named,
    nearest: inputs.nearest,
    added: inputs.added.map(({ package: { name, version }, why }) => ({ name, version, why })),
    notes: [
      ...(record.taintedBy.length > 0 ? [`the recorded build says that it was tainted by ${record.taintedBy.join(', ')}`] : []),
      ...(isMerged(record) ? [] : ['the recorded system did not have a merged /usr, the image here has']),
      ...(refused.length > 0 ? [`recorded variables that dpkg does not record by itself were not set: ${refused.join(', ')}`] : []),
      ...(record.buildPath === undefined ? ['it says not in which folder it was built: that of Debian’s build machines was taken'] : []),
      ...(otherPath ? [`it was built in ${record.buildPath}`] : []),
      ...localeNote(record),
      ...(record.changes === undefined ? [] : ['a binNMU: its changelog entry was put on top of the changelog']),
      ...(unheld > 0 ? [`of ${unheld} of the packages only the checksums are at hand: a difference could not be looked into`] : []),
      ...twiceNotes(rebuilt.twice),
      ...(options.nearest && inputs.nearest.length === 0
        ? ['every package was found in exactly its version: --nearest changed nothing']
        : []),
    ],
  };
}

/** Which locales were made in a system is not recorded; one that is not there acts like C. */
function localeNote({ environment }: BuildRecord): readonly string[] {
  const locales = Object.entries(environment).flatMap(([name, value]) => (name === 'LANG' || name.startsWith('LC_') ? [value] : []));
  const unusual = [...new Set(locales)].filter((locale) => !/^(C|POSIX|C\.UTF-?8)?$/i.test(locale));
  return unusual.length === 0 ? [] : [`the recorded locale ${unusual.join(', ')} may not be made in the image; programs take C then`];
}

/** dpkg of bookworm and before taints a build in a merged /usr; later ones find nothing in it. */
function isMerged({ taintedBy, installed }: BuildRecord): boolean {
  const dpkg = installed.find(({ name }) => name === 'dpkg')?.version ?? '';
  return taintedBy.includes('merged-usr-via-aliased-dirs') || !/^1\.(19|20|21)\./.test(dpkg);
}
