import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../src/base/digest.ts';
import { placeOf } from '../src/base/location.ts';
import { checkLock } from '../src/lock/check.ts';
import { parseLock, writeLock } from '../src/lock/lock.ts';
import type { Lock, LockedFile } from '../src/lock/types.ts';
import type { Container } from '../src/recipe/recipe.ts';

const A = sha256('a');
const B = sha256('b');
const file = (path: string): LockedFile => ({ archive: 'debian', path, size: 7, sha256: A });
const LOCK: Lock = {
  schema: 1,
  twinbuild: '0.1.0',
  for: 'recipe',
  name: 'hello',
  digest: A,
  parts: { steps: A, 'sources[0]': B },
  architecture: 'amd64',
  epoch: 1671000000,
  imageEpoch: 1700000000,
  suites: [{ archive: 'debian', suite: 'bookworm', components: ['main', 'contrib'], date: '2024-01-01T00:00:00Z', inRelease: A }],
  packages: [
    { layer: 'base', name: 'apt', version: '2.6.1', architecture: 'amd64', ...file('pool/main/a/apt/apt_2.6.1_amd64.deb') },
    {
      layer: 'build',
      name: 'debhelper',
      version: '13.11.4',
      architecture: 'all',
      ...file('pool/main/d/debhelper/debhelper_13.11.4_all.deb'),
    },
  ],
  sources: [
    {
      kind: 'debian',
      name: 'hello',
      version: '2.10-3',
      directory: undefined,
      part: undefined,
      files: [file('pool/main/h/hello/hello_2.10-3.dsc'), file('pool/main/h/hello/hello_2.10.orig.tar.gz')],
    },
    { kind: 'tarball', directory: 'modules', files: [{ ...file(''), archive: 'url', path: 'https://example.org/x.tar.gz' }] },
    {
      kind: 'git',
      name: 'kernel',
      ref: 'v1',
      directory: 'kernel',
      trees: [
        { path: '', url: 'https://example.org/x.git', commit: '0a'.repeat(20), size: 7, sha256: A },
        { path: 'a/b', url: 'https://example.org/y', commit: '0b'.repeat(32), size: 8, sha256: B },
      ],
    },
    { kind: 'folder', directory: undefined, sha256: B },
  ],
};
const read = (text: string) => parseLock({ name: 'recipe.lock', text });
const reasonOf = (text: string): string => {
  const lock = read(text);
  return lock.ok ? 'ok' : lock.error.reason;
};

test('a lock has one suite, package and file a line, and LF at the end', (t) => {
  const text = writeLock(LOCK);
  t.true(text.endsWith('"\n}\n'));
  t.is(text.split('\n').filter((line) => line.includes('"layer"')).length, 2);
  t.regex(text, /\n {4}\{"layer": "base", "name": "apt", "version": "2\.6\.1", [^\n]*\},\n/);
  t.is(JSON.parse(text).packages.length, 2);
});

test('what was written is read back', (t) => {
  t.deepEqual(read(writeLock(LOCK)), { ok: true, value: LOCK });
});

const word = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,12}$/);
const digest = fc.string().map((text) => sha256(text));
const files = fc.record({ archive: fc.constant('debian'), path: word.map((name) => `pool/${name}`), size: fc.nat(), sha256: digest });
const locks: fc.Arbitrary<Lock> = fc.record({
  schema: fc.constant(1 as const),
  twinbuild: fc.constant('0.1.0'),
  for: fc.constantFrom('recipe' as const, 'container' as const),
  name: word,
  digest,
  parts: fc.dictionary(word, digest, { noNullPrototype: true }),
  architecture: fc.constantFrom('amd64', 'arm64'),
  epoch: fc.nat(),
  imageEpoch: fc.nat(),
  suites: fc.array(
    fc.record({
      archive: fc.constant('debian'),
      suite: word,
      components: fc.array(word),
      date: fc.constant('2024-01-01T00:00:00Z'),
      inRelease: digest,
    }),
  ),
  packages: fc.array(
    fc
      .tuple(
        files,
        fc.record({
          layer: fc.constantFrom('base' as const, 'build' as const),
          name: word,
          version: word,
          architecture: fc.constant('all'),
        }),
      )
      .map(([one, more]) => ({ ...more, ...one })),
  ),
  sources: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constantFrom('debian' as const, 'dsc' as const),
        name: word,
        version: word,
        directory: fc.option(word, { nil: undefined }),
        part: fc.constantFrom(undefined, 'upstream' as const),
        files: fc.array(files, { minLength: 1 }),
      }),
      fc.record({
        kind: fc.constant('tarball' as const),
        directory: fc.option(word, { nil: undefined }),
        files: files.map((one) => [one]),
      }),
      fc.record({
        kind: fc.constant('git' as const),
        name: fc.option(
          fc.stringMatching(/^[a-z0-9-]{3,9}$/).map((text) => `a${text}`),
          { nil: undefined },
        ),
        ref: word,
        directory: fc.option(word, { nil: undefined }),
        trees: fc.array(
          fc.record({
            ...{ path: fc.constantFrom('', 'sub/inner'), url: fc.constant('https://example.org/x'), size: fc.nat(), sha256: digest },
            commit: digest.map((text) => text.slice(0, 40)),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
      fc.record({ kind: fc.constant('folder' as const), directory: fc.option(word, { nil: undefined }), sha256: digest }),
    ),
  ),
});

test('any lock that is written is read back as it was', (t) => {
  fc.assert(
    fc.property(locks, (lock) => {
      t.deepEqual(read(writeLock(lock)), { ok: true, value: lock });
    }),
    { numRuns: 100 },
  );
});

test('an edit of any byte is refused', (t) => {
  const bytes = Buffer.from(writeLock(LOCK));
  for (let at = 0; at < bytes.length; at += 1) {
    const edited = Buffer.from(bytes);
    edited[at] = (edited[at] ?? 0) ^ 1;
    t.not(reasonOf(edited.toString('latin1')), 'ok', `byte ${at}`);
    t.not(reasonOf(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]).toString()), 'ok', `without byte ${at}`);
  }
});

