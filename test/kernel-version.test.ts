import { execFile } from 'node:child_process';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { DEBIAN, folderWith } from './helpers/packaging.ts';

const NAMES = ['KVNAME', 'DEB_VERSION', 'KERNEL_PACKAGE', 'HEADERS_PACKAGE', 'KERNEL_META', 'TOOLS_PACKAGE', 'UNAME_DATE', 'MODULES'];
const makefile = (extra: string) => `# SPDX\nVERSION = 6\nPATCHLEVEL = 8\nSUBLEVEL = 12\nEXTRAVERSION = ${extra}\nNAME = A name\n`;

type Made = { readonly values: Readonly<Record<string, string>>; readonly error: string };

/** What debian/rules works out from a kernel's Makefile and the recipe's environment. */
async function version(kernelMakefile: string, environment: Readonly<Record<string, string>>): Promise<Made> {
  await using folder = await folderWith({
    'kernel/Makefile': kernelMakefile,
    'bin/dpkg-architecture': '#!/bin/sh\ncase $1 in -qDEB_HOST_ARCH) echo amd64 ;; *) echo x86_64-linux-gnu ;; esac\n',
    'show.mk': `include debian/rules\nshow:\n${NAMES.map((name) => `\t@echo '${name} = $(${name})'`).join('\n')}\n`,
  });
  await chmod(join(folder.path, 'bin/dpkg-architecture'), 0o755);
  await symlink(DEBIAN, join(folder.path, 'debian'));
  const env = { PATH: `${folder.path}/bin:${process.env['PATH']}`, SOURCE_DATE_EPOCH: '1780315200', ...environment };
  return await new Promise((made) => {
    execFile('make', ['-s', '-f', 'show.mk', 'show'], { cwd: folder.path, env }, (_, out, err) => {
      made({ values: Object.fromEntries(out.split('\n').map((line) => line.split(' = ') as [string, string])), error: err });
    });
  });
}

const names = test.macro<[extra: string, environment: Readonly<Record<string, string>>, expected: Readonly<Record<string, string>>]>(
  async (t, extra, environment, expected) => {
    const { values, error } = await version(makefile(extra), environment);
    t.is(error, '');
    for (const [name, value] of Object.entries(expected)) t.is(values[name], value);
  },
);

test(
  'a stable kernel',
  names,
  '',
  { KREL: '43', KERNEL_VERSION: '6.8.12' },
  {
    KVNAME: '6.8.12-43-pve',
    DEB_VERSION: '6.8.12-43',
    KERNEL_PACKAGE: 'proxmox-kernel-6.8.12-43-pve',
    HEADERS_PACKAGE: 'proxmox-headers-6.8.12-43-pve',
    KERNEL_META: 'proxmox-kernel-6.8',
    TOOLS_PACKAGE: 'linux-tools-6.8',
    UNAME_DATE: 'PMX 6.8.12-43 (2026-06-01T12:00Z)',
    MODULES: 'lib/modules/6.8.12-43-pve',
  },
);
test(
  'a backport sorts below what it is a backport of',
  names,
  '',
  { KREL: '9', KREL_EXTRA: '-bpo12', PKG_REV_EXTRA: '~bpo12+1', USR_MERGED: 'yes' },
  {
    KVNAME: '6.8.12-9-bpo12-pve',
    DEB_VERSION: '6.8.12-9~bpo12+1',
    MODULES: 'usr/lib/modules/6.8.12-9-bpo12-pve',
  },
);
test(
  'a release candidate sorts below the release',
  names,
  '-rc5',
  { KERNEL_VERSION: '6.8.12-rc5' },
  {
    KVNAME: '6.8.12-rc5-1-pve',
    DEB_VERSION: '6.8.12~rc5-1',
  },
);

const MAINLINE = makefile('').replace('PATCHLEVEL = 8', 'PATCHLEVEL = 12').replace('SUBLEVEL = 12', 'SUBLEVEL = 0');
for (const KERNEL_VERSION of ['', '6.12', '6.12.0']) {
  test(`a release of mainline has a zero at its end (${KERNEL_VERSION || 'whatever it is'})`, async (t) => {
    const { values, error } = await version(MAINLINE, { KERNEL_VERSION });
    t.is(error, '');
    t.is(values['KVNAME'], '6.12.0-1-pve');
    t.is(values['DEB_VERSION'], '6.12.0-1');
  });
}
test('a release candidate of mainline', async (t) => {
  const { values } = await version(MAINLINE.replace('EXTRAVERSION =', 'EXTRAVERSION = -rc5'), { KERNEL_VERSION: '6.12-rc5' });
  t.is(values['DEB_VERSION'], '6.12.0~rc5-1');
  t.regex((await version(MAINLINE, { KERNEL_VERSION: '6.12-rc5' })).error, /the kernel sources are 6\.12\.0\./);
});

test('what cannot be is said before anything is made', async (t) => {
  const wrong = await version(makefile(''), { KERNEL_VERSION: '6.8.11' });
  t.regex(wrong.error, /the recipe says KERNEL_VERSION 6\.8\.11, but the kernel sources are 6\.8\.12\./);
  t.regex((await version('', {})).error, /kernel\/Makefile gives no VERSION/);
  t.regex((await version(makefile(''), { SOURCE_DATE_EPOCH: '' })).error, /SOURCE_DATE_EPOCH is not set/);
});

test('the surroundings of a build do not reach the names', async (t) => {
  const plain = await version(makefile(''), {});
  const other = await version(makefile(''), { TZ: 'GMT-14', LC_ALL: 'fr_CH.UTF-8', LANG: 'fr_CH.UTF-8', LANGUAGE: 'fr', USER: 'somebody' });
  t.deepEqual(other.values, plain.values);
});
