import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { compareOutputs } from '../src/deb/compare.ts';
import { EXPLAIN_LIMITS, explain } from '../src/deb/explain.ts';
import { heldOpening } from '../src/deb/opening.ts';
import { ARCHIVE_LIMITS } from '../src/format/limits.ts';
import { artefact, tinyAr, tinyDeb, tinyTar } from './helpers/debs.ts';

const LIMITS = { ...EXPLAIN_LIMITS, archive: { ...ARCHIVE_LIMITS, totalBytes: 10_000_000 } };
const explained = (first: Uint8Array, second: Uint8Array, limits = {}) =>
  explain('x.deb', heldOpening(first), heldOpening(second), { ...LIMITS, ...limits });

for (const compression of ['none', 'gz', 'zst'] as const) {
  test(`one flipped byte anywhere changes the verdict, and has an explanation (${compression})`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'flip-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const deb = await tinyDeb({ compression });
    const first = await artefact(folder, 'hello.deb', deb);
    const step = Math.ceil(deb.length / 70);
    for (let at = 0; at < deb.length; at += step) {
      const bytes = Buffer.from(deb);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + (at % 255));
      const second = { ...(await artefact(folder, 'other.deb', bytes)), name: 'hello.deb' };
      const result = await compareOutputs([first], [second]);
      if (!result.ok) return t.fail(`${at}: ${result.error.message}`);
      t.is(result.value.verdict, 'different', `${at}`);
      t.true((result.value.artefacts[0]?.differences.length ?? 0) > 0, `${at}`);
    }
  });
}

test('two different contents always have an explanation, equal ones never', async (t) => {
  const deb = await tinyDeb({ compression: 'zst' });
  const edit = fc.record({ at: fc.nat(deb.length - 1), remove: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) });
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(edit, { maxLength: 3 }).map((edits) => {
      let bytes: Buffer = deb;
      for (const { at, remove, put } of edits) bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + remove)]);
      return bytes;
    }),
  );
  await fc.assert(
    fc.asyncProperty(anything, anything, async (first, second) => {
      const { differences } = await explained(first, second);
      return differences.length > 0 === (Buffer.compare(first, second) !== 0);
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test('any two tars of the same names in any order are told apart', async (t) => {
  const names = fc.shuffledSubarray(['./a', './b', './c', './d', './e/', './e/f']);
  await fc.assert(
    fc.asyncProperty(names, names, async (first, second) => {
      const [one, two] = await Promise.all([tinyTar(first.map((name) => ({ name }))), tinyTar(second.map((name) => ({ name })))]);
      const { differences } = await explained(one, two);
      const onlyIn = (side: string) =>
        differences.filter(({ what }) => what.kind === 'only-in' && what.side === side).map(({ trail }) => trail[1]);
      const common = (list: string[], other: string[]) => list.filter((name) => other.includes(name)).join(' ');
      t.deepEqual(onlyIn('first').sort(), first.filter((name) => !second.includes(name)).sort());
      t.deepEqual(onlyIn('second').sort(), second.filter((name) => !first.includes(name)).sort());
      t.is(
        differences.some(({ what }) => what.kind === 'order'),
        common(first, second) !== common(second, first),
      );
    }),
  );
});

test('a member that stands twice is compared twice', async (t) => {
  const [one, two] = await Promise.all([
    tinyTar([
      { name: './a', body: '1' },
      { name: './a', body: '2' },
    ]),
    tinyTar([
      { name: './a', body: '1' },
      { name: './a', body: '3' },
    ]),
  ]);
  const { differences } = await explained(one, two);
  t.deepEqual(
    differences.map(({ trail, what }) => [trail.at(-1), what.kind]),
    [['./a', 'text']],
  );
});

test('the list of differences has an end', async (t) => {
  const files = Array.from({ length: 50 }, (_, index) => ({ name: `./${index}`, body: 'x' }));
  const other = files.map((file) => ({ ...file, body: 'y' }));
  const { differences, more } = await explained(await tinyTar(files), await tinyTar(other), { differences: 7 });
  t.deepEqual([differences.length, more], [7, 43]);
});

test('large members that stand at other places are looked into a few times only', async (t) => {
  const files = Array.from({ length: 12 }, (_, index) => ({ name: `./${String(index).padStart(2, '0')}`, body: 'x' }));
  const other = files.map((file) => ({ ...file, body: 'y' })).reverse();
  const { differences, more } = await explained(await tinyTar(files), await tinyTar(other), { dives: 3 });
  t.deepEqual(differences.map(({ what }) => what.kind).sort(), ['order', 'text', 'text', 'text', 'text']);
  t.is(more, 8);
});

test('archives within archives are looked into to a depth', async (t) => {
  const nested = (core: string, levels: number): Buffer =>
    levels === 0 ? Buffer.from(core) : tinyAr([{ name: 'in', body: nested(core, levels - 1) }]);
  const { differences } = await explained(nested('a', 30), nested('b', 30));
  t.deepEqual(
    differences.map(({ trail, what }) => [trail.length, what.kind]),
    [[LIMITS.depth + 1, 'text']],
  );
});

const bomb = (byte: string) => tinyAr([{ name: 'data.tar.gz', body: gzipSync(Buffer.alloc(20_000_000, byte)) }]);
test('a bomb is not unpacked', async (t) => {
  const { differences } = await explained(bomb('a'), bomb('b'));
  t.like(differences[0]?.what, { kind: 'unreadable', side: 'both', why: 'The compressed data gives more than 10000000 bytes.' });
});

test('a damaged side is named', async (t) => {
  const [one, two] = await Promise.all([tinyDeb(), tinyDeb({ files: [{ name: './x' }] })]);
  const damaged = Buffer.from(two);
  damaged.fill(0xff, damaged.lastIndexOf('data.tar.gz') + 90, damaged.lastIndexOf('data.tar.gz') + 95);
  const sides = [
    await explained(one, damaged),
    await explained(damaged, one),
    await explained(damaged, Buffer.from(damaged).fill(0, damaged.length - 12)),
  ];
  t.deepEqual(
    sides.map(({ differences }) => differences.map(({ what }) => (what.kind === 'unreadable' ? what.side : what.kind))),
    [['second'], ['first'], ['both']],
  );
});
