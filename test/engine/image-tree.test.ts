import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { sha256Of } from '../../src/base/digest.ts';
import { byBytes } from '../../src/base/order.ts';
import { ARCHIVE_LIMITS } from '../../src/format/limits.ts';
import { memberPath } from '../../src/format/name.ts';
import { readTar } from '../../src/format/tar.ts';
import { makeImage } from '../../src/image/image.ts';
import { labelsOfARun, must, spec, theEngine } from '../helpers/engine.ts';
import { lockedHello } from '../helpers/locked.ts';
import { hasMmdebstrap, mmdebstrapTar } from '../helpers/mmdebstrap.ts';
import { folder } from '../helpers/stores.ts';

/** What is different on purpose, by path, and why. docs/image.md has the same list. */
const EXCEPTIONS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^(dev\/.*|\.dockerenv|etc\/(hostname|hosts|resolv\.conf|mtab))$/, 'the engine makes them for each container'],
  [
    /^(run\/.*|etc\/(passwd|group|shadow|gshadow|subuid|subgid)-|etc\/\.pwd\.lock|var\/lib\/dpkg\/(.*-old|lock|lock-frontend|triggers\/Lock)|var\/cache\/debconf\/.*-old)$/,
    'scratch files',
  ],
  [/^var\/(cache\/man\/.*|lib\/man-db\/auto-update)$/, 'no index of manual pages'],
  [/^(etc\/(passwd|group|shadow|gshadow)|home\/.*)$/, 'the two users of the builds'],
  [/^usr\/lib\/locale\/fr_CH\.utf8(\/.*)?$/, 'a translated locale'],
  [/^(etc\/(apt\/sources\.list|fstab)|var\/lib\/apt\/.*|var\/cache\/apt\/.*)$/, 'apt has no sources and never ran'],
  [
    /^(etc\/shells|var\/cache\/debconf\/config\.dat|var\/cache\/debconf\/templates\.dat)$/,
    'the order in which packages were configured, and the answer about the index',
  ],
];

type Told = {
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly link: string;
  readonly size: number;
  readonly digest: string;
};

/** Everything in a tar of a root file system but times; names of one file are files of their own. */
async function tree(tar: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Told>> {
  const found = new Map<string, Told>();
  for await (const { member, body } of readTar(tar, ARCHIVE_LIMITS)) {
    const { name, type, mode, uid, gid, link, size } = member;
    const path = memberPath(name.replace(/^\/+/, '')) ?? name; // the engine's names start at the root
    const target = type === 'hardlink' ? found.get(memberPath(link.replace(/^\/+/, '')) ?? '') : undefined;
    if (path !== '')
      found.set(
        path,
        target ?? {
          type,
          mode: type === 'symlink' ? 0o777 : mode,
          uid,
          gid,
          link,
          size,
          digest: type === 'file' ? (await sha256Of(body)).digest : '',
        },
      );
  }
  return found;
}

/** Paths that are not the same in both. */
function differences(ours: ReadonlyMap<string, Told>, theirs: ReadonlyMap<string, Told>): readonly string[] {
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort(byBytes);
  return paths.filter((path) => JSON.stringify(ours.get(path)) !== JSON.stringify(theirs.get(path)));
}

test('the image has the same tree as mmdebstrap makes of the same packages', async (t) => {
  t.timeout(1_200_000);
  if (!(await hasMmdebstrap())) {
    t.log('mmdebstrap is not installed, and this user may not install it: apt-get install mmdebstrap');
    t.pass();
    return;
  }
  const { store, inputs } = await lockedHello();
  const engine = await theEngine();
  const image = must(
    await makeImage({ engine, store, running: { signal: new AbortController().signal, tell: () => {}, labels: labelsOfARun() } }, inputs),
  );
  await using container = must(await engine.createContainer(await spec({ image: image.id, readOnlyRoot: false })));
  const ours = await tree(must(await container.getArchive('/')));
  await using place = await folder();
  const theirs = await tree(createReadStream(await mmdebstrapTar(store, inputs, place.path)));
  t.true(theirs.size > 10_000, String(theirs.size));
  const different = differences(ours, theirs);
  const unexpected = different.filter((path) => !EXCEPTIONS.some(([pattern]) => pattern.test(path)));
  t.deepEqual(
    unexpected.map((path) => [path, ours.get(path), theirs.get(path)]),
    [],
  );
  for (const [pattern, why] of EXCEPTIONS)
    t.true(
      different.some((path) => pattern.test(path)),
      `nothing is different any more for: ${why}`,
    );
});

test('the documentation has the same exceptions', async (t) => {
  const text = await readFile(new URL('../../docs/image.md', import.meta.url), 'utf8');
  for (const [, why] of EXCEPTIONS) t.true(text.includes(why), why);
});
