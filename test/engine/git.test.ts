import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseSha256 } from '../../src/base/digest.ts';
import { parseLock, writeLock } from '../../src/lock/lock.ts';
import type { Lock, LockedSource } from '../../src/lock/types.ts';
import { contentPath } from '../../src/store/address.ts';
import { must } from '../helpers/engine.ts';
import { changing, commit, git, gitServer, type Repository, WHEN_SECONDS } from '../helpers/git.ts';
import { projectRig, type Rig } from '../helpers/rig.ts';

const HOME = process.env['TWINBUILD_HOME'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'twinbuild');
const LOCK = 'recipes/own/recipe.lock';

async function lockOf(r: Rig): Promise<Lock> {
  return must(parseLock({ name: LOCK, text: await readFile(join(r.path, LOCK), 'utf8') }));
}

/** The source of that name in the lock. */
async function locked(r: Rig, name: string): Promise<LockedSource & { kind: 'git' }> {
  const found = (await lockOf(r)).sources.find((source) => source.kind === 'git' && source.name === name);
  if (found?.kind !== 'git') throw new Error(`there is no git source ${name}`);
  return found;
}

/** Takes the trees of a source out of the store, and what is remembered of them. */
async function forget({ trees }: LockedSource & { kind: 'git' }): Promise<void> {
  for (const { sha256, commit: id } of trees) {
    await rm(contentPath(join(HOME, 'store'), sha256));
    for (const name of await readdir(join(HOME, 'store/derived/git-export')))
      if (name.endsWith(id)) await rm(join(HOME, 'store/derived/git-export', name));
  }
}

/** A submodule without the help of `git submodule`, which asks what it is told about. */
async function pin({ path, git: own }: Repository, inner: string, id: string): Promise<void> {
  await git(path, ['update-index', '--add', '--cacheinfo', `160000,${id},${inner}`]);
  await own('commit', '--quiet', '--message=Pin it');
}

