import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import test from 'ava';
import { type Ended, folderWith } from './helpers/packaging.ts';

const ASSEMBLE = resolve('recipes/pve-firmware/debian/bin/assemble-firmware');

/** What the recipe pve-firmware does with lists and folders of firmware. */
async function assemble(files: Readonly<Record<string, string>>): Promise<Ended> {
  await using folder = await folderWith({ 'firmware/there.bin': 'x', ...files });
  const args = ['--lists', 'lists', '--missing', 'missing', '--compress', 'compress', '--into', 'into', 'firmware', 'more'];
  return await new Promise<Ended>((done) => {
    execFile(ASSEMBLE, args, { cwd: folder.path, env: { ...process.env, LC_ALL: 'C' } }, (error, out, err) => {
      done({ status: error ? 1 : 0, out, err });
    });
  });
}

test('firmware that is there is taken, by name and by pattern', async (t) => {
  const { status, out, err } = await assemble({ 'lists/k': '# accepted\nthere.bin kernel/a.ko\nv/*.fw kernel/b.ko\n', 'more/v/1.fw': 'y' });
  t.is(status, 0, err);
  t.is(out, 'firmware: 2 files\n');
});

test('firmware that no folder has stops the build, with the modules that ask for it', async (t) => {
  const { status, err } = await assemble({
    'lists/k': 'there.bin kernel/a.ko\ngone.bin kernel/a.ko\ngone.bin kernel/b.ko\nv/*.fw kernel/b.ko\n',
  });
  t.is(status, 1);
  t.is(
    err,
    `error: firmware that modules may ask for and no folder has:
  gone.bin, for kernel/a.ko, kernel/b.ko
  v/*.fw, for kernel/b.ko
Add the package that has it to build-depends, or name it in debian/allow-missing.
`,
  );
});

test('firmware that nobody gives away can be named', async (t) => {
  const { status, out } = await assemble({
    'lists/k': 'there.bin kernel/a.ko\ngone.bin kernel/a.ko\n',
    missing: '# nobody has it\ngone.bin\n',
  });
  t.is(status, 0);
  t.is(out, 'firmware: 1 files\n');
});

test('a name that leads out of the folder is no firmware', async (t) => {
  const { status, err } = await assemble({ 'lists/k': '../secret kernel/a.ko\n' });
  t.is(status, 1);
  t.is(err, 'error: not the name of a firmware file: ../secret\n');
});
