import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../src/base/digest.ts';
import { failureOf, StreamFailure } from '../src/base/result.ts';
import { contentPath, ownedName, ownerMayLive, pathPart } from '../src/store/address.ts';
import { openStore, storeOf } from '../src/store/store.ts';
import { listEntries, removeEntry } from '../src/store/sweep.ts';
import { emptyStore, failed, fileOf, folder, pieces, reasonOf, value } from './helpers/stores.ts';

const HELLO = Buffer.from('hello, world\n');

test('what was added can be read, as a stream and whole', async (t) => {
  await using s = await emptyStore();
  const added = value(await s.store.add(pieces('hello, ', 'world\n')));
  t.deepEqual(added, { sha256: sha256(HELLO), size: 13 });
  t.true(await s.store.has(added.sha256));
  t.true(await s.store.has(added.sha256, 13));
  t.false(await s.store.has(added.sha256, 14));
  t.deepEqual(Buffer.concat(await Array.fromAsync(s.store.read(added.sha256))), HELLO);
  t.deepEqual(Buffer.from(value(await s.store.readAll(added.sha256))), HELLO);
});

test('any bytes come back as they were', async (t) => {
  await using s = await emptyStore();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 6 }), async (parts) => {
      const whole = Buffer.concat(parts);
      const added = value(await s.store.add(pieces(...parts), fileOf(whole)));
      return whole.equals(Buffer.from(value(await s.store.readAll(added.sha256))));
    }),
    { numRuns: 50 },
  );
  t.pass();
});

const refused = test.macro(async (t, expected: { sha256?: string; size?: number }) => {
  await using s = await emptyStore();
  const wanted = { ...fileOf(HELLO), ...expected } as ReturnType<typeof fileOf>;
  t.is(reasonOf(await s.store.add(pieces(HELLO), wanted)), 'digest-mismatch');
  t.false(await s.store.has(sha256(HELLO)));
  t.deepEqual(await readdir(join(s.root, 'tmp')), []);
});
test('other bytes than expected are refused', refused, { sha256: sha256('another') });
test('fewer bytes than expected are refused', refused, { size: 14 });
test('more bytes than expected are refused', refused, { size: 12 });

test('a stream that fails half-way leaves nothing', async (t) => {
  await using s = await emptyStore();
  const failure = { kind: 'infrastructure', reason: 'unreachable', message: 'gone' } as const;
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield HELLO;
    throw new StreamFailure(failure);
  };
  t.deepEqual(await s.store.add(broken()), { ok: false, error: failure });
  t.deepEqual(await readdir(join(s.root, 'tmp')), []);
});

test('a flipped bit anywhere in an entry is found, and the entry can be fetched again', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: HELLO.length * 8 - 1 }), fc.boolean(), async (bit, streamed) => {
      await using s = await emptyStore();
      const digest = value(await s.store.add(pieces(HELLO))).sha256;
      const bytes = Buffer.from(HELLO);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(contentPath(s.root, digest), bytes);
      const reason = streamed
        ? await Array.fromAsync(s.store.read(digest)).then(
            () => 'ok',
            (error: unknown) => failureOf(error).reason,
          )
        : reasonOf(await s.store.readAll(digest));
      t.is(reason, 'store-entry-corrupt');
      t.false(await s.store.has(digest));
      t.is((await readdir(join(s.root, 'corrupt'))).length, 1);
      value(await s.store.add(pieces(HELLO)));
      t.deepEqual(Buffer.from(value(await s.store.readAll(digest))), HELLO);
    }),
    { numRuns: 20 },
  );
});

test('a missing entry is a failure of its own', async (t) => {
  await using s = await emptyStore();
  t.is(reasonOf(await s.store.readAll(sha256(HELLO))), 'store-entry-missing');
  await t.throwsAsync(Array.fromAsync(s.store.read(sha256(HELLO))), { instanceOf: StreamFailure });
});

test('a derived file comes back; a damaged one is as good as none', async (t) => {
  await using s = await emptyStore();
  t.is(await s.store.readDerived('tree', 'a'), undefined);
  value(await s.store.addDerived('tree', 'a', pieces('some ', 'tree')));
  const read = await s.store.readDerived('tree', 'a');
  t.is(Buffer.concat(await Array.fromAsync(read ?? [])).toString(), 'some tree');
  const path = join(s.root, 'derived', 'tree', 'a');
  const bytes = await readFile(path);
  bytes[3] = 0;
  await writeFile(path, bytes);
  t.is(await s.store.readDerived('tree', 'a'), undefined);
  t.deepEqual(await readdir(join(s.root, 'derived', 'tree')), []);
  value(await s.store.addDerived('tree', 'short', pieces('')));
  t.deepEqual(await Array.fromAsync((await s.store.readDerived('tree', 'short')) ?? pieces('none')), []);
  await writeFile(join(s.root, 'derived', 'tree', 'cut'), 'x');
  t.is(await s.store.readDerived('tree', 'cut'), undefined);
});

