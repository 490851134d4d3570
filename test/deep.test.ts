import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { byBytes } from '../src/base/order.ts';
import type { ArtefactVerdict, Difference } from '../src/deb/types.ts';
import { missingHelpers } from '../src/deep/missing.ts';
import { deepLimits, deepSpec } from '../src/deep/plan.ts';
import { lookOf } from '../src/deep/reading.ts';
import { placesOf, sideOf } from '../src/deep/sides.ts';
import { deepTree } from '../src/deep/tree.ts';
import type { DeepLook } from '../src/deep/types.ts';
import { wantedFiles } from '../src/deep/wanted.ts';
import type { Exit } from '../src/docker/engine.ts';
import { ARCHIVE_LIMITS } from '../src/format/limits.ts';
import { readTar } from '../src/format/tar.ts';
import { packTar } from '../src/format/tar-write.ts';
import { deepText } from '../src/report/deep.ts';
import { PLAIN } from '../src/report/paint.ts';
import { artefact, tinyDeb, tinyTar } from './helpers/debs.ts';
import { verdictOn } from './helpers/differences.ts';

const REPORT = {
  'diffoscope-json-version': 1,
  source1: 'a.deb',
  source2: 'b.deb',
  unified_diff: null,
  details: [
    {
      source1: './x.class',
      source2: './x.class',
      comments: [
        "'javap' not available in path. Falling back to binary comparison. Installing the 'default-jdk-headless | java-sdk' package may produce better output.",
        'xxd not available in path. Falling back to Python hexlify.\n',
      ],
      unified_diff: "-'bogus' not available in path.",
    },
    { source1: './y.class', source2: './y.class', comments: ["'javap' not available in path.", "a 'quoted' not available in path"] },
  ],
};

test('missing helpers are read from the comments alone, each once', (t) => {
  t.deepEqual(missingHelpers(JSON.stringify(REPORT)), [
    { helper: 'javap', package: 'default-jdk-headless | java-sdk' },
    { helper: 'xxd', package: null },
  ]);
});

test('whatever is not such a report names no helper', (t) => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => Array.isArray(missingHelpers(text))));
  t.deepEqual(missingHelpers(JSON.stringify({ comments: 3, details: { 0: REPORT } })), []);
});

const LIMITS = deepLimits(8 * 1024 ** 3);
const EXIT: Exit = { status: 1, outOfMemory: false, timedOut: false, stopped: 'no' };

test('the container has no network, no rights, and a bound on everything that it can write to', (t) => {
  const image = `sha256:${'0'.repeat(64)}` as const;
  const spec = deepSpec({ image, name: '-rf', volume: 'v', limits: LIMITS, labels: {} });
  t.true(spec.readOnlyRoot);
  t.deepEqual(spec.capabilities, []);
  t.is(spec.user, '65534:65534');
  t.true(Object.values(spec.tmpfs).every((options) => /\bnoexec\b.*\bsize=\d+\b/.test(options)));
  t.is(spec.memoryBytes, 4 * 1024 ** 3);
  t.true(LIMITS.scratchBytes < LIMITS.memoryBytes);
});

const ends = test.macro(
  async (t, exit: Partial<Exit>, words: string, wallSeconds: number, wanted: Pick<DeepLook, 'end' | 'limit'>, message: RegExp | null) => {
    const tar = await tinyTar([
      { name: './' },
      { name: './json', body: JSON.stringify(REPORT) },
      { name: './txt', body: 'one\ntwo\n' },
      { name: './version', body: 'diffoscope 240\n' },
    ]);
    const printed = { name: 'a.deb', given: [], exit: { ...EXIT, ...exit }, limits: LIMITS, reports: [tar], words, wallSeconds };
    const { look, forms } = await lookOf(printed);
    t.deepEqual({ end: look.end, limit: look.limit }, wanted);
    if (message) t.regex(look.message ?? '', message);
    else t.is(look.message, null);
    t.is(look.tool, 'diffoscope 240');
    t.deepEqual(look.excerpt, ['one', 'two']);
    t.deepEqual(Object.keys(forms), ['json', 'txt']);
  },
);

