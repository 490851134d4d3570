import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { byBytes } from '../../src/base/order.ts';
import { lookInto } from '../../src/deep/look.ts';
import type { DeepLimits, DeepLook } from '../../src/deep/types.ts';
import { type ImageId, LABEL, OWNER } from '../../src/docker/engine.ts';
import { artefact, type TinyDeb, tinyDeb } from '../helpers/debs.ts';
import { must, theEngine } from '../helpers/engine.ts';
import { PROJECT, projectRig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

const LIMITS: DeepLimits = { timeSeconds: 300, memoryBytes: 512 * 1024 ** 2, scratchBytes: 96 * 1024 ** 2, reportBytes: 1024 ** 2 };
const files = (hello: string, code: string): TinyDeb => ({
  files: [
    { name: './' },
    { name: './same', body: 'same\n' },
    { name: './hello', body: hello },
    { name: './a.class', body: Buffer.concat([Buffer.from('cafebabe00000034', 'hex'), Buffer.from(code)]) },
  ],
});

let image: Promise<ImageId> | undefined;

/** The image of containers/diffoscope.yaml. */
function diffoscopeImage(): Promise<ImageId> {
  image ??= (async () => {
    await using r = await projectRig();
    const { status, stdout, stderr } = await r.execWith({ cwd: PROJECT }, 'image', 'diffoscope', '--json', '--relock-if-gone');
    if (status !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { readonly image: ImageId }).image;
  })();
  return image;
}

/** Runs diffoscope on two .debs under a run of its own; gives what is left of that run in the engine too. */
async function look(first: TinyDeb, second: TinyDeb, limits: DeepLimits) {
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-deep-'));
  const engine = await theEngine();
  const run = `deep-${process.pid}-${Math.round(performance.now())}`;
  try {
    const made = async (side: string, deb: TinyDeb) => {
      await mkdir(join(folder, side));
      return artefact(join(folder, side), 'hello_1.0-1_all.deb', await tinyDeb(deb));
    };
    const [a, b] = [await made('first', first), await made('second', second)];
    const running = { signal: new AbortController().signal, tell: () => {}, labels: { [LABEL.owner]: OWNER, [LABEL.run]: run } };
    const looked = must(await lookInto({ engine, image: await diffoscopeImage(), running, first: a, second: b, limits }));
    const left = must(await engine.leftovers()).filter(({ labels }) => labels[LABEL.run] === run);
    return { ...looked, left };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.serial('diffoscope finds the file that differs, and names the helper that it missed', async (t) => {
  t.timeout(900_000);
  const { look: found, forms, left } = await look(files('one\n', 'a'), files('two\n', 'b'), LIMITS);
  t.is(found.end, 'compared', found.message ?? '');
  t.regex(found.tool ?? '', /^diffoscope \d+/);
  const text = found.excerpt.join('\n');
  t.regex(text, /\.\/hello\n(.*\n)?.*-one\n.*\+two/);
  t.notRegex(text, /─ \.\/same/);
  t.deepEqual(
    found.missing.map(({ helper }) => helper),
    ['javap'],
  );
  t.deepEqual(Object.keys(forms), ['json', 'html', 'txt']);
  t.deepEqual(left, []);
});

test.serial('a bomb runs into the limit, says so, and leaves nothing', async (t) => {
  t.timeout(900_000);
  const zeros = Buffer.alloc(256 * 1024 ** 2);
  const bomb = (end: string): TinyDeb => ({
    files: [{ name: './' }, { name: './bomb.gz', body: gzipSync(Buffer.concat([zeros, Buffer.from(end)])) }],
  });
  const { look: found, left } = await look(bomb('a'), bomb('b'), LIMITS);
  t.is(found.end, 'limit', `${found.message}\n${found.excerpt.join('\n')}`);
  t.true(found.limit === 'size' || found.limit === 'memory');
  t.regex(found.message ?? '', /MiB/);
  t.deepEqual(left, []);
});

test.serial('diff --deep puts it into its answer', async (t) => {
  t.timeout(900_000);
  await diffoscopeImage();
  await using r = await projectRig();
  await r.write({ 'a/x': '', 'b/x': '' });
  await writeFile(join(r.path, 'a/hello.deb'), await tinyDeb(files('one\n', 'a')));
  await writeFile(join(r.path, 'b/hello.deb'), await tinyDeb(files('two\u001b[31m\n', 'a')));
  const { status, stdout, stderr } = await r.exec('diff', '--deep', 'a/hello.deb', 'b/hello.deb', '--json', '--relock-if-gone');
  t.is(status, 1, stderr);
  const { deep } = JSON.parse(stdout) as { readonly deep: readonly DeepLook[] };
  t.is(deep[0]?.end, 'compared');
  t.deepEqual(deep[0]?.given, ['data.tar.gz > ./hello'], 'it gets the file that differs, and not the package');
  const tree = JSON.stringify(deep[0]?.tree);
  t.true(tree.includes('hello') && tree.includes('-one') && tree.includes('+two'), tree);
  t.false(tree.includes('/deep/first'), tree);
  t.false(stderr.includes('\u001b'));
});

test.serial('repro --deep keeps the reports next to report.json', async (t) => {
  t.timeout(900_000);
  await using r = await projectRig();
  await r.write(tinyPackage('leaky', 'uname -n > "$OUT/text"'));
  const locked = await r.exec('lock', 'leaky');
  t.is(locked.status, 0, locked.stderr);
  const { status, stderr } = await r.exec('repro', 'leaky', '--deep', '--relock-if-gone');
  t.is(status, 1, stderr);
  const report = JSON.parse(await readFile(join(r.path, 'out/leaky/report.json'), 'utf8')) as { readonly deep: readonly DeepLook[] };
  const kept = (await readdir(join(r.path, 'out/leaky/deep'))).sort(byBytes);
  t.deepEqual(
    kept,
    report.deep
      .flatMap(({ files: of }) => Object.values(of))
      .map((path) => path.slice('deep/'.length))
      .sort(byBytes),
  );
  t.true(kept.some((name) => name.endsWith('.deb.html')));
});