test('a recipe with git sources, from refs to two equal builds', async (t) => {
  await using server = await gitServer();
  const nonce = randomUUID(); // what was fetched by an earlier run shall not help
  const inner = await server.repository('libs/inner');
  const innerId = await commit(inner, { 'deep/file': `inner ${nonce}\n` });
  const kernel = await server.repository('mirror/kernel');
  const attributes = { '.gitattributes': 'secret export-ignore\nversion export-subst\n', secret: 's', version: '$Format:%H$\n' };
  await commit(kernel, { 'bin/run': `#!/bin/sh\necho ${nonce}\n`, link: '-> bin/run', ...attributes }, ['bin/run']);
  await kernel.git('tag', '-a', 'v1', '-m', 'one');
  const zfs = await server.repository('mirror/zfs');
  await commit(zfs, { META: nonce, '.gitmodules': '[submodule "an inner one"]\n\tpath = upstream\n\turl = ../../libs/inner\n' });
  await pin(zfs, 'upstream', innerId);
  const zfsId = await zfs.git('rev-parse', 'HEAD');

  await using r = await projectRig();
  await r.write({
    'recipes/own/recipe.yaml': `name: own
sources:
  - git: ${server.url}/mirror/kernel
    as: kernel
    directory: kernel
  - git: ${server.url}/mirror/zfs
    as: zfs
    commit: ${zfsId}
    directory: zfs
    submodules: true
epoch: newest-source
steps:
  - name: look
    run: |
      kernel/bin/run
      kernel/link
      test -e kernel/secret
      grep -F '$Format:%H$' kernel/version
      cat kernel/version zfs/META zfs/upstream/deep/file > ../out.txt
      echo "$SOURCE_DATE_EPOCH" >> ../out.txt
outputs: ["*.txt"]
`,
  });
  const missing = await r.exec('lock', 'own');
  t.is(missing.status, 2, missing.stderr);
  t.regex(missing.stderr, /^recipes\/own\/recipe\.yaml:3:10 The recipe does not say which commit of kernel it wants/m);
  t.regex(missing.stderr, /twinbuild lock own --ref kernel=TAG_OR_COMMIT/);
  const unknown = await r.exec('lock', 'own', '--ref', 'kernel=v9');
  t.is(unknown.status, 2, unknown.stderr);
  t.regex(unknown.stderr, /^recipes\/own\/recipe\.yaml:3:10 http:\S+ has no tag or branch called v9$/m);

  const made = await r.exec('lock', 'own', '--ref', 'kernel=v1');
  t.is(made.status, 0, made.stderr);
  const first = await locked(r, 'kernel');
  t.is(first.ref, 'v1');
  t.is(first.trees[0]?.commit, await kernel.git('rev-parse', 'v1^{commit}'));
  const lock = await lockOf(r);
  t.is(lock.epoch, WHEN_SECONDS);
  t.true(lock.tools?.some(({ name }) => name === 'git'));
  t.false(lock.packages.some(({ name }) => name === 'git'));
  t.deepEqual(
    (await locked(r, 'zfs')).trees.map(({ path, url, commit: id }) => [path, url.replace(server.url, ''), id]),
    [
      ['', '/mirror/zfs', zfsId],
      ['upstream', '/libs/inner', innerId],
    ],
  );

  // The tag moves; the lock stays, and what is fetched again is the locked commit.
  await commit(kernel, { 'bin/run': '#!/bin/sh\nexit 1\n' });
  await kernel.git('tag', '-f', '-a', 'v1', '-m', 'another');
  await forget(first);
  t.is((await r.exec('lock', '--check', 'own')).status, 0);
  const offline = await r.exec('--offline', 'repro', 'own');
  t.is(offline.status, 7, offline.stderr);
  t.regex(offline.stderr, /not in the store, and --offline forbids to fetch/);
  const again = await r.exec('fetch', 'own');
  t.is(again.status, 0, again.stderr);
  const built = await r.exec('--offline', 'repro', 'own');
  t.is(built.status, 0, built.stderr);
  t.is(await readFile(join(r.path, 'out/own/first/out.txt'), 'utf8'), `$Format:%H$\n${nonce}inner ${nonce}\n${WHEN_SECONDS}\n`);

  // A tree that is not what the lock says.
  await forget(first);
  const wrong = parseSha256('0a'.repeat(32)) ?? first.trees[0]?.sha256;
  const lying = lock.sources.map((source) =>
    source.kind === 'git' && source.name === 'kernel'
      ? { ...source, trees: source.trees.map((tree) => ({ ...tree, sha256: wrong })) }
      : source,
  );
  await writeFile(join(r.path, LOCK), writeLock({ ...lock, sources: lying } as Lock));
  const lied = await r.exec('build', 'own');
  t.is(lied.status, 6, lied.stderr);
  t.regex(lied.stderr, /^recipes\/own\/recipe\.yaml:3:10 The tree of \S+ from http:\S+ is not the one that the lock names$/m);

  // A server that does not have the commit any more.
  await writeFile(join(r.path, LOCK), writeLock(lock));
  await forget(await locked(r, 'zfs'));
  await rm(join(zfs.path, '.git/objects', zfsId.slice(0, 2), zfsId.slice(2)));
  const gone = await r.exec('build', 'own');
  t.is(gone.status, 7, gone.stderr);
  t.regex(gone.stderr, /^recipes\/own\/recipe\.yaml:6:10 http:\S+\/mirror\/zfs (does not give the commit|broke off)/m);
});

