import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../src/base/digest.ts';
import { StreamFailure } from '../src/base/result.ts';
import { parseCommit } from '../src/git/commit.ts';
import { exportTree, type Findings } from '../src/git/export.ts';
import { type ObjectFormat, ObjectStream } from '../src/git/objects.ts';
import { parseTree } from '../src/git/tree.ts';
import { otherFailure } from '../src/git/trouble.ts';
import { inPieces } from './helpers/debs.ts';
import { commit, git, gitServer, WHEN_SECONDS } from './helpers/git.ts';
import { value } from './helpers/stores.ts';
import { members } from './helpers/tar.ts';

type Bytes = Uint8Array;
type Made = { readonly id: string; readonly kind: string; readonly bytes: Bytes };

function object(kind: string, body: string | Bytes, format: ObjectFormat = 'sha1'): Made {
  const bytes = Buffer.from(body as Bytes);
  return { id: createHash(format).update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex'), kind, bytes };
}

function tree(entries: readonly (readonly [mode: string, name: string | Bytes, id: string])[]): Made {
  return object(
    'tree',
    Buffer.concat(
      entries.map(([mode, name, id]) =>
        Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name as Bytes), Buffer.from([0]), Buffer.from(id, 'hex')]),
      ),
    ),
  );
}

/** Objects as `git cat-file --batch` prints them. */
function batch(objects: readonly Made[]): Bytes {
  return Buffer.concat(
    objects.flatMap(({ id, kind, bytes }) => [Buffer.from(`${id} ${kind} ${bytes.length}\n`), bytes, Buffer.from('\n')]),
  );
}

/** The tar of a tree, and what was found. */
async function exported(
  bytes: Bytes,
  top: string,
  { budget = { entries: 1000, bytes: 1e6 }, format = 'sha1' as ObjectFormat, piece = 7 } = {},
) {
  const objects = new ObjectStream(inPieces(bytes, piece), format, (why) => new StreamFailure(otherFailure('http://x/y', top, why)));
  const findings: Findings = { links: [], pointers: [] };
  const tar = Buffer.concat(await Array.fromAsync(exportTree(objects, { tree: top, seconds: 1000 }, format, findings, budget)));
  await objects.end();
  return { tar, findings };
}

test('a tree comes out as it was committed, and no attribute changes it', async (t) => {
  await using server = await gitServer();
  const repository = await server.repository('r');
  const id = await commit(
    repository,
    {
      '.gitattributes': 'kept export-ignore\nstamp export-subst ident\n*.txt text eol=crlf\n* filter=lfs\n',
      kept: 'kept',
      stamp: '$Format:%H$ $Id$',
      'export-subst': 'a name like an attribute',
      'lines.txt': 'one\ntwo\n',
      'bin/run': '#!/bin/sh\n',
      'bin/away': '-> ../../../etc/passwd',
      'bin.d/x': 'after bin/, as git sorts it',
      'häß lich\n': 'a name',
      empty: '',
    },
    ['bin/run'],
  );
  const raw = await git(repository.path, ['hash-object', '-w', '--stdin'], 'not utf-8');
  const entry = Buffer.concat([Buffer.from(`100644 ${raw.toString().trim()}\t`), Buffer.from([0x66, 0xe4, 0x0a])]);
  await git(repository.path, ['update-index', '-z', '--index-info'], Buffer.concat([entry, Buffer.from([0])]));
  await repository.git('commit', '--quiet', '--amend', '--no-edit');
  const now = await repository.git('rev-parse', 'HEAD');
  t.not(now, id);
  const list = await repository.git('ls-tree', '-r', '-t', '--full-tree', '--format=%(objectname)', now);
  const bytes = await git(
    repository.path,
    ['cat-file', '--batch'],
    `${now}\n${await repository.git('rev-parse', `${now}^{tree}`)}\n${list}\n`,
  );

  const other = (why: string) => new StreamFailure(otherFailure('http://x/y', now, why));
  const objects = new ObjectStream(inPieces(bytes, 1000), 'sha1', other);
  const read = value(parseCommit(await objects.whole(now, 'commit', 10_000), 'http://x/y', now));
  t.is(read.seconds, WHEN_SECONDS);
  const findings: Findings = { links: [], pointers: [] };
  const tar = Buffer.concat(await Array.fromAsync(exportTree(objects, read, 'sha1', findings, { entries: 100, bytes: 1e6 })));
  await objects.end();

  const found = await members(inPieces(tar, 512));
  t.true(found.every(([member]) => member.mtimeSeconds === WHEN_SECONDS && member.uid === 0 && member.uname === ''));
  t.deepEqual(
    found.map(([{ mode, name, link }, body]) => `${mode.toString(8)} ${name}${link && ` -> ${link}`} ${JSON.stringify(body)}`),
    [
      '644 .gitattributes "kept export-ignore\\nstamp export-subst ident\\n*.txt text eol=crlf\\n* filter=lfs\\n"',
      '755 bin.d/ ""',
      '644 bin.d/x "after bin/, as git sorts it"',
      '755 bin/ ""',
      '777 bin/away -> ../../../etc/passwd ""',
      '755 bin/run "#!/bin/sh\\n"',
      '644 empty ""',
      '644 export-subst "a name like an attribute"',
      '644 f\udce4\n "not utf-8"',
      '644 häß lich\n "a name"',
      '644 kept "kept"',
      '644 lines.txt "one\\ntwo\\n"',
      '644 stamp "$Format:%H$ $Id$"',
    ],
  );
});

