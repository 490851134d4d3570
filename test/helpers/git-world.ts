import type { Result } from '../../src/base/result.ts';
import { ok } from '../../src/base/result.ts';
import { fetchCommit, openRemote, resolveRef } from '../../src/git/remote.ts';
import { openExchange } from '../../src/store/exchange.ts';
import { Scratch } from '../../src/store/scratch.ts';
import { commit, type GitServer, git, gitServer, type Repository } from './git.ts';
import { emptyStore, type Fetching, fetching, value } from './stores.ts';

/** A server, and one of its repositories. */
export type World = AsyncDisposable & { readonly server: GitServer; readonly repository: Repository; readonly url: string };

const shared = gitServer();
const made = { sha1: shared.then((one) => filled(one, 'a/b', 'sha1')), sha256: shared.then((one) => filled(one, 'a/c', 'sha256')) };
/** Removes the repositories; after all tests of a file. */
export async function removeShared(): Promise<void> {
  await Promise.all(Object.values(made));
  await (await shared)[Symbol.asyncDispose]();
}

/** A server of its own for each test, with repositories that all of them share. */
export async function world(format: 'sha1' | 'sha256' = 'sha1'): Promise<World> {
  const repository = await made[format];
  const server = await gitServer(await shared);
  return {
    server,
    repository,
    url: `${server.url}/${format === 'sha1' ? 'a/b' : 'a/c'}`,
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}

/** A repository with two commits, a branch, a plain tag, an annotated tag, and one name that is both. */
async function filled(server: GitServer, name: string, format: 'sha1' | 'sha256'): Promise<Repository> {
  const repository = await server.repository(name, format);
  await commit(repository, { file: 'one' });
  await repository.git('tag', 'plain');
  await repository.git('tag', 'both');
  await repository.git('tag', '-a', 'same', '-m', 'same');
  await repository.git('branch', 'same');
  await commit(repository, { file: 'two' });
  await repository.git('tag', '-a', 'annotated', '-m', 'a tag');
  await repository.git('tag', '-a', 'twice', 'annotated', '-m', 'a tag of a tag');
  await repository.git('branch', 'both');
  return repository;
}

/** What a ref stands for. */
export async function resolved(url: string, ref: string, options: Fetching = fetching()): Promise<Result<string>> {
  await using exchange = value(openExchange(options));
  const remote = await openRemote(url, exchange);
  return remote.ok ? await resolveRef(remote.value, ref, exchange) : remote;
}

/** The kinds of what is in the pack of a commit, one a line. */
export async function fetched(url: string, id: string, { mostBytes = 1e9, options = fetching() } = {}): Promise<Result<string>> {
  await using exchange = value(openExchange(options));
  await using place = await emptyStore();
  await using into = await Scratch.open(place.root, 'pack');
  const remote = await openRemote(url, exchange);
  if (!remote.ok) return remote;
  const came = await fetchCommit(remote.value, id, exchange, { into, mostBytes, progress: () => {} });
  if (!came.ok) return came;
  const bytes = Buffer.concat(await Array.fromAsync(into.read()));
  await git(place.root, ['init', '--quiet', '--bare', `--object-format=${remote.value.format}`, 'r']);
  await git(`${place.root}/r`, ['index-pack', '--stdin'], bytes);
  return ok((await git(`${place.root}/r`, ['cat-file', '--batch-all-objects', '--batch-check=%(objecttype)'])).toString().trim());
}
