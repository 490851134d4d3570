import { gzipSync } from 'node:zlib';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import {
  clearSign,
  IN_RELEASE,
  type MadeUpSuite,
  otherVersion,
  PACKAGES,
  publish,
  publishDebian,
  releaseText,
  signer,
  suite,
  withFields,
} from './helpers/archive.ts';
import { type ArchiveWorld, archiveWorld } from './helpers/archive-world.ts';
import { serve } from './helpers/server.ts';
import { failed, reasonOf } from './helpers/stores.ts';

const [KEY, OTHER] = await Promise.all([signer(), signer()]);

const refused = test.macro(async (t, change: (made: MadeUpSuite) => MadeUpSuite, expected: string, kind: string) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, change(suite('bookworm')), [KEY]);
  const result = await w.read();
  t.deepEqual([reasonOf(result), failed(result).kind], [expected, kind]);
});
test('another suite', refused, withFields({ Codename: 'trixie' }), 'release-other-suite', 'unverified-input');
test(
  'a list past its time',
  refused,
  withFields({ 'Valid-Until': 'Wed, 31 Dec 2025 12:00:00 UTC' }),
  'release-expired',
  'unverified-input',
);
test('a list of the future', refused, withFields({ Date: 'Sun, 01 Feb 2026 00:00:00 UTC' }), 'release-from-the-future', 'unverified-input');
test('a component that is not there', refused, withFields({ Components: 'contrib' }), 'component-unknown', 'usage');
test(
  'an architecture that is not there',
  refused,
  (made) => ({ ...made, files: { 'main/source/Sources.gz': gzipSync('') } }),
  'architecture-unknown',
  'usage',
);
test(
  'an index that unpacks to something else',
  refused,
  (made) => ({ ...made, files: { ...made.files, 'main/binary-amd64/Packages': Buffer.from(otherVersion(PACKAGES)) } }),
  'index-mismatch',
  'unverified-input',
);
test(
  'an index that is no archive',
  refused,
  (made) => ({ ...made, files: { ...made.files, 'main/source/Sources.gz': Buffer.from('junk') } }),
  'compressed-malformed',
  'unverified-input',
);
test(
  'an index that unpacks to far more',
  refused,
  (made) => ({ ...made, files: { ...made.files, 'main/source/Sources.gz': gzipSync(Buffer.alloc(1e7)) } }),
  'compressed-limit',
  'unverified-input',
);

const tampered = test.macro(async (t, tamper: (w: ArchiveWorld) => Promise<void> | void, expected: string) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  await tamper(w);
  const result = await w.read();
  t.deepEqual([reasonOf(result), failed(result).kind], [expected, 'unverified-input']);
});
test(
  'a changed InRelease',
  tampered,
  async ({ http }) =>
    http.on(IN_RELEASE, serve(Buffer.from((await clearSign(releaseText(suite('bookworm')), [KEY])).replace('contrib', 'c0ntrib')))),
  'signature-wrong',
);
test(
  'an InRelease of another key',
  tampered,
  async ({ http }) => http.on(IN_RELEASE, serve(Buffer.from(await clearSign(releaseText(suite('bookworm')), [OTHER])))),
  'signature-unknown-key',
);
test(
  'an unsigned Release',
  tampered,
  ({ http }) => http.on(IN_RELEASE, serve(Buffer.from(releaseText(suite('bookworm'))))),
  'signature-missing',
);
test(
  'a page instead of a list',
  tampered,
  ({ http }) => http.on(IN_RELEASE, serve(Buffer.from('<html>Please log in</html>'))),
  'signature-missing',
);
test(
  'changed indices',
  tampered,
  ({ http }) => {
    const [name, good] = ['main/binary-amd64/Packages.gz', gzipSync(PACKAGES)];
    const bad = gzipSync(otherVersion(PACKAGES));
    for (const path of [name, `main/binary-amd64/by-hash/SHA256/${sha256(good)}`])
      http.on(`/debian/dists/bookworm/${path}`, serve(Buffer.concat([bad, Buffer.alloc(64)]).subarray(0, good.length)));
  },
  'digest-mismatch',
);
test(
  'a suite of an earlier time that has another name',
  tampered,
  async ({ http }) => {
    await publish(http, '/debian-security', 'bookworm-security', suite('bookworm'), [KEY]);
  },
  'release-other-suite',
);
