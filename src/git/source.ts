import { parseSha256, type Sha256 } from '../base/digest.ts';
import { fail, failureOf, ok, type Result, StreamFailure } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { openExchange } from '../store/exchange.ts';
import type { FetchOptions } from '../store/fetch.ts';
import { throwIfStopped } from '../store/gate.ts';
import { offlineFailure } from '../store/miss.ts';
import { Scratch } from '../store/scratch.ts';
import type { Store } from '../store/types.ts';
import { type Checkout, checkOut, GIT_LIMITS, type GitLimits, type GitWorkshop } from './checkout.ts';
import { parseCommit } from './commit.ts';
import { exportTree, type Findings } from './export.ts';
import { type ObjectFormat, ObjectStream } from './objects.ts';
import { fetchCommit, openRemote, resolveRef } from './remote.ts';
import { parseModules } from './submodules.ts';
import { otherFailure, protocolFailure } from './trouble.ts';

/** What fetching from git takes. The workshop is made when it is first needed. */
export type GitWorld = {
  readonly store: Store;
  readonly running: Running;
  readonly fetch: FetchOptions;
  readonly workshop: () => Promise<Result<GitWorkshop>>;
  readonly limits?: GitLimits;
};

/** The tree of a commit as a tar in the store, and what is known of it. */
export type Exported = {
  readonly sha256: Sha256;
  readonly size: number; // bytes of the tar
  readonly seconds: number; // when the commit was made, since 1970-01-01T00:00:00Z
  readonly links: Findings['links']; // its submodules
  readonly modules: readonly (readonly [path: string, url: string])[]; // what .gitmodules says of them
  readonly pointers: readonly string[]; // paths of LFS pointers
};

const FORM = 1; // grows with every change of the tar's bytes
const STATE = 'git-export';
const MOST_COMMIT_BYTES = 4 * 1024 ** 2;

/** Whether a text is a whole commit id, of SHA-1 or SHA-256. */
export function isCommitId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** The commit that a ref of a repository stands for at this moment. A commit id is its own answer, and nobody is asked. */
export async function resolveCommit(world: GitWorld, url: string, ref: string): Promise<Result<string>> {
  if (isCommitId(ref)) return ok(ref);
  if (world.fetch.offline) return fail(offlineFailure([`${ref} of ${url}`]));
  const opened = openExchange(asGit(world.fetch));
  if (!opened.ok) return opened;
  await using exchange = opened.value;
  const remote = await openRemote(url, exchange);
  return remote.ok ? await resolveRef(remote.value, ref, exchange) : remote;
}

/** The tree of a commit in the store: the one that is there, or fetched. Failures as the docs of git sources list them. */
export async function exportCommit(world: GitWorld, url: string, commit: string): Promise<Result<Exported>> {
  const known = await remembered(world.store, commit);
  if (known !== undefined && (await world.store.has(known.sha256, known.size))) return ok(known);
  if (world.fetch.offline) return fail(offlineFailure([`${commit} of ${url}`]));
  try {
    const exported = await fetched(world, url, commit);
    if (!exported.ok) return exported;
    const noted = await world.store.addDerived(STATE, keyOf(commit), bytesOf(JSON.stringify(exported.value)));
    return noted.ok ? exported : noted;
  } catch (error) {
    return fail(failureOf(error));
  }
}

async function fetched(
  { store, running, fetch, workshop, limits = GIT_LIMITS }: GitWorld,
  url: string,
  commit: string,
): Promise<Result<Exported>> {
  const format: ObjectFormat = commit.length === 40 ? 'sha1' : 'sha256';
  await using pack = await Scratch.open(store.root, 'pack');
  const came = await download(url, commit, format, pack, { fetch, running, limits });
  if (!came.ok) return came;
  const image = await workshop();
  if (!image.ok) return image;
  running.tell({ kind: 'stage', text: `checking out ${commit.slice(0, 12)} of ${url}` });
  const opened = await checkOut(image.value, { url, commit, format, size: pack.size, bytes: pack.read() }, limits, running);
  if (!opened.ok) return opened;
  await using checkout = opened.value;
  return await exported(checkout, { store, running, limits }, { url, commit, format });
}

async function download(
  url: string,
  commit: string,
  format: ObjectFormat,
  into: Scratch,
  { fetch, running, limits }: { readonly fetch: FetchOptions; readonly running: Running; readonly limits: GitLimits },
): Promise<Result<void>> {
  const opened = openExchange(asGit(fetch));
  if (!opened.ok) return opened;
  await using exchange = opened.value;
  const label = `fetching ${commit.slice(0, 12)} of ${url}`;
  running.tell({ kind: 'stage', text: label });
  const remote = await openRemote(url, exchange);
  if (!remote.ok) return remote;
  if (remote.value.format !== format)
    return fail(protocolFailure(`its object ids are of ${remote.value.format}, and ${commit} is none of them`));
  const progress = everyMegabytes((done) => running.tell({ kind: 'bytes', label, done, total: 0 }));
  return await fetchCommit(remote.value, commit, exchange, { into, mostBytes: limits.packBytes, progress });
}

/** The tar of the tree goes into the store while each of its objects is verified. */
async function exported(
  checkout: Checkout,
  { store, running, limits }: { readonly store: Store; readonly running: Running; readonly limits: GitLimits },
  { url, commit, format }: { readonly url: string; readonly commit: string; readonly format: ObjectFormat },
): Promise<Result<Exported>> {
  const other = (why: string) => new StreamFailure(otherFailure(url, commit, why));
  const objects = new ObjectStream(stoppable(checkout.objects(), running.signal), format, other);
  const read = parseCommit(await objects.whole(commit, 'commit', MOST_COMMIT_BYTES), url, commit);
  if (!read.ok) return read;
  const findings: Findings = { links: [], pointers: [] };
  const budget = { entries: limits.entries, bytes: limits.treeBytes };
  const added = await store.add(exportTree(objects, read.value, format, findings, budget));
  if (!added.ok) return added;
  await objects.end();
  const modules = findings.links.length === 0 ? ok(new Uint8Array(0)) : await checkout.modules();
  if (!modules.ok) return modules;
  return ok({ ...added.value, seconds: read.value.seconds, ...findings, modules: [...parseModules(modules.value)] });
}

/** Some servers tell git from a browser by this name, and give a browser pages. */
function asGit(options: FetchOptions): FetchOptions {
  return { ...options, userAgent: `git/2 (${options.userAgent})` };
}

/** What was found when the commit was exported before. */
async function remembered(store: Store, commit: string): Promise<Exported | undefined> {
  try {
    const bytes = await store.readDerived(STATE, keyOf(commit));
    if (bytes === undefined) return undefined;
    const value = JSON.parse(Buffer.concat(await Array.fromAsync(bytes)).toString('utf8')) as Exported;
    return parseSha256(value.sha256) === undefined ? undefined : value;
  } catch {
    return undefined; // it can always be found out again
  }
}

function keyOf(commit: string): string {
  return `${FORM}-${commit}`;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function* stoppable(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    throwIfStopped(signal);
    yield piece;
  }
}

function everyMegabytes(tell: (bytes: number) => void): (bytes: number) => void {
  let told = 0;
  return (bytes) => {
    if (bytes >= told && bytes - told < 4 * 1024 ** 2) return;
    told = bytes;
    tell(bytes);
  };
}
