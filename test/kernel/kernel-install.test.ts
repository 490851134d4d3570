import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Container, ImageId } from '../../src/docker/engine.ts';
import { PLAIN_MEMBER, packTar, type TarInput } from '../../src/format/tar-write.ts';
import type { Lock, LockedPackage } from '../../src/lock/types.ts';
import { contentPath } from '../../src/store/address.ts';
import { spec, theEngine, must as value } from '../helpers/engine.ts';
import { KERNEL_RECIPE, must, packagesOf } from '../helpers/kernel.ts';
import { storeRoot } from '../helpers/locked.ts';
import { PROJECT, type Rig, rig } from '../helpers/rig.ts';

// What a machine's own root may do, as far as apt and dpkg need it.
const ROOT = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID'];
const HELLO = `#include <linux/module.h>
static int __init hello(void) { return 0; }
module_init(hello);
MODULE_LICENSE("GPL");
`;

type Deb = { readonly name: string; readonly path: string };

/** A folder of packages as it stands in the machine; apt-ftparchive makes a repository of it there. */
async function* repository(folder: string, debs: readonly Deb[]): AsyncGenerator<TarInput> {
  yield { member: { ...PLAIN_MEMBER, name: folder, type: 'directory', mode: 0o755 } };
  for (const { name, path } of debs) {
    yield { member: { ...PLAIN_MEMBER, name: `${folder}/${name}`, size: (await stat(path)).size }, body: createReadStream(path) };
  }
}

async function* sources(): AsyncGenerator<TarInput> {
  yield { member: { ...PLAIN_MEMBER, name: 'hello', type: 'directory', mode: 0o755 } };
  const files = { 'hello/hello.c': HELLO, 'hello/Makefile': 'obj-m := hello.o\n' };
  for (const [name, text] of Object.entries(files)) yield { member: { ...PLAIN_MEMBER, name, size: text.length }, body: Buffer.from(text) };
}

async function lockedPackages(project: Rig, name: string): Promise<readonly LockedPackage[]> {
  return (JSON.parse(await readFile(join(project.path, 'containers', `${name}.lock`), 'utf8')) as Lock).packages;
}

/** Runs a script as the machine's root. */
async function root(t: ExecutionContext, machine: Container, script: string): Promise<string> {
  let output = '';
  const exit = value(
    await machine.exec(['/bin/sh', '-ec', script], {
      user: '0:0',
      timeoutMs: 20 * 60_000,
      signal: new AbortController().signal,
      output: (_, piece) => {
        output += Buffer.from(piece).toString();
      },
    }),
  );
  t.is(exit.status, 0, `${script}\n${output}`);
  return output;
}

// What dpkg itself leaves when it is used for the first time.
const OF_DPKG = ['lock', 'lock-frontend', 'status-old', 'triggers/Lock'].map((name) => `/var/lib/dpkg/${name}`);

// What the groups of udev leave, which initramfs-tools depends on: no package takes it away.
const OF_ADDUSER = ['/etc/.pwd.lock', '/etc/group-', '/etc/gshadow-', '/run/adduser'];

const FILES =
  "find / -xdev '(' -path /proc -o -path /sys -o -path /tmp -o -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path /repository -o -path /archive ')' -prune -o -print | LC_ALL=C sort";

test('apt installs the packages, modules are built against them, and purging leaves nothing', async (t) => {
  const debs = [...(await packagesOf(KERNEL_RECIPE)), ...(await packagesOf('pve-firmware')), ...(await packagesOf('proxmox-kernel-meta'))];
  const release = /proxmox-headers-([^/_]*-pve)_/.exec(debs.join('\n'))?.[1] ?? '';
  const series = release.split('.').slice(0, 2).join('.');
  await using project = await rig();
  const fixture = (name: string) => readFile(`${PROJECT}/test/fixtures/kernel-install/${name}.yaml`, 'utf8');
  await project.write({ 'containers/machine.yaml': await fixture('machine'), 'containers/archive.yaml': await fixture('archive') });
  await must(project, 'lock', 'machine', 'archive');
  await must(project, 'fetch', 'archive');
  const { image } = JSON.parse(await must(project, 'image', 'machine', '--json')) as { image: ImageId };
  const installed = new Set((await lockedPackages(project, 'machine')).map(({ sha256 }) => sha256));
  const archive = (await lockedPackages(project, 'archive')).filter(({ sha256 }) => !installed.has(sha256));

  const engine = await theEngine();
  const over = {
    image,
    command: ['/bin/sleep', 'infinity'],
    user: '0:0',
    readOnlyRoot: false,
    capabilities: ROOT,
    memoryBytes: 2 * 1024 ** 3,
    pids: 1024,
  };
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', HOME: '/root' };
  await using machine = value(await engine.createContainer(await spec({ ...over, environment })));
  value(await machine.start());
  const offered = archive.map(({ path, sha256 }) => ({ name: basename(path), path: contentPath(storeRoot(), sha256) }));
  value(await machine.putArchive('/', packTar(repository('archive', offered))));
  value(
    await machine.putArchive(
      '/',
      packTar(
        repository(
          'repository',
          debs.map((path) => ({ name: basename(path), path })),
        ),
      ),
    ),
  );
  value(await machine.putArchive('/', packTar(sources())));
  await root(
    t,
    machine,
    `rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
for name in archive repository; do
  (cd /$name && apt-ftparchive packages . > Packages)
  echo "deb [trusted=yes] file:/$name ./" >> /etc/apt/sources.list.d/local.list
done
apt-get -o APT::Sandbox::User=root update`,
  );
  const before = await root(t, machine, FILES);

  await root(t, machine, `apt-get install -y --no-install-recommends proxmox-default-kernel proxmox-default-headers linux-tools-${series}`);
  await root(t, machine, `test -s /boot/initrd.img-${release} && test -s /boot/vmlinuz-${release} && depmod -n ${release} > /dev/null`);
  await root(t, machine, `test "$(readlink -f /boot/pve/vmlinuz-${series})" = /boot/vmlinuz-${release}`);
  await root(t, machine, `perf_${series} --version`);
  await root(t, machine, `dpkg --verify; test -z "$(dpkg --audit)"`);
  await root(t, machine, `make -C /lib/modules/${release}/build M=/hello modules`);
  const modinfo = await root(
    t,
    machine,
    'modinfo -F vermagic /hello/hello.ko && rm -rf /hello/*.ko /hello/*.o /hello/*.mod* /hello/.* /hello/modules.order /hello/Module.symvers 2>/dev/null || true',
  );
  t.regex(modinfo, new RegExp(`^${release.replaceAll('.', '\\.')} `));

  await root(t, machine, `apt-get install -y --reinstall proxmox-kernel-${release}`);
  await root(t, machine, `apt-get remove -y proxmox-kernel-${release}`);
  await root(t, machine, `test ! -e /boot/initrd.img-${release} && test ! -e /boot/vmlinuz-${release} && test ! -e /boot/pve`);
  await root(t, machine, `apt-get purge -y 'proxmox-*' 'linux-tools-*' pve-firmware && apt-get autoremove --purge -y`);
  const after = await root(t, machine, FILES);
  const old = new Set([...before.split('\n'), ...OF_DPKG, ...OF_ADDUSER]);
  t.deepEqual(
    after.split('\n').filter((path) => !old.has(path)),
    [],
  );
});
