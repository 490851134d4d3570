import { createHash } from 'node:crypto';
import test from 'ava';
import { packTar } from '../src/format/tar-write.ts';
import { putBelow } from '../src/image/below.ts';
import { DATABASE, type Plan, planBase, planBuild } from '../src/image/plan.ts';
import { RootTree } from '../src/image/root-tree.ts';
import { type TinyDeb, tarMember, tinyTar } from './helpers/debs.ts';
import { tinyPackageOf } from './helpers/packages.ts';
import { pieces, reasonOf, value } from './helpers/stores.ts';

const OPTIONS = { architecture: 'amd64', imageEpoch: 1_800_000_000 };
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const base: TinyDeb = {
  control: { Package: 'base', Version: '1', Essential: 'yes' },
  scripts: { conffiles: '/etc/base.conf\n', triggers: 'interest-noawait /usr/share/hooks\ninterest ldconfig\n' },
  files: [
    { name: './' },
    { name: './etc/' },
    { name: './etc/base.conf', body: 'base\n' },
    { name: './bin/' },
    { name: './bin/sh', body: 'sh' },
  ],
};
const tool: TinyDeb = {
  control: { Package: 'tool', Version: '1', Depends: 'base' },
  scripts: { conffiles: '/etc/tool.conf\n' },
  files: [{ name: './' }, { name: './etc/' }, { name: './etc/tool.conf', body: 'tool\n' }, { name: './usr/share/hooks/tool', body: 'x' }],
};

/** A base and what is built with, planned; between them a configuration that left these files. */
async function planned(
  bases: readonly TinyDeb[],
  builds: readonly TinyDeb[],
  configured: Readonly<Record<string, string>> = {},
  options = OPTIONS,
): Promise<{ readonly first: Plan; readonly second: Plan }> {
  const [lower, upper] = await Promise.all([
    Promise.all(bases.map((deb) => tinyPackageOf(deb, 'base'))),
    Promise.all(builds.map((deb) => tinyPackageOf(deb))),
  ]);
  const first = value(planBase(lower, options));
  const below = new RootTree(first.tree);
  const layer = await tinyTar(Object.entries(configured).map(([name, body]) => ({ name, body })));
  const database = await putBelow(below, pieces(layer), DATABASE);
  return { first, second: value(planBuild(lower, upper, below, database, options)) };
}

function textAt(plan: Plan, path: string): string | undefined {
  const content = plan.tree.nodes.get(path)?.content;
  return content?.kind === 'held' ? Buffer.from(content.bytes).toString() : undefined;
}

test('the base is written into the database as unpacked, with its configuration files in place', async (t) => {
  const { first } = await planned([base], []);
  const status = textAt(first, 'var/lib/dpkg/status') ?? '';
  t.regex(status, /^Package: base\n/);
  t.true(status.includes(`Status: install ok unpacked\nConffiles:\n /etc/base.conf ${md5('base\n')}\n`));
  t.is(textAt(first, 'var/lib/dpkg/info/base.list'), '/.\n/etc\n/etc/base.conf\n/bin\n/bin/sh\n');
  t.is(textAt(first, 'var/lib/dpkg/triggers/File'), '/usr/share/hooks base/noawait\n');
  t.is(textAt(first, 'var/lib/dpkg/triggers/ldconfig'), 'base\n');
  t.is(textAt(first, 'var/lib/dpkg/arch'), 'amd64\n');
  t.true(first.tree.nodes.has('etc/base.conf'));
  t.true(first.tree.nodes.has('usr/bin/sh'));
});

test('what is built with comes after what dpkg says of the base, with its configuration files waiting', async (t) => {
  const { second } = await planned([base], [tool], { 'var/lib/dpkg/status': 'Package: base\nStatus: install ok installed\n' });
  const status = textAt(second, 'var/lib/dpkg/status') ?? '';
  t.true(status.startsWith('Package: base\nStatus: install ok installed\n\nPackage: tool\n'), status);
  t.true(status.endsWith('Status: install ok unpacked\nConffiles:\n /etc/tool.conf newconffile\n'), status);
  t.true(second.tree.nodes.has('etc/tool.conf.dpkg-new'));
  t.false(second.tree.nodes.has('etc/tool.conf'));
});

test('a layer holds what is new, folders first, then what is in packages, then what we wrote', async (t) => {
  const { second } = await planned([base], [tool], { 'var/lib/dpkg/status': 'Package: base\n' });
  t.deepEqual(
    second.layer?.nodes.map(({ path }) => path),
    [
      ...['etc', 'usr', 'usr/share', 'usr/share/hooks', 'var', 'var/lib', 'var/lib/dpkg', 'var/lib/dpkg/info'],
      ...['var/lib/dpkg/info/tool.conffiles', 'etc/tool.conf.dpkg-new', 'usr/share/hooks/tool', 'var/lib/dpkg/info/tool.md5sums'],
      ...['var/lib/dpkg/info/tool.list', 'var/lib/dpkg/status'],
    ],
  );
});

