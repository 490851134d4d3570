import test from 'ava';
import fc from 'fast-check';
import { listName, placeOfUri, sourcesListOf } from '../src/archive/lists.ts';
import { packageMap, sourceMap } from '../src/archive/packages.ts';
import { checkDates, checkSuite, parseRelease, type Release } from '../src/archive/release.ts';
import type { IndexText } from '../src/archive/stanzas.ts';
import { sha256 } from '../src/base/digest.ts';
import { DATE, DATE_SECONDS, NOW_SECONDS, PACKAGES, releaseText, SOURCES, suite } from './helpers/archive.ts';
import { reasonOf, value } from './helpers/stores.ts';

const release = (over: Record<string, string> = {}): string =>
  releaseText({ ...suite('bookworm'), fields: { ...suite('bookworm').fields, ...over } });

test('a Release file', (t) => {
  const parsed = value(parseRelease('Release', release({ 'Valid-Until': 'Thu, 08 Jan 2026 00:00:00 UTC' })));
  const { indices, ...rest } = parsed;
  t.deepEqual(rest, {
    origin: 'Made-up',
    suite: 'stable',
    codename: 'bookworm',
    dateSeconds: DATE_SECONDS,
    validUntilSeconds: DATE_SECONDS + 8 * 86_400,
    components: ['main', 'contrib'],
    architectures: ['all', 'amd64', 'arm64'],
    noPackagesForAll: true,
    byHash: true,
    notAutomatic: false,
  });
  t.deepEqual(indices.get('main/binary-amd64/Packages'), { size: PACKAGES.length, sha256: sha256(PACKAGES) });
});

const malformed = test.macro((t, text: string) => t.is(reasonOf(parseRelease('Release', text)), 'release-malformed'));
test('Release: nothing', malformed, '');
test('Release: two paragraphs', malformed, `${release()}\nSuite: other\n`);
test('Release: no date', malformed, release({ Date: 'yesterday' }));
test('Release: no sums', malformed, `Suite: stable\nDate: ${DATE}\n`);
test('Release: MD5 alone', malformed, `Suite: stable\nDate: ${DATE}\nMD5Sum:\n d41d8cd98f00b204e9800998ecf8427e 0 main/x\n`);
test('Release: an end that cannot be read', malformed, release({ 'Valid-Until': 'soon' }));
test('Release: a sum that is none', malformed, `${release()} ${'z'.repeat(64)} 5 main/x\n`);
test('Release: one file with two sums', malformed, `${release()} ${sha256('x')} 5 main/source/Sources\n`);

test('Release: paths that lead elsewhere are not there', (t) => {
  const { indices } = value(
    parseRelease('Release', `${release()} ${sha256('x')} 5 ../../etc/passwd\n ${sha256('x')} 5 /etc/passwd\n ${sha256('x')} 5 main/../x\n`),
  );
  t.deepEqual([...indices.keys()].sort(), [
    'main/binary-amd64/Packages',
    'main/binary-amd64/Packages.gz',
    'main/source/Sources',
    'main/source/Sources.gz',
  ]);
});

test('Release: any text is parsed or refused', (t) => {
  const lines = fc.array(fc.oneof(fc.string(), fc.constantFrom('SHA256:', ` ${sha256('a')} 5 a`, `Date: ${DATE}`, 'Suite: x', '')), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(lines, (parts) =>
      ['ok', 'release-malformed', 'control-syntax', 'control-duplicate-field'].includes(reasonOf(parseRelease('x', parts.join('\n')))),
    ),
  );
  t.pass();
});

const named = test.macro((t, asked: string, expected: string) => {
  t.is(reasonOf(checkSuite(value(parseRelease('Release', release())), 'debian', asked)), expected);
});
test('a suite by its codename', named, 'bookworm', 'ok');
test('a suite by its alias', named, 'stable', 'ok');
test('a suite by no name', named, './', 'ok');
test('another suite', named, 'trixie', 'release-other-suite');
test('another suite that begins alike', named, 'bookworm-security', 'release-other-suite');

