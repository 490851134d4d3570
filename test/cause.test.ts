import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { causesPage } from '../scripts/causes-page.ts';
import type { SurroundingName } from '../src/build/types.ts';
import { causesOf } from '../src/cause/causes.ts';
import { DETECTORS, MASKS } from '../src/cause/detectors.ts';
import type { CauseContext } from '../src/cause/types.ts';
import type { Difference } from '../src/deb/types.ts';
import { changed, content, explained, text, VARIED, verdictOn } from './helpers/differences.ts';
import { recordedOf, saidOfCorpus } from './helpers/recorded.ts';
import { PROJECT } from './helpers/rig.ts';
import { isExpected, scoreText } from './helpers/score.ts';

for (const { made, leak, causes, score } of saidOfCorpus()) {
  test(`recorded: ${made} ${leak.file} is ${leak.cause ?? 'not explained'}`, (t) => {
    t.deepEqual({ missed: score.missed, wrong: score.wrong }, { missed: [], wrong: [] }, JSON.stringify(causes, null, 1));
    if (leak.cause === null || leak.also?.includes(causes[0]?.name ?? '')) return;
    t.true(
      causes.some((cause) => isExpected(cause, leak)),
      JSON.stringify(causes, null, 1),
    );
  });
}

test('precision and recall over the corpus', (t) => {
  const scores = saidOfCorpus().map(({ score }) => score);
  t.log(scoreText(scores));
  t.true(scores.every(({ wrong, missed }) => wrong.length === 0 && missed.length === 0));
});

test('checksums and sizes of the corpus are consequences', (t) => {
  const { context, artefacts } = recordedOf('corpus-around');
  const said = artefacts.flatMap((artefact) => causesOf(artefact, context));
  const names = (part: string): readonly string[] => said.filter(({ trail }) => trail.at(-1) === part).map(({ name }) => name);
  t.deepEqual(names('./md5sums'), ['consequence']);
  t.deepEqual(names('./control'), ['consequence']);
  t.true(said.filter(({ trail }) => trail[0]?.endsWith('.buildinfo')).every(({ name }) => name === 'consequence'));
});

/** Names of the causes of one difference, the surest first, and the surrounding of the first. */
const is = test.macro((t, difference: Difference, expected: readonly string[], surrounding: SurroundingName | null = null) => {
  const causes = explained(difference);
  t.deepEqual(
    causes.map(({ name }) => name),
    expected,
    JSON.stringify(causes, null, 1),
  );
  if (expected.length > 0) t.is(causes[0]?.surrounding, surrounding);
});

const deb = (...trail: string[]): string[] => ['x_1_all.deb', 'data.tar.xz', ...trail];
const attribute = (trail: string[], name: 'mtime' | 'mode' | 'owner' | 'group' | 'size', first: string, second: string): Difference => ({
  trail,
  what: { kind: 'attribute', attribute: name, first, second },
});
const field = (trail: string[], name: string, first: string, second: string): Difference => ({
  trail,
  what: { kind: 'field', field: name, first, second },
});

