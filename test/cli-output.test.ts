import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { sweepResults } from '../src/cli/output.ts';
import { pathPart } from '../src/store/address.ts';
import { folder } from './helpers/stores.ts';

const HERE = pathPart(hostname());
const DEAD = `@${HERE}@4999999@1.0@abc.1`; // a process with that number there cannot be
const LIVING = `@${HERE}@1@1.0@abc.1`;
const ELSEWHERE = '@another-host@4999999@1.0@abc.1';

test('what killed runs left among the results goes: of recipes, of what was verified, of lists; and nothing else does', async (t) => {
  await using place = await folder();
  const out = join(place.path, 'out');
  const dead = ['hello', 'verify/hello_2.10-3_amd64', 'many/nightly/sed'].map((name) => join(out, name, `.work${DEAD}`));
  const living = ['hello', 'verify/hello_2.10-3_amd64'].flatMap((name) =>
    [LIVING, ELSEWHERE].map((owner) => join(out, name, `.work${owner}`)),
  );
  for (const path of [...dead, ...living]) await mkdir(join(path, 'rebuilt'), { recursive: true });
  const files = [join(out, 'many/nightly', `.work-file${DEAD}`), join(out, 'many/nightly/sed', `.work-file${DEAD}`)];
  const kept = [
    ['hello', 'report.json'],
    ['verify/hello_2.10-3_amd64', 'report.json'],
    ['many/nightly', 'index.json'],
    ['many/nightly', '.work'],
  ] as const;
  for (const path of [...files, ...kept.map(([at, name]) => join(out, at, name))]) await writeFile(path, 'x');
  t.is(await sweepResults(out), dead.length + files.length);
  for (const path of living) t.deepEqual(await readdir(path), ['rebuilt']);
  for (const [at, name] of kept) t.true((await readdir(join(out, at))).includes(name), `${at}/${name}`);
  t.is(await sweepResults(out), 0);
  t.is(await sweepResults(join(place.path, 'nowhere')), 0);
});
