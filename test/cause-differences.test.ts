import test from 'ava';
import type { SurroundingName } from '../src/build/types.ts';
import { causesOf } from '../src/cause/causes.ts';
import type { Difference } from '../src/deb/types.ts';
import { attribute, content, deb, explained, field, text, VARIED, verdictOn } from './helpers/differences.ts';

/** Names of the causes of one difference, the surest first, and the surrounding of the first. */
const is = test.macro((t, difference: Difference, expected: readonly string[], surrounding: SurroundingName | null = null) => {
  const causes = explained(difference);
  t.deepEqual(
    causes.map(({ name }) => name),
    expected,
    JSON.stringify(causes, null, 1),
  );
  if (expected.length > 0) t.is(causes[0]?.surrounding, surrounding);
});

// Built at 2026-11-23T11:18:09Z and ten seconds later.
test('a German date of the build', is, text('-Mo 23. Nov 11:18:12 UTC 2026', '+Mo 23. Nov 11:18:31 UTC 2026'), ['timestamp']);
test('a date of the build in brackets', is, text('-[23/Nov/2026:11:18:12 +0000] ok', '+[23/Nov/2026:11:18:31 +0000] ok'), ['timestamp']);
test('a date with the month as a word and dashes', is, text('-23-Nov-2026 11:18', '+23-Nov-2026 11:19'), ['timestamp']);
test('an hour of two halves, in a locale without words for them', (t) => {
  // From 20:18:09 on: what was 8 in the morning reads as half a day ago.
  const evening = { ...VARIED, builtAtSeconds: [1795465089, 1795465099] as const };
  const causes = causesOf(verdictOn([text('-11/23/2026 08:18:12 PM', '+11/23/2026 08:18:31 ')]), evening);
  t.deepEqual(
    causes.map(({ name }) => name),
    ['timestamp'],
  );
});
test('milliseconds since 1970', is, text('-{"built":1795432690123}', '+{"built":1795432702456}'), ['timestamp']);
test('a day of the build, moved by the time zone', is, text('-on 2026-11-23', '+on 2026-11-24'), ['timestamp'], 'timezone');
test(
  'a user and a host in one line',
  is,
  text('-# builder@twin-a', '+# rebuilder-two@twin-b-with-a-longer-name'),
  ['hostname', 'user'],
  'hostname',
);
test(
  'a kernel banner',
  is,
  text(
    '-Linux 6.1 (builder@twin-a) #1 SMP Mon Nov 23 11:18:12 UTC 2026',
    '+Linux 6.1 (rebuilder-two@twin-b-with-a-longer-name) #1 SMP Mon Nov 23 11:18:31 UTC 2026',
  ),
  ['hostname', 'user', 'timestamp'],
  'hostname',
);
test('the processor of another machine', is, text('-GNU C17 12.2.0 -march=znver3 -O2', '+GNU C17 12.2.0 -march=skylake -O2'), [
  'compiler-tuning',
]);
test('a decimal comma', is, text('-ratio 3.14', '+ratio 3,14'), ['locale-number'], 'locale');
test(
  'members of a tar in another order',
  is,
  { trail: deb('./a.tar'), what: { kind: 'order', first: 'a', second: 'b' } },
  ['directory-order'],
  'directory-order',
);
test('a mode that the umask gives', is, attribute(deb('./a'), 'mode', '0644', '0664'), ['file-mode'], 'umask');
test('a setuid bit is no matter of the umask', is, attribute(deb('./a'), 'mode', '4755', '0755'), []);
test('the build users as owners', is, attribute(deb('./a'), 'owner', 'builder (1000)', 'rebuilder-two (2345)'), ['file-owner'], 'user');
test('owners that are nobody of the build', is, attribute(deb('./a'), 'owner', 'games (5)', 'man (6)'), []);
test('the time of a member', is, attribute(deb('./a.tar', 'a'), 'mtime', '2026-11-23T11:18:12Z', '2026-11-23T11:18:31Z'), ['file-time']);
test(
  'the local time of a zip',
  is,
  attribute(deb('./a.jar', 'a'), 'mtime', '2024-01-01T12:00:00Z', '2024-01-02T02:00:00Z'),
  ['file-time'],
  'timezone',
);
test('times of long ago', is, attribute(deb('./a.tar', 'a'), 'mtime', '2020-01-01T00:00:00Z', '2021-03-01T00:00:07Z'), ['file-time']);
test('a time that was moved by the clock, and then taken back to the date of the package', (t) => {
  const { second, varied } = VARIED;
  const context = {
    ...VARIED,
    second: second && { ...second, clockOffsetSeconds: 18_428_400 },
    varied: [...varied, { name: 'clock', first: 'now', second: '+18428400 seconds' } as const],
    epoch: 1785585600,
  };
  const said = (first: string, second: string) =>
    causesOf(verdictOn([attribute(deb('./usr/a'), 'mtime', first, second)]), context).map(({ name, confidence, surrounding }) => [
      name,
      confidence,
      surrounding,
    ]);
  t.deepEqual(said('2026-06-19T11:37:33Z', '2026-08-01T12:00:00Z'), [['file-time', 'likely', 'clock']]); // as it was found
  t.deepEqual(said('1970-01-01T00:00:00Z', '1970-08-02T07:00:11Z'), [['file-time', 'likely', 'clock']]);
  t.deepEqual(said('1970-01-01T00:00:00Z', '1970-08-04T07:00:11Z'), [['file-time', 'possible', null]]);
});
test('a time in a gzip header', is, attribute(deb('./a.gz', 'gzip header'), 'mtime', '2026-11-23T11:18:12Z', '2026-11-23T11:18:31Z'), [
  'gzip-time',
]);
test(
  'the level of gzip',
  is,
  { trail: deb('./a.gz', 'gzip header'), what: { kind: 'attribute', attribute: 'level', first: 'best', second: 'fastest' } },
  ['compression'],
);
test('the members of a static library', is, attribute(deb('./usr/lib/libx.a', 'x.o'), 'owner', '1000', '2345'), ['static-library'], 'user');
test('the source time of compiled Python', is, field(deb('./a.pyc'), 'source mtime', '2026-11-23T11:18:12Z', '2026-11-23T11:18:31Z'), [
  'python-bytecode',
]);
test('the code of compiled Python', is, content(deb('./a.pyc', 'code'), Buffer.from([1, 2, 3]), Buffer.from([1, 9, 3])), [
  'python-bytecode',
]);
test('the signature of a kernel module', is, content(deb('./a.ko', 'module signature'), Buffer.from([1, 2, 3]), Buffer.from([1, 9, 3])), [
  'signature',
]);
test('the name of the debugging symbols of a program that differs is no random text', (t) => {
  const link = field(
    deb('./usr/bin/a', '.gnu_debuglink'),
    'debug file',
    '8882a52f3f9f05d5827f4ffdb93e4a1f05a3f4.debug',
    '11fd425f485703e75bddf5af9a0bac99157444.debug',
  );
  const code: Difference = { trail: deb('./usr/bin/a', '.text'), what: { kind: 'only-in', side: 'first' } };
  t.deepEqual(
    causesOf(verdictOn([link, code]), VARIED).map(({ name }) => name),
    ['consequence'],
  );
});
test('a build id', is, field(deb('./usr/bin/a', '.note.gnu.build-id'), 'build-id', 'ab12', 'cd34'), ['build-id']);
test('a build id in a program that differs', (t) => {
  const rodata = content(deb('./boot/vmlinuz', 'payload', '.rodata'), Buffer.from('a twin-a b'), Buffer.from('a twin-b b'));
  for (const section of ['.notes', '.note.gnu.build-id']) {
    const id = field(deb('./boot/vmlinuz', 'payload', section), 'build-id', 'ab12', 'cd34');
    const said = causesOf(verdictOn([rodata, id]), VARIED).filter(({ trail }) => trail.at(-1) === section);
    t.deepEqual(
      said.map(({ name }) => name),
      ['consequence'],
    );
  }
  const alone = field(deb('./boot/vmlinuz', 'payload', '.notes'), 'Xen', '1', '2');
  t.false(causesOf(verdictOn([rodata, alone]), VARIED).some(({ name, trail }) => name === 'consequence' && trail.at(-1) === '.notes'));
});
test('the date of a PDF', is, field(deb('./a.pdf'), 'CreationDate', 'D:20261123111812Z', 'D:20261123111831Z'), ['timestamp']);
test('the identifier of a PDF', is, field(deb('./a.pdf'), 'ID', '<AB> <CD>', '<EF> <01>'), ['document-id']);
test('a time in four bytes, big end first', is, content(deb('./a.bin'), bytes(1795432691), bytes(1795432702)), ['binary-timestamp']);
const cpio = (seconds: number) => `070701000002D1000041ED000000000000000000000002${seconds.toString(16).toUpperCase()}${'0'.repeat(56)}dev`;
test('the times in the cpio archive of a kernel', is, text(`-${cpio(1795432691)}`, `+${cpio(1795432702)}`), ['cpio-time']);
test('times of long ago in a cpio archive', is, text(`-${cpio(1595432691)}`, `+${cpio(1595432702)}`), []);
test('another packing of the same', is, { trail: deb(), what: { kind: 'encoding', offset: 300 } }, ['compression'], 'cpus');
test('a temporary object', is, text('-/tmp/ccAb12Cd.o', '+/tmp/ccXy98Zw.o'), ['temporary-name']);