const dated = test.macro((t, over: Partial<Release>, expected: string) => {
  const parsed = { ...value(parseRelease('Release', release())), ...over };
  t.is(reasonOf(checkDates(parsed, 'debian', 'bookworm', NOW_SECONDS)), expected);
});
test('a list of yesterday', dated, {}, 'ok');
test('a list that is valid until now', dated, { validUntilSeconds: NOW_SECONDS }, 'ok');
test('a list that was valid until a second ago', dated, { validUntilSeconds: NOW_SECONDS - 1 }, 'release-expired');
test('a list of a clock that goes an hour before ours', dated, { dateSeconds: NOW_SECONDS + 3600 }, 'ok');
test('a list of the future', dated, { dateSeconds: NOW_SECONDS + 2 * 86_400 }, 'release-from-the-future');

const index = (text: string, over: Partial<IndexText> = {}): IndexText => ({
  archive: 'debian',
  suite: 'bookworm',
  name: 'Packages',
  bytes: Buffer.from(text),
  ...over,
});

test('a package is found by its name', (t) => {
  const map = packageMap([index(PACKAGES)], () => t.fail());
  t.deepEqual(map.get('hello'), [
    {
      archive: 'debian',
      suite: 'bookworm',
      name: 'hello',
      version: '2.10-3',
      architecture: 'amd64',
      filename: 'pool/main/h/hello/hello_2.10-3_amd64.deb',
      size: 9,
      sha256: sha256('hello.deb'),
      priority: 'required',
      essential: true,
      multiArch: '',
      source: '',
      preDepends: '',
      depends: 'libc6 (>= 2.34)',
      provides: 'greeting (= 1), salute',
      conflicts: '',
      breaks: '',
    },
  ]);
  t.deepEqual([map.size, [...map.keys()], map.has('hell'), map.get('hell')], [1, ['hello'], false, undefined]);
});

const other = PACKAGES.replaceAll('hello', 'other').replace('Essential: yes\nPriority: required\n', '').replace(', salute', '');
test('packages are found by what they are and what they provide', (t) => {
  const map = packageMap([index(`${PACKAGES}\n${other}`), index(PACKAGES.replace('2.10-3', '2.10-4'), { suite: 'bookworm-updates' })], () =>
    t.fail(),
  );
  const shown = (packages: readonly { name: string; version: string }[]): string[] =>
    packages.map(({ name, version }) => `${name} ${version}`);
  t.deepEqual(shown(map.get('hello') ?? []), ['hello 2.10-3', 'hello 2.10-4']);
  t.deepEqual(shown(map.essential()), ['hello 2.10-3', 'hello 2.10-4']);
  t.deepEqual(shown(map.ofPriority('required')), ['hello 2.10-3', 'hello 2.10-4']);
  t.deepEqual(shown(map.providing('greeting')), ['hello 2.10-3', 'other 2.10-3', 'hello 2.10-4']);
  t.deepEqual(shown(map.providing('salute')), ['hello 2.10-3', 'hello 2.10-4']);
  t.deepEqual(map.providing('nothing'), []);
  t.deepEqual(
    [...map].map(([name, each]) => [name, each.length]),
    [
      ['hello', 2],
      ['other', 1],
    ],
  );
});

test('unusual ways to write an index', (t) => {
  const text = `\n\n${PACKAGES.replace('Package: hello\n', '').replace('Architecture', 'Package: hello\nArchitecture')}\n\n\n${other.replace('Package: other', 'package:   other')}\n`;
  const map = packageMap([index(text)], () => t.fail());
  t.deepEqual([...map.keys()], ['hello', 'other']);
  t.is(map.get('other')?.[0]?.version, '2.10-3');
});