test('a derived file that is too large to hold is verified, too', async (t) => {
  await using s = await emptyStore();
  const part = Buffer.alloc(8 * 1024 * 1024, 7);
  value(await s.store.addDerived('tree', 'big', pieces(...Array(9).fill(part))));
  let size = 0;
  for await (const piece of (await s.store.readDerived('tree', 'big')) ?? []) size += piece.length;
  t.is(size, 9 * part.length);
});

test('state comes back; a damaged one is as good as none', async (t) => {
  await using s = await emptyStore();
  value(await s.store.writeState('image', 'sha256:abc/..', { id: 1 }));
  t.deepEqual(await s.store.readState('image', 'sha256:abc/..'), { id: 1 });
  t.is(await s.store.readState('image', 'other'), undefined);
  const [name] = await readdir(join(s.root, 'state', 'image'));
  await writeFile(join(s.root, 'state', 'image', name ?? ''), '{');
  t.is(await s.store.readState('image', 'sha256:abc/..'), undefined);
});

test('no text leads out of a folder', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => /^[A-Za-z0-9~_+-][A-Za-z0-9.+_~-]*$/.test(pathPart(text))));
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => a === b || pathPart(a) !== pathPart(b)));
  t.pass();
});

test('what a dead process left is cleared away, what a live one writes stays', async (t) => {
  await using place = await folder();
  await mkdir(join(place.path, 'tmp'));
  const [mine, digest] = [ownedName('add'), sha256(HELLO)];
  const dead = mine.replace(/@[0-9]+@/, '@4194305@'); // beyond the largest PID of Linux
  const before = mine.replace(/@([0-9]+)@[0-9.]+@/, '@$1@1.5@'); // our PID, of another process
  for (const name of [mine, dead, before]) await writeFile(join(place.path, 'tmp', name), 'x');
  t.deepEqual(
    [ownerMayLive(mine), ownerMayLive(dead), ownerMayLive(before), ownerMayLive('x@elsewhere@1@1.5@a')],
    [true, false, false, true],
  );
  await openStore(place.path);
  t.deepEqual(await readdir(join(place.path, 'tmp')), [mine]);
  await utimes(join(place.path, 'tmp', mine), 1, 1);
  await writeFile(join(place.path, 'partial', `${digest}@left@3`), 'hel');
  await utimes(join(place.path, 'partial', `${digest}@left@3`), 1, 1);
  await openStore(place.path);
  t.deepEqual([await readdir(join(place.path, 'tmp')), await readdir(join(place.path, 'partial'))], [[], []]);
});

test('several processes add the same and other files at the same time', async (t) => {
  await using s = await emptyStore();
  const script = `
    import { storeOf } from ${JSON.stringify(join(import.meta.dirname, '../src/store/store.ts'))};
    const store = storeOf(process.argv[1]);
    for (let n = 0; n < 20; n += 1) {
      const added = await store.add((async function* () { yield Buffer.from('file ' + n); })());
      if (!added.ok) process.exit(1);
      const read = await store.readAll(added.value.sha256);
      if (!read.ok) process.exit(2);
    }`;
  const run = (): Promise<number | null> =>
    new Promise((resolve) =>
      spawn(process.execPath, ['--input-type=module', '-e', script, s.root], { stdio: 'inherit' }).on('close', resolve),
    );
  t.deepEqual(await Promise.all([run(), run(), run()]), [0, 0, 0]);
  t.is(value(await listEntries(s.root)).filter(({ folder }) => folder === 'content').length, 20);
});

test('entries are listed with size and last use, and removed', async (t) => {
  await using s = await emptyStore();
  const { sha256: digest } = value(await s.store.add(pieces(HELLO)));
  value(await s.store.addDerived('tree', 'a', pieces('x')));
  await utimes(contentPath(s.root, digest), 1000, 1000);
  const entries = value(await listEntries(s.root));
  t.deepEqual(
    entries.map(({ folder, name, size }) => [folder, name, size]),
    [
      ['derived', 'tree/a', 65],
      ['content', digest, 13],
    ],
  );
  t.is(entries[1]?.lastUsedSeconds, 1000);
  await s.store.readAll(digest);
  t.true((value(await listEntries(s.root))[1]?.lastUsedSeconds ?? 0) > 1_000_000, 'reading is a use');
  for (const entry of entries) value(await removeEntry(s.root, entry));
  t.deepEqual(value(await listEntries(s.root)), []);
});

test('a store of worker threads notes the use of files as well', async (t) => {
  await using s = await emptyStore();
  const { sha256: digest } = value(await s.store.add(pieces(HELLO)));
  await utimes(contentPath(s.root, digest), 1000, 1000);
  for await (const _ of storeOf(s.root).read(digest));
  t.true((await stat(contentPath(s.root, digest))).atimeMs > 1e9);
});

test('a place that is no folder is a failure with a way on', async (t) => {
  await using place = await folder();
  await writeFile(join(place.path, 'file'), '');
  t.is(reasonOf(await openStore(join(place.path, 'file'))), 'store-unreadable');
});

(process.getuid?.() === 0 ? test.skip : test)('a folder that may not be written is a failure with a way on', async (t) => {
  await using place = await folder();
  await chmod(place.path, 0o500);
  t.is(failed(await openStore(place.path)).reason, 'store-not-writable');
});
