import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../src/base/digest.ts';
import { diff } from '../src/cli/diff.ts';
import type { World } from '../src/cli/world.ts';
import { signDetached, signerOf } from '../src/kernel/pkcs7.ts';
import { digestUnsigned, joinModule, splitModule } from '../src/kernel/signature.ts';
import { failureText } from '../src/report/failure.ts';
import { PLAIN } from '../src/report/paint.ts';
import { rodata, tinyElf } from './helpers/binaries.ts';
import { type TinyFile, tinyDeb } from './helpers/debs.ts';
import { rig } from './helpers/rig.ts';

const PEM = readFileSync('recipes/proxmox-kernel/debian/signing/test-key.pem', 'utf8');
const CERTIFICATE = new X509Certificate(PEM.slice(PEM.indexOf('-----BEGIN CERTIFICATE')));

const module = (text: string): Buffer => tinyElf([rodata(text)]);
const signed = (bytes: Uint8Array): Uint8Array => {
  const signer = signerOf(createPrivateKey(PEM), CERTIFICATE);
  if (!signer.ok) throw new Error(signer.error.message);
  return joinModule({ body: bytes, signature: signDetached(bytes, signer.value) });
};
/** As another key would have signed it; what a signature says is not looked at. */
const otherwise = (bytes: Uint8Array): Uint8Array => joinModule({ body: bytes, signature: Buffer.from('a signature of another length') });

const AT = './lib/modules/6.1.1-1-pve/kernel';
const A = module('one');
const B = module('two');

type Package = Readonly<Record<string, Uint8Array | string>>;

/** A package with these files, their checksums, and a size. */
async function packageOf(files: Package, size = 10): Promise<Buffer> {
  const all = Object.entries(files).map(([name, body]): TinyFile => ({ name, body }));
  const md5 = (body: Uint8Array | string): string => createHash('md5').update(body).digest('hex');
  const md5sums = Object.entries(files).map(([name, body]) => `${md5(body)}  ${name.slice(2)}\n`);
  return tinyDeb({ files: all, scripts: { md5sums: md5sums.join('') }, control: { 'Installed-Size': String(size) } });
}

type Ended = { readonly status: number; readonly text: string; readonly json: unknown };

async function compared(files: Readonly<Record<string, Uint8Array>>, operands: readonly string[], ignoreSignatures = true): Promise<Ended> {
  await using r = await rig();
  await r.write(Object.fromEntries(Object.keys(files).map((name) => [name, ''])));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(r.path, name), bytes);
  let text = '';
  const say = (more: string) => {
    text += more;
  };
  const world = { running: { signal: new AbortController().signal }, outPaint: PLAIN, say } as unknown as World;
  const { status, failure, json } = await diff(
    world,
    operands.map((operand) => join(r.path, operand)),
    { ignoreSignatures },
  );
  if (failure) say(failureText(failure, PLAIN));
  return { status, text, json };
}

const ends = test.macro(
  async (t, first: Package, second: Package, status: number, lines: readonly string[], { option = true, sizes = [10, 10] } = {}) => {
    const debs = { 'a.deb': await packageOf(first, sizes[0]), 'b.deb': await packageOf(second, sizes[1]) };
    const ended = await compared(debs, ['a.deb', 'b.deb'], option);
    t.is(ended.status, status, ended.text);
    for (const line of lines) t.true(ended.text.split('\n').includes(line), `${line}\n---\n${ended.text}`);
  },
);

const two = (sign: (bytes: Uint8Array) => Uint8Array): Package => ({
  [`${AT}/a.ko`]: sign(A),
  [`${AT}/b.ko`]: B,
  './boot/vmlinuz-x': 'kernel',
});