test('a list behind a heading, sorted by the locale', is, text('-objects: B.o a.o', '+objects: a.o B.o'), ['locale-sort'], 'locale');
test(
  'the members of a library that is an output itself',
  is,
  attribute(['libx.a', 'x.o'], 'owner', '1000', '2345'),
  ['static-library'],
  'user',
);
test(
  'the file of a build id without its program',
  is,
  { trail: deb('./usr/lib/debug/.build-id/ab/cd12.debug'), what: { kind: 'only-in', side: 'first' } },
  ['build-id'],
);

const list = (sign: string, words: string) => words.split(' ').map((word) => `${sign}blacklist ${word}`);
test(
  'modules without suffix, as a file system on disk and one in memory list them',
  is,
  // As it was found: the newest first in memory. The first lines stand at the same place by chance.
  text(
    ' blacklist ipmi_watchdog',
    ' blacklist watchdog',
    ' blacklist w83877f_wdt',
    '+blacklist softdog',
    ' blacklist sbc_epx_c3',
    '-blacklist cpu5wdt',
    ' blacklist machzwd',
    '-blacklist softdog',
    '+blacklist cpu5wdt',
  ),
  ['directory-order'],
  'directory-order',
);
test(
  'names in the order in which several processes made them',
  is,
  text(...list('-', 'fox ash cat elm hen bee gnu dog'), ...list('+', 'hen gnu elm fox dog cat ash bee')),
  ['directory-order'],
  'directory-order',
);
test(
  'names in no order at all',
  is,
  text(...list('-', 'fox ash cat elm hen bee gnu dog'), ...list('+', 'cat hen bee fox dog ash gnu elm')),
  ['hash-order'],
);
test(
  'a list in which two stand elsewhere, and then in order',
  is,
  text(...list('-', 'ash bee cat dog elm hen fox'), ...list('+', 'ash bee cat dog elm fox hen')),
  ['hash-order'],
);
test('a set of Python', is, text("-{'a', 'b', 'c', 'd'}", "+{'c', 'a', 'd', 'b'}"), ['hash-order']);
test('seconds since 1970 in hexadecimal', is, text('-built=0x6b0420fa', '+built=0x6b042111'), ['timestamp']);
test('an address of eight digits', is, text('-at 0x80496f10', '+at 0x80512f30'), ['address']);
test(
  'javadoc, which turns the sign of TZ',
  is,
  text('-<!-- on Mon Nov 23 11:18:12 UTC 2026 -->', '+<!-- on Sun Nov 22 21:18:31 GMT-14:00 2026 -->'),
  ['timestamp'],
);
test(
  'a catalogue of translations',
  is,
  text('-"POT-Creation-Date: 2026-11-23 11:18+0000"', '+"POT-Creation-Date: 2026-11-24 01:18+1400"'),
  ['timestamp'],
  'timezone',
);

