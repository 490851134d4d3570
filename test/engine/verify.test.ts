import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test, { type ExecutionContext } from 'ava';
import { sha256 } from '../../src/base/digest.ts';
import { tinyTar } from '../helpers/debs.ts';
import { PROJECT, projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

const NAME = 'verified';
const BUILDINFO = `published/${NAME}_1.0_amd64.buildinfo`;
const DEB = `published/${NAME}_1.0_all.deb`;

/** A tiny package as somebody publishes it: built by us a moment ago, with its .buildinfo and its source. */
async function publish(t: ExecutionContext, r: Rig): Promise<void> {
  const files = tinyPackage(NAME, 'echo hello >"$OUT/text"');
  await r.write(files);
  t.is((await r.exec('lock', NAME, '-q')).status, 0);
  const built = await r.exec('build', NAME, '-q');
  t.is(built.status, 0, built.stderr);
  const at = `recipes/${NAME}/source/`;
  const tree = Object.entries(files).flatMap(([path, body]) =>
    path.startsWith(at) ? [{ name: `${NAME}-1.0/${path.slice(at.length)}`, body, mode: path.endsWith('rules') ? 0o755 : 0o644 }] : [],
  );
  const tar = gzipSync(await tinyTar(tree));
  await mkdir(join(r.path, 'published'));
  await writeFile(join(r.path, `published/${NAME}_1.0.tar.gz`), tar);
  await r.write({
    [`published/${NAME}_1.0.dsc`]: `Format: 3.0 (native)
Source: ${NAME}
Version: 1.0
Checksums-Sha256:
 ${sha256(tar)} ${tar.length} ${NAME}_1.0.tar.gz
Files:
 ${'0'.repeat(32)} ${tar.length} ${NAME}_1.0.tar.gz
`,
    [BUILDINFO]: await readFile(join(r.path, `out/${NAME}/first/${NAME}_1.0_amd64.buildinfo`), 'utf8'),
  });
  await writeFile(join(r.path, DEB), await readFile(join(r.path, `out/${NAME}/first/${NAME}_1.0_all.deb`)));
}

async function change(r: Rig, path: string, how: (text: string) => string): Promise<void> {
  const text = await readFile(join(r.path, path), 'utf8');
  const changed = how(text);
  if (changed === text) throw new Error(`${path} was not changed`);
  await writeFile(join(r.path, path), changed);
}

test('what we built a moment ago reproduces; a version that does not exist is named; another checksum is a difference', async (t) => {
  await using r = await projectRig();
  await publish(t, r);
  const original = await readFile(join(r.path, BUILDINFO), 'utf8');

  const same = await r.exec('verify', BUILDINFO, '--twice', '--json', '-q');
  t.is(same.status, 0, same.stderr);
  const report = JSON.parse(same.stdout);
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(await readFile(join(PROJECT, 'schema/report.schema.json'), 'utf8')));
  t.true(validate(report), JSON.stringify(validate.errors));
  t.is(report.verify.outcome, 'reproduces');
  t.deepEqual([report.verify.signature, report.verify.indicative, report.verify.nearest, report.verify.added], ['none', false, [], []]);
  t.is(report.inputs.packages.length, report.verify.recorded, 'the image has what was recorded and nothing else');
  t.is(report.verify.buildPath, `/build/${NAME}`);
  t.deepEqual(report.verify.twice, []);
  t.true(report.verify.notes.includes('a second build here gave the same as the first'));

  await change(r, BUILDINFO, (text) => text.replace(/^ bash \(= .*\)/m, ' bash (= 5.99-1)'));
  const gone = await r.exec('verify', BUILDINFO, '--offline', '-q');
  t.is(gone.status, 7, gone.stderr);
  t.regex(gone.stderr, /bash 5\.99-1: recorded, and found nowhere/);
  t.regex(gone.stderr, /looked in debian bookworm \(main\)/);

  // A file that is given must be the recorded one; one that merely lies there is passed over.
  await writeFile(join(r.path, BUILDINFO), original);
  await change(r, BUILDINFO, (text) => text.replaceAll(/^ [0-9a-f]{64} (?=.*_all\.deb)/gm, ` ${sha256('another')} `));
  const given = await r.exec('verify', BUILDINFO, DEB, '-q');
  t.is(given.status, 6, given.stderr);
  t.regex(given.stderr, /not what verified_1\.0_amd64\.buildinfo records/);
  const other = await r.exec('verify', BUILDINFO, '--json');
  t.is(other.status, 1, other.stderr);
  t.regex(other.stderr, /lies another verified_1\.0_all\.deb/);
  t.is(JSON.parse(other.stdout).verify.outcome, 'different');
});

test('what is wrong with the files is said before anything is built', async (t) => {
  await using r = await projectRig();
  await r.write({ 'x.buildinfo': 'Format: 1.0\nSource: hello\n', 'y.txt': '' });
  const malformed = await r.exec('verify', 'x.buildinfo');
  t.is(malformed.status, 2);
  t.regex(malformed.stderr, /^x\.buildinfo:1:1 /);
  t.is((await r.exec('verify', 'y.txt')).status, 2);
  t.is((await r.exec('verify', 'gone.buildinfo')).status, 2);
  await r.write({ 'keys.asc': await readFile(join(PROJECT, 'keyrings/debian-archive-bookworm-stable.asc'), 'utf8') });
  const typo = await r.exec('verify', 'x.buildinfo', '--keyring', 'key.asc');
  t.is(typo.status, 2);
  t.regex(typo.stderr, /There is no keyring key\.asc/);
  const unsigned = await r.exec('verify', 'x.buildinfo', '--keyring', 'keys.asc');
  t.is(unsigned.status, 6);
  t.regex(unsigned.stderr, /not signed/);
});
