import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { folderWith, run } from './helpers/packaging.ts';

const PATCH = '--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n';

const applied = test.macro<[series: string, file: string, expected: string | RegExp]>(async (t, series, file, expected) => {
  await using folder = await folderWith({ 'p/series': series, 'p/a.patch': PATCH, 't/f': file });
  const { status, err } = await run(folder.path, 'apply-series', 'p', 't');
  if (typeof expected === 'string') t.is(err + (await readFile(join(folder.path, 't/f'), 'utf8')), expected);
  else {
    t.is(status, 1);
    t.regex(err, expected);
  }
});
test('a patch is applied', applied, 'a.patch\n', 'one\ntwo\nthree\n', 'one\n2\nthree\n');
test(
  'comments, empty lines, options, and no line feed at the end',
  applied,
  '# why\n\na.patch -p1 # because',
  'one\ntwo\nthree\n',
  'one\n2\nthree\n',
);
test('a patch the other way round', applied, 'a.patch -R\n', 'one\n2\nthree\n', 'one\ntwo\nthree\n');
test('a patch at another line', applied, 'a.patch\n', 'zero\none\ntwo\nthree\n', 'zero\none\n2\nthree\n');
test('a patch whose surroundings are not the same', applied, 'a.patch\n', 'One\ntwo\nthree\n', /error: a\.patch does not apply exactly/);
test('a patch that is there already', applied, 'a.patch\n', 'one\n2\nthree\n', /error: a\.patch does not apply exactly/);
test('an option that nobody knows', applied, 'a.patch -F3\n', 'one\ntwo\nthree\n', /the option -F3 of a\.patch is not known/);
test('a patch that is not there', applied, 'b.patch\n', 'one\n', /b\.patch/);

/** What `make prep` runs. */
function prep(...words: readonly string[]): Promise<string> {
  return new Promise((ended, broken) => {
    const options = { env: { PATH: process.env['PATH'] ?? '' } };
    execFile('make', ['-s', 'prep', 'run=printf %s\\\\n', ...words], options, (error, out) => (error ? broken(error) : ended(out)));
  });
}
test('make prep hands refs on, whatever they are called', async (t) => {
  t.is(
    await prep('KERNEL_REF=v6.12', 'ZFS_REF=zfs-2.2.7'),
    'twinbuild\nlock\nproxmox-kernel-mainline\n--ref\nkernel=v6.12\n--ref\nzfs=zfs-2.2.7\n',
  );
  t.is(await prep('KERNEL_SHA1=abc', 'RECIPE=own'), 'twinbuild\nlock\nown\n--ref\nkernel=abc\n');
  t.is(await prep("ZFS_SHA1=a'b; c"), "twinbuild\nlock\nproxmox-kernel-mainline\n--ref\nzfs=a'b; c\n");
});
