import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { sweepDerived } from '../src/cli/derived-lock.ts';
import { ownedName } from '../src/store/address.ts';

test('derived locks that were not used for a while go, with what dead runs left; what a living one writes stays', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'derived-'));
  const folder = async (name: string, files: readonly string[], usedSeconds: number) => {
    await mkdir(join(home, 'derived', name), { recursive: true });
    for (const file of files) await writeFile(join(home, 'derived', name, file), 'x');
    await utimes(join(home, 'derived', name), usedSeconds, usedSeconds);
  };
  const dead = '.writing@no-such-host-but-ours';
  await folder('old', ['recipe.lock'], 1000);
  await folder('new', ['recipe.lock', dead], 3000);
  await folder('busy', [ownedName('.writing')], 1000);
  t.is(await sweepDerived(home, 2000), 1);
  t.deepEqual((await readdir(join(home, 'derived'))).sort(), ['busy', 'new']);
  t.deepEqual(await readdir(join(home, 'derived/new')), ['recipe.lock']);
  t.is(await sweepDerived(join(home, 'nothing'), 2000), 0);
  await rm(home, { recursive: true });
});
