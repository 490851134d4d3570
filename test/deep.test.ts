import test from 'ava';
import fc from 'fast-check';
import { missingHelpers } from '../src/deep/missing.ts';
import { deepLimits, deepSpec } from '../src/deep/plan.ts';
import { lookOf } from '../src/deep/reading.ts';
import type { DeepLook } from '../src/deep/types.ts';
import type { Exit } from '../src/docker/engine.ts';
import { deepText } from '../src/report/deep.ts';
import { PLAIN } from '../src/report/paint.ts';
import { tinyTar } from './helpers/debs.ts';

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
    const printed = { name: 'a.deb', exit: { ...EXIT, ...exit }, limits: LIMITS, reports: [tar], words, wallSeconds };
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
    end: 'failed',
    limit: null,
    message: 'b\u001b[31m',
    tool: 'diffoscope 240',
    wallSeconds: 1,
    missing: [{ helper: 'javap', package: 'default-jdk-headless' }],
    files: { txt: 'deep/c\u001b.txt' },
    excerpt: ['│ -d\u001b]0;title\u0007', '│ +e'],
    more: 3,
  };
  const text = deepText([look], PLAIN, 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  t.notRegex(text, /[\u0000-\u0009\u000b-\u001f]/);
  t.regex(text, /and 4 more lines in deep/);
  t.regex(text, /javap \(default-jdk-headless\)/);
});
