import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { commit, git, gitServer, WHEN_SECONDS } from '../helpers/git.ts';
import { PROJECT, projectRig } from '../helpers/rig.ts';

const OPTIONS = ['MODULES', 'MODVERSIONS', 'BLOCK', 'ZLIB_INFLATE', 'ZLIB_DEFLATE'];

// A kernel of a few lines: what the packaging asks make of a tree for, with the annotations, packaging and certificates that Ubuntu adds.
const MAKEFILE = `VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 0
EXTRAVERSION = -rc5
olddefconfig:
	awk '{ line = $$0; sub(/^# /, ""); sub(/[ =].*/, ""); if (!($$0 in last)) order[++n] = $$0; last[$$0] = line } END { for (i = 1; i <= n; i++) print last[order[i]] }' .config > .new
	mv .new .config
defconfig:
	printf 'CONFIG_%s=y\\n' DEFCONFIG ${OPTIONS.join(' ')} > .config
kernelrelease:
	@echo $(VERSION).$(PATCHLEVEL).$(SUBLEVEL)$(EXTRAVERSION)$(LOCALVERSION)
`;
const INIT = `# before
build-version = $(or $(KBUILD_BUILD_VERSION), $(build-version-auto))
build-timestamp = $(or $(KBUILD_BUILD_TIMESTAMP), $(build-timestamp-auto))

# behind
`;
const ANNOTATIONS = `# Menu: HEADER
# FORMAT: 4
# ARCH: amd64 arm64
# FLAVOUR: amd64-generic arm64-generic

${OPTIONS.map((name) => `CONFIG_${name}  policy<{'amd64': 'y', 'arm64': 'n'}>\n`).join('')}
CONFIG_BRIDGE  policy<{'amd64': 'm'}> note<'which the recipe builds in'>
CONFIG_LOCALVERSION  policy<{'amd64': '""'}>
`;
const KCONFIG = `config BRIDGE\n\ttristate "Bridge"\nconfig BUILD_SALT\n\tstring "Salt"\n${OPTIONS.map((name) => `config ${name}\n\tbool "${name}"\n`).join('')}`;

test('a kernel and OpenZFS from git, as far as the configuration of the packaging', async (t) => {
  await using server = await gitServer();
  const kernel = await server.repository('mirror_ubuntu-kernels');
  const plain = await commit(kernel, { Makefile: MAKEFILE, 'init/Makefile': INIT, Kconfig: KCONFIG, 'certs/Makefile': '# none\n' });
  await commit(kernel, { 'debian.master/config/annotations': ANNOTATIONS, 'debian/rules': '# of others\n', 'debian/scripts/x': '' });
  await kernel.git('tag', '-a', 'cod/mainline/v6.12-rc5', '-m', 'tag');
  const zfs = await server.repository('mirror_zfs');
  const zfsId = await commit(zfs, {
    META: 'Meta:          1\nName:          zfs\nVersion:       2.2.10\nRelease:       1\n',
    'module/zfs.c': 'int zfs;\n',
  });
  const packaging = await server.repository('zfsonlinux');
  await commit(packaging, {
    '.gitmodules': '[submodule "upstream"]\n\tpath = upstream\n\turl = ../../nowhere/zfs\n',
    'debian/patches/series': '# a comment\none.patch -p1\n',
    'debian/patches/one.patch': '--- a/module/zfs.c\n+++ b/module/zfs.c\n@@ -1 +1 @@\n-int zfs;\n+int zfs, patched;\n',
  });
  await git(packaging.path, ['update-index', '--add', '--cacheinfo', `160000,${zfsId},upstream`]);
  await packaging.git('commit', '--quiet', '--message=Pin it');

  await using r = await projectRig();
  for (const part of ['recipes/proxmox-kernel', 'patches/proxmox-kernel'])
    await cp(join(PROJECT, part), join(r.path, part), { recursive: true });
  await r.write({
    'recipes/own/debian/variant/tiny.config': 'CONFIG_BRIDGE=y\n',
    'recipes/own/recipe.yaml': `name: own
extends: proxmox-kernel
sources:
  - {folder: ../proxmox-kernel/debian, directory: debian}
  - {folder: debian, directory: debian}
  - {git: ${server.url}/mirror_ubuntu-kernels, ref: main, as: kernel, directory: kernel}
  - git: ${server.url}/zfsonlinux
    as: zfs
    ref: main
    directory: zfs
    submodules: {upstream: ${server.url}/mirror_zfs}
patches: [{path: ../../patches/proxmox-kernel/git, directory: kernel}]
container: bookworm
build-depends: [perl]
environment: {KERNEL_VERSION: 6.12-rc5, KERNEL_CONFIG_TARGET: annotations, KERNEL_CONFIG_FRAGMENTS: tiny, MODULE_SIGNING: none, ZFS_VERSION: 2.2.10, KERNEL_CONFIG_STRICT: "no"}
epoch: newest-source
steps:
  - {name: config, run: make -f debian/rules config}
  - name: show
    run: |
      head -n 1 debian/changelog > ../out.txt
      cat kernel/.config zfs/upstream/module/zfs.c >> ../out.txt
      grep VERSION_TIMESTAMP kernel/init/Makefile >> ../out.txt
      find kernel/debian* zfs/debian zfs/upstream/debian -maxdepth 0 2>/dev/null >> ../out.txt || true
outputs: ["*.txt"]
`,
  });
  const locked = await r.exec('lock', 'own', '--ref', 'kernel=cod/mainline/v6.12-rc5');
  t.is(locked.status, 0, locked.stderr);
  t.regex(locked.stderr, /^kernel: cod\/mainline\/v6\.12-rc5 is [0-9a-f]{40}$/m);
  const built = await r.exec('repro', 'own');
  t.is(built.status, 0, built.stderr);
  const lines = (await readFile(join(r.path, 'out/own/first/out.txt'), 'utf8')).split('\n');
  t.is(lines[0], 'proxmox-kernel-6.12 (6.12.0~rc5-1) bookworm; urgency=medium');
  for (const line of ['CONFIG_MODULES=y', 'CONFIG_BRIDGE=y', 'CONFIG_BUILD_SALT="6.12.0-rc5-1-pve"', 'int zfs, patched;'])
    t.true(lines.includes(line), line);
  t.false(lines.includes('CONFIG_BRIDGE=m'));
  t.false(lines.some((line) => /^(kernel|zfs)\/.*debian/.test(line)));
  t.is((JSON.parse(await readFile(join(r.path, 'recipes/own/recipe.lock'), 'utf8')) as { epoch: number }).epoch, WHEN_SECONDS);

  // A tree without annotations takes the defconfig.
  t.is((await r.exec('lock', 'own', '--ref', `kernel=${plain}`)).status, 0);
  t.is((await r.exec('build', 'own')).status, 0);
  t.regex(await readFile(join(r.path, 'out/own/first/out.txt'), 'utf8'), /^CONFIG_DEFCONFIG=y$/m);
});
