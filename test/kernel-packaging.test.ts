import { execFile } from 'node:child_process';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { errorIn } from '../src/build/hints.ts';
import { DEBIAN, type Ended, folderWith, run } from './helpers/packaging.ts';

test('a release that is not the name, and a version that uname has no room for', async (t) => {
  await using folder = await folderWith({ config: 'CONFIG_SMP=y\nCONFIG_PREEMPT_DYNAMIC=y\n' });
  const check = (...args: readonly string[]) => run(folder.path, 'check-release', ...args, 'config');
  t.is(
    (await check('6.1.1-1-pve', '6.1.1-1-pve', 'PMX 6.1.1-1 (2026-06-01T12:00Z)')).out,
    'release: 6.1.1-1-pve, #1 SMP PREEMPT_DYNAMIC PMX 6.1.1-1 (2026-06-01T12:00Z)\n',
  );
  t.regex(
    (await check('6.1.1-1-pve', '6.1.1-1-pve+', 'PMX')).err,
    /would call itself 6.1.1-1-pve\+, but the packages are made for 6.1.1-1-pve/,
  );
  t.regex((await check('6.1.1-1-pve', '6.1.1-1-pve', `PMX 6.1.1-1~${'x'.repeat(40)} (2026)`)).err, /uname has room for 64 signs/);
});

test('symbols are compared as the tool compares them', async (t) => {
  const old = '# abi of 6.1.1-1-pve\n0x00000001\tone\tvmlinux\tEXPORT_SYMBOL\t\n0x00000002\ttwo\tm\tEXPORT_SYMBOL_GPL\tSPACE\n';
  await using folder = await folderWith({ old, same: old, changed: '0x00000009\tone\tvmlinux\tEXPORT_SYMBOL\t\n', ignore: 'M: m\none\n' });
  const check = (file: string, ignore: string, name: string, list = 'old') =>
    run(folder.path, 'check-abi', '--new', file, '--old', list, '--ignore', ignore, '--kvname', name);
  t.is((await check('same', 'none', '6.1.1-1-pve')).out, 'ABI: 2 symbols, compatible with 6.1.1-1-pve\n');
  const broken = await check('changed', 'none', '6.1.1-1-pve');
  t.is(broken.status, 1);
  t.regex(broken.err, /two \(m\) is no longer exported\n {2}vmlinux: other checksum of 1 symbols: one\n/);
  t.is((await check('changed', 'none', '6.1.1-2-pve')).status, 0, 'a kernel of another name may change');
  t.is((await check('changed', 'ignore', '6.1.1-1-pve')).status, 0);
  t.regex((await check('same', 'none', '6.1.1-1-pve', 'missing')).out, /no ABI list yet/);
});

/** What a script says in the log of a build, where both of its streams meet in one pipe. */
const logged = (folder: string, line: string): Promise<readonly string[]> =>
  new Promise((ended) => {
    execFile('sh', ['-c', `${line} 2>&1`], { cwd: folder, env: { ...process.env, LC_ALL: 'C' } }, (_error, out) => ended(out.split('\n')));
  });

test('the error is the last that is said, however much was said before', async (t) => {
  const many = Array.from({ length: 2000 }, (_, index) => `0x00000001\tsymbol_${index}\tvmlinux\tEXPORT_SYMBOL\t\n`).join('');
  await using folder = await folderWith({
    new: many,
    old: '# abi of k\n0x1\tgone\tvmlinux\tEXPORT_SYMBOL\t\n',
    Kconfig: Array.from({ length: 2000 }, (_, index) => `config A${index}\n\tbool "a"\n\tdepends on NO\n`).join(''),
    '.config': '',
    requested: `${Array.from({ length: 2000 }, (_, index) => `CONFIG_A${index}=y\n`).join('')}CONFIG_NO_SUCH=y\n`,
    accepted: Array.from({ length: 2000 }, (_, index) => `A${index}\n`).join(''),
    stale: '',
  });
  const abi = await logged(folder.path, `${DEBIAN}/bin/check-abi --new new --old old --ignore none --kvname k`);
  t.is(errorIn(abi.slice(-30)), 'the ABI of k is not that of k: gone (vmlinux) is no longer exported');
  t.true(abi.includes('warning: and 1980 more symbols are new'));
  const options = await logged(
    folder.path,
    `${DEBIAN}/bin/check-retention --tree . --arch x86 --requested requested --stale stale --expected accepted --strict yes --report report`,
  );
  t.is(
    errorIn(options.slice(-30)),
    'options of the recipe that this kernel does not take: unknown: NO_SUCH=y: no Kconfig file of this kernel defines it',
  );
});

