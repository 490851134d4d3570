import { spawn } from 'node:child_process';
import { once as event } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openDatabase, takeLock, transaction } from '../src/store/database.ts';
import { folder, reasonOf, value } from './helpers/stores.ts';

test('a lock is free again when its process was killed, and not before', async (t) => {
  await using place = await folder();
  const path = join(place.path, 'one.lock');
  const code = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, '../src/store/database.ts'))};
    console.log(takeLock(${JSON.stringify(path)}).value ? 'held' : 'taken'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.is(String((await event(child.stdout, 'data'))[0]), 'held\n');
  t.is(value(takeLock(path)), undefined);
  const gone = event(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const lock = value(takeLock(path));
  t.truthy(lock);
  t.is(value(takeLock(path)), undefined);
  lock?.release();
  t.truthy(value(takeLock(path)));
});

test('a database that is damaged, newer or not ours is a failure with a reason', async (t) => {
  await using place = await folder();
  const path = join(place.path, 'a.sqlite');
  await writeFile(path, 'this is no database, and long enough to be looked at as one. '.repeat(20));
  t.is(reasonOf(openDatabase(path, [])), 'database-damaged');
  const newer = join(place.path, 'b.sqlite');
  value(openDatabase(newer, ['CREATE TABLE a (b)', 'CREATE TABLE c (d)'])).close();
  t.is(reasonOf(openDatabase(newer, ['CREATE TABLE a (b)'])), 'database-newer');
  t.is(reasonOf(openDatabase(join(path, 'below-a-file.sqlite'), [])), 'database');
});

test('a database is brought to the newest form, once', async (t) => {
  await using place = await folder();
  const path = join(place.path, 'a.sqlite');
  const one = value(openDatabase(path, ['CREATE TABLE a (b)']));
  transaction(one, () => one.exec("INSERT INTO a VALUES ('kept')"));
  t.throws(() =>
    transaction(one, () => {
      one.exec("INSERT INTO a VALUES ('lost')");
      throw new Error('no');
    }),
  );
  one.close();
  const two = value(openDatabase(path, ['CREATE TABLE a (b)', 'ALTER TABLE a ADD COLUMN c']));
  t.deepEqual({ ...two.prepare('SELECT * FROM a').all()[0] }, { b: 'kept', c: null });
  two.close();
  t.true((await stat(path)).size > 0);
});
