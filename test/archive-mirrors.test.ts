import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { parseDeb822, parseOneLine } from '../src/archive/apt-sources.ts';
import { mirrorsAmong, readMirrors } from '../src/archive/mirrors.ts';
import { urlsOf } from '../src/archive/places.ts';
import type { Mirrors } from '../src/archive/types.ts';
import { sha256 } from '../src/base/digest.ts';
import type { Notice } from '../src/base/running.ts';
import { folder, reasonOf, value } from './helpers/stores.ts';

const NONE: Mirrors = { from: 'none', debian: [], security: [] };
const host = (debian: string[], security: string[]): Mirrors => ({ from: 'host', debian, security });

const oneLine = test.macro((t, text: string, expected: Mirrors, problems = 0) => {
  const parsed = parseOneLine({ name: 'sources.list', text });
  t.deepEqual([mirrorsAmong(parsed.sources), parsed.problems.length], [expected, problems]);
});
test(
  'one line',
  oneLine,
  'deb http://a.example/debian bookworm main',
  host(['http://a.example/debian'], ['http://a.example/debian-security']),
);
test(
  'security is known by its suite',
  oneLine,
  'deb http://a.example/debian/ bookworm main\ndeb https://b.example/sec bookworm-security main contrib\n',
  host(['http://a.example/debian'], ['https://b.example/sec']),
);
test(
  'options, comments, deb-src, tabs',
  oneLine,
  '# a comment\ndeb-src [arch=amd64,arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]\thttp://a.example/debian\tbookworm-updates\tmain contrib # more\n',
  host(['http://a.example/debian'], ['http://a.example/debian-security']),
);
test(
  'what is no mirror of Debian over http',
  oneLine,
  [
    'deb cdrom:[Debian 12]/ bookworm main',
    'deb file:/srv/debian bookworm main',
    'deb mirror+file:/etc/apt/mirrors.txt bookworm main',
    'deb tor+http://a.onion/debian bookworm main',
    'deb http://a.example/$(ARCH) bookworm main',
  ].join('\n'),
  NONE,
);
test(
  'what is not Debian',
  oneLine,
  [
    'deb http://a.example/ubuntu jammy main',
    'deb http://a.example/linux/debian bookworm stable',
    'deb http://a.example/pve bookworm pve-no-subscription',
    'deb [signed-by=/etc/apt/keyrings/other.gpg] http://a.example/debian bookworm main',
    'deb http://a.example/flat ./',
    'deb http://a.example/pgdg bookworm-pgdg main',
  ].join('\n'),
  NONE,
);
test('junk', oneLine, 'this is\nnot a list\n\0\x01\ndeb\ndeb http://a.example/debian\n', NONE, 5);
test(
  'a likely mirror comes before an unlikely one',
  oneLine,
  'deb http://a.example/node bookworm main\ndeb http://b.example/debian-remote bookworm main\n',
  host(
    ['http://b.example/debian-remote', 'http://a.example/node'],
    ['http://b.example/debian-remote-security', 'http://a.example/node-security'],
  ),
);

const deb822 = test.macro((t, text: string, expected: Mirrors, problems = 0) => {
  const parsed = parseDeb822({ name: 'debian.sources', text });
  t.deepEqual([mirrorsAmong(parsed.sources), parsed.problems.length], [expected, problems]);
});
test(
  'deb822: several of everything',
  deb822,
  `Types: deb deb-src
# a comment
URIs: http://a.example/debian
 http://b.example/debian
Suites: bookworm bookworm-updates
Components: main non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://a.example/debian-security
Suites: bookworm-security
Components: main
`,
  host(['http://a.example/debian', 'http://b.example/debian'], ['http://a.example/debian-security']),
);
test(
  'deb822: one that is switched off',
  deb822,
  'Types: deb\nEnabled: no\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n',
  NONE,
);
test(
  'deb822: a key in the file',
  deb822,
  'Types: deb\nURIs: http://a.example/debian\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n',
  host(['http://a.example/debian'], ['http://a.example/debian-security']),
);
test(
  'deb822: what was before junk counts',
  deb822,
  'Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n\nthis is junk\n',
  host(['http://a.example/debian'], ['http://a.example/debian-security']),
  1,
);

test('no text makes a parser fail, and no mirror is anything but http', (t) => {
  const words = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        'deb',
        'Types:',
        'URIs:',
        'http://a/debian',
        'bookworm',
        'main',
        '[',
        ']',
        '\n',
        '\n\n',
        ' ',
        '#',
        'Suites:',
        'Components:',
      ),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(words, (parts) => {
      const file = { name: 'x', text: parts.join(' ') };
      const mirrors = mirrorsAmong([...parseOneLine(file).sources, ...parseDeb822(file).sources]);
      return [...mirrors.debian, ...mirrors.security].every((url) => /^https?:\/\/[^/]/.test(url) && !url.endsWith('/'));
    }),
  );
  t.pass();
});