const unusable = test.macro((t, from: string | RegExp, to: string) => {
  let told = 0;
  const map = packageMap([index(`${PACKAGES.replace(from, to)}\n${other}`)], () => {
    told += 1;
  });
  t.deepEqual([map.get('hello') ?? [], map.get('hello') ?? [], map.get('other')?.length, told], [[], [], 1, 1]);
});
test('without a digest', unusable, /SHA256: .*\n/, '');
test('with a digest that is none', unusable, /SHA256: .*\n/, 'SHA256: abc\n');
test('without a size', unusable, 'Size: 9\n', '');
test('with a size that is none', unusable, 'Size: 9', 'Size: -9');
test('without a version', unusable, 'Version: 2.10-3\n', '');
test('with a path that leads out', unusable, 'pool/main', '../../main');
test('with an absolute path', unusable, 'pool/main', '/pool/main');
test('with a line that is none', unusable, 'Size: 9', 'Size: 9\njunk');

test('a source is found by its name, its .dsc first', (t) => {
  const [hello] = sourceMap([index(SOURCES)], () => t.fail()).get('hello') ?? [];
  t.deepEqual(
    hello?.files.map(({ name, size }) => [name, size]),
    [
      ['hello_2.10-3.dsc', 3],
      ['hello_2.10.orig.tar.gz', 4],
    ],
  );
  t.deepEqual(
    [hello?.directory, hello?.buildDepends, hello?.extraSourceOnly],
    ['pool/main/h/hello', 'debhelper-compat (= 13), texinfo', false],
  );
});

const badSource = test.macro((t, from: string | RegExp, to: string) => {
  let told = 0;
  t.deepEqual(
    sourceMap([index(SOURCES.replace(from, to))], () => {
      told += 1;
    }).get('hello') ?? [],
    [],
  );
  t.is(told, 1);
});
test('a source whose file has a path', badSource, 'hello_2.10.orig', '../hello_2.10.orig');
test('a source without a .dsc', badSource, '.dsc', '.dsx');
test('a source in a folder outside', badSource, 'pool/main/h', '../x');

test('any text is an index, with as many stanzas as it has', (t) => {
  const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom('Package: a', 'Package:a', PACKAGES, '\n', 'Version: 1')), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(parts, (lines) => {
      const map = packageMap([index(lines.join('\n'))], () => undefined);
      for (const [name, found] of map) if (found.some((each) => each.name !== name)) return false;
      map.essential();
      map.providing('x');
      return map.size === [...map.keys()].length;
    }),
  );
  t.pass();
});

test('the names of lists are those of apt', (t) => {
  t.is(listName('debian', 'bookworm', 'InRelease'), 'archive.invalid_debian_dists_bookworm_InRelease');
  t.is(listName('my_own', 'a~b', 'main/binary-amd64/Packages'), 'archive.invalid_my%5fown_dists_a%7eb_main_binary-amd64_Packages');
  t.is(listName('flat', './', 'Packages'), 'archive.invalid_flat_._Packages');
  t.is(listName('flat', '/', 'Packages'), 'archive.invalid_flat_Packages');
});

test('the lines that fit the lists', (t) => {
  t.is(
    sourcesListOf([
      { archive: 'debian', suite: 'bookworm', components: ['main', 'contrib'] },
      { archive: 'flat', suite: './', components: ['main'] },
    ]),
    'deb http://archive.invalid/debian bookworm main contrib\ndeb-src http://archive.invalid/debian bookworm main contrib\ndeb http://archive.invalid/flat ./\ndeb-src http://archive.invalid/flat ./\n',
  );
});

test('what apt prints leads back to the archive', (t) => {
  t.deepEqual(placeOfUri('http://archive.invalid/debian/pool/main/g/g++/g%2b%2b_1%3a2_amd64.deb'), {
    archive: 'debian',
    path: 'pool/main/g/g++/g++_1:2_amd64.deb',
  });
  t.deepEqual(placeOfUri('http://archive.invalid/flat/./x.deb'), { archive: 'flat', path: 'x.deb' });
  t.is(placeOfUri('http://elsewhere.example/debian/pool/x'), undefined);
  t.is(placeOfUri('http://archive.invalid/debian'), undefined);
});
