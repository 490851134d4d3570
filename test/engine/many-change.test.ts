import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ManyReport } from '../../src/report/many.ts';
import { indexOf, ownHome, packages } from '../helpers/lists.ts';
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

test.serial('a package that is one or the other by chance is flaky, in every form of the report, and stays so', async (t) => {
  await using r = await projectRig();
  await using home = await ownHome();
  await packages(r, { coin: 'od -An -N1 -tu1 /dev/urandom | awk \'{ print $1 % 2 }\' > "$OUT/text"' });
  await r.write({ 'a.list': 'coin\n' });
  const run = (...args: string[]) =>
    r.execWith({ environment: { TWINBUILD_HOME: home.path } }, 'repro', '--from', 'a.list', '--retry-builds', '3', ...args);
  // Both builds agree half of the time: after 14 runs, one in 16,000 still had the same end each time.
  let runs = 0;
  let ended = await run();
  for (runs = 1; runs < 14 && !/flaky/.test(ended.stdout); runs += 1) {
    t.regex(ended.stdout, /^[=≠] coin /m);
    ended = await run('--again');
  }
  t.log(`flaky after ${runs} runs`);
  t.is(ended.status, 1, ended.stderr);
  t.regex(ended.stdout, /^~ coin .* flaky/m);
  const index = await indexOf(r, 'a');
  t.deepEqual(
    index.results.map(({ name, status, tries }) => `${name} ${status} ${tries.length}`),
    [`coin flaky ${runs}`],
    'a difference is never tried again by itself',
  );
  const at = (name: string) => readFile(join(r.path, 'out/many/a', name), 'utf8');
  t.regex(await at('index.html'), /<tr class="s-flaky"/);
  t.regex(await at('junit.xml'), /failures="1".*<failure message="coin: flaky: /s);
  t.true(index.results[0]?.report !== null && (await at('coin/first/shared_1.0_all.deb')).length > 0, 'what differed is kept');
  // Nothing makes a success of it again.
  const later = await run('--again', 'flaky', '--json');
  t.is(later.status, 1);
  t.is((JSON.parse(later.stdout) as ManyReport).results[0]?.status, 'flaky');
  const untouched = await run('--json');
  t.deepEqual([untouched.status, (JSON.parse(untouched.stdout) as ManyReport).results[0]?.tries.length], [1, runs + 1]);
});
