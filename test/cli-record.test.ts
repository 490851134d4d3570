import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { placeOf } from '../src/base/location.ts';
import { gather, readRecord } from '../src/cli/record.ts';
import type { World } from '../src/cli/world.ts';
import { clearSign, signer, writeKeyring } from './helpers/archive.ts';
import { failed, fetching, folder, reasonOf, value } from './helpers/stores.ts';

const [KEY, OTHER] = await Promise.all([signer(), signer()]);
const TEXT = `Format: 1.0
Source: hello
Architecture: amd64 source
Version: 2.10-3
Checksums-Sha256:
 ${sha256('dsc')} 3 hello_2.10-3.dsc
 ${sha256('deb')} 3 hello_2.10-3_amd64.deb
 ${sha256('dbg')} 3 hello-dbgsym_2.10-3_amd64.deb
Build-Architecture: amd64
Installed-Build-Depends:
 bash (= 5)
`;

/** A folder with a .buildinfo, two keyrings, and a world that works in it. */
async function place(text: string) {
  const at = await folder();
  const { running, notices } = fetching();
  const write = (name: string, body: string) => writeFile(join(at.path, name), body);
  await write('hello.buildinfo', text);
  await writeKeyring(at.path, 'known.asc', [KEY]);
  await writeKeyring(at.path, 'other.asc', [OTHER]);
  const world = { root: at.path, running } as unknown as World;
  return { ...at, write, world, notices, [Symbol.asyncDispose]: at[Symbol.asyncDispose] };
}

const SIGNED = await clearSign(TEXT, [KEY]);
const reads = test.macro(async (t, text: string, keyring: string | undefined, expected: string) => {
  await using at = await place(text);
  const read = await readRecord(at.world, 'hello.buildinfo', keyring);
  t.is(read.ok ? `${read.value.record.source}, ${read.value.signature}` : `${read.error.kind} ${read.error.reason}`, expected);
});
test('unsigned, and nobody asks', reads, TEXT, undefined, 'hello, none');
test('signed, and nobody asks', reads, SIGNED, undefined, 'hello, unchecked');
test('signed by a key of the keyring', reads, SIGNED, 'known.asc', 'hello, verified');
test('signed by another', reads, SIGNED, 'other.asc', 'unverified-input signature-unknown-key');
test('unsigned, and a keyring is given', reads, TEXT, 'known.asc', 'unverified-input signature-missing');
test('changed behind the signature', reads, SIGNED.replace('bash (= 5)', 'bash (= 6)'), 'known.asc', 'unverified-input signature-wrong');
test('text in front of the signed one', reads, `Format: 1.0\n\n${SIGNED}`, 'known.asc', 'unverified-input signature-junk');
test('text behind the signature', reads, `${SIGNED}Source: evil\n`, 'known.asc', 'unverified-input signature-junk');
test('text behind the signature, unchecked', reads, `${SIGNED}Source: evil\n`, undefined, 'usage control-signature');
test('a keyring that is not there', reads, SIGNED, 'gone.asc', 'usage keyring-missing');

test('who signed is said', async (t) => {
  await using at = await place(SIGNED);
  t.deepEqual(value(await readRecord(at.world, 'hello.buildinfo', 'known.asc')).signedBy, [KEY.public.getFingerprint().toUpperCase()]);
});

test('places are those of the signed file', async (t) => {
  const broken = await clearSign(TEXT.replace('bash (= 5)', 'bash'), [KEY]);
  const line = broken.split('\n').indexOf(' bash') + 1;
  await using at = await place(broken);
  for (const keyring of [undefined, 'known.asc']) {
    const failure = failed(await readRecord(at.world, 'hello.buildinfo', keyring));
    t.is(failure.at && placeOf(failure.at), `hello.buildinfo:${line}:2`, String(keyring));
  }
});

const DEB = 'hello_2.10-3_amd64.deb';
const gathers = test.macro(async (t, files: Record<string, string>, given: readonly string[], expected: string) => {
  await using at = await place(TEXT);
  for (const [name, body] of Object.entries(files)) await at.write(name, body);
  const found = await gather(at.world, value(await readRecord(at.world, 'hello.buildinfo', undefined)), given);
  const warned = at.notices.length > 0 ? ', warned' : '';
  t.is(
    found.ok
      ? `${found.value.published.filter(({ path }) => path !== undefined).length} of ${found.value.published.length}, ${found.value.dsc ? 'a .dsc' : 'none'}${warned}`
      : reasonOf(found),
    expected,
  );
});
test('nothing at hand', gathers, {}, [], '0 of 2, none');
test('a package beside it', gathers, { [DEB]: 'deb' }, [], '1 of 2, none');
test('another package beside it is passed over', gathers, { [DEB]: 'xxx' }, [], '0 of 2, none, warned');
test('a package that is given', gathers, { [DEB]: 'deb' }, [DEB], '1 of 2, none');
test('another package that is given', gathers, { [DEB]: 'xxx' }, [DEB], 'digest-mismatch');
test('one that is given and not there', gathers, {}, [DEB], 'file-unreadable');
test('one that nobody recorded', gathers, { 'other_1_all.deb': 'x' }, ['other_1_all.deb'], 'not-recorded');
test('a .dsc beside it', gathers, { 'hello_2.10-3.dsc': 'dsc' }, [], '0 of 2, a .dsc');
test('a .dsc of another version is no business of ours', gathers, { 'hello_2.10-4.dsc': 'dsc' }, [], '0 of 2, none');
test('a .dsc that is given', gathers, { 'x.dsc': 'dsc' }, ['x.dsc'], '0 of 2, a .dsc');

test('a record of a source alone', async (t) => {
  await using at = await place(TEXT.replace(/^.*\.deb\n/gm, ''));
  const read = value(await readRecord(at.world, 'hello.buildinfo', undefined));
  t.is(reasonOf(await gather(at.world, read, [])), 'nothing-recorded');
});
