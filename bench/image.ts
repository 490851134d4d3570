import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { readMirrors } from '../src/archive/mirrors.ts';
import { contentPath } from '../src/store/address.ts';
import { type Bench, timed } from './project.ts';
import { median, type Row } from './table.ts';

/** The builder image of hello against mmdebstrap's tar of the same packages. */
export async function imageRows(bench: Bench): Promise<readonly Row[]> {
  const times: Record<'cold' | 'warm' | 'shared' | 'present' | 'peerCold' | 'peerWarm', number[]> = {
    cold: [],
    warm: [],
    shared: [],
    present: [],
    peerCold: [],
    peerWarm: [],
  };
  const mmdebstrap = await peer(bench);
  const make = async (store: string, name: string): Promise<number> => (await bench.twinbuild(store, 'image', name, '--json')).seconds;
  await bench.removeImages();
  await make('warm', 'hello');
  for (let run = 0; run < bench.runs; run += 1) {
    process.stdout.write(`builder image, run ${run + 1} of ${bench.runs}\n`);
    if (mmdebstrap) times.peerCold.push(await mmdebstrap('cold'));
    await bench.removeImages();
    await rm(join(bench.scratch, 'cold'), { recursive: true, force: true });
    times.cold.push(await make('cold', 'hello'));
    if (mmdebstrap) times.peerWarm.push(await mmdebstrap('warm'));
    await bench.removeImages();
    times.warm.push(await make('warm', 'hello'));
    times.present.push(await make('warm', 'hello'));
    await bench.removeImages();
    await make('warm', 'bookworm');
    times.shared.push(await make('warm', 'hello'));
  }
  const row = (what: string, ours: readonly number[], against: readonly number[], goal: number): Row =>
    against.length === 0
      ? { what, ours: undefined, unit: 's', goal, note: `${median(ours).toFixed(2)} s; mmdebstrap is not installed or not root` }
      : { what, ours: median(ours), peer: { name: 'mmdebstrap', value: median(against) }, unit: 's', goal };
  return [
    row('builder image, everything empty', times.cold, times.peerCold, 1),
    row('builder image, store warm', times.warm, times.peerWarm, 0.5),
    row('builder image, base layer there', times.shared, times.peerWarm, 0.25),
    { what: 'builder image, present', ours: median(times.present), unit: 's', goal: 0.5 },
  ];
}

/** mmdebstrap of the packages of the lock; warm: it gets the .debs as files, as our store has them. Undefined where it cannot be run. */
async function peer(bench: Bench): Promise<((state: 'cold' | 'warm') => Promise<number>) | undefined> {
  if (process.getuid?.() !== 0 || (await $({ nothrow: true })`mmdebstrap --version`).exitCode !== 0) return undefined;
  const mirrors = await readMirrors({ environment: process.env, tell: () => {} });
  const [debian] = mirrors.ok ? mirrors.value.debian : [];
  const [security] = mirrors.ok ? mirrors.value.security : [];
  if (debian === undefined || security === undefined) return undefined;
  const lines = [`deb ${debian} bookworm main`, `deb ${debian} bookworm-updates main`, `deb ${security} bookworm-security main`];
  const debs = join(bench.scratch, 'debs');
  await mkdir(debs);
  for (const { name, version, architecture, sha256 } of bench.lock.packages) {
    await cp(
      contentPath(join(bench.scratch, 'warm/store'), sha256),
      join(debs, `${name}_${version.replace(':', '%3a')}_${architecture}.deb`),
    );
  }
  const packages = bench.lock.packages.map(({ name }) => name).join(',');
  const given = [
    '--skip=download/empty,essential/unlink',
    `--setup-hook=mkdir -p "$1/var/cache/apt/archives" && cp ${debs}/*.deb "$1/var/cache/apt/archives/"`,
  ];
  process.stdout.write(`mmdebstrap has ${(await readdir(debs)).length} packages to install\n`);
  return async (state) => {
    const target = join(bench.scratch, 'peer.tar');
    const options = ['--mode=root', '--variant=apt', `--include=${packages}`, ...(state === 'warm' ? given : [])];
    const { seconds } = await timed($({ cwd: bench.scratch })`mmdebstrap ${options} bookworm ${target} ${lines}`);
    await rm(target);
    return seconds;
  };
}