const refused = test.macro((t, text: string, reason: string, place: string) => {
  const lock = read(text);
  t.false(lock.ok);
  if (!lock.ok) {
    t.is(lock.error.kind, 'usage');
    t.is(lock.error.reason, reason);
    t.is(lock.error.at && placeOf(lock.error.at), place);
  }
});
const TEXT = writeLock(LOCK);
/** The lock with a change and the digest that fits it: what somebody makes who knows how. */
function forged(change: (text: string) => string): string {
  const body = change(TEXT.slice(0, TEXT.indexOf('\n  "integrity"')));
  return `${body}\n  "integrity": "sha256:${sha256(body)}"\n}\n`;
}

test('an empty lock', refused, '', 'lock-truncated', 'recipe.lock:1:1');
test('a lock that ends too early', refused, TEXT.slice(0, 300), 'lock-truncated', 'recipe.lock:9:47');
test('a lock that is no JSON', refused, 'schema: 1\n', 'lock-malformed', 'recipe.lock:1:1');
test('a lock that is another JSON', refused, '[1]\n', 'lock-malformed', 'recipe.lock:1:1');
test('a newer schema', refused, TEXT.replace('"schema": 1', '"schema": 2'), 'lock-schema', 'recipe.lock:2:3');
test('marks of a merge', refused, TEXT.replace('  "parts"', '<<<<<<< HEAD\n  "parts"'), 'lock-conflict', 'recipe.lock:7:1');
test(
  'a size that was edited',
  refused,
  TEXT.replace('"size": 7', '"size": 8'),
  'lock-edited',
  `recipe.lock:${TEXT.split('\n').length - 2}:3`,
);
test('line ends of another system', refused, TEXT.replaceAll('\n', '\r\n'), 'lock-edited', 'recipe.lock:1:2');
test(
  'a path that leads out of the archive',
  refused,
  forged((text) => text.replace('pool/main/a/apt/', 'pool/../../')),
  'lock-malformed',
  'recipe.lock:18:112',
);
test(
  'a key twice',
  refused,
  forged((text) => text.replace('  "epoch"', '  "epoch": 1,\n  "epoch"')),
  'lock-edited',
  'recipe.lock:12:1',
);

const CONTAINER: Container = {
  name: 'bookworm',
  file: { name: 'bookworm.yaml', text: '' },
  path: '/bookworm.yaml',
  digest: B,
  parts: { suite: A, packages: B },
  suite: 'bookworm',
  components: ['main'],
  architecture: 'amd64',
  variant: 'buildd',
  packages: [],
  archives: [],
};
const checked = test.macro((t, over: Partial<Lock>, expected: string) => {
  const lock: Lock = { ...LOCK, for: 'container', name: 'bookworm', digest: B, parts: CONTAINER.parts, ...over };
  const result = checkLock(lock, CONTAINER, { name: 'bookworm.lock', text: writeLock(lock) });
  t.is(result.ok ? 'ok' : result.error.message, expected);
  if (!result.ok) t.is(result.error.reason, 'lock-stale');
});

test('a lock that belongs to its container', checked, {}, 'ok');
test('a lock of something else', checked, { name: 'trixie' }, 'The lock was made for the container trixie, not for the container bookworm');
test(
  'a lock for another architecture',
  checked,
  { architecture: 'arm64' },
  'The lock is for arm64, but the container of bookworm is for amd64',
);
test(
  'a part that changed',
  checked,
  { digest: A, parts: { suite: A, packages: A } },
  'The lock of bookworm is older than its container: `packages` changed',
);
test(
  'parts that came and went',
  checked,
  { digest: A, parts: { suite: A, variant: A } },
  'The lock of bookworm is older than its container: `packages` is new and `variant` is gone',
);
