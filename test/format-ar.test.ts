import test from 'ava';
import { readAr } from '../src/format/ar.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../src/format/limits.ts';
import { inPieces, tinyAr } from './helpers/debs.ts';
import { reasonOf } from './helpers/reason.ts';

async function arMembers(bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}): Promise<[string, string][]> {
  const all: [string, string][] = [];
  for await (const { member, body } of readAr(inPieces(bytes, 50), { ...ARCHIVE_LIMITS, ...limits }))
    all.push([member.name, Buffer.concat(await Array.fromAsync(body)).toString()]);
  return all;
}

test('an ar archive', async (t) => {
  const ar = tinyAr([
    { name: 'debian-binary', body: Buffer.from('2.0\n') },
    { name: 'odd', body: Buffer.from('x') },
    { name: 'slash/', body: Buffer.from('yz') },
  ]);
  t.deepEqual(await arMembers(ar), [
    ['debian-binary', '2.0\n'],
    ['odd', 'x'],
    ['slash', 'yz'],
  ]);
});

test('an ar archive with long names', async (t) => {
  const ar = tinyAr([
    { name: '//', body: Buffer.from('a-very-long-name.o/\nanother-long-name.o/\n') },
    { name: '/0', body: Buffer.from('1') },
    { name: '/20', body: Buffer.from('2') },
  ]);
  t.deepEqual(await arMembers(ar), [
    ['a-very-long-name.o', '1'],
    ['another-long-name.o', '2'],
  ]);
});

const AR = tinyAr([
  { name: 'a', body: Buffer.from('hello') },
  { name: 'b', body: Buffer.from('world!') },
]);
const arRefuses = test.macro(async (t, bytes: Uint8Array, reason: string, limits: Partial<ArchiveLimits> = {}) => {
  t.is(await reasonOf(arMembers(bytes, limits)), reason);
});

test('no ar archive', arRefuses, Buffer.from('<html>'), 'ar-malformed');
test('an ar archive that ends in a header', arRefuses, AR.subarray(0, 40), 'ar-truncated');
test('an ar archive that ends in a body', arRefuses, AR.subarray(0, -2), 'ar-truncated');
test('bytes between ar members', arRefuses, Buffer.concat([AR, Buffer.from('x'.repeat(60))]), 'ar-malformed');
test('an ar name outside of the table', arRefuses, tinyAr([{ name: '/7', body: Buffer.from('1') }]), 'ar-malformed');
test('an ar member without a name', arRefuses, tinyAr([{ name: '', body: Buffer.from('1') }]), 'ar-malformed');
test('an ar number that is none', arRefuses, Buffer.from(AR.toString('latin1').replace('100644', '10z644'), 'latin1'), 'ar-malformed');
test('too many ar members', arRefuses, AR, 'ar-limit', { entries: 1 });
test('too large an ar member', arRefuses, Buffer.from(AR.toString('latin1').replace('5         `', '9999999999`'), 'latin1'), 'ar-limit', {
  totalBytes: 1_000_000_000,
});