const read = test.macro(async (t, environment: Record<string, string>, expected: Mirrors | string) => {
  await using place = await folder();
  await writeFile(join(place.path, 'sources.list'), 'deb http://host.example/debian bookworm main\n');
  const result = await readMirrors({ environment, tell: () => undefined, aptFolder: place.path });
  t.deepEqual(result.ok ? result.value : reasonOf(result), expected);
});
test(
  'the environment comes first',
  read,
  { TWINBUILD_MIRROR: 'http://m.example/debian/' },
  { from: 'environment', debian: ['http://m.example/debian'], security: ['http://m.example/debian-security'] },
);
test(
  'several mirrors, and security elsewhere',
  read,
  { TWINBUILD_MIRROR: ' http://m.example/debian  https://n.example/d ', TWINBUILD_MIRROR_SECURITY: 'http://s.example/sec' },
  { from: 'environment', debian: ['http://m.example/debian', 'https://n.example/d'], security: ['http://s.example/sec'] },
);
test(
  'security alone',
  read,
  { TWINBUILD_MIRROR_SECURITY: 'http://s.example/sec' },
  host(['http://host.example/debian'], ['http://s.example/sec']),
);
test(
  'without a variable, the host',
  read,
  { TWINBUILD_MIRROR: '' },
  host(['http://host.example/debian'], ['http://host.example/debian-security']),
);
test('an address that is none', read, { TWINBUILD_MIRROR: 'ftp://m.example/debian' }, 'mirror-invalid');
test('a name without an address', read, { TWINBUILD_MIRROR: 'm.example' }, 'mirror-invalid');

test('the whole configuration is read; junk in it is a warning', async (t) => {
  await using place = await folder();
  const parts = join(place.path, 'sources.list.d');
  await mkdir(join(parts, 'folder.list'), { recursive: true });
  await writeFile(join(place.path, 'sources.list'), 'junk\n');
  await writeFile(join(parts, 'b.list'), 'deb http://b.example/debian bookworm main\n');
  await writeFile(join(parts, 'a.sources'), 'Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n');
  await writeFile(join(parts, 'c.list.save'), 'deb http://c.example/debian bookworm main\n');
  const notices: Notice[] = [];
  const mirrors = value(await readMirrors({ environment: {}, tell: (notice) => void notices.push(notice), aptFolder: place.path }));
  t.deepEqual(mirrors.debian, ['http://a.example/debian', 'http://b.example/debian']);
  t.deepEqual(
    notices.map(({ kind }) => kind),
    ['warning'],
  );
  t.deepEqual(value(await readMirrors({ environment: {}, tell: () => undefined, aptFolder: join(place.path, 'nowhere') })), NONE);
});

const context = {
  suites: [
    { archive: 'debian', suite: 'bookworm', components: ['main'], date: '2026-07-11T10:16:37Z', inRelease: sha256('a') },
    { archive: 'debian', suite: 'bookworm-updates', components: ['main'], date: '2026-11-22T02:09:05Z', inRelease: sha256('b') },
  ],
  mirrors: { from: 'environment', debian: ['http://m.example/debian'], security: [] } as Mirrors,
  archives: [{ name: 'mine', url: 'https://own.example/apt/', suite: 'x', components: ['main'], keyring: '/k' }],
};
const SNAPSHOT = 'https://snapshot.debian.org/archive';
const places = test.macro((t, archive: string, path: string, urls: string[], fallbackUrls: string[]) => {
  t.deepEqual(urlsOf({ archive, path }, context), { urls, fallbackUrls });
});
test(
  'the mirror, then the snapshots of the newest date',
  places,
  'debian',
  'pool/main/g/g++/g++_1.0+b1~x_all.deb',
  ['http://m.example/debian/pool/main/g/g++/g++_1.0+b1~x_all.deb'],
  [
    `${SNAPSHOT}/debian/20261122T140905Z/pool/main/g/g++/g++_1.0+b1~x_all.deb`,
    `${SNAPSHOT}/debian/20261122T020905Z/pool/main/g/g++/g++_1.0+b1~x_all.deb`,
  ],
);
test('an archive of no date and no mirror is nowhere', places, 'debian-security', 'pool/x', [], []);
test('an archive of the own', places, 'mine', 'pool/a b%/x#y', ['https://own.example/apt/pool/a%20b%25/x%23y'], []);
test('an archive that nobody names is nowhere', places, 'other', 'pool/x', [], []);
test('a whole address', places, 'url', 'https://up.example/x.tar.gz?y', ['https://up.example/x.tar.gz?y'], []);