test('the base hears of what it wants to hear of', async (t) => {
  const { second } = await planned([base], [tool]);
  t.deepEqual(second.steps, ['trigger=/usr/share/hooks', 'configure-all']);
});

test('layers do not follow from the epoch as long as no file is newer', async (t) => {
  const one = await planned([base], [tool]);
  const other = await planned([base], [tool], {}, { ...OPTIONS, imageEpoch: OPTIONS.imageEpoch + 1 });
  t.is(one.first.layer?.key, other.first.layer?.key);
  t.is(one.second.layer?.key, other.second.layer?.key);
  t.is(one.first.epoch, other.first.epoch);
  const early = await planned([base], [tool], {}, { ...OPTIONS, imageEpoch: 1_600_000_000 });
  t.not(one.first.layer?.key, early.first.layer?.key);
  t.true([...early.first.tree.nodes.values()].every(({ mtimeSeconds }) => mtimeSeconds <= 1_600_000_000));
});

test('a link becomes the file when another package takes the place of its target', async (t) => {
  const linked: TinyDeb = {
    control: { Package: 'linked', Version: '1' },
    files: [
      { name: './' },
      { name: './f', body: 'f' },
      { name: './g', type: 'hardlink', link: './f' },
      { name: './h', type: 'hardlink', link: './f' },
    ],
  };
  const taker: TinyDeb = {
    control: { Package: 'taker', Version: '1', Replaces: 'linked' },
    files: [{ name: './' }, { name: './f', body: 'mine' }],
  };
  const { second } = await planned([base], [linked, taker]);
  t.deepEqual(
    second.layer?.nodes.filter(({ path }) => /^[fgh]$/.test(path)).map(({ path, type, link, owner }) => [path, type, link, owner]),
    [
      ['g', 'file', '', 'linked'],
      ['f', 'file', '', 'taker'],
      ['h', 'hardlink', 'g', 'linked'],
    ],
  );
});

const ACTING = '#!/bin/sh\nadduser --system x\n';

test("a preinst that acts: the base's is run, another package is left to dpkg, after its Pre-Depends", async (t) => {
  const acting: TinyDeb = { control: { Package: 'acting', Version: '1', 'Pre-Depends': 'tool | other' }, scripts: { preinst: ACTING } };
  const more: TinyDeb = {
    control: { Package: 'more', Version: '1', 'Multi-Arch': 'same', Architecture: 'amd64', Depends: 'needed' },
    scripts: { preinst: ACTING },
  };
  const needed: TinyDeb = { control: { Package: 'needed', Version: '1', 'Pre-Depends': 'more' }, scripts: { preinst: ACTING } };
  const { first, second } = await planned([{ ...base, scripts: { preinst: ACTING } }], [acting, tool, more, needed]);
  t.deepEqual(first.steps, ['preinst=base:all', 'configure-all', 'user=builder:1000:1000', 'user=rebuilder-two:2345:2346']);
  t.deepEqual(
    second.late.map(({ name }) => name),
    ['acting', 'more', 'needed'],
  );
  const unpacked = new Map(second.late.map(({ name, locked }) => [`unpack=/var/tmp/twinbuild/${locked.sha256}.deb`, name]));
  t.deepEqual(
    second.steps.map((step) => unpacked.get(step) ?? step),
    ['configure=tool', 'acting', 'more', 'configure=more:amd64', 'needed', 'configure-all'],
  );
  t.false(second.tree.nodes.has('var/lib/dpkg/info/acting.list'));
});

test('what dpkg would divert is left to dpkg', async (t) => {
  const { second } = await planned([base], [tool], {
    'var/lib/dpkg/diversions': '/usr/share/hooks/tool\n/usr/share/hooks/tool.real\nbase\n',
  });
  t.deepEqual(
    second.late.map(({ name }) => name),
    ['tool'],
  );
  t.is(second.layer, undefined);
});

test('a locale and the index of manual pages are begun first', async (t) => {
  const { second } = await planned(
    [base],
    [{ control: { Package: 'locales', Version: '1' } }, { control: { Package: 'man-db', Version: '1' }, files: [{ name: './' }] }],
  );
  t.deepEqual(second.steps, ['locale=fr_CH.UTF-8', 'no-manual-index', 'configure-all']);
});

test('what a configuration removed is not below', async (t) => {
  const { first } = await planned([base], []);
  const below = new RootTree(first.tree);
  const mark = packTar([{ member: tarMember({ name: '.wh.etc' }) }, { member: tarMember({ name: 'var/x', type: 'symlink', link: 'y' }) }]);
  await putBelow(below, mark, []);
  t.false(below.nodes.has('etc'));
  t.false(below.nodes.has('etc/base.conf'));
  t.is(below.nodes.get('var/x')?.link, 'y');
  t.true(first.tree.nodes.has('etc/base.conf'));
});

test('a lock without a base is refused', (t) => {
  t.is(reasonOf(planBase([], OPTIONS)), 'nothing-to-unpack');
});
