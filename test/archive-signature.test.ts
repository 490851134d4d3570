import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { readKeyring, readKeyringFolder } from '../src/archive/keyring.ts';
import { verifyInRelease } from '../src/archive/signature.ts';
import { clearSign, DATE_SECONDS, NOW_SECONDS, type Signer, signer, writeKeyring } from './helpers/archive.ts';
import { folder, reasonOf, value } from './helpers/stores.ts';

const TEXT = 'Origin: Debian\nSuite: stable\n-Dash: yes\n';
const [KEY, OTHER] = await Promise.all([signer(), signer()]);
const SIGNED = await clearSign(TEXT, [KEY]);

const verify = (text: string, by: Signer = KEY, nowSeconds: number | undefined = NOW_SECONDS) =>
  verifyInRelease(Buffer.from(text, 'latin1'), by.keyring, nowSeconds);

test('what a key of the keyring signed is the text, and nothing else', async (t) => {
  const signed = value(await verify(SIGNED));
  t.deepEqual(signed, { text: TEXT, signedBy: [KEY.public.getFingerprint().toUpperCase()], signedSeconds: DATE_SECONDS + 3600 });
});

test('one signature of a known key is enough', async (t) => {
  const both = await clearSign(TEXT, [OTHER, KEY]);
  t.deepEqual(value(await verify(both)).signedBy, [KEY.public.getFingerprint().toUpperCase()]);
  const all = await verifyInRelease(Buffer.from(both), { name: 'both', keys: [...KEY.keyring.keys, ...OTHER.keyring.keys] }, NOW_SECONDS);
  t.is(value(all).signedBy.length, 2);
});

const refused = test.macro(async (t, text: string | Promise<string>, expected: string) => {
  const result = await verify(await text);
  t.is(reasonOf(result), expected, result.ok ? '' : result.error.message);
  t.is(result.ok ? '' : result.error.kind, 'unverified-input');
});
test('nothing', refused, '', 'signature-missing');
test('a text without a signature', refused, TEXT, 'signature-missing');
test('junk before', refused, `Suite: evil\n${SIGNED}`, 'signature-junk');
test('an empty line before', refused, `\n${SIGNED}`, 'signature-junk');
test('junk behind', refused, `${SIGNED}Suite: evil\n`, 'signature-junk');
test('a second signed text', refused, SIGNED + SIGNED, 'signature-malformed');
test('a signed text around another', refused, SIGNED.replace('Origin', `${SIGNED}Origin`), 'signature-malformed');
test('a changed letter', refused, SIGNED.replace('stable', 'stab1e'), 'signature-wrong');
test('an added line', refused, SIGNED.replace('Suite', 'Codename: evil\nSuite'), 'signature-wrong');
test('a cut signature', refused, SIGNED.slice(0, -60), 'signature-malformed');
test('bytes that are no text', refused, SIGNED.replace('stable', 'sta\xe9le'), 'signature-malformed');
test('the key of somebody else', refused, clearSign(TEXT, [OTHER]), 'signature-unknown-key');
test(
  'a wrong signature of a known key beside one of another',
  refused,
  clearSign(TEXT, [KEY, OTHER]).then((text) => text.replace('stable', 'stab1e')),
  'signature-wrong',
);
const weak = test.macro(async (t, name: string) => {
  const at = join(import.meta.dirname, 'fixtures/archive');
  const keyring = value(await readKeyring(join(at, 'weak-key.asc')));
  t.is(reasonOf(await verifyInRelease(await readFile(join(at, name)), keyring, NOW_SECONDS)), 'signature-weak');
});
test('SHA-1', weak, 'sha1.InRelease');
test('MD5', weak, 'md5.InRelease');
test('an armour header that smuggles text in', refused, SIGNED.replace('Hash: ', 'Suite: evil\nHash: '), 'signature-malformed');

test('a signature of before the key was made, or of after its end, is none', async (t) => {
  const short = await signer({ lastsSeconds: 100_000_000 }); // until March 2023
  const late = await clearSign(TEXT, [{ ...short, key: (await signer()).key }]);
  t.is(reasonOf(await verify(late, short)), 'signature-unknown-key');
});

test('a key that has expired since vouches for what is locked, not for what is new', async (t) => {
  const short = await signer({ lastsSeconds: 100_000_000 });
  const text = await clearSign(TEXT, [short], { signedSeconds: 1_600_000_000 });
  t.is(reasonOf(await verify(text, short, NOW_SECONDS)), 'signature-expired-key');
  t.is(reasonOf(await verifyInRelease(Buffer.from(text), short.keyring, undefined)), 'ok');
});

test('a changed sign anywhere never gives another text', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: SIGNED.length - 1 }), fc.integer({ min: 1, max: 127 }), async (at, code) => {
      const text = `${SIGNED.slice(0, at)}${String.fromCharCode(code)}${SIGNED.slice(at + 1)}`;
      const result = await verify(text);
      return !result.ok || result.value.text.replaceAll(/[ \t\r]+$/gm, '') === TEXT;
    }),
    { numRuns: 150 },
  );
  t.pass();
});

test('any bytes are refused and never a crash', async (t) => {
  const whole = '-----BEGIN PGP SIGNED MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n';
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary' }),
      fc.nat({ max: whole.length }),
      async (text, at) => !(await verify(whole.slice(0, at) + text + whole.slice(at))).ok,
    ),
  );
  t.pass();
});

test('the keys of a folder are one keyring; a file more is a key more', async (t) => {
  await using place = await folder();
  t.is(reasonOf(await readKeyringFolder(place.path)), 'keyring-missing');
  await writeKeyring(place.path, 'one.asc', [KEY]);
  await writeFile(join(place.path, 'README'), 'no key');
  t.is(reasonOf(await verify(SIGNED)), 'ok');
  t.is(value(await readKeyringFolder(place.path)).keys.length, 1);
  await writeFile(join(place.path, 'two.gpg'), OTHER.public.write());
  t.is(value(await readKeyringFolder(place.path)).keys.length, 2);
});

const noKeyring = test.macro(async (t, content: string | Uint8Array | undefined, expected: string) => {
  await using place = await folder();
  const path = join(place.path, 'keys.asc');
  if (content !== undefined) await writeFile(path, content);
  t.is(reasonOf(await readKeyring(path)), expected);
});
test('no keyring: no file', noKeyring, undefined, 'keyring-missing');
test('no keyring: an empty file', noKeyring, '', 'keyring-malformed');
test('no keyring: a text', noKeyring, 'hello', 'keyring-malformed');
test('no keyring: a secret key', noKeyring, KEY.key.armor(), 'keyring-malformed');

test('the shipped keyrings are those of the documentation', async (t) => {
  const root = join(import.meta.dirname, '..');
  const keyring = value(await readKeyringFolder(join(root, 'keyrings')));
  const shipped = keyring.keys.map((key) => key.getFingerprint().toUpperCase()).sort();
  const documented = (await readFile(join(root, 'docs/keyrings.md'), 'utf8')).match(/\b[0-9A-F]{40}\b/g) ?? [];
  t.deepEqual([...new Set(documented)].sort(), shipped);
  t.is(shipped.length, 9);
});
