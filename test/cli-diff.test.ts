import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { diff } from '../src/cli/diff.ts';
import type { World } from '../src/cli/world.ts';
import { failureText } from '../src/report/failure.ts';
import { PLAIN } from '../src/report/paint.ts';
import { tinyDeb } from './helpers/debs.ts';
import { type Rig, rig } from './helpers/rig.ts';

const changesOf = (files: Readonly<Record<string, string>>) =>
  `Format: 1.8\nDate: ${Object.values(files).join('')}\nChecksums-Sha256:\n${Object.entries(files)
    .map(([name, text]) => ` ${sha256(text)} ${text.length} ${name}\n`)
    .join('')}`;

/** Runs the verb in this process, which is what most rows need. */
const ends = test.macro(async (t, files: Readonly<Record<string, string>>, operands: readonly string[], status: number, said: RegExp) => {
  await using r = await rig();
  await r.write(files);
  let text = '';
  const say = (more: string) => {
    text += more;
  };
  const world = { running: { signal: new AbortController().signal }, outPaint: PLAIN, say } as unknown as World;
  const outcome = await diff(
    world,
    operands.map((operand) => resolve(r.path, operand)),
    {},
  );
  if (outcome.failure) say(failureText(outcome.failure, PLAIN));
  t.is(outcome.status, status, text);
  t.regex(text, said);
});

const FOLDERS = { 'a/x': '1', 'a/below/y': '2', 'b/x': '1', 'b/below/y': '2' };
const BUILT = { 'a/x.changes': changesOf({ x: '1' }), 'a/x': '1', 'b/x.changes': changesOf({ x: '1' }), 'b/x': '1' };

test('equal files', ends, { a: 'x', b: 'x' }, ['a', 'b'], 0, /^= a$/m);
test('different files of any kind', ends, { a: 'x', b: 'y' }, ['a', 'b'], 1, /-x\n\s+\+y$/m);
const LONG = 'x'.repeat(5_000_000);
test('long files of which one is longer', ends, { a: LONG, b: `${LONG}${LONG}` }, ['a', 'b'], 1, /10\.0 MB$/m);
test('long files that differ early', ends, { a: LONG, b: `y${LONG}` }, ['a', 'b'], 1, /5\.0 MB$/m);
test('empty files', ends, { a: '', b: '' }, ['a', 'b'], 0, /^= a$/m);
test('an empty file and one that is not', ends, { a: '', b: '\0' }, ['a', 'b'], 1, /content differs from byte 0/);
test(
  'two .buildinfo are compared by their bytes',
  ends,
  { 'a.buildinfo': '1', 'b.buildinfo': '2' },
  ['a.buildinfo', 'b.buildinfo'],
  1,
  /≠/,
);
test('equal folders', ends, FOLDERS, ['a', 'b'], 0, /^= below\/y$/m);
test('folders whose difference is below', ends, { ...FOLDERS, 'b/below/y': '3' }, ['a', 'b'], 1, /^≠ below\/y$/m);
test('folders of which one has more', ends, { ...FOLDERS, 'b/z': '3' }, ['a', 'b'], 1, /^≠ z {2}only in the second build$/m);
test('.changes of equal files', ends, BUILT, ['a/x.changes', 'b/x.changes'], 0, /^= x$/m);
test(
  '.changes of other files',
  ends,
  { ...BUILT, 'b/x.changes': changesOf({ x: '2' }), 'b/x': '2' },
  ['a/x.changes', 'b/x.changes'],
  1,
  /^≠ x$/m,
);
test(
  'a file that is not what its .changes says',
  ends,
  { ...BUILT, 'b/x': '2' },
  ['a/x.changes', 'b/x.changes'],
  2,
  /is not the file that .*b\/x\.changes lists/,
);
test(
  'a .changes whose file is not there',
  ends,
  { ...BUILT, 'a/x.changes': changesOf({ y: '1' }) },
  ['a/x.changes', 'b/x.changes'],
  2,
  /a\/y cannot be read/,
);
test('a .changes that is none', ends, { ...BUILT, 'a/x.changes': 'junk\n' }, ['a/x.changes', 'b/x.changes'], 2, /a\/x\.changes:1/);
test(
  'a .changes that leads out of its folder',
  ends,
  { ...BUILT, 'a/x.changes': changesOf({ '../b/x': '1' }) },
  ['a/x.changes', 'b/x.changes'],
  2,
  /is not the digest/,
);
test('a file that is not there', ends, { a: 'x' }, ['a', 'nowhere'], 2, /nowhere cannot be read/);
test('a file against a folder', ends, FOLDERS, ['a/x', 'b'], 2, /a\/x is a file and .*b is a folder/);
test('something that is no file', ends, { a: 'x' }, ['a', '/dev/null'], 2, /neither a file nor a folder/);

/** Two packages on disk, as `a.deb` and `b.deb`. */
async function packages(r: Rig, names: readonly [string, string]): Promise<void> {
  for (const [index, name] of names.entries()) {
    await writeFile(join(r.path, `${'ab'.charAt(index)}.deb`), await tinyDeb({ files: [{ name, body: `\x1b[2J${index}\n` }] }));
  }
}

test('names and lines with control signs reach no terminal', async (t) => {
  await using r = await rig();
  await packages(r, ['./\x1b]0;x\x07\n', './\x1b]0;x\x07\n']);
  const { status, stdout } = await r.exec('diff', 'a.deb', 'b.deb');
  t.is(status, 1);
  t.true(stdout.includes('./\\x1b]0;x\\x07\\x0a: the text differs'));
  t.true(stdout.includes('-\\x1b[2J0'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  t.notRegex(stdout, /[\x00-\x08\x0b-\x1f\x7f]/);
});

test('a second operand that is missing', async (t) => {
  await using r = await rig();
  t.is((await r.exec('diff', 'a')).status, 2);
});

test('--json has one document with the verdict', async (t) => {
  await using r = await rig();
  await packages(r, ['./a', './a']);
  const { status, stdout } = await r.exec('--json', 'diff', 'a.deb', 'b.deb');
  t.is(status, 1);
  const { verdict, artefacts } = JSON.parse(stdout);
  t.is(verdict, 'different');
  t.deepEqual(artefacts[0].differences[0].trail, ['a.deb', 'data.tar.gz', './a']);
});