test('firmware that is new or gone is named', async (t) => {
  await using folder = await folderWith({ now: 'a kernel/x.ko\nb kernel/x.ko\n', list: '# accepted\nb kernel/x.ko\nc kernel/x.ko\n' });
  const ended = await run(folder.path, 'check-firmware', 'now', 'list');
  t.is(ended.status, 1);
  t.regex(ended.err, / {2}new: a kernel\/x.ko\n {2}gone: c kernel\/x.ko\n/);
  t.is((await run(folder.path, 'check-firmware', 'now', 'now')).status, 0);
});

test('headers are listed without what kbuild keeps for itself', async (t) => {
  await using folder = await folderWith({
    '.config': '',
    'Module.symvers': '',
    Makefile: '',
    'drivers/net/Kconfig': '',
    'drivers/net/x.c': '',
    'include/linux/a.h': '',
    'include/generated/.b.h.cmd': '',
    'scripts/mod/modpost': '',
    'scripts/mod/modpost.o': '',
    'arch/x86/include/asm/c.h': '',
    'arch/x86/kvm/include/d.h': '',
    'arch/arm/include/asm/e.h': '',
    'tools/objtool/objtool': '',
    'Documentation/Makefile': '',
  });
  t.deepEqual((await run(folder.path, 'list-headers', '.', 'x86')).out.trimEnd().split('\n'), [
    '.config',
    'Makefile',
    'Module.symvers',
    'arch/x86/include/asm/c.h',
    'arch/x86/kvm/include/d.h',
    'drivers/net/Kconfig',
    'include/linux/a.h',
    'scripts/mod/modpost',
    'tools/objtool/objtool',
  ]);
});

test('pahole gets one thread, whatever it is asked for', async (t) => {
  await using folder = await folderWith({ 'bin/pahole': '#!/bin/sh\nprintf "%s|" "$@"\n' });
  const { out } = await new Promise<Ended>((ended) => {
    const env = { ...process.env, PATH: `${folder.path}/bin:${process.env['PATH']}` };
    execFile(
      '/bin/sh',
      ['-c', 'chmod 755 bin/pahole && "$0" -J --btf_gen_floats -j --jobs=4 -j8 "a b.o"', join(DEBIAN, 'bin/pahole-one-thread')],
      { cwd: folder.path, env },
      (_, out, err) => ended({ status: 0, out, err }),
    );
  });
  t.is(out, '-J|--btf_gen_floats|a b.o|');
});

test('packages whose modules have no signature though they should, or that name the folder of the build', async (t) => {
  const name = 'proxmox-kernel-6.1.1-1-pve';
  await using folder = await folderWith({
    'tree/debian/signatures/kernel/a.ko.p7s': '',
    [`tree/debian/${name}/lib/modules/a.ko`]: 'an unsigned module',
    [`tree/debian/${name}/lib/modules/b.ko`]: 'a module~Module signature appended~\n',
    [`${name}_1_amd64.deb`]: '',
    'bin/dpkg-deb': '#!/bin/sh\necho 1\n',
    'bin/modinfo': '#!/bin/sh\necho "6.1.1-1-pve SMP mod_unload"\n',
  });
  const tree = join(folder.path, 'tree');
  const check = (...more: readonly string[]) =>
    new Promise<Ended>((ended) => {
      const script = `chmod 755 ../bin/*; PATH="$PWD/../bin:$PATH"; sed "s,/sbin/modinfo,modinfo,g" "$0" > ../check; sh ../check "$@"`;
      const args = ['--package', name, '--version', '1', '--arch', 'amd64', ...more];
      execFile('/bin/sh', ['-ec', script, join(DEBIAN, 'bin/check-packages'), ...args], { cwd: tree }, (error, out, err) => {
        ended({ status: error ? 1 : 0, out, err });
      });
    });
  t.is((await check()).out, 'packages: all 1 are there, version 1\n');
  for (const policy of ['test-key', 'detached']) {
    const unsigned = await check('--signing', policy);
    t.is(unsigned.status, 1);
    t.is(unsigned.err, `error: modules without a signature, though MODULE_SIGNING is ${policy}:\n  debian/${name}/lib/modules/a.ko\n`);
  }
  await rm(join(tree, 'debian/signatures'), { recursive: true });
  t.is((await check('--signing', 'detached')).status, 0, 'the first build of a kernel has none yet');

  await writeFile(join(tree, `debian/${name}/lib/modules/b.ko`), `${await realpath(tree)}/x.c`);
  const leak = await check();
  t.is(leak.status, 1);
  t.regex(leak.err, /name the folder of the build, .*:\n {2}debian\/proxmox-kernel-6.1.1-1-pve\/lib\/modules\/b.ko\n/);
  t.is((await check('--leaks', 'allowed')).status, 0);
});
