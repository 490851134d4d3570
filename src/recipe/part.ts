import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseSha256, type Sha256 } from '../base/digest.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { environmentProblem } from './environment.ts';
import { localDsc } from './local-dsc.ts';
import { problems } from './problems.ts';
import { parseBytes, parseInstant, parseSeconds } from './quantity.ts';
import type { BuildPart, Epoch, Patches, Source } from './recipe.ts';
import { readText } from './text.ts';
import type { Path, Tree } from './yaml.ts';

/** A recipe.yaml after the schema's check: what the schema says of it, as a type. */
type RecipeYaml = {
  readonly name: string;
  readonly extends?: string;
  readonly container?: string;
  readonly sources?: readonly {
    debian?: string;
    version?: string;
    dsc?: string;
    tarball?: string;
    sha256?: string;
    folder?: string;
    git?: string;
    commit?: string;
    ref?: string;
    as?: string;
    submodules?: boolean | Readonly<Record<string, string>>;
    lfs?: 'pointers';
    directory?: string;
    part?: 'upstream';
  }[];
  readonly patches?: readonly { path: string; directory?: string }[];
  readonly 'build-depends'?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly build?: BuildPart;
  readonly steps?: readonly ({ name: string } & StepYaml)[] | Readonly<Record<string, StepYaml | null>>;
  readonly outputs?: readonly string[];
  readonly epoch?: 'changelog' | 'newest-source' | { readonly fixed: number | string };
  readonly resources?: { memory?: string; cpus?: number; disk?: string; time?: string };
  readonly permissions?: { memory?: string; capabilities?: readonly string[]; devices?: readonly string[] };
};
type StepYaml = { readonly run?: string; readonly 'time-limit'?: string; readonly user?: 'builder' | 'root' };

export type StepPart = { readonly run?: string; readonly timeoutSeconds?: number; readonly user?: 'builder' | 'root' };

/** What one file says: a recipe before what it extends is folded in. Paths are absolute, sizes and times are numbers. */
export type RecipePart = {
  readonly path: string; // absolute
  readonly tree: Tree;
  readonly name: string;
  readonly extends?: string;
  readonly container?: string;
  readonly sources?: readonly Source[];
  readonly patches?: readonly Patches[];
  readonly buildDepends?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly build?: BuildPart;
  readonly steps?: { readonly replaces: boolean; readonly list: readonly { readonly name: string; readonly part: StepPart | null }[] };
  readonly outputs?: readonly string[];
  readonly epoch?: Epoch;
  readonly resources?: {
    readonly memoryBytes?: number;
    readonly cpus?: number;
    readonly diskBytes?: number;
    readonly timeSeconds?: number;
  };
  readonly permissions?: { readonly memoryBytes?: number; readonly capabilities?: readonly string[]; readonly devices?: readonly string[] };
};

/** Reads a tree that fits the schema; finds what a schema cannot: folders that are missing, names twice, times of zero. */
export async function recipePart(tree: Tree, path: string): Promise<Result<RecipePart>> {
  const yaml = tree.value as RecipeYaml;
  const found: Failure[] = [];
  const wrong: Wrong = (at, reason, message, part = 'value') => {
    found.push({ kind: 'usage', reason, message, at: tree.locate(at, part) });
    return undefined;
  };
  const quantity = (at: Path, text: string | undefined, parse: (text: string) => number | undefined): number | undefined =>
    text === undefined ? undefined : (parse(text) ?? wrong(at, 'bad-value', `${text} is zero, or too large`));
  const step = (at: Path, { run, user, ...rest }: StepYaml): StepPart =>
    given({ run, user, timeoutSeconds: quantity([...at, 'time-limit'], rest['time-limit'], parseSeconds) });

  checkNames(yaml, wrong);
  const base = dirname(path);
  const resources = yaml.resources;
  const part = given({
    path,
    tree,
    name: yaml.name,
    extends: yaml.extends,
    container: yaml.container,
    sources: yaml.sources && (await sourcesOf(yaml.sources, base, wrong)),
    patches: yaml.patches?.map((one) => ({ path: resolve(base, one.path), directory: one.directory })),
    buildDepends: yaml['build-depends'],
    environment: yaml.environment,
    build: yaml.build,
    steps: yaml.steps && stepsOf(yaml.steps, step),
    outputs: yaml.outputs,
    epoch:
      yaml.epoch === undefined ? undefined : epochOf(yaml.epoch, () => wrong(['epoch', 'fixed'], 'bad-value', 'There is no such moment')),
    resources:
      resources &&
      given({
        memoryBytes: quantity(['resources', 'memory'], resources.memory, parseBytes),
        cpus: resources.cpus,
        diskBytes: quantity(['resources', 'disk'], resources.disk, parseBytes),
        timeSeconds: quantity(['resources', 'time'], resources.time, parseSeconds),
      }),
    permissions:
      yaml.permissions &&
      given({
        memoryBytes: quantity(['permissions', 'memory'], yaml.permissions.memory, parseBytes),
        capabilities: yaml.permissions.capabilities,
        devices: yaml.permissions.devices,
      }),
  });
  found.push(...(await missingFolders(part, yaml)));
  return found.length > 0 ? fail(problems(found)) : ok(part);
}

type Wrong = (at: Path, reason: string, message: string, part?: 'key' | 'value') => undefined;

/** Variables that a recipe may not set, and steps of one name. */
function checkNames(yaml: RecipeYaml, wrong: Wrong): void {
  for (const [name, value] of Object.entries(yaml.environment ?? {})) {
    const why = environmentProblem(name, value);
    if (why !== undefined) wrong(['environment', name], 'owned-variable', why, 'key');
  }
  checkGit(yaml, wrong);
  const names = new Set<string>();
  for (const [index, { name }] of (Array.isArray(yaml.steps) ? (yaml.steps as { name: string }[]) : []).entries()) {
    if (names.has(name)) wrong(['steps', index, 'name'], 'step-twice', `A step called ${name} stands above already`);
    names.add(name);
  }
}