test('differences', ends, {}, '', 1, { end: 'compared', limit: null }, null);
test('no difference', ends, { status: 0 }, '', 1, { end: 'equal', limit: null }, null);
test('out of memory', ends, { status: 137, outOfMemory: true }, '', 1, { end: 'limit', limit: 'memory' }, /4096 MiB of memory/);
test('out of room', ends, { status: 2 }, 'No space left on device. Exiting.', 1, { end: 'limit', limit: 'size' }, /2731 MiB/);
test('out of time', ends, {}, '', 601, { end: 'limit', limit: 'time' }, /600 s; its report/);
test('killed for time', ends, { status: 137, timedOut: true }, '', 660, { end: 'limit', limit: 'time' }, /600 s/);
test('fallen over', ends, { status: 2 }, 'Traceback\nValueError: what\n', 1, { end: 'failed', limit: null }, /status 2: ValueError: what/);

test('a report that breaks off is not there, and nothing else breaks', async (t) => {
  const tar = (await tinyTar([{ name: './txt', body: 'x'.repeat(5000) }])).subarray(0, 2000);
  const { look, forms } = await lookOf({
    name: 'a',
    given: [],
    exit: { ...EXIT, status: 137 },
    limits: LIMITS,
    reports: [tar],
    words: '',
    wallSeconds: 1,
  });
  t.like(look, { end: 'limit', limit: 'memory', tool: null, excerpt: [], missing: [] });
  t.regex(look.message ?? '', /no report/);
  t.deepEqual(forms, {});
});