test('without the option a signature counts', ends, two(signed), two(otherwise), 1, [], { option: false });
test('signatures of another key', ends, two(signed), two(otherwise), 0, [
  '≈ a.deb  equal but for the signatures of modules',
  `    ${AT}/a.ko: equal but for the signature`,
  '    1 more modules are equal',
]);
test(
  'a signed package and one that is not, with the size that follows',
  ends,
  two(signed),
  two((bytes) => bytes),
  0,
  [],
  {
    sizes: [11, 10],
  },
);
test(
  'another module behind another signature',
  ends,
  { [`${AT}/a.ko`]: signed(A), [`${AT}/b.ko`]: signed(B) },
  { [`${AT}/a.ko`]: otherwise(B), [`${AT}/b.ko`]: otherwise(B) },
  1,
  [`    ${AT}/a.ko: differs, without the signature too`, `    ${AT}/b.ko: equal but for the signature`],
);
test('the certificate in the kernel', ends, two(signed), { ...two(otherwise), './boot/vmlinuz-x': 'kerneL' }, 1, [
  '    ./boot/vmlinuz-x: differs; the certificate of the key that signs modules is in it, and counts',
]);
test('a module that only one has', ends, two(signed), { ...two(otherwise), [`${AT}/c.ko`]: A }, 1, [
  `    ${AT}/c.ko: only in the second build`,
]);
test('a size that no signature explains', ends, { './x': '1' }, { './x': '1' }, 1, ['    DEBIAN/control: differs'], { sizes: [11, 10] });
test('checksums of files that are no modules', ends, { ...two(signed), './x': '1' }, { ...two(otherwise), './x': '2' }, 1, [
  '    ./x: differs',
  '    DEBIAN/md5sums: differs',
]);
test('modules in another order', ends, two(signed), Object.fromEntries(Object.entries(two(otherwise)).reverse()), 1, [
  '    the order of the members: differs',
]);
test(
  'compressed modules are unpacked',
  ends,
  { [`${AT}/a.ko.zst`]: zstdCompressSync(signed(A)) },
  { [`${AT}/a.ko.zst`]: zstdCompressSync(otherwise(A)) },
  0,
  [`    ${AT}/a.ko.zst: equal but for the signature`],
);
test(
  'a module that is only packed differently',
  ends,
  { [`${AT}/a.ko.zst`]: zstdCompressSync(A) },
  { [`${AT}/a.ko.zst`]: zstdCompressSync(A, { info: false, params: { 201: 1 } } as object) },
  1,
  [`    ${AT}/a.ko.zst: differs, without the signature too`],
);

test('two modules for themselves, and a package that is none', async (t) => {
  const ended = await compared({ 'a.ko': signed(A), 'b.ko': otherwise(A) }, ['a.ko', 'b.ko']);
  t.is(ended.status, 0, ended.text);
  t.like(ended.json, { verdict: 'equal-unsigned', unsigned: [{ name: 'a.ko', verdict: 'equal-unsigned' }] });
  t.is((await compared({ 'a.deb': Buffer.from('one'), 'b.deb': Buffer.from('two') }, ['a.deb', 'b.deb'])).status, 2);
  t.is((await compared({ 'a.ko': A, 'b.ko': A }, ['a.ko', 'b.ko'])).status, 0);
});

test('a .buildinfo that only tells of other signatures is excused, one that tells more is not', async (t) => {
  const [one, other] = [await packageOf(two(signed)), await packageOf(two(otherwise))];
  const buildinfo = (deb: Buffer, more = '') =>
    Buffer.from(`Format: 1.0\nSource: k\n${more}Checksums-Sha256:\n ${sha256(deb)} ${deb.length} k.deb\n`);
  const folders = { 'a/k.deb': one, 'b/k.deb': other, 'a/k.buildinfo': buildinfo(one) };
  const ended = await compared({ ...folders, 'b/k.buildinfo': buildinfo(other) }, ['a', 'b']);
  t.is(ended.status, 0, ended.text);
  t.is((await compared({ ...folders, 'b/k.buildinfo': buildinfo(other, 'Version: 2\n') }, ['a', 'b'])).status, 1);
});

test('a signature is found at the end of any pieces, and nothing is taken off what has none', async (t) => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300_000 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.option(fc.uint8Array({ maxLength: 5000 })), async (bodies, signature) => {
      const body = Buffer.concat(bodies);
      const whole = Buffer.from(joinModule({ body, signature: signature ?? undefined }));
      const cut = async function* () {
        for (let at = 0; at < whole.length; at += 70_001) yield whole.subarray(at, at + 70_001);
      };
      const split = splitModule(whole);
      t.deepEqual(await digestUnsigned(cut()), { body: sha256(split.body), signature: split.signature && sha256(split.signature) });
    }),
    { numRuns: 30 },
  );
});

test('another signature is not another module', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  t.false(signerOf(privateKey, CERTIFICATE).ok);
  const once = async function* () {
    yield signed(A);
  };
  t.is((await digestUnsigned(once())).body, sha256(A));
});
