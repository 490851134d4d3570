import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { sha256, sha256Of } from '../../src/base/digest.ts';
import type { Result } from '../../src/base/result.ts';
import { folderSource, readFolders } from '../../src/build/folders.ts';
import { planBuild } from '../../src/build/plan.ts';
import { reproduce } from '../../src/build/reproduce.ts';
import { surroundings } from '../../src/build/surroundings.ts';
import { type Built, SURROUNDING_NAMES } from '../../src/build/types.ts';
import type { Image } from '../../src/image/types.ts';
import type { Lock } from '../../src/lock/types.ts';
import { folderTar } from '../../src/recipe/folder.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import type { Store } from '../../src/store/types.ts';
import { builderImage, labelsOfARun, leftOf, must, theEngine } from '../helpers/engine.ts';

type Given = {
  readonly files?: Readonly<Record<string, string>>; // of the source folder
  readonly patches?: Readonly<Record<string, string>>; // with series
  readonly run: string;
  readonly vary?: readonly string[]; // nothing else is varied
  readonly parallel?: boolean;
};

type Ended = AsyncDisposable & {
  readonly result: Result<{ first: Built; second: Built }>;
  readonly left: readonly string[];
  readonly folder: string;
  readonly text: (name: string) => Promise<string>;
};

/** Builds a folder twice; the outputs are `out*` beside the tree. */
async function twice({ files = {}, patches, run, vary = [], parallel = true }: Given): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-twice-'));
  await write(join(folder, 'source'), { keep: '', ...files });
  if (patches) await write(join(folder, 'patches'), patches);
  const id = await builderImage();
  const image: Image = { key: sha256('image'), id, bashId: id, locales: [], fakeTimeLibrary: undefined };
  const resources = { memoryBytes: 512 * 1024 ** 2, diskBytes: 1024 ** 3, cpus: undefined, timeSeconds: 100 };
  const recipe = {
    name: 'twice',
    digest: sha256('recipe'),
    sources: [{ kind: 'folder', path: join(folder, 'source'), directory: undefined }],
    patches: patches ? [{ path: join(folder, 'patches'), directory: undefined }] : [],
    environment: {},
    steps: [{ name: 'build', run, timeoutSeconds: 60, user: 'builder' }],
    outputs: ['out*'],
    resources,
    permissions: [],
  } as unknown as Recipe;
  const { digest } = await sha256Of(folderTar(join(folder, 'source')));
  const lock = { epoch: 1_700_000_000, sources: [{ kind: 'folder', directory: undefined, sha256: digest }] } as unknown as Lock;
  const folders = must(await readFolders(recipe, lock));
  const skip = SURROUNDING_NAMES.filter((name) => !vary.some((word) => word.startsWith(name)));
  const around = must(surroundings({ tree: 'twice', cpus: 2, memoryBytes: 4 * 1024 ** 3, resources, image, vary, skip }));
  const half = (name: 'first' | 'second') => ({
    plan: planBuild({ recipe, lock, lockDigest: sha256('lock'), image, surroundings: around[name], folders }),
    folder: join(folder, name),
  });
  const labels = labelsOfARun();
  const result = await reproduce({
    engine: await theEngine(),
    store: undefined as unknown as Store, // every input is a folder
    running: { signal: new AbortController().signal, tell: () => {}, labels },
    first: half('first'),
    second: half('second'),
    parallel,
    folderOf: folderSource(folders),
  });
  return {
    result,
    left: await leftOf(labels),
    folder,
    text: (name) => readFile(join(folder, name), 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const patch = (before: string, after: string, file = 'text') =>
  `Description: test\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${before}\n+${after}\n`;

test.serial('a series is applied in order, with the options of each patch', async (t) => {
  await using ended = await twice({
    files: { text: 'one\n', deep: 'x\n' },
    patches: {
      series: '# a comment\n\none.patch\nnone.patch -p0 # its own level\nback.patch -R',
      'one.patch': patch('one', 'two'),
      'none.patch': patch('x', 'y', 'deep').replaceAll(/[ab]\//g, ''),
      'back.patch': patch('three', 'two'),
    },
    run: 'cat text deep > ../out',
  });
  t.true(ended.result.ok, JSON.stringify(ended.result));
  t.is(await ended.text('first/out'), 'three\ny\n');
  t.regex(await ended.text('first/build.log'), /applying one\.patch\npatching file text\napplying none\.patch\n/);
});

const patchFails = test.macro(async (t, text: string, series: string, one: string, message: RegExp) => {
  await using ended = await twice({ files: { text }, patches: { series, 'one.patch': one }, run: 'cat text > ../out' });
  if (ended.result.ok) return t.fail();
  t.is(ended.result.error.kind, 'build-failed');
  t.is(ended.result.error.reason, 'patch-failed');
  t.regex(ended.result.error.message, message);
  t.deepEqual(ended.left, []);
});

test.serial(
  'a patch that does not fit names itself, the file and the hunk',
  patchFails,
  'other\n',
  'one.patch\n',
  patch('one', 'two'),
  /^The patch one\.patch does not apply: hunk 1 of text\.$/,
);
test.serial(
  'a patch that is there already is not taken for a reversed one',
  patchFails,
  'two\n',
  'one.patch\n',
  patch('one', 'two'),
  /one\.patch does not apply/,
);
test.serial(
  'a patch is not fitted with fuzz',
  patchFails,
  'a\nX\none\nc\nd\n',
  'one.patch\n',
  '--- a/text\n+++ b/text\n@@ -1,5 +1,5 @@\n a\n b\n-one\n+two\n c\n d\n',
  /one\.patch does not apply: hunk 1 of text/,
);
test.serial(
  'a patch that the series names must be there',
  patchFails,
  'one\n',
  'gone.patch\n',
  patch('one', 'two'),
  /gone\.patch does not apply/,
);

for (const order of ['tmpfs', 'shuffled']) {
  test.serial(`the tree is the same whether its volume is ordinary or ${order}`, async (t) => {
    await using ended = await twice({
      files: { 'a/b/c': '1', 'a/z': '2', 'b file': '3' },
      run: 'find . -printf "%p %m %s %T@ %y %l\\n" | LC_ALL=C sort > ../out; ls -U . > ../out-order',
      vary: [`directory-order=${order}`],
    });
    if (!ended.result.ok) return t.fail(ended.result.error.message);
    const [first, second] = [ended.result.value.first.outputs, ended.result.value.second.outputs];
    const seen = async (name: string) => (await ended.text(`${name}/out`)).replaceAll(/^(\S+ \d+) \d+ \S+ d/gm, '$1 d'); // sizes and times of folders are the file system's
    t.is(await seen('second'), await seen('first'));
    t.deepEqual(
      second.map(({ name }) => name),
      first.map(({ name }) => name),
    );
  });
}

for (const parallel of [true, false]) {
  test.serial(`when one build fails the other is stopped, ${parallel ? 'side by side' : 'one after the other'}`, async (t) => {
    await using ended = await twice({
      run: 'case $TZ in UTC) sleep 1; echo first fails; exit 3 ;; esac; sleep 50',
      vary: ['timezone'],
      parallel,
    });
    if (ended.result.ok) return t.fail();
    t.is(ended.result.error.message, 'The step "build" of the first build failed with status 3.');
    t.deepEqual(ended.result.error.details, ['first fails']);
    t.deepEqual(ended.left, []);
  });
}
