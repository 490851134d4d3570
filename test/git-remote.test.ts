import test from 'ava';
import { commit, gitServer, type Meddler } from './helpers/git.ts';
import { fetched, removeShared, resolved, world } from './helpers/git-world.ts';
import { failed, value } from './helpers/stores.ts';

test.after.always(removeShared);

/** The older protocol: the server is not told that we know another. */
const OLDER: Meddler = (request) => {
  delete request.headers['git-protocol'];
  return false;
};

for (const [version, meddler] of [
  ['2', undefined],
  ['0', OLDER],
] as const) {
  const names = test.macro(async (t, ref: string, rev: string) => {
    await using w = await world();
    w.server.meddler = meddler;
    t.is(value(await resolved(w.url, ref)), await w.repository.git('rev-parse', rev));
  });
  test(`version ${version}: a plain tag`, names, 'plain', 'plain');
  test(`version ${version}: an annotated tag is its commit`, names, 'annotated', 'annotated^{commit}');
  test(`version ${version}: a tag of a tag is the commit behind both`, names, 'twice', 'annotated^{commit}');
  test(`version ${version}: a branch`, names, 'main', 'main');
  test(`version ${version}: a tag and a branch that are the same commit`, names, 'same', 'same^{commit}');
  test(`version ${version}: of two that are not, the one by its whole name`, names, 'refs/tags/both', 'refs/tags/both');

  const wrong = test.macro(async (t, ref: string, reason: string) => {
    await using w = await world();
    w.server.meddler = meddler;
    t.is(failed(await resolved(w.url, ref)).reason, reason);
  });
  test(`version ${version}: an unknown name`, wrong, 'gone', 'git-ref-unknown');
  test(`version ${version}: the beginning of a name is not it`, wrong, 'annota', 'git-ref-unknown');
  test(`version ${version}: a tag and a branch of one name`, wrong, 'both', 'git-ref-ambiguous');

  test(`version ${version}: one commit is fetched, without what came before it`, async (t) => {
    await using w = await world();
    w.server.meddler = meddler;
    const id = await w.repository.git('rev-parse', 'main');
    t.deepEqual(
      value(await fetched(w.url, id))
        .split('\n')
        .sort(),
      ['blob', 'commit', 'tree'],
    );
    const older = await w.repository.git('rev-parse', 'plain');
    t.deepEqual(
      value(await fetched(w.url, older))
        .split('\n')
        .sort(),
      ['blob', 'commit', 'tree'],
    );
  });

  test(`version ${version}: a commit that is not there`, async (t) => {
    await using w = await world();
    w.server.meddler = meddler;
    const failure = failed(await fetched(w.url, '1234567890'.repeat(4)));
    t.is(failure.reason, 'git-commit-refused');
    t.regex(failure.message, /^http:\S+\/a\/b does not give the commit 1234567890/);
  });
}

test('a repository of SHA-256', async (t) => {
  await using w = await world('sha256');
  const id = value(await resolved(w.url, 'annotated'));
  t.is(id.length, 64);
  t.deepEqual(
    value(await fetched(w.url, id))
      .split('\n')
      .sort(),
    ['blob', 'commit', 'tree'],
  );
});

test('an older server that gives only what a branch or a tag leads to says so', async (t) => {
  await using server = await gitServer();
  const repository = await server.repository('r');
  await commit(repository, { file: 'one' });
  await repository.git('config', 'uploadpack.allowAnySHA1InWant', 'false');
  const loose = await repository.git('commit-tree', 'main^{tree}', '-m', 'on no branch');
  server.meddler = OLDER;
  t.is(failed(await fetched(`${server.url}/r`, loose)).reason, 'git-commit-refused');
  server.meddler = undefined;
  t.true((await fetched(`${server.url}/r`, loose)).ok);
});

test('the beginning of a commit id, and one in capitals, is explained', async (t) => {
  await using w = await world();
  const id = await w.repository.git('rev-parse', 'main');
  for (const [name, words] of [
    [id.slice(0, 12), /whole id/],
    [id.slice(0, 12).toUpperCase(), /whole id/],
    [`A${id.slice(1)}`, new RegExp(`small letters: a${id.slice(1)}`)],
  ] as const) {
    const failure = failed(await resolved(w.url, name));
    t.is(failure.reason, 'git-ref-unknown');
    t.regex(failure.next ?? '', words);
  }
});