// Built at 2026-11-23T11:18:09Z and ten seconds later.
test('a German date of the build', is, text('-Mo 23. Nov 11:18:12 UTC 2026', '+Mo 23. Nov 11:18:31 UTC 2026'), ['timestamp']);
test('a date of the build in brackets', is, text('-[23/Nov/2026:11:18:12 +0000] ok', '+[23/Nov/2026:11:18:31 +0000] ok'), ['timestamp']);
test('a date with the month as a word and dashes', is, text('-23-Nov-2026 11:18', '+23-Nov-2026 11:19'), ['timestamp']);
test('milliseconds since 1970', is, text('-{"built":1795432690123}', '+{"built":1795432702456}'), ['timestamp']);
test('a day of the build, moved by the time zone', is, text('-on 2026-11-23', '+on 2026-11-24'), ['timestamp'], 'timezone');
test(
  'a user and a host in one line',
  is,
  text('-# builder@twin-a', '+# rebuilder-two@twin-b-with-a-longer-name'),
  ['hostname', 'user'],
  'hostname',
);
test(
  'a kernel banner',
  is,
  text(
    '-Linux 6.1 (builder@twin-a) #1 SMP Mon Nov 23 11:18:12 UTC 2026',
    '+Linux 6.1 (rebuilder-two@twin-b-with-a-longer-name) #1 SMP Mon Nov 23 11:18:31 UTC 2026',
  ),
  ['hostname', 'user', 'timestamp'],
  'hostname',
);
test('the processor of another machine', is, text('-GNU C17 12.2.0 -march=znver3 -O2', '+GNU C17 12.2.0 -march=skylake -O2'), [
  'compiler-tuning',
]);
test('a decimal comma', is, text('-ratio 3.14', '+ratio 3,14'), ['locale-number'], 'locale');
test(
  'members of a tar in another order',
  is,
  { trail: deb('./a.tar'), what: { kind: 'order', first: 'a', second: 'b' } },
  ['directory-order'],
  'directory-order',
);
test('a mode that the umask gives', is, attribute(deb('./a'), 'mode', '0644', '0664'), ['file-mode'], 'umask');
test('a setuid bit is no matter of the umask', is, attribute(deb('./a'), 'mode', '4755', '0755'), []);
test('the build users as owners', is, attribute(deb('./a'), 'owner', 'builder (1000)', 'rebuilder-two (2345)'), ['file-owner'], 'user');
test('owners that are nobody of the build', is, attribute(deb('./a'), 'owner', 'games (5)', 'man (6)'), []);
test('the time of a member', is, attribute(deb('./a.tar', 'a'), 'mtime', '2026-11-23T11:18:12Z', '2026-11-23T11:18:31Z'), ['file-time']);
test(
  'the local time of a zip',
  is,
  attribute(deb('./a.jar', 'a'), 'mtime', '2024-01-01T12:00:00Z', '2024-01-02T02:00:00Z'),
  ['file-time'],
  'timezone',
);
test('times of long ago', is, attribute(deb('./a.tar', 'a'), 'mtime', '2020-01-01T00:00:00Z', '2021-03-01T00:00:07Z'), []);
test('a time in a gzip header', is, attribute(deb('./a.gz', 'gzip header'), 'mtime', '2026-11-23T11:18:12Z', '2026-11-23T11:18:31Z'), [
  'gzip-time',
]);
test(
  'the level of gzip',
  is,
  { trail: deb('./a.gz', 'gzip header'), what: { kind: 'attribute', attribute: 'level', first: 'best', second: 'fastest' } },
  ['compression'],
);
test('the members of a static library', is, attribute(deb('./usr/lib/libx.a', 'x.o'), 'owner', '1000', '2345'), ['static-library'], 'user');
test('the source time of compiled Python', is, field(deb('./a.pyc'), 'source mtime', '2026-11-23T11:18:12Z', '2026-11-23T11:18:31Z'), [
  'python-bytecode',
]);
test('the code of compiled Python', is, content(deb('./a.pyc', 'code'), Buffer.from([1, 2, 3]), Buffer.from([1, 9, 3])), [
  'python-bytecode',
]);
test('the signature of a kernel module', is, content(deb('./a.ko', 'module signature'), Buffer.from([1, 2, 3]), Buffer.from([1, 9, 3])), [
  'signature',
]);
test('a build id', is, field(deb('./usr/bin/a', '.note.gnu.build-id'), 'build-id', 'ab12', 'cd34'), ['build-id']);
test('the date of a PDF', is, field(deb('./a.pdf'), 'CreationDate', 'D:20261123111812Z', 'D:20261123111831Z'), ['timestamp']);
test('the identifier of a PDF', is, field(deb('./a.pdf'), 'ID', '<AB> <CD>', '<EF> <01>'), ['document-id']);
test('a time in four bytes, big end first', is, content(deb('./a.bin'), bytes(1795432691), bytes(1795432702)), ['binary-timestamp']);
test('another packing of the same', is, { trail: deb(), what: { kind: 'encoding', offset: 300 } }, ['compression'], 'cpus');
test('a temporary object', is, text('-/tmp/ccAb12Cd.o', '+/tmp/ccXy98Zw.o'), ['temporary-name']);

