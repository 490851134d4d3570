import { spawn } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { Records } from '../src/queue/records.ts';
import { folder, value } from './helpers/stores.ts';

const QUEUE = '/somewhere/out/many/a';
const COUNT = 1500;

/** Runs the worker, killed after so many milliseconds since it began to write; gives the names that it said were finished, and whether it came to its end. */
async function work(path: string, killAfterMs: number | undefined): Promise<{ readonly done: readonly string[]; readonly ended: boolean }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'helpers/queue-worker.ts'), path, QUEUE, String(COUNT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    if (text === '' && killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    text += piece.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  const lines = text.split('\n').slice(0, -1); // the last one may be half of one
  return { done: lines.filter((line) => line.startsWith('p')), ended: lines.includes('end') };
}

test('killed in the midst of writing, again and again: what was said to be finished is, once, and nothing is lost', async (t) => {
  await using place = await folder();
  const path = join(place.path, 'history.sqlite');
  const said: string[] = [];
  let kills = 0;
  for (const afterMs of [0, 1, 3, 7, 15, 30, 50]) {
    const { done, ended } = await work(path, afterMs);
    said.push(...done);
    if (!ended) kills += 1;
  }
  said.push(...(await work(path, undefined)).done);
  t.true(kills >= 4, `${kills} kills`);
  t.is(new Set(said).size, said.length, 'no item is finished twice');
  const records = value(Records.open(path));
  const items = value(records.items(QUEUE));
  records.close();
  t.is(items.length, COUNT);
  t.true(items.every(({ state, status, attempts }) => state === 'finished' && status === 'reproducible' && attempts.length === 1));
  // One that was finished in the moment of a kill need not have been said.
  t.true(said.length <= COUNT && said.length >= COUNT - kills, `${said.length} of ${COUNT} were said`);
  t.log(`${kills} kills`);
});
