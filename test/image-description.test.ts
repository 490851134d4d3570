import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { heldBlob } from '../src/image/blob.ts';
import { archiveOf, describe } from '../src/image/description.ts';
import { Lines, Memorable } from '../src/image/lines.ts';
import { pieces } from './helpers/stores.ts';
import { members } from './helpers/tar.ts';

const OPTIONS = {
  name: 'twinbuild/builder:0123',
  architecture: 'amd64',
  createdSeconds: 1_700_000_000,
  labels: { 'io.twinbuild.owner': 'twinbuild' },
};

async function described(over: Partial<typeof OPTIONS> = {}) {
  const blobs = [await heldBlob(pieces('one')), await heldBlob(pieces('two'))];
  return { blobs, image: describe({ ...OPTIONS, ...over, layers: blobs.map((blob) => ({ blob, comment: 'a layer' })) }) };
}

test('the ids are the digests of configuration and manifest', async (t) => {
  const { image } = await described();
  t.deepEqual(image.ids, [`sha256:${sha256(image.config)}`, `sha256:${sha256(image.manifest)}`]);
});

test('the configuration says no environment and no time of now', async (t) => {
  const { image, blobs } = await described();
  t.deepEqual(JSON.parse(Buffer.from(image.config).toString()), {
    architecture: 'amd64',
    os: 'linux',
    created: '2023-11-14T22:13:20.000Z',
    config: { Cmd: ['/bin/sh'], Labels: OPTIONS.labels },
    rootfs: { type: 'layers', diff_ids: blobs.map(({ digest }) => `sha256:${digest}`) },
    history: [1, 2].map(() => ({ created: '2023-11-14T22:13:20.000Z', created_by: 'a layer' })),
  });
});

test('architectures have the names that images use', async (t) => {
  const { image } = await described({ architecture: 'armhf' });
  const { architecture, variant } = JSON.parse(Buffer.from(image.config).toString());
  t.deepEqual([architecture, variant], ['arm', 'v7']);
});

test('an archive has every layer once, and those left out not at all', async (t) => {
  const { image, blobs } = await described();
  const other = describe({ ...OPTIONS, name: 'twinbuild/builder:4567', layers: blobs.slice(0, 1).map((blob) => ({ blob, comment: 'x' })) });
  const [first, second] = blobs.map(({ digest }) => digest);
  const names = (await members(archiveOf([image, other], new Set([first as never])))).map(([{ name }]) => name);
  t.is(names.filter((name) => name.endsWith(String(second))).length, 1);
  t.false(names.some((name) => name.endsWith(String(first))));
  t.true(names.includes('manifest.json') && names.includes('index.json') && names.includes('oci-layout'));
});

test('manifest.json and index.json name the same images', async (t) => {
  const { image } = await described();
  const files = new Map((await members(archiveOf([image], new Set()))).map(([{ name }, text]) => [name, text]));
  const [{ Config, RepoTags, Layers }] = JSON.parse(files.get('manifest.json') ?? '');
  t.is(files.get(Config), Buffer.from(image.config).toString());
  t.deepEqual(RepoTags, ['twinbuild/builder:0123']);
  t.deepEqual(
    Layers.map((path: string) => files.get(path)),
    ['one', 'two'],
  );
  const [entry] = JSON.parse(files.get('index.json') ?? '').manifests;
  t.is(files.get(`blobs/sha256/${entry.digest.slice(7)}`), Buffer.from(image.manifest).toString());
});

test('output is cut into lines, each stream for itself', (t) => {
  const seen: string[] = [];
  const lines = new Lines((line) => seen.push(line));
  for (const [stream, text] of [
    ['stdout', 'a\nb'],
    ['stderr', 'x'],
    ['stdout', 'c\n'],
    ['stderr', 'y\nz'],
  ] as const)
    lines.push(stream, Buffer.from(text));
  lines.end();
  t.deepEqual(seen, ['a', 'bc', 'xy', 'z']);
});

test('a sign that is cut in two is put together', (t) => {
  const seen: string[] = [];
  const lines = new Lines((line) => seen.push(line));
  for (const byte of Buffer.from('é\n')) lines.push('stdout', Uint8Array.of(byte));
  t.deepEqual(seen, ['é']);
});

const remembers = test.macro((t, lines: readonly string[], expected: readonly string[]) => {
  const memorable = new Memorable(/^fault/);
  for (const line of lines) memorable.add(line);
  t.deepEqual(memorable.lines(), expected);
});
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

test('without a fault the last lines count', remembers, numbers(1, 50), numbers(31, 50));
test(
  'a fault, what led to it, what it says, and the end',
  remembers,
  [...numbers(1, 30), 'fault', 'why', ...numbers(31, 60)],
  [...numbers(11, 30), 'fault', 'why', '…', ...numbers(51, 60)],
);
test('a fault at the end', remembers, [...numbers(1, 3), 'fault', 'why', 'end'], [...numbers(1, 3), 'fault', 'why', 'end']);