// What differs for reasons that nobody can see from here.
test('other numbers', is, text('-answer 41', '+answer 97'), []);
test('two processors more elsewhere', is, text('-chapter 2 of 7', '+chapter 3 of 9'), []);
test('another version', is, text('-libfoo 1.2.3', '+libfoo 1.2.4'), []);
test('a date of the package', is, text('-Released 2019-03-04', '+Released 2019-05-07'), []);
test('a year long gone', is, text('-Copyright 2011 Nobody', '+Copyright 2012 Nobody'), []);
test('other words', is, text('-the quick brown fox', '+the lazy dog'), []);
test('another path of the package', is, text('-/usr/lib/a/b.so', '+/usr/lib/c/b.so'), []);
test('a name that has the user in it', is, text('-rebuilders unite', '+pathbuilder unites'), []);
test('other bytes', is, content(deb('./a.bin'), Buffer.from('00ff10fe20', 'hex'), Buffer.from('00f010ee21', 'hex')), []);
test('an unreadable archive', is, { trail: deb('./a.tar'), what: { kind: 'unreadable', side: 'both', why: 'cut', offset: 3 } }, []);

function bytes(seconds: number): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt32BE(seconds, 7);
  return buffer;
}

const CERTIFICATE = (name: string): string[] => ['-----BEGIN CERTIFICATE-----', `MII${name}`, '-----END CERTIFICATE-----'];
test('certificates in another order are no signature', (t) => {
  const [one, two, three] = ['alpha', 'beta', 'gamma'].map(CERTIFICATE) as [string[], string[], string[]];
  const lines = (sign: string, ...parts: string[][]) => parts.flat().map((line) => sign + line);
  const causes = explained(text(...lines('-', one, two, three), ...lines('+', three, one, two)));
  t.false(causes.some(({ name }) => name === 'signature'));
  t.is(explained(text(...lines('-', one), ...lines('+', two)))[0]?.name, 'signature');
});