test('packs that are not what was asked for are refused where the recipe asks', async (t) => {
  await using server = await gitServer();
  const repository = await server.repository('r');
  const asked = '1234567890'.repeat(4);
  const blob = (await git(repository.path, ['hash-object', '-w', '--stdin'], randomUUID())).toString().trim();
  const dotgit = (await git(repository.path, ['hash-object', '-w', '--stdin', '-t', 'tree', '--literally'], entry('100644', '.git', blob)))
    .toString()
    .trim();
  const hostile = await repository.git('commit-tree', dotgit, '-m', 'hostile');
  // A tree that names itself a thousand times over is small as a pack and endless as a tree.
  let wide = (await git(repository.path, ['mktree'], `100644 blob ${blob}\tf\n`)).toString().trim();
  for (let level = 0; level < 7; level += 1)
    wide = (await git(repository.path, ['mktree'], Array.from({ length: 10 }, (_, index) => `040000 tree ${wide}\t${index}\n`).join('')))
      .toString()
      .trim();
  const bomb = await repository.git('commit-tree', wide, '-m', 'bomb');
  const tag = (await git(repository.path, ['mktag'], `object ${bomb}\ntype commit\ntag x\ntagger A <a@example.org> 1 +0000\n\nx\n`))
    .toString()
    .trim();

  const other = await repository.git(
    'commit-tree',
    (await git(repository.path, ['mktree'], `100644 blob ${blob}\tf\n`)).toString().trim(),
    '-m',
    'other',
  );
  server.meddler = changing(repository, (body) => body.replace(asked, other));

  await using r = await projectRig();
  for (const { what, id, status, words } of [
    { what: 'a repository in the tree', id: hostile, status: 6, words: /git refuses the pack that http:\S+ sent/ },
    { what: 'a tree of ten million files', id: bomb, status: 6, words: /is too large: more than 1000000 files/ },
    { what: 'another commit', id: asked, status: 6, words: /is not the commit [0-9a-f]+: the pack has no such commit/ },
    {
      what: 'a tag in place of a commit',
      id: tag,
      status: 2,
      words: new RegExp(`${tag} is an annotated tag and no commit: it stands for ${bomb}`),
    },
  ]) {
    await r.write({
      'recipes/own/recipe.yaml': `name: own\nsources:\n  - git: ${server.url}/r\n    commit: "${id}"\nsteps: [{name: x, run: x}]\n`,
    });
    const ended = await r.exec('lock', 'own');
    t.is(ended.status, status, `${what}\n${ended.stderr}`);
    t.regex(ended.stderr, words, what);
    t.regex(ended.stderr, /^recipes\/own\/recipe\.yaml:4:13 /m);
  }
});

test('a fetch that is killed leaves nothing that a second one minds, and its own file goes', async (t) => {
  await using server = await gitServer();
  const repository = await server.repository('r');
  const id = await commit(repository, { file: randomUUID(), large: randomBytes(4 * 1024 ** 2).toString('base64') });
  await using r = await projectRig();
  await r.write({
    'recipes/own/recipe.yaml': `name: own\nsources:\n  - git: ${server.url}/r\n    as: own\n    ref: main\nsteps: [{name: x, run: test -e large}]\n`,
  });
  // The server sends a part of the pack, and then nothing more.
  const sent = Promise.withResolvers<void>();
  server.meddler = (request, response) => {
    const parts: Buffer[] = [];
    if (request.method !== 'POST') return false;
    request.on('data', (piece: Buffer) => void parts.push(piece));
    request.on('end', () => {
      const answer = git(repository.path, ['upload-pack', '--stateless-rpc', '.'], Buffer.concat(parts), { GIT_PROTOCOL: 'version=2' });
      void answer.then((whole) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
        if (!Buffer.concat(parts).includes('command=fetch')) return void response.end(whole);
        response.write(whole.subarray(0, 1024 ** 2), () => setTimeout(sent.resolve, 300));
      });
    });
    return true;
  };
  const scraps = async (pid: number) =>
    (await readdir(join(HOME, 'store/tmp'))).filter((name) => name.startsWith('pack') && name.includes(`${pid}`));
  let pid = 0;
  const killed = await r.execWith(
    {
      started: (child) => {
        pid = child.pid;
        void sent.promise.then(() => child.kill('SIGKILL'));
      },
    },
    'lock',
    'own',
  );
  t.is(killed.status, 137, killed.stderr);
  t.is((await scraps(pid)).length, 1);
  server.meddler = undefined;
  const again = await r.exec('lock', 'own');
  t.is(again.status, 0, again.stderr);
  t.is((await locked(r, 'own')).trees[0]?.commit, id);
  t.deepEqual(await scraps(pid), []);

  // The branch moves on, and what it was is gone from the server: the lock stays what it is, and says so when the tree has to be fetched again.
  await forget(await locked(r, 'own'));
  await repository.git('checkout', '--quiet', '--orphan', 'other');
  await commit(repository, { file: 'another' });
  await repository.git('branch', '-f', 'main');
  t.is((await r.exec('lock', '--check', 'own')).status, 0);
  t.is((await r.exec('fetch', 'own')).status, 0);
  await forget(await locked(r, 'own'));
  await repository.git('reflog', 'expire', '--expire=now', '--all');
  await repository.git('gc', '--quiet', '--prune=now');
  const gone = await r.exec('fetch', 'own');
  t.is(gone.status, 7, gone.stderr);
  t.regex(gone.stderr, /does not give the commit [0-9a-f]{40}/);
});

function entry(mode: string, name: string, id: string): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);
}