// What differs for reasons that nobody can see from here.
test('other numbers', is, text('-answer 41', '+answer 97'), []);
test('two processors more elsewhere', is, text('-chapter 2 of 7', '+chapter 3 of 9'), []);
test('another version', is, text('-libfoo 1.2.3', '+libfoo 1.2.4'), []);
test('a date of the package', is, text('-Released 2019-03-04', '+Released 2019-05-07'), []);
test('a year long gone', is, text('-Copyright 2011 Nobody', '+Copyright 2012 Nobody'), []);
test('other words', is, text('-the quick brown fox', '+the lazy dog'), []);
test('another path of the package', is, text('-/usr/lib/a/b.so', '+/usr/lib/c/b.so'), []);
test('a name that has the user in it', is, text('-rebuilders unite', '+pathbuilder unites'), []);
test('other bytes', is, content(deb('./a.bin'), Buffer.from('00ff10fe20', 'hex'), Buffer.from('00f010ee21', 'hex')), []);
test('an unreadable archive', is, { trail: deb('./a.tar'), what: { kind: 'unreadable', side: 'both', why: 'cut', offset: 3 } }, []);

function bytes(seconds: number): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt32BE(seconds, 7);
  return buffer;
}

test('nothing is said of outputs that are equal or do not count', (t) => {
  const row = verdictOn([text('-twin-a', '+twin-b-with-a-longer-name')]);
  t.deepEqual(causesOf({ ...row, verdict: 'not-counted' }, VARIED), []);
});

test('what was not varied is not the reason', (t) => {
  const still: CauseContext = { ...VARIED, second: VARIED.first, varied: [] };
  const differences = [
    attribute(deb('./a'), 'mode', '0644', '0664'),
    text('-twin-a', '+twin-b-with-a-longer-name'),
    text('-A', '-b', '+b', '+A'),
  ];
  t.deepEqual(
    causesOf(verdictOn(differences), still)
      .map(({ surrounding }) => surrounding)
      .filter((name) => name !== null),
    [],
  );
});

test('without knowledge of the builds nothing is called certain that rests on it', (t) => {
  const unknown: CauseContext = { first: undefined, second: undefined, varied: [], epoch: undefined, builtAtSeconds: undefined };
  const dates = causesOf(verdictOn([text('-Nov 23 2026 11:18:09', '+Nov 24 2026 09:00:00')]), unknown);
  t.deepEqual(
    dates.map(({ name, confidence }) => [name, confidence]),
    [['timestamp', 'possible']],
  );
  const paths = causesOf(verdictOn([text('-/home/a/x-1.0/src/x.c', '+/build/x-1.0/src/x.c')]), unknown);
  t.deepEqual(
    paths.map(({ name }) => name),
    ['folder-of-build'],
  );
});

test('a lone size is no consequence of anything', (t) => {
  t.deepEqual(explained(attribute(deb('./a'), 'size', '1', '2')), []);
});

const line = fc.string({
  unit: fc.constantFrom('-', '+', ' ', 'a', '1', '9', ':', '/', '.', 'n', 'o', 'v', ' 2026', '0x', '\n', '\ufffd', 'é'),
  maxLength: 80,
});

test('whatever differs, there are at most three causes for it, each once, and each in the documentation', (t) => {
  const known = new Set([...DETECTORS, ...MASKS].map(({ name }) => name).concat('consequence'));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (lines, a, b) => {
      for (const difference of [text(...lines), content(deb('./x'), a, b), changed(lines[0] ?? '', lines[1] ?? '')]) {
        const names = explained(difference).map(({ name }) => name);
        if (names.length > 3 || new Set(names).size !== names.length || !names.every((name) => known.has(name))) return false;
      }
      return true;
    }),
  );
  t.pass();
});

test('text that was made to be slow is not', (t) => {
  const long = [
    `-${'1 '.repeat(50_000)}`,
    `+${'1 '.repeat(49_999)}2`,
    `-${'nov '.repeat(30_000)}`,
    `+${'nov 1 '.repeat(30_000)}`,
    `-${'/a'.repeat(90_000)}`,
    `+${'ab12'.repeat(90_000)}`,
  ];
  const began = performance.now();
  explained(text(...long, ...long.toReversed()));
  t.true(performance.now() - began < 3000);
});

test('docs/causes.md is what the detectors say', async (t) => {
  t.is(await readFile(join(PROJECT, 'docs/causes.md'), 'utf8'), causesPage());
});

test('every detector has a name of its own, a remedy and a sentence on its evidence', (t) => {
  const all = [...DETECTORS, ...MASKS];
  t.is(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, remedy, evidence, link } of all) {
    t.regex(remedy, /\.$/, name);
    t.regex(evidence, /\.$/, name);
    t.regex(link ?? 'https://', /^https:\/\//, name);
  }
});