test('what diffoscope printed reaches no terminal unescaped', (t) => {
  const look: DeepLook = {
    name: 'a\u001b[31m.deb',
    given: ['data.tar.xz > ./\u001b'],
    end: 'failed',
    limit: null,
    message: 'b\u001b[31m',
    tool: 'diffoscope 240',
    wallSeconds: 1,
    missing: [{ helper: 'javap', package: 'default-jdk-headless' }],
    files: { txt: 'deep/c\u001b.txt' },
    excerpt: ['│ -d\u001b]0;title\u0007', '│ +e'],
    more: 3,
    tree: null,
  };
  const text = deepText([look], PLAIN, 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  t.notRegex(text, /[\u0000-\u0009\u000b-\u001f]/);
  t.regex(text, /and 4 more lines in deep/);
  t.regex(text, /javap \(default-jdk-headless\)/);
});

const verdict = (...differences: Difference[]): ArtefactVerdict => ({ ...verdictOn(differences), name: 'x_1_all.deb' });
const at = (what: Difference['what'], ...trail: string[]): Difference => ({ trail: ['x_1_all.deb', ...trail], what });
const TEXT: Difference['what'] = { kind: 'text', hunks: [], more: 0 };
const MODE: Difference['what'] = { kind: 'attribute', attribute: 'mode', first: '0644', second: '0664' };
const ONLY: Difference['what'] = { kind: 'only-in', side: 'first' };
const BROKEN: Difference['what'] = { kind: 'unreadable', side: 'both', why: 'x', offset: 0 };
const wantedOf = (...differences: Difference[]): unknown => {
  const wanted = wantedFiles(verdict(...differences), ({ trail }) => trail.at(-1) === './md5sums');
  return wanted && Object.fromEntries([...wanted].map(([part, files]) => [part, [...files]]));
};

test('diffoscope gets the files whose contents differ', (t) => {
  t.deepEqual(
    wantedOf(
      at(TEXT, 'control.tar.xz', './md5sums'),
      at(TEXT, 'data.tar.xz', './a'),
      at(MODE, 'data.tar.xz', './b'),
      at(ONLY, 'data.tar.xz', './c'),
      at(MODE, 'data.tar.xz', './d.tar', 'e'),
      at(ONLY, 'data.tar.xz', './d.tar', 'f'),
    ),
    { 'data.tar.xz': ['./a', './d.tar'] },
  );
});
test('it gets the whole package when the package itself differs, and nothing smaller would show it', (t) => {
  t.is(wantedOf(at(MODE, 'data.tar.xz', './b')), undefined);
  t.is(wantedOf(at({ kind: 'order', first: 'a', second: 'b' }, 'data.tar.xz')), undefined);
  t.is(wantedOf(at(TEXT, 'data.tar.xz', './a'), at(BROKEN, 'data.tar.xz')), undefined);
  t.is(wantedOf(at(TEXT, 'data.tar.xz', './a'), at(ONLY, 'data.tar.zst')), undefined);
});
test('it gets anything but a package whole', (t) => {
  t.is(
    wantedFiles({ ...verdict(at(TEXT, 'data.tar', './a')), name: 'x.tar.gz' }, () => false),
    undefined,
  );
});

test('where a file lies leads nowhere else, and no two lie at one place', (t) => {
  const name = fc.string({ unit: fc.constantFrom('.', '/', 'a', 'b', '-', '\0', '\u001b'), maxLength: 12 });
  const files = fc.array(name, { maxLength: 12 });
  fc.assert(
    fc.property(files, (names) => {
      const places = [...placesOf(new Map([['data.tar.xz', new Set(names)]])).values()];
      const sorted = [...places].sort(byBytes);
      return (
        new Set(places).size === places.length &&
        places.every((place) => place.split('/').every((part) => /^[\w.+~@=,:-]+$/.test(part) && part !== '.' && part !== '..')) &&
        sorted.every((place) => !places.some((other) => other.startsWith(`${place}/`)))
      );
    }),
  );
  t.pass();
});

test('both sides have the wanted files alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-sides-'));
  const deb = await tinyDeb({
    files: [{ name: './' }, { name: './a', body: 'one' }, { name: './b', body: 'two' }, { name: './e', body: '' }],
  });
  const whole = await artefact(folder, 'x.deb', deb);
  const wanted = new Map([['data.tar.gz', new Set(['./a', './e', './gone'])]]);
  const members = await Array.fromAsync(
    readTar(packTar(sideOf('first', whole, 'x.deb', wanted)), ARCHIVE_LIMITS),
    async ({ member, body }) => [member.name, Buffer.concat(await Array.fromAsync(body)).toString()],
  );
  t.deepEqual(members, [
    ['first/', ''],
    ['first/data/a', 'one'],
    ['first/data/e', ''],
  ]);
  await rm(folder, { recursive: true });
});

test('the places of a report, and nothing that is none', (t) => {
  const tree = deepTree(JSON.stringify(REPORT));
  t.is(tree?.first, 'a.deb');
  t.deepEqual(
    tree?.inside.map(({ first, lines }) => [first, lines]),
    [
      ['./x.class', ["-'bogus' not available in path."]],
      ['./y.class', []],
    ],
  );
  t.is(deepTree('{"details": 1}'), null);
  fc.assert(fc.property(fc.json(), (json) => ((tree) => tree === null || typeof tree.first === 'string')(deepTree(json))));
});
test('a report without end is cut, and says so', (t) => {
  const leaf = { source1: 'x', source2: 'x', unified_diff: `${'+y\n'.repeat(5000)}${'z'.repeat(5000)}` };
  const wide = deepTree(JSON.stringify({ source1: 'r', source2: 'r', details: Array.from({ length: 5000 }, () => leaf) }));
  t.is(wide?.inside[0]?.lines.length, 200);
  t.is(wide?.inside[0]?.more, 4801);
  t.is((wide?.inside.length ?? 0) + (wide?.left ?? 0), 5000);
  t.true(JSON.stringify(wide).length < 2_000_000);
  const deep = deepTree(`${'{"source1":"a","source2":"a","details":['.repeat(3000)}${']}'.repeat(3000)}`);
  t.true(JSON.stringify(deep).length < 100_000);
});
