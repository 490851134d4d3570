import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { compareRebuilt } from '../src/rebuild/compare.ts';
import { evidenceIn, together } from '../src/rebuild/evidence.ts';
import { changedSince, newerThan } from '../src/rebuild/newer.ts';
import { inPieces, tinyDeb } from './helpers/debs.ts';
import { emptyStore, folder, pieces, value } from './helpers/stores.ts';

test('what packages tell of their build', async (t) => {
  const entry = 'hello (1-1+b1) sid; urgency=low, binary-only=yes\n\n  * Rebuild.\n\n -- A <a@b>  Sat, 09 Jul 2022 19:21:12 +0000\n';
  const deb = await tinyDeb({
    scripts: { postinst: '#!/bin/sh\n# Automatically added by dh_installdeb/13.11.4\n' },
    files: [
      { name: './usr/bin/hello', body: `\0/build/hello-aB3xYz/hello-1\0GCC: (Debian 12.2.0-14) 12.2.0\0/build/hello-aB3xYz/hello-1/src\0` },
      { name: './usr/share/doc/hello/changelog.Debian.amd64.gz', body: gzipSync(`${entry}\nhello (1-1) sid; urgency=low\n\n  * First.\n`) },
    ],
  });
  t.deepEqual(await evidenceIn(inPieces(deb, 333)), {
    dateSeconds: 1_700_000_000,
    paths: ['/build/hello-aB3xYz/hello-1'],
    changes: entry,
    tools: ['debhelper 13.11.4', 'gcc 12.2.0-14'],
  });
  const plain = await evidenceIn(inPieces(await tinyDeb(), 100));
  t.deepEqual(plain, { dateSeconds: 1_700_000_000, paths: [], changes: undefined, tools: [] });
  t.is(together([plain, await evidenceIn(inPieces(deb, 333))]).changes, entry);
});

test('held against digests alone, and against files', async (t) => {
  await using at = await folder();
  const file = async (name: string, body: string) => {
    await writeFile(join(at.path, name), body);
    return { name, path: join(at.path, name), size: body.length, sha256: sha256(body) };
  };
  const known = (name: string, body: string) => ({ name, size: body.length, sha256: sha256(body), path: undefined });
  const built = [await file('a.deb', 'a'), await file('b.deb', 'b'), await file('x.buildinfo', 'x')];
  const verdicts = async (published: Parameters<typeof compareRebuilt>[0]) => {
    const { verdict, artefacts } = value(await compareRebuilt(published, built, {}));
    return `${verdict}: ${artefacts.map((each) => `${each.name} ${each.verdict}`).join(', ')}`;
  };
  t.is(await verdicts([known('a.deb', 'a'), known('b.deb', 'b')]), 'reproducible: a.deb equal, b.deb equal');
  t.is(await verdicts([known('a.deb', 'a'), known('b.deb', 'c')]), 'different: a.deb equal, b.deb different');
  t.is(await verdicts([known('a.deb', 'a')]), 'different: a.deb equal, b.deb only-in-second');
  t.is(
    await verdicts([known('a.deb', 'a'), known('b.deb', 'b'), known('c.deb', 'c')]),
    'different: a.deb equal, b.deb equal, c.deb only-in-first',
  );
  const other = join(at.path, 'other');
  await writeFile(other, 'z');
  t.is(await verdicts([{ ...known('a.deb', 'z'), path: other }, known('b.deb', 'b')]), 'different: a.deb different, b.deb equal');
});

const lockedAs = (name: string, version: string, bytes: Uint8Array | string) =>
  ({
    layer: 'build',
    archive: 'debian',
    path: `pool/${name}.deb`,
    architecture: 'amd64',
    name,
    version,
    size: bytes.length,
    sha256: sha256(bytes),
  }) as const;

test('what is younger here cannot have been there then', async (t) => {
  await using s = await emptyStore();
  const deb = await tinyDeb();
  await s.store.add(pieces(deb));
  const packages = ['hello', 'debhelper', 'gcc-12'].map((name) => lockedAs(name, '1', deb));
  const names = async (seconds: number) => value(await newerThan(packages, seconds, s.store)).map(({ name }) => name);
  t.deepEqual(await names(1_600_000_000), ['gcc-12', 'debhelper']);
  t.deepEqual(await names(1_700_000_000), []);
});

test('versions of a collected .buildinfo', (t) => {
  const installed = [
    { name: 'gcc-12', architecture: undefined, version: '1' },
    { name: 'make', architecture: undefined, version: '1' },
    { name: 'debhelper', architecture: undefined, version: '2' },
  ];
  const here = [lockedAs('gcc-12', '2', 'a'), lockedAs('make', '2', 'b'), lockedAs('debhelper', '2', 'c')];
  t.deepEqual(changedSince(installed, here), [{ tool: 'gcc-12', published: '1', rebuilt: '2' }]);
});
