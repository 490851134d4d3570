import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createCleartextMessage, generateKey, type Key, type PrivateKey, sign } from 'openpgp';
import type { Keyring } from '../../src/archive/keyring.ts';
import { sha256 } from '../../src/base/digest.ts';
import { type Server, serve } from './server.ts';

/** When the made-up archives are read: 2026-01-01. Their lists are of a day before. */
export const NOW_SECONDS = 1_767_225_600;
export const DATE_SECONDS = NOW_SECONDS - 86_400;
export const DATE = 'Wed, 31 Dec 2025 00:00:00 UTC';

export type Signer = { readonly key: PrivateKey; readonly public: Key; readonly keyring: Keyring };

/** A new key, made in 2020. */
export async function signer(options: { readonly madeSeconds?: number; readonly lastsSeconds?: number } = {}): Promise<Signer> {
  const { privateKey } = await generateKey({
    userIDs: [{ name: 'Made-up Archive' }],
    type: 'ecc',
    curve: 'ed25519Legacy',
    date: new Date((options.madeSeconds ?? 1_577_836_800) * 1000),
    keyExpirationTime: options.lastsSeconds ?? 0,
    format: 'object',
  });
  return { key: privateKey, public: privateKey.toPublic(), keyring: { name: 'made-up', keys: [privateKey.toPublic()] } };
}

/** The text, clear-signed a few hours before it is read. */
export async function clearSign(
  text: string,
  signers: readonly Signer[],
  options: { readonly signedSeconds?: number } = {},
): Promise<string> {
  const message = await createCleartextMessage({ text });
  const signed = await sign({
    message,
    signingKeys: signers.map(({ key }) => key),
    date: new Date((options.signedSeconds ?? DATE_SECONDS + 3600) * 1000),
  });
  return signed.replaceAll('\r\n', '\n');
}

/** Where the signed list of bookworm is. */
export const IN_RELEASE = '/debian/dists/bookworm/InRelease';

export type MadeUpSuite = {
  readonly fields: Record<string, string>; // of the Release file
  readonly files: Record<string, Uint8Array>; // below the suite's folder, listed in the Release file
};

export const PACKAGES = `Package: hello
Version: 2.10-3
Architecture: amd64
Essential: yes
Priority: required
Depends: libc6 (>= 2.34)
Provides: greeting (= 1), salute
Filename: pool/main/h/hello/hello_2.10-3_amd64.deb
Size: 9
SHA256: ${sha256('hello.deb')}
Description: says hello
 Essential: yes, this is a description.
`;

export const SOURCES = `Package: hello
Format: 3.0 (quilt)
Binary: hello
Version: 2.10-3
Build-Depends: debhelper-compat (= 13),
 texinfo
Directory: pool/main/h/hello
Checksums-Sha256:
 ${sha256('orig')} 4 hello_2.10.orig.tar.gz
 ${sha256('dsc')} 3 hello_2.10-3.dsc
`;

/** A suite with one package and its source, as large archives have it. */
export function suite(codename: string, packages = PACKAGES, sources = SOURCES): MadeUpSuite {
  return {
    fields: {
      Origin: 'Made-up',
      Suite: 'stable',
      Codename: codename,
      Date: DATE,
      'Acquire-By-Hash': 'yes',
      Architectures: 'all amd64 arm64',
      'No-Support-for-Architecture-all': 'Packages',
      Components: 'main contrib',
    },
    files: {
      'main/binary-amd64/Packages': Buffer.from(packages),
      'main/binary-amd64/Packages.gz': gzipSync(packages),
      'main/source/Sources': Buffer.from(sources),
      'main/source/Sources.gz': gzipSync(sources),
    },
  };
}

/** Changes fields of a suite's Release file. */
export function withFields(over: Record<string, string>): (made: MadeUpSuite) => MadeUpSuite {
  return (made) => ({ ...made, fields: { ...made.fields, ...over } });
}

/** The same packages in another version; the text stays as long. */
export function otherVersion(text: string): string {
  return text.replace('2.10-3', '2.10-4');
}

/** The Release file of a suite. */
export function releaseText({ fields, files }: MadeUpSuite): string {
  const lines = Object.entries(files).map(([path, bytes]) => ` ${sha256(bytes)} ${bytes.length} ${path}`);
  return `${Object.entries(fields)
    .map(([name, text]) => `${name}: ${text}`)
    .join('\n')}\nSHA256:\n${lines.join('\n')}\n`;
}

/** Signs a suite and serves it; gives the InRelease. The plain files are listed and not served, as Debian does it. */
export async function publish(
  http: Server,
  base: string,
  suiteName: string,
  made: MadeUpSuite,
  signers: readonly Signer[],
): Promise<string> {
  const inRelease = await clearSign(releaseText(made), signers);
  const at = `${base}/dists/${suiteName}/`;
  http.on(`${at}InRelease`, serve(Buffer.from(inRelease)));
  for (const [path, bytes] of Object.entries(made.files)) {
    if (!/\.(gz|xz|zst)$/.test(path)) continue;
    http.on(at + path, serve(bytes));
    http.on(`${at}${path.slice(0, path.lastIndexOf('/'))}/by-hash/SHA256/${sha256(bytes)}`, serve(bytes));
  }
  return inRelease;
}

/** All that `bookworm` of a container asks for: the suite, and empty updates and security. */
export async function publishDebian(http: Server, made: MadeUpSuite, signers: readonly Signer[]): Promise<void> {
  await publish(http, '/debian', 'bookworm', made, signers);
  await publish(http, '/debian', 'bookworm-updates', suite('bookworm-updates', '', ''), signers);
  await publish(http, '/debian-security', 'bookworm-security', suite('bookworm-security', '', ''), signers);
}

/** Writes a keyring to a folder, armoured; gives its path. */
export async function writeKeyring(folder: string, name: string, signers: readonly Signer[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, signers.map(({ public: key }) => key.armor()).join('\n'));
  return path;
}
