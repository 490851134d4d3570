import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Report } from '../../src/report/report.ts';
import { must } from '../helpers/kernel.ts';
import { PROJECT, projectRig, type Rig } from '../helpers/rig.ts';

const FIXTURE = 'test/fixtures/kernel-remedies';
const KEY = 'recipes/proxmox-kernel/debian/signing/test-key.pem';

/** A project with the packaging and the small kernel, which trusts the key that everybody knows and does not have it. */
async function project(): Promise<Rig> {
  const rig = await projectRig();
  for (const folder of ['recipes/proxmox-kernel', 'patches', FIXTURE])
    await cp(join(PROJECT, folder), join(rig.path, folder), { recursive: true });
  const pem = await readFile(join(PROJECT, KEY), 'utf8');
  await mkdir(join(rig.path, FIXTURE, 'debian/signing'), { recursive: true });
  await writeFile(join(rig.path, FIXTURE, 'debian/signing/trusted.pem'), pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')));
  return rig;
}

async function reproOf(t: ExecutionContext, rig: Rig, recipe: string, ...options: readonly string[]): Promise<Report> {
  await must(rig, 'lock', recipe);
  const { stdout, stderr } = await rig.exec('repro', recipe, '--json', ...options);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  t.log(`CPU seconds: ${Math.round(cpuOf(report))}`);
  return report;
}

function cpuOf({ builds }: Report): number {
  return [builds.first, builds.second].flatMap((build) => build?.steps ?? []).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Where a package differs and why, but for what only follows from another difference: `PATH WHAT: CAUSE`. */
function leavesOf({ artefacts }: Report, what: string): readonly string[] {
  const leaves = artefacts
    .filter(({ name }) => name.startsWith(`${what}.`))
    .flatMap(({ differences, causes }) =>
      differences.flatMap(({ trail, what: how }) => {
        const own = [...new Set(causes.filter((cause) => cause.trail.join('\0') === trail.join('\0')).map(({ name }) => name))];
        if (own.includes('consequence')) return [];
        const path = trail.slice(2).map((part) => part.replace(/^\.\//, ''));
        return [`${path.join(' > ')}${how.kind === 'attribute' ? ` ${how.attribute}` : ''}: ${own.join(', ')}`];
      }),
    );
  return [...new Set(leaves)];
}

/** `in`: the file that has to be named, the innermost part that has to be told, and its cause; nothing: no difference at all. */
type Row = { readonly what: string; readonly in: readonly (readonly [file: RegExp, part: string, cause: string])[] };

const VMLINUZ = /^boot\/vmlinuz-/;
const ROWS: readonly Row[] = [
  { what: 'all', in: [] },
  { what: 'build-user', in: [[VMLINUZ, 'payload > .rodata > strings', 'user']] },
  { what: 'build-host', in: [[VMLINUZ, 'payload > .rodata > strings', 'hostname']] },
  { what: 'build-timestamp', in: [[VMLINUZ, 'payload > .init.data > strings', 'cpio-time']] },
  { what: 'both-timestamps', in: [[VMLINUZ, 'payload > .rodata > strings', 'timestamp']] },
  {
    what: 'fixed-key', // the certificate in the kernel has the time of its making
    in: [
      [VMLINUZ, 'payload > .init.data', 'timestamp'],
      [/^lib\/modules\/.*\.ko > module signature/, '', 'signature'],
    ],
  },
  { what: 'in-reserve', in: [] },
  { what: 'root-owner', in: [[/ (owner|group): /, '', 'file-owner']] },
  { what: 'umask-and-fixperms', in: [[/ mode: /, '', 'file-mode']] },
  { what: 'build-salt', in: [] },
  { what: 'fixperms', in: [] },
  { what: 'gzip-no-name', in: [[/^usr\/share\/doc\/.*\/changelog\.Debian\.gz/, 'gzip header mtime', 'gzip-time']] },
  { what: 'sorted-lists', in: [[/^lib\/modprobe\.d\/blacklist_/, '', 'directory-order']] },
  { what: 'file-dates', in: [] },
  { what: 'headers-moved', in: [] },
  { what: 'headers-filter', in: [[/\.cmd:/, '', 'build-path']] },
  { what: 'host-prefix-map', in: [[/\/objtool > \.note\.gnu\.build-id/, '', 'build-id']] },
];

test('what differs without each remedy, and what the report says of it', async (t) => {
  await using rig = await project();
  const [base, each] = [`${FIXTURE}/recipe.yaml`, `${FIXTURE}/each/recipe.yaml`];
  await must(rig, 'lock', base);
  await must(rig, 'build', base);
  // The build had no key: signatures are made outside of it, and attached by the two builds that follow.
  const out = join(rig.path, 'out/kernel-remedies/first');
  for (const folder of ['debian', 'tree']) await mkdir(join(rig.path, FIXTURE, 'each', folder));
  await must(rig, 'sign-modules', each, '--from', out, '--key', KEY);
  await rename(join(out, 'tree.tar.zst'), join(rig.path, FIXTURE, 'each/tree/tree.tar.zst'));
  const report = await reproOf(t, rig, each, '--vary', 'build-path', '--vary', 'clock');
  t.is(report.verdict, 'different');
  t.deepEqual(
    report.artefacts.filter(({ name }) => name.endsWith('.failed.txt')).map(({ name }) => name),
    [],
  );
  for (const row of ROWS) {
    const leaves = leavesOf(report, row.what);
    t.is(leaves.length === 0, row.in.length === 0, `${row.what}: ${leaves.join('\n')}`);
    for (const [file, part, cause] of row.in) {
      const found = leaves.some((leaf) => file.test(leaf) && leaf.includes(part) && leaf.endsWith(`: ${cause}`));
      t.true(found, `${row.what}: ${cause} in ${file}\n${leaves.join('\n')}`);
    }
    // Nothing but that file differs, beside what follows from it.
    const others = leaves.filter((leaf) => !row.in.some(([file]) => file.test(leaf)) && !leaf.startsWith('boot/System.map-'));
    t.deepEqual(others, [], row.what);
  }
});

test('what fixed-layout refuses draws a seed for each build', async (t) => {
  await using rig = await project();
  const report = await reproOf(t, rig, `${FIXTURE}/layout/recipe.yaml`);
  t.is(report.verdict, 'different');
  for (const name of ['fork.o', 'softdog.ko']) t.is(report.artefacts.find((one) => one.name === name)?.verdict, 'different', name);
  const said = report.artefacts.flatMap(({ differences }) => differences).find(({ trail }) => trail.join(' ') === 'softdog.ko .modinfo');
  t.regex(
    said?.what.kind === 'field' ? `${said.what.first} ${said.what.second}` : '',
    /RANDSTRUCT_([0-9a-f]{64}) .*RANDSTRUCT_(?!\1)[0-9a-f]{64}/,
  );
});

test('what perf-prefix-map keeps out of the debugging symbols of perf is the folder of the build', async (t) => {
  await using rig = await project();
  const report = await reproOf(t, rig, `${FIXTURE}/perf/recipe.yaml`, '--vary', 'build-path');
  t.is(report.verdict, 'different');
  const causes = (name: string) =>
    report.artefacts.find((one) => one.name === name)?.causes.map((cause) => `${cause.trail.slice(1).join(' ')}: ${cause.name}`) ?? [];
  t.true(causes('perf.unstripped').includes('.debug_line_str strings: build-path'), causes('perf.unstripped').join('\n'));
  t.deepEqual(causes('perf'), ['.note.gnu.build-id: build-id'], 'of the stripped program only that');
});
