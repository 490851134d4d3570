import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseTarget, parseTargets, type Target } from '../src/cli/target.ts';

const world = async () => {
  const root = await mkdtemp(join(tmpdir(), 'target-'));
  for (const folder of ['tree/debian', 'both/debian', 'own/debian', 'empty']) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'tree/debian/control'), 'Source: tree\n');
  await writeFile(join(root, 'both/debian/control'), 'Source: both\n');
  await writeFile(join(root, 'both/recipe.yaml'), 'name: both\n');
  await writeFile(join(root, 'own/debian/recipe.yaml'), 'name: own\n');
  return { root, world: { root } };
};

const WORDS: readonly (readonly [string, (root: string) => Target])[] = [
  ['hello', () => ({ kind: 'recipe', name: 'hello' })],
  ['tree', () => ({ kind: 'recipe', name: 'tree' })],
  ['./tree', (root) => ({ kind: 'tree', path: join(root, 'tree') })],
  ['tree/', (root) => ({ kind: 'tree', path: join(root, 'tree') })],
  ['./both', () => ({ kind: 'recipe', name: './both' })],
  ['./own', (root) => ({ kind: 'recipe', name: join(root, 'own/debian/recipe.yaml') })],
  ['./empty', () => ({ kind: 'recipe', name: './empty' })],
  ['.', () => ({ kind: 'recipe', name: './' })],
  ['both/recipe.yaml', () => ({ kind: 'recipe', name: 'both/recipe.yaml' })],
  ['hello_2.10-3.dsc', (root) => ({ kind: 'dsc', path: join(root, 'hello_2.10-3.dsc') })],
];

for (const [word, expected] of WORDS) {
  test(`the word ${word} stands for ${JSON.stringify(expected('…'))}`, async (t) => {
    const { root, world: here } = await world();
    t.deepEqual(await parseTarget(here, word), expected(root));
    await rm(root, { recursive: true });
  });
}

test('a folder with debian/ is a tree when it is called .', async (t) => {
  const { root } = await world();
  const here = { root: join(root, 'tree') };
  t.deepEqual(await parseTarget(here, '.'), { kind: 'tree', path: join(root, 'tree') });
  await rm(root, { recursive: true });
});

const SOURCES: readonly (readonly [string, Target | string])[] = [
  ['hello', { kind: 'source', name: 'hello', version: undefined }],
  ['hello=2.10-3', { kind: 'source', name: 'hello', version: '2.10-3' }],
  ['vim=2:9.0.1378-2+deb12u2', { kind: 'source', name: 'vim', version: '2:9.0.1378-2+deb12u2' }],
  ['g++-9~x', 'bad-source'],
  ['Hello', 'bad-source'],
  ['hello=', 'bad-source'],
  ['hello=_', 'bad-source'],
  ['../hello', 'bad-source'],
];

for (const [word, expected] of SOURCES) {
  test(`--source ${word} stands for ${JSON.stringify(expected)}`, async (t) => {
    const { root, world: here } = await world();
    const targets = await parseTargets(here, [], { source: [word] });
    t.deepEqual(targets.ok ? targets.value : targets.error.reason, typeof expected === 'string' ? expected : [expected]);
    await rm(root, { recursive: true });
  });
}

test('nothing to work on is a failure', async (t) => {
  const { root, world: here } = await world();
  const targets = await parseTargets(here, [], {});
  t.is(targets.ok ? '' : targets.error.reason, 'no-target');
  await rm(root, { recursive: true });
});
