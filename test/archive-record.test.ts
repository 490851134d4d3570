import test from 'ava';
import { recordCollection } from '../src/cli/archive-record.ts';
import type { World } from '../src/cli/world.ts';
import { type Server, serve, server, status } from './helpers/server.ts';
import { fetching, reasonOf, value } from './helpers/stores.ts';

const WANTED = { source: 'libtasn1-6', version: '1:4.19.0-2+b1', architectures: ['amd64'] };
const PATH = '/pool/libt/libtasn1-6/libtasn1-6_4.19.0-2+b1_amd64.buildinfo';
const record = (version: string) =>
  Buffer.from(`Format: 1.0
Source: libtasn1-6 (1:4.19.0-2)
Architecture: amd64
Version: ${version}
Checksums-Sha256:
 ${'a'.repeat(64)} 1 libtasn1-6_4.19.0-2+b1_amd64.deb
Build-Architecture: amd64
Installed-Build-Depends:
 gcc-12 (= 12.2.0-14)
`);

const collectionOf = (http: Server, base = `${http.url}/pool/`) =>
  recordCollection({ environment: { TWINBUILD_BUILDINFOS: base } } as unknown as World, fetching());

test('the record of a build, by source, version and architecture', async (t) => {
  await using http = await server();
  http.on(PATH, serve(record('1:4.19.0-2+b1')));
  const found = value(await value(collectionOf(http))(WANTED));
  t.deepEqual(found?.installed, [{ name: 'gcc-12', architecture: undefined, version: '12.2.0-14' }]);
});

test('one of another version, or that is none, is as good as none', async (t) => {
  await using http = await server();
  http.on(PATH, serve(record('1:4.19.0-2')));
  t.is(value(await value(collectionOf(http))(WANTED)), undefined);
  http.on(PATH, serve(Buffer.from('<html>')));
  t.is(value(await value(collectionOf(http))(WANTED)), undefined);
});

test('what is not there is asked for each time, what cannot be reached once', async (t) => {
  await using http = await server();
  const gone = value(collectionOf(http));
  await gone(WANTED);
  await gone(WANTED);
  t.is(http.requests.length, 2);
  http.on(PATH, status(503));
  const down = value(collectionOf(http));
  t.is(value(await down(WANTED)), undefined);
  const asked = http.requests.length;
  await down(WANTED);
  t.is(http.requests.length, asked);
});

test('an address that is none', async (t) => {
  await using http = await server();
  t.is(reasonOf(collectionOf(http, 'file:///pool')), 'mirror-invalid');
});
