import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { DEBIAN, folderWith, run } from './helpers/packaging.ts';

// test/engine-slow/kernel-remedies.test.ts builds a kernel without each of them; here it is held that each can be switched off.
const NAMES = (/^REMEDIES :=((?:.*\\\n)*.*)$/m.exec(readFileSync(join(DEBIAN, 'make/remedies.mk'), 'utf8'))?.[1] ?? '')
  .split(/[\s\\]+/)
  .filter((name) => name !== '');
const PATCHES = ['perf-build-path'];

type Made = { readonly status: number; readonly out: string; readonly err: string };

/** Every command of the packaging as make would run it, and the environment that it would run them in. */
async function commands(environment: Readonly<Record<string, string>>): Promise<Made> {
  const noRule = 'all:\n\t@:\n%:\n\t@:\n.PHONY: modules headers_install prepare\n';
  await using folder = await folderWith({
    'kernel/Makefile': `VERSION = 6\nPATCHLEVEL = 8\nSUBLEVEL = 12\nEXTRAVERSION =\nkernelrelease:\n\t@echo 6.8.12$(EXTRA)-pve\n${noRule}`,
    'kernel/.config': '',
    'kernel/tools/perf/Makefile': noRule,
    'zfs/Makefile': noRule,
    'bin/dpkg-architecture': '#!/bin/sh\ncase $1 in -qDEB_HOST_ARCH) echo amd64 ;; *) echo x86_64-linux-gnu ;; esac\n',
    'show.mk': 'include debian/rules\nshow:\n\t+@env | LC_ALL=C sort\n', // the plus: also when nothing is run
  });
  await chmod(join(folder.path, 'bin/dpkg-architecture'), 0o755);
  await symlink(DEBIAN, join(folder.path, 'debian'));
  const env = {
    PATH: `${folder.path}/bin:${process.env['PATH']}`,
    SOURCE_DATE_EPOCH: '1780315200',
    DEB_BUILD_OPTIONS: 'parallel=3',
    MODULE_SIGNING: 'test-key',
    KREL_EXTRA: '-without',
    EXTRA: '-1-without', // what the kernel calls itself
    KERNEL_CONFIG_TARGET: 'allnoconfig',
    ...environment,
  };
  const steps = ['config', 'kernel', 'zfs', 'tools', 'headers', 'install', 'package', 'check', 'show'];
  return await new Promise((ended) => {
    execFile('make', ['-n', '-f', 'show.mk', ...steps], { cwd: folder.path, env }, (error, out, err) => {
      const lines = out.replaceAll(folder.path, '/build/tree').split('\n');
      ended({ status: error ? 1 : 0, out: lines.filter((line) => !/^(WITHOUT|MAKE|_|SHLVL)/.test(line)).join('\n'), err });
    });
  });
}

const all = commands({});

for (const name of NAMES) {
  test.serial(`${name} is there, and not when it is left out`, async (t) => {
    const [with_, without] = [await all, await commands({ WITHOUT: name })];
    t.is(with_.status, 0, with_.err);
    t.is(without.status, 0, without.err);
    t.regex(without.err, new RegExp(`WITHOUT: ${name}: these remedies are left out`));
    // The gate of the configuration is told of each; that alone would be no remedy, but for those that it is.
    const own = (line: string): boolean => name === 'fixed-layout' || !/check-invariants|--leaks allowed|--signing/.test(line);
    t.notDeepEqual(without.out.split('\n').filter(own), with_.out.split('\n').filter(own));
  });
}

test.serial('several are left out together', async (t) => {
  const { out, err } = await commands({ WITHOUT: 'build-user xz' });
  t.regex(err, /WITHOUT: build-user xz:/);
  t.regex(out, /^KBUILD_BUILD_USER=$/m);
  t.regex(out, /dh_builddeb -- -Zzstd/);
});

test.serial('what is no remedy, or a kernel that does not say that it lacks some, is refused at once', async (t) => {
  t.regex((await commands({ WITHOUT: 'build-usr' })).err, /there is no remedy build-usr; there are: build-timestamp /);
  const silent = await commands({ WITHOUT: 'build-user', KREL_EXTRA: '' });
  t.is(silent.status, 1);
  t.regex(silent.err, /must say so in its name, so set KREL_EXTRA to -without/);
});

test.serial('the configuration says what was let through on purpose', async (t) => {
  const config = 'CONFIG_MODULES=y\nCONFIG_MODVERSIONS=y\nCONFIG_RANDSTRUCT_FULL=y\nCONFIG_LOCALVERSION_AUTO=y\n';
  await using folder = await folderWith({ 'kernel/.config': config });
  const check = (...without: readonly string[]) => run(folder.path, 'check-invariants', 'kernel', 'none', 'no', ...without);
  t.is((await check('fixed-layout')).status, 1, 'only what was named');
  const both = await check('fixed-layout', 'localversion');
  t.is(both.status, 0);
  t.regex(both.err, /warning: left out on purpose: CONFIG_RANDSTRUCT_FULL is set/);
  t.is(both.out, '', 'it does not say that nothing differs');
});

test.serial('docs/kernel.md has a line for each', (t) => {
  const rows = readFileSync('docs/kernel.md', 'utf8').split('\n');
  for (const name of [...NAMES, ...PATCHES]) t.is(rows.filter((row) => row.startsWith(`| \`${name}\` |`)).length, 1, name);
});