test('the bytes of an export never change', async (t) => {
  const file = object('blob', 'hello\n');
  const inner = tree([['100755', 'run', file.id]]);
  const top = tree([
    ['100644', 'a', file.id],
    ['40000', 'b', inner.id],
    ['160000', 'c', '1'.repeat(40)],
  ]);
  const { tar, findings } = await exported(batch([top, file, inner, file]), top.id);
  const digest = sha256(tar);
  t.is(digest, '1a8e7d7e2e9778dd7385fc0d72b4960bac5e58e4e3f4af8f2a3ac07238816237' as typeof digest);
  t.deepEqual(findings.links, [{ path: 'c', commit: '1'.repeat(40) }]);
});

const hello = object('blob', 'hello\n');
const hostile = test.macro(async (t, objects: readonly Made[], reason: string, words: RegExp) => {
  const error = await t.throwsAsync(exported(batch(objects), objects[0]?.id ?? ''), { instanceOf: StreamFailure });
  t.is(`${error?.failure.kind} ${error?.failure.reason}`, `unverified-input ${reason}`);
  t.regex(error?.failure.message ?? '', words);
});
const named = (name: string | Bytes, mode = '100644') => [tree([[mode, name, hello.id]]), hello];
test('a name that leads upwards', hostile, named('..'), 'git-tree', /"\.\." is no name for a file/);
test('a name of the folder itself', hostile, named('.'), 'git-tree', /is no name/);
test('a repository in the tree', hostile, named('.git'), 'git-tree', /is no name/);
test('the same in large letters', hostile, named('.GiT'), 'git-tree', /is no name/);
test('a name with a slash', hostile, named('a/b'), 'git-tree', /is no name/);
test('an absolute name', hostile, named('/etc'), 'git-tree', /is no name/);
test('no name', hostile, named(''), 'git-tree', /is no name/);
test('a name longer than a file system has', hostile, named('x'.repeat(256)), 'git-tree', /is no name/);
test('a device', hostile, named('dev', '60000'), 'git-tree', /has the mode 60000/);
test(
  'a name twice',
  hostile,
  [
    tree([
      ['100644', 'a', hello.id],
      ['120000', 'a', hello.id],
    ]),
    hello,
    hello,
  ],
  'git-tree',
  /is there twice/,
);
test(
  'an empty link',
  hostile,
  [tree([['120000', 'a', object('blob', '').id]]), object('blob', '')],
  'git-tree',
  /a link to a place of 0 bytes/,
);
test(
  'a link with a zero byte',
  hostile,
  [tree([['120000', 'a', object('blob', 'a\0b').id]]), object('blob', 'a\0b')],
  'git-tree',
  /a link/,
);
test('an object that is not there', hostile, [tree([['100644', 'a', hello.id]])], 'git-other-object', /is missing/);
test(
  'another content for an id',
  hostile,
  [named('a')[0] as Made, { ...hello, bytes: Buffer.from('hallo\n') }],
  'git-other-object',
  /has another content/,
);
test('a tree in place of a file', hostile, [named('a')[0] as Made, { ...tree([]), id: hello.id }], 'git-other-object', /is missing/);
test('more than belongs to it', hostile, [...named('a'), hello], 'git-other-object', /more than belongs/);

test('more files than may be, and more bytes', async (t) => {
  const [top, file] = named('a') as [Made, Made];
  const bytes = batch([top, file]);
  await t.throwsAsync(exported(bytes, top.id, { budget: { entries: 0, bytes: 100 } }), { message: /too many files/ });
  await t.throwsAsync(exported(bytes, top.id, { budget: { entries: 1, bytes: 5 } }), { message: /too large/ });
  t.truthy(await exported(bytes, top.id, { budget: { entries: 1, bytes: 6 } }));
});

test('pointers of Git LFS are found', async (t) => {
  const pointer = object('blob', 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n');
  const top = tree([
    ['100644', 'big.bin', pointer.id],
    ['100644', 'small', hello.id],
  ]);
  t.deepEqual((await exported(batch([top, pointer, hello]), top.id)).findings.pointers, ['big.bin']);
});

test('foreign bytes give entries of a tree or one failure, and nothing else', (t) => {
  const likely = fc
    .array(fc.constantFrom('100644 a\0', '40000 b\0', '160000 ', '\0', 'x'.repeat(20), '..'), { maxLength: 8 })
    .map((parts) => Buffer.from(parts.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), likely), (bytes) => {
      try {
        for (const { name } of parseTree(bytes, 20, '')) t.false(name === '' || name === '..' || name.includes('/'));
      } catch (error) {
        t.true(error instanceof StreamFailure && error.failure.reason === 'git-tree');
      }
    }),
  );
  t.pass();
});

const TREE = `tree ${'a'.repeat(40)}\n`;
const dated = test.macro((t, text: string, expected: number | string) => {
  const read = parseCommit(Buffer.from(text), 'http://x/y', 'id');
  t.is(read.ok ? read.value.seconds : read.error.reason, expected);
});
test('the date of a commit is that of its committer', dated, `${TREE}author A <a> 5 +0000\ncommitter B <b> 7 +0200\n\nx`, 7);
test('a name that looks like a date', dated, `${TREE}author A <a> 5 +0000\ncommitter B <b> 1 +0000> 7 +0200\n\nx`, 7);
test('a message does not count', dated, `${TREE}author A <a> 5 +0000\n\ncommitter B <b> 7 +0200\n`, 'git-other-object');
test('a date before 1970', dated, `${TREE}committer B <b> -7 +0200\n\nx`, 'git-other-object');
test('a date after all', dated, `${TREE}committer B <b> 999999999999 +0200\n\nx`, 'git-other-object');
test('no tree', dated, 'committer B <b> 7 +0200\n\nx', 'git-other-object');