/** Git sources: what they say twice or not at all, and names that two of them have. */
function checkGit(yaml: RecipeYaml, wrong: Wrong): void {
  const names = new Set<string>();
  for (const [index, { git, commit, ref, as }] of (yaml.sources ?? []).entries()) {
    if (git === undefined) continue;
    const at = ['sources', index];
    if (commit !== undefined && ref !== undefined) {
      wrong([...at, 'ref'], 'unfit-key', '`ref` and `commit` stand for the same thing; one of them must go', 'key');
    }
    if (commit === undefined && ref === undefined && as === undefined) {
      wrong(
        [...at, 'git'],
        'missing-key',
        `\`sources[${index}]\` says neither \`commit\` nor \`ref\`, and has no name (\`as\`) by which the command line could`,
        'key',
      );
    }
    if (as !== undefined && names.has(as)) wrong([...at, 'as'], 'source-twice', `A source called ${as} stands above already`);
    if (as !== undefined) names.add(as);
  }
}

/** Local folders that are not there. */
async function missingFolders(part: RecipePart, yaml: RecipeYaml): Promise<Failure[]> {
  const found: Failure[] = [];
  for (const [index, source] of (part.sources ?? []).entries()) {
    if (source.kind !== 'folder' || (await exists(source.path, 'folder'))) continue;
    const message = `There is no folder ${yaml.sources?.[index]?.folder} next to this file`;
    found.push({ kind: 'usage', reason: 'folder-missing', message, at: part.tree.locate(['sources', index, 'folder']) });
  }
  for (const [index, { path }] of (part.patches ?? []).entries()) {
    const wrong = await seriesProblem(path, yaml.patches?.[index]?.path ?? path);
    if (wrong) found.push({ kind: 'usage', ...wrong, at: part.tree.locate(['patches', index, 'path']) });
  }
  return found;
}

/** What is wrong with a quilt series: it, or a patch that it names, is not there. */
async function seriesProblem(folder: string, shown: string): Promise<Pick<Failure, 'reason' | 'message'> | undefined> {
  const series = await readText(join(folder, 'series'), `${shown}/series`);
  if (!series.ok) return { reason: 'series-missing', message: `There is no \`series\` that can be read in ${shown}` };
  for (const line of series.value.text.split('\n')) {
    const [name = ''] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#')) continue;
    const inside = !name.startsWith('/') && !name.split('/').includes('..');
    if (!inside || !(await exists(join(folder, name), 'file')))
      return { reason: 'patch-missing', message: `${shown}/series names ${name}, which is not in that folder` };
  }
  return undefined;
}

async function sourcesOf(yaml: NonNullable<RecipeYaml['sources']>, base: string, wrong: Wrong): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const [index, one] of yaml.entries()) {
    if (one.dsc === undefined || /^https?:/.test(one.dsc)) sources.push(sourceOf(one, base));
    else {
      const { directory, part, sha256 } = one;
      const dsc = await localDsc(resolve(base, one.dsc), one.dsc);
      if (!dsc.ok) wrong(['sources', index, 'dsc'], dsc.error.reason, dsc.error.message);
      else if (sha256 !== undefined && sha256 !== dsc.value.sha256)
        wrong(['sources', index, 'sha256'], 'digest-mismatch', `${one.dsc} has another digest: ${dsc.value.sha256}`);
      else sources.push({ kind: 'dsc', ...dsc.value, directory, part });
    }
  }
  return sources;
}

function sourceOf(yaml: NonNullable<RecipeYaml['sources']>[number], base: string): Source {
  const { debian, version, dsc, tarball, folder, git, directory, part } = yaml;
  if (git !== undefined) {
    const { commit, ref, as: name, submodules, lfs } = yaml;
    const urls = typeof submodules === 'object' ? submodules : {};
    return { kind: 'git', url: git, commit, ref, name, directory, submodules: submodules ? { urls } : undefined, lfs };
  }
  if (debian !== undefined) return { kind: 'debian', name: debian, version, directory, part };
  if (folder !== undefined) return { kind: 'folder', path: resolve(base, folder), directory };
  const sha256 = parseSha256(yaml.sha256 ?? '') as Sha256; // the schema asks for it
  return dsc === undefined
    ? { kind: 'tarball', url: tarball ?? '', sha256, directory }
    : { kind: 'dsc', url: dsc, sha256, directory, part };
}

function stepsOf(yaml: NonNullable<RecipeYaml['steps']>, step: (at: Path, yaml: StepYaml) => StepPart): NonNullable<RecipePart['steps']> {
  if (Array.isArray(yaml)) {
    const list = yaml as readonly ({ name: string } & StepYaml)[];
    return { replaces: true, list: list.map((one, index) => ({ name: one.name, part: step(['steps', index], one) })) };
  }
  const entries = Object.entries(yaml as Readonly<Record<string, StepYaml | null>>);
  return { replaces: false, list: entries.map(([name, one]) => ({ name, part: one && step(['steps', name], one) })) };
}

function epochOf(yaml: NonNullable<RecipeYaml['epoch']>, noSuchMoment: () => undefined): Epoch | undefined {
  if (typeof yaml === 'string') return { kind: yaml };
  const seconds = typeof yaml.fixed === 'number' ? yaml.fixed : parseInstant(yaml.fixed);
  return seconds === undefined ? noSuchMoment() : { kind: 'fixed', seconds };
}

async function exists(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return kind === 'file' ? (found?.isFile() ?? false) : (found?.isDirectory() ?? false);
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the fields that are undefined. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
