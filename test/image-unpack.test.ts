import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { StreamFailure } from '../src/base/result.ts';
import { bodiesOf } from '../src/image/unpack.ts';
import { inPieces, type TinyDeb, type TinyFile, tinyAr, tinyDeb, tinyTar } from './helpers/debs.ts';
import { unpacked } from './helpers/packages.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

async function reasonOf(deb: Uint8Array): Promise<string> {
  try {
    await Array.fromAsync(bodiesOf(inPieces(deb), {}));
    return 'ok';
  } catch (error) {
    if (!(error instanceof StreamFailure)) throw error;
    return error.failure.reason;
  }
}

test('bodies lie where the index says', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }),
      fc.constantFrom('none', 'gz', 'zst'),
      async (bodies, compression) => {
        const files = bodies.map((body, at) => ({ name: `./f${at}`, body }));
        const { known, tree } = await unpacked(
          await tinyDeb({ files: [{ name: './' }, ...files], scripts: { postinst: '#!/bin/sh\n' }, compression }),
        );
        for (const [at, body] of bodies.entries()) {
          const entry = known.entries.find(({ path }) => path === `f${at}`);
          t.deepEqual(tree.subarray(entry?.offset, (entry?.offset ?? 0) + (entry?.size ?? 0)), Buffer.from(body));
        }
        for (const { name, offset, size } of known.information)
          if (name === 'postinst') t.is(tree.toString('utf8', offset, offset + size), '#!/bin/sh\n');
        t.is(known.bytes, tree.length);
      },
    ),
    { numRuns: 30 },
  );
});

test('what dpkg wants to know of a package is collected', async (t) => {
  const files = [
    { name: './' },
    { name: './etc/' },
    { name: './etc/a.conf', body: 'a\n' },
    { name: './usr/' },
    { name: './usr/b', body: 'b\n' },
  ];
  const scripts = {
    preinst: '#!/bin/sh\n',
    conffiles: '/etc/a.conf\nremove-on-upgrade /etc/old.conf\n',
    triggers: 'interest-noawait /usr/share/x\n',
  };
  const { known } = await unpacked(await tinyDeb({ files, scripts }));
  t.true(known.control.startsWith('Package: hello\n'));
  t.is(known.preinst, '#!/bin/sh\n');
  t.is(known.triggers, scripts.triggers);
  t.deepEqual(known.conffiles, [{ path: '/etc/a.conf', md5: md5('a\n') }]);
  t.deepEqual(
    known.entries.map(({ path }) => path),
    ['etc', 'etc/a.conf', 'usr', 'usr/b'],
  );
  t.deepEqual(
    known.information.map(({ name }) => name),
    ['preinst', 'conffiles', 'triggers', 'md5sums'],
  );
});

test('a package without md5sums gets those that dpkg would write', async (t) => {
  const { known, tree } = await unpacked(await tinyDeb());
  const sums = known.information.find(({ name }) => name === 'md5sums');
  t.is(tree.toString('utf8', sums?.offset, (sums?.offset ?? 0) + (sums?.size ?? 0)), `${md5('hello\n')}  usr/hello\n`);
});

test('a package with md5sums keeps them', async (t) => {
  const { known } = await unpacked(await tinyDeb({ scripts: { md5sums: `${md5('hello\n')}  usr/hello\n` } }));
  t.deepEqual(
    known.information.map(({ name }) => name),
    ['md5sums'],
  );
});

const refused = test.macro(async (t, deb: TinyDeb | Uint8Array, reason: string) => {
  t.is(await reasonOf(deb instanceof Uint8Array ? deb : await tinyDeb(deb)), reason);
});
const holds = (...files: readonly TinyFile[]): TinyDeb => ({ files: [{ name: './' }, ...files] });

test('an absolute name is refused', refused, holds({ name: '/etc/passwd' }), 'deb-hostile-name');
test('a name that goes up is refused', refused, holds({ name: './usr/../../etc/passwd' }), 'deb-hostile-name');
test('a name with a line feed is refused', refused, holds({ name: './a\nb' }), 'deb-hostile-name');
test(
  'a relative link out of the root is refused',
  refused,
  holds({ name: './usr/a', type: 'symlink', link: '../../etc/passwd' }),
  'deb-hostile-name',
);
test(
  'a link that goes out and in again is refused',
  refused,
  holds({ name: './a', type: 'symlink', link: 'b/../../c' }),
  'deb-hostile-name',
);
test('a relative link to the root is fine', refused, holds({ name: './usr/a', type: 'symlink', link: '../etc/passwd' }), 'ok');
test('an absolute link is of the image', refused, holds({ name: './a', type: 'symlink', link: '/etc/passwd' }), 'ok');
test(
  'a hard link out of the root is refused',
  refused,
  holds({ name: './a', type: 'hardlink', link: '../etc/passwd' }),
  'deb-hostile-name',
);
test('an absolute hard link is refused', refused, holds({ name: './a', type: 'hardlink', link: '/etc/passwd' }), 'deb-hostile-name');
test('a device is refused', refused, holds({ name: './a', type: 'character', devmajor: 1, devminor: 3 }), 'deb-device');
test('a folder in the control part is refused', refused, { scripts: { 'a/b': '' } }, 'deb-malformed');
test('a name that goes up in the control part is refused', refused, { scripts: { '../postinst': '' } }, 'deb-malformed');
test('an empty file is no package', refused, new Uint8Array(0), 'ar-malformed');
test('an ar archive of something else is no package', refused, tinyAr([{ name: 'a', body: Buffer.from('b') }]), 'deb-malformed');
test('a package without data is none', async (t) => {
  const control = await tinyTar([{ name: './control', body: 'Package: a\n' }]);
  t.is(
    await reasonOf(
      tinyAr([
        { name: 'debian-binary', body: Buffer.from('2.0\n') },
        { name: 'control.tar', body: control },
      ]),
    ),
    'deb-malformed',
  );
});
test('a package without a control file is none', async (t) => {
  const empty = await tinyTar([]);
  const parts = ['control.tar', 'data.tar'].map((name) => ({ name, body: empty }));
  t.is(await reasonOf(tinyAr([{ name: 'debian-binary', body: Buffer.from('2.0\n') }, ...parts])), 'deb-malformed');
});

test('damaged packages fail in words, whatever is damaged', async (t) => {
  const whole = await tinyDeb({ compression: 'none', scripts: { postinst: '#!/bin/sh\n' } });
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean(), async (at, byte, cut) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      await reasonOf(cut ? bytes.subarray(0, at) : bytes); // throws what is no failure
      t.pass();
    }),
    { numRuns: 300 },
  );
});
