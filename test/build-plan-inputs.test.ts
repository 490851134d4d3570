import test from 'ava';
import type { LockedSource } from '../src/lock/types.ts';
import { file, hello, lockOf, plans, recipeOf } from './helpers/plans.ts';

const debian = (name: string, over: Partial<LockedSource & { kind: 'debian' }>): LockedSource => ({
  kind: 'debian',
  name,
  version: '1.0-1',
  directory: undefined,
  part: undefined,
  files: [file(`pool/${name}_1.0-1.dsc`), file(`pool/${name}_1.0.orig.tar.xz`)],
  ...over,
});
const script = (...sources: LockedSource[]): string[] => {
  const recipe = recipeOf({
    sources: sources.map((one) => {
      if (one.kind !== 'debian') throw new Error('only Debian sources here');
      return { kind: 'debian', name: one.name, version: undefined, directory: one.directory, part: one.part };
    }),
  });
  const [plan] = plans(recipe, lockOf(...sources));
  return (plan.steps[0]?.script ?? '').split('\n').filter((line) => /^(dpkg-source|tar) /.test(line));
};

test('a Debian source with a directory is unpacked below the tree, and does not name it', (t) => {
  t.deepEqual(script(debian('zfs', { directory: 'modules/zfs' })), [
    'dpkg-source --no-check --extract /build/inputs/1/zfs_1.0-1.dsc /build/hello/modules/zfs',
  ]);
});

test('it comes after the tree, whatever the order of the recipe', (t) => {
  t.deepEqual(script(debian('zfs', { directory: 'zfs' }), hello), [
    'dpkg-source --no-check --extract /build/inputs/2/hello_2.10-3.dsc /build/hello-2.10',
    'dpkg-source --no-check --no-copy --extract /build/inputs/1/zfs_1.0-1.dsc /build/hello-2.10/zfs',
  ]);
});

test('a second whole source package lies beside the tree', (t) => {
  t.deepEqual(script(hello, debian('other', {})), [
    'dpkg-source --no-check --extract /build/inputs/1/hello_2.10-3.dsc /build/hello-2.10',
    'dpkg-source --no-check --extract /build/inputs/2/other_1.0-1.dsc /build/other-1.0',
  ]);
});

test('of an upstream part each tarball has its folder, the main one first', (t) => {
  const files = [file('pool/linux_6.1.orig-extra-docs.tar.gz'), file('pool/linux_6.1.orig.tar.xz')];
  t.deepEqual(script(debian('linux', { directory: 'kernel', part: 'upstream', files })), [
    'tar --extract --no-same-owner --strip-components=1 --directory=/build/hello/kernel --file=/build/inputs/1/linux_6.1.orig.tar.xz',
    'tar --extract --no-same-owner --strip-components=1 --directory=/build/hello/kernel/extra-docs --file=/build/inputs/1/linux_6.1.orig-extra-docs.tar.gz',
  ]);
});
