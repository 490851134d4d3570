import { cp, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { KERNEL_RECIPE, must, packagesOf } from '../helpers/kernel.ts';
import { PROJECT, projectRig } from '../helpers/rig.ts';

const UNSIGNED_MODULE = 1 << 13; // TAINT_UNSIGNED_MODULE (Documentation/admin-guide/tainted-kernels.rst)

test('the kernel boots, loads OpenZFS with a signature, and keeps data in a pool', async (t) => {
  const kernel = (await packagesOf(KERNEL_RECIPE)).find((path) => /proxmox-kernel-[^/_]*-pve_[^/]*\.deb$/.test(path));
  if (kernel === undefined) return t.fail(`${KERNEL_RECIPE} gave no kernel package`);
  await using rig = await projectRig();
  const folder = join(rig.path, 'test/fixtures/kernel-boot');
  await cp(join(PROJECT, 'test/fixtures/kernel-boot'), folder, { recursive: true });
  await mkdir(join(folder, 'packages'));
  await cp(kernel, join(folder, 'packages', basename(kernel)));
  await must(rig, 'lock', 'test/fixtures/kernel-boot/recipe.yaml');
  await must(rig, 'build', 'test/fixtures/kernel-boot/recipe.yaml');

  const console = await readFile(join(rig.path, 'out/kernel-boot/first/boot.log'), 'utf8');
  const said = console.split(/\r?\n/).flatMap((line) => /^TWINBUILD: (.*)$/.exec(line.trim())?.[1] ?? []);
  t.log(said.join('\n'));
  const [, name = '', version = ''] = /proxmox-kernel-([^/_]*)_([^/_]*)_/.exec(kernel) ?? [];
  const uname = said.find((line) => line.startsWith('uname ')) ?? '';
  t.true(uname.startsWith(`uname ${name} #1 SMP`), uname);
  t.regex(uname, /PMX \S+ \(\d{4}-\d\d-\d\dT\d\d:\d\dZ\)$/, 'the web interface of Proxmox VE reads the date from the brackets');
  t.true(uname.includes(`PMX ${version} (`), uname);
  t.true(said.some((line) => line.includes('(builder@twinbuild)')));
  for (const line of [
    'modprobe zfs status 0',
    'modprobe softdog status 0',
    'zpool create status 0',
    'pool data survived',
    'pool tank\tONLINE',
    'end',
  ]) {
    t.true(said.includes(line), line);
  }
  const taint = Number(/^taint (\d+)$/m.exec(said.join('\n'))?.[1]);
  t.is(taint & UNSIGNED_MODULE, 0, 'every module that was loaded has a signature that the kernel trusts');
  t.regex(said.find((line) => line.startsWith('zfs ')) ?? '', /^zfs \d+\.\d+\.\d+-pve\d+$/);
});
