import type { ArchiveIndex } from '../archive/types.ts';
import { escapeControl } from '../base/escape.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { TarInput } from '../format/tar-write.ts';
import type { Store } from '../store/types.ts';
import { checkComplete, packagesOf, parseSimulation, unsatisfiable } from './apt-words.ts';
import { locked } from './package.ts';
import type { LockedPackage } from './types.ts';
import { controlOf, satisfyWords, WISH_FOLDER, type Wish } from './wish.ts';
import { file, folder, runScript, type Words, type Workshop } from './workshop.ts';

export type SolveOptions = {
  readonly workshop: Workshop; // its image holds `base`
  readonly store: Store; // holds the lists of `index`
  readonly index: ArchiveIndex;
  readonly architecture: string;
  readonly base: readonly LockedPackage[];
  readonly wish: Wish;
};

const TIMEOUT_MS = 10 * 60_000;

// ForceHash: without it apt names packages by MD5, and those of a security archive by nothing at all. Root without capabilities cannot become
// `_apt`, and fetches nothing for which it would have to.
const APT = 'apt-get --assume-yes --no-install-recommends -o Acquire::ForceHash=SHA256 -o APT::Sandbox::User=root';
const PLAN_BEGINS = '--- plan';
const FILES_BEGIN = '--- files';

// The file name `./` and not `.`: only a path with a slash is taken for a folder.
const SCRIPT = `
cd /${WISH_FOLDER}
verb=$1
shift
echo '${PLAN_BEGINS}'
${APT} --simulate "$verb" "$@"
echo '${FILES_BEGIN}'
${APT} --quiet=2 --print-uris "$verb" "$@"
`;

/**
 * The packages that a wish adds to the base, chosen by apt itself in a container of the base image: what a Debian buildd would install,
 * from the verified lists alone.
 *
 * @returns packages by name in byte order. Failures: unsatisfiable (build-failed), base-changed (build-failed) when the wish would remove or replace a
 *   package of the base, solver-mismatch (unverified-input)
 */
export async function solve(options: SolveOptions): Promise<Result<readonly LockedPackage[]>> {
  const { workshop, architecture, wish } = options;
  const words = wish.fields === undefined ? satisfyWords(wish, architecture) : ok(['./']);
  if (!words.ok) return words;
  if (wish.fields === undefined && words.value.length === 0) return ok([]);
  workshop.running.tell({ kind: 'stage', text: `solving what ${wish.name} needs` });
  const ended = await runScript(workshop, {
    doing: `Solving what ${wish.name} needs`,
    script: SCRIPT,
    words: [wish.fields === undefined ? 'satisfy' : 'build-dep', ...words.value],
    files: aptFiles(options),
    environment: { DEB_BUILD_PROFILES: wish.profiles.join(' '), DEBIAN_FRONTEND: 'noninteractive' },
    user: 'root',
    timeoutMs: TIMEOUT_MS,
  });
  return ended.ok ? chosen(ended.value, options) : ended;
}

/** The verified lists where apt looks for them; no `apt-get update` is needed, and none would be possible. */
function* aptFiles({ index, store, wish }: SolveOptions): Generator<TarInput> {
  for (const path of [
    'etc/apt',
    'var/lib/apt/lists',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives',
    'var/cache/apt/archives/partial',
  ])
    yield folder(path);
  yield file('etc/apt/sources.list', index.sourcesList);
  // Sources are half of the bytes, and apt looks into none of them here.
  for (const { aptName, digest, size } of index.lists.filter((list) => !list.aptName.endsWith('_Sources')))
    yield file(`var/lib/apt/lists/${aptName}`, { bytes: store.read(digest), size });
  for (const path of ['twinbuild', WISH_FOLDER, `${WISH_FOLDER}/debian`]) yield folder(path);
  yield file(`${WISH_FOLDER}/debian/control`, controlOf(wish));
}

function chosen({ status, stdout, stderr }: Words, { index, architecture, base, wish }: SolveOptions): Result<readonly LockedPackage[]> {
  const [, plan = '', files] = stdout.split(new RegExp(`^${PLAN_BEGINS}$|^${FILES_BEGIN}$`, 'm'));
  if (status !== 0 && status !== 100) return fail(broken(wish.name, status, stderr)); // apt says 100 for whatever it cannot do
  if (status !== 0 || files === undefined) return fail(unsatisfiable(wish.name, { stdout: plan, stderr }));
  const simulation = parseSimulation(plan);
  const packages = packagesOf(files, index, architecture);
  if (!packages.ok) return packages;
  const complete = checkComplete(packages.value, simulation);
  if (!complete.ok) return complete;
  const touched = [
    ...simulation.removed.map((name) => `${name} would be removed`),
    ...simulation.changed.map((name) => `${name} would be replaced`),
  ];
  if (touched.length > 0) return fail(baseChanged(wish.name, touched));
  const double = packages.value.find(({ name }) => base.some((one) => one.name === name));
  if (double !== undefined) return fail(baseChanged(wish.name, [`${double.name} would be installed again`]));
  return ok(sortedBy(packages.value, ({ name }) => name).map((one) => locked(one, 'build')));
}

function baseChanged(name: string, touched: readonly string[]): Failure {
  return {
    kind: 'build-failed',
    reason: 'base-changed',
    message: `What ${name} needs does not fit the base system: ${touched[0]}`,
    next: 'Choose another `variant` for the container, or other packages.',
    details: touched,
  };
}

function broken(name: string, status: number, stderr: string): Failure {
  const details = stderr.trim().split('\n').slice(-10).map(escapeControl);
  return {
    kind: 'infrastructure',
    reason: 'solver-broken',
    message: `apt ended with status ${status} while it solved what ${name} needs`,
    details,
  };
}
