import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ManyReport } from '../../src/report/many.ts';
import { ownHome, packages } from '../helpers/lists.ts';
import { projectRig } from '../helpers/rig.ts';

test.serial('a line that changes and changes back: each row speaks of the report beside it', async (t) => {
  await using r = await projectRig();
  await using home = await ownHome();
  await packages(r, { host: 'uname -n > "$OUT/text"' });
  const run = async (line: string): Promise<string> => {
    await r.write({ 'a.list': `${line}\n` });
    const ended = await r.execWith({ environment: { TWINBUILD_HOME: home.path } }, 'repro', '--from', 'a.list', '--json', '-q');
    const [result] = (JSON.parse(ended.stdout) as ManyReport).results;
    const report = JSON.parse(await readFile(join(r.path, 'out/many/a/host/report.json'), 'utf8')) as { verdict: string };
    return `${result?.status} ${report.verdict} ${result?.tries.length}`;
  };
  t.is(await run('host'), 'different different 1');
  t.is(await run('host skip=hostname'), 'reproducible reproducible 1');
  t.is(await run('host'), 'different different 2');
  t.is(await run('host kind=shell time-limit=10m'), 'different different 2', 'what changes nothing in a build builds nothing');
});
