import test from 'ava';
import { extract, type Header, pack } from 'tar-stream';
import type { TarMember } from '../src/format/tar.ts';
import { packTar } from '../src/format/tar-write.ts';
import { inPieces, tarMember, tinyTar } from './helpers/debs.ts';
import { reasonOf } from './helpers/reason.ts';
import { members } from './helpers/tar.ts';

const roundTrip = test.macro(async (t, over: Partial<TarMember>, text?: string) => {
  const body = text ?? '';
  const member = tarMember({ name: 'a', size: Buffer.byteLength(body), ...over });
  const packed = await Array.fromAsync(packTar([{ member, body: Buffer.from(body) }]));
  t.deepEqual(await members(inPieces(Buffer.concat(packed), 700)), [[member, body]]);
});

test('a file', roundTrip, {}, 'hello');
test('a file of a whole block', roundTrip, {}, 'x'.repeat(512));
test('mode 0 stays 0', roundTrip, { mode: 0 });
test('setuid', roundTrip, { mode: 0o4755 });
test('an id that ustar has no room for', roundTrip, { uid: 2097152, gid: 4294967294 });
test('a time after 2038', roundTrip, { mtimeSeconds: 5_000_000_000 });
test('a time before 1970', roundTrip, { mtimeSeconds: -1 });
test('a fraction of a second', roundTrip, { mtimeSeconds: 1.5 });
test('names of owners', roundTrip, { uname: 'root', gname: 'wheel' });
test('a name of owners that ustar has no room for', roundTrip, { uname: 'u'.repeat(40) });
test('a name of 100 bytes', roundTrip, { name: 'n'.repeat(100) });
test('a name that is split', roundTrip, { name: `${'d'.repeat(150)}/${'n'.repeat(90)}` });
test('a name that cannot be split', roundTrip, { name: 'n'.repeat(300) });
test('a folder with a long name', roundTrip, { name: `${'d'.repeat(200)}/`, type: 'directory', mode: 0o755 });
test('a name that is not UTF-8', roundTrip, { name: 'caf\udce9' });
test('a long name that is not UTF-8', roundTrip, { name: `${'n'.repeat(300)}\udce9` });
test('a symlink with a long target', roundTrip, { type: 'symlink', link: '../'.repeat(60) });
test('a hardlink', roundTrip, { type: 'hardlink', link: './b' });
test('a device', roundTrip, { type: 'character', devmajor: 1, devminor: 3 });
test('a fifo', roundTrip, { type: 'fifo' });
test('extended attributes keep their bytes', roundTrip, { pax: { 'SCHILY.xattr.security.capability': '\u0001\udc80\n=\udcff' } });

test('a folder gets its slash', async (t) => {
  const tar = await tinyTar([{ name: 'd', type: 'directory' }]);
  t.is((await members(inPieces(tar)))[0]?.[0].name, 'd/');
});

test('the same members give the same bytes, however the body comes', async (t) => {
  const member = tarMember({ name: 'a', size: 100_000, uid: 9_999_999 });
  const body = Buffer.alloc(100_000, 7);
  const whole = await Array.fromAsync(packTar([{ member, body }]));
  const pieces = await Array.fromAsync(packTar([{ member, body: inPieces(body, 777) }]));
  t.deepEqual(Buffer.concat(whole), Buffer.concat(pieces));
});

test('tar-stream reads what we write', async (t) => {
  const link = tarMember({ name: 'l'.repeat(200), type: 'symlink', link: 'x'.repeat(200) });
  const tar = await Array.fromAsync(
    packTar([{ member: tarMember({ name: './a', size: 5, mode: 0o755 }), body: Buffer.from('hello') }, { member: link }]),
  );
  const reader = extract();
  reader.end(Buffer.concat(tar));
  const seen: Partial<Header>[] = [];
  for await (const entry of reader) {
    seen.push({ name: entry.header.name, mode: entry.header.mode ?? 0, linkname: entry.header.linkname ?? '' });
    entry.resume();
  }
  t.deepEqual(seen, [
    { name: './a', mode: 0o755, linkname: '' },
    { name: 'l'.repeat(200), mode: 0o644, linkname: 'x'.repeat(200) },
  ]);
});

test('we read what tar-stream writes', async (t) => {
  const writer = pack();
  writer.entry({ name: 'ä'.repeat(100), mode: 0o600, mtime: new Date(0), uid: 5, uname: 'me' }, 'body');
  writer.finalize();
  t.deepEqual(await members(writer as AsyncIterable<Uint8Array>), [
    [tarMember({ name: 'ä'.repeat(100), mode: 0o600, mtimeSeconds: 0, uid: 5, uname: 'me', size: 4 }), 'body'],
  ]);
});

test('a body that is not as long as it should be is not written', async (t) => {
  const member = tarMember({ name: 'a', size: 5 });
  for (const body of ['hell', 'hello!'])
    t.is(await reasonOf(Array.fromAsync(packTar([{ member, body: inPieces(Buffer.from(body)) }]))), 'tar-body-size');
  t.is(await reasonOf(Array.fromAsync(packTar([{ member }]))), 'tar-body-size');
});
