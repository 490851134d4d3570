import test from 'ava';
import fc from 'fast-check';
import { parseModules, submoduleUrl } from '../src/git/submodules.ts';

const PARENT = 'https://git.example.org/git/pve-kernel.git';

const leads = test.macro((t, written: string | undefined, expected: string, parent: string = PARENT) => {
  const url = submoduleUrl(written, parent, 'sub');
  t.is(url.ok ? url.value : `${url.error.kind} ${url.error.reason}`, expected);
});
test('beside its parent', leads, '../zfsonlinux.git', 'https://git.example.org/git/zfsonlinux.git');
test('two levels up', leads, '../../other/x', 'https://git.example.org/other/x');
test('below its parent', leads, './inner', 'https://git.example.org/git/pve-kernel.git/inner');
test('an address of its own', leads, 'https://example.com/openzfs/zfs/', 'https://example.com/openzfs/zfs');
test('to encrypted from plain', leads, 'https://example.com/x', 'https://example.com/x', 'http://a/b');
test('to plain from encrypted', leads, 'http://example.com/x', 'usage git-submodule');
test('out of the server', leads, '../../../../x', 'usage git-submodule');
test('the server itself', leads, '../..', 'usage git-submodule');
test('by ssh', leads, 'git@example.com:x/y.git', 'usage git-submodule');
test('by ssh, as an address', leads, 'ssh://example.com/x', 'usage git-submodule');
test("by git's own protocol", leads, 'git://example.com/x', 'usage git-submodule');
test('a file', leads, 'file:///etc', 'usage git-submodule');
test('a folder', leads, '/srv/git', 'usage git-submodule');
test('a password', leads, 'https://me:secret@example.com/x', 'usage git-submodule');
test('a way to run a command', leads, 'ext::sh -c touch% /tmp/x', 'usage git-submodule');
test('nowhere', leads, undefined, 'usage git-submodule');

test('.gitmodules as git lists it', (t) => {
  const listing = [
    'submodule.up.path\nupstream',
    'submodule.up.url\n../zfs.git',
    'submodule.a.b.c.path\ndir/inner/',
    'submodule.a.b.c.url\nhttps://x/y',
    'submodule.half.path\nhalf',
    'core.bare\ntrue',
    'submodule.flag.path',
  ].join('\0');
  t.deepEqual(
    [...parseModules(Buffer.from(`${listing}\0`))],
    [
      ['upstream', '../zfs.git'],
      ['dir/inner', 'https://x/y'],
    ],
  );
});

test('foreign text gives addresses of http and https below a server, or a failure', (t) => {
  const text = fc.oneof(
    fc.string(),
    fc.string().map((name) => `../${name}`),
    fc.string().map((name) => `https://x/${name}`),
    fc.array(fc.constantFrom('..', '.', '/', 'http:', 'https://', 'x', '@', '?', '#', ' ', '\n')).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (written) => {
      const url = submoduleUrl(written, PARENT, 'sub');
      if (url.ok) t.regex(url.value, /^https:\/\/[^\s/?#@]+\/\S*[^/\s]$/);
      parseModules(Buffer.from(written));
    }),
  );
  t.pass();
});
