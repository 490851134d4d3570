import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import { StreamFailure } from '../src/base/result.ts';
import { newestEntry } from '../src/control/changelog.ts';
import { withoutSignature } from '../src/control/clear-signed.ts';
import { parseDate } from '../src/control/date.ts';
import { parseDsc } from '../src/control/dsc.ts';
import { formatStanza, parseStanzas, stanzasOf } from '../src/control/stanza.ts';
import { readStanzas } from '../src/control/stanza-stream.ts';
import { inPieces } from './helpers/debs.ts';

const file = (text: string) => ({ name: 'control', text });

/** Every stanza as its names and values. */
function fieldsOf(text: string, comments = true): (readonly [string, string])[][] {
  return [...stanzasOf(file(text), { comments })].map((stanza) => stanza.fields().map(({ name, value }) => [name, value] as const));
}

const parses = test.macro((t, text: string, expected: (readonly [string, string])[][]) => t.deepEqual(fieldsOf(text), expected));

test('nothing has no stanza', parses, '', []);
test('two stanzas', parses, 'A: 1\nB: 2\n\nA: 3\n', [
  [
    ['A', '1'],
    ['B', '2'],
  ],
  [['A', '3']],
]);
test('a file without its last line feed', parses, 'A: 1', [[['A', '1']]]);
test('many empty lines, some with spaces', parses, '\n \n\nA: 1\n\t\n \nB: 2\n\n', [[['A', '1']], [['B', '2']]]);
test('a value without a space', parses, 'A:1\nB:\n', [
  [
    ['A', '1'],
    ['B', ''],
  ],
]);
test('a value with colons', parses, 'A: b: c\n', [[['A', 'b: c']]]);
test('further lines keep their indentation', parses, 'A: 1\n  two\n .\n\tthree\nB: 2\n', [
  [
    ['A', '1\n  two\n .\n\tthree'],
    ['B', '2'],
  ],
]);
test('a comment between fields', parses, '# one\nA: 1\n# two\nB: 2\n', [
  [
    ['A', '1'],
    ['B', '2'],
  ],
]);
test('a comment in a value is blanked, so that offsets stay', parses, 'A: 1,\n# no\n 2\n', [[['A', '1,\n    \n 2']]]);
test('a comment behind a value is not of it', parses, 'A: 1\n# no\n\n# no\nB: 2\n', [[['A', '1']], [['B', '2']]]);
test('names are found without case', (t) =>
  t.is([...stanzasOf(file('Multi-Arch: same\n'), { comments: false })][0]?.get('multi-arch'), 'same'));
test('a name is not found by its start', (t) =>
  t.is([...stanzasOf(file('Depends: x\n'), { comments: false })][0]?.get('Depend'), undefined));
test('signs other than letters are not without case', (t) =>
  t.is([...stanzasOf(file('A[: x\n'), { comments: false })][0]?.get('A{'), undefined));

const refuses = test.macro((t, text: string, reason: string, place: string) => {
  const result = parseStanzas(file(text), { comments: false });
  t.deepEqual(result.ok ? [] : [result.error.reason, result.error.at && placeOf(result.error.at)], [reason, place]);
});

test('a line that is no field', refuses, 'A: 1\nhello\n', 'control-syntax', 'control:2:1');
test('a line that continues nothing', refuses, '\n B: 1\n', 'control-syntax', 'control:2:1');
test('a field name with a space', refuses, 'A B: 1\n', 'control-syntax', 'control:1:1');
test('a field twice', refuses, 'A: 1\nB: 1\na: 2\n', 'control-duplicate-field', 'control:3:1');
test('a comment in an index', refuses, 'A: 1\n#B: 2\n', 'control-syntax', 'control:2:1');

test('the place of a value is where it stands', (t) => {
  const [stanza] = [...stanzasOf(file('Source: x\nDepends:   a,\n b\n'), { comments: true })];
  const field = stanza?.field('Depends');
  t.is(field && placeOf({ source: file('Source: x\nDepends:   a,\n b\n'), start: field.valueStart + 4, end: 0 }), 'control:3:2');
});

test('an index as a stream, in pieces of any length', async (t) => {
  const text = 'Package: ä\nVersion: 1\n\nPackage: b\nDescription: x\n y\n\n\nPackage: c\n';
  for (let length = 1; length < text.length; length += 1) {
    const names: (string | undefined)[] = [];
    for await (const stanza of readStanzas('Packages', inPieces(Buffer.from(text), length))) names.push(stanza.get('Package'));
    t.deepEqual(names, ['ä', 'b', 'c'], `pieces of ${length}`);
  }
});

test('what is written reads back', (t) => {
  const fields = [
    ['A', '1'],
    ['B', 'x\n y\n .\n z'],
    ['Files', '\n a\n b'],
  ] as const;
  t.is(formatStanza(fields), 'A: 1\nB: x\n y\n .\n z\nFiles:\n a\n b\n');
  t.deepEqual(fieldsOf(formatStanza(fields)), [
    [
      ['A', '1'],
      ['B', 'x\n y\n .\n z'],
      ['Files', 'a\n b'],
    ],
  ]);
});
test('a value that would become a field is not written', (t) => {
  for (const value of ['1\nEvil: yes', '1\n', '1\n\nPackage: evil', '1\n \n2']) t.throws(() => formatStanza([['A', value]]));
});

test('any text gives stanzas or a failure', (t) => {
  const line = fc.oneof(fc.string(), fc.constantFrom('A: 1', ' x', '#c', '', '\t', 'A:', ':', '-A: 1'));
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, comments) => {
      try {
        for (const stanza of stanzasOf(file(lines.join('\n')), { comments })) stanza.fields();
      } catch (error) {
        if (!(error instanceof StreamFailure)) throw error;
      }
    }),
  );
  t.pass();
});

const dates = test.macro((t, text: string, expected: number | undefined) => t.is(parseDate(text), expected));
test('a date of a Release file', dates, 'Sat, 10 Jun 2023 08:53:33 UTC', 1686387213);
test('a date east of Greenwich', dates, 'Mon, 26 Dec 2022 16:30:00 +0100', 1672068600);
test('a date west of Greenwich', dates, 'Mon, 26 Dec 2022 16:30:00 -0330', 1672084800);
test('a date with a wrong weekday', dates, 'Tue,  6 Dec 2022 16:30:00 +0000', 1670344200);
test('a day that does not exist', dates, 'Mon, 30 Feb 2022 16:30:00 +0000', undefined);
test('an hour that does not exist', dates, 'Mon, 26 Dec 2022 24:30:00 +0000', undefined);
test('a date without a zone', dates, 'Mon, 26 Dec 2022 16:30:00', undefined);
test('another form of date', dates, '2022-12-26T16:30:00Z', undefined);

const ENTRY =
  'hello (2.10-3) unstable; urgency=medium\n\n  * Change.\n\n -- Some One <some@example.org>  Mon, 26 Dec 2022 16:30:00 +0100\n';

test('the newest entry of a changelog', (t) => {
  const expected = { source: 'hello', version: '2.10-3', distributions: ['unstable'], epochSeconds: 1672068600 };
  t.deepEqual(newestEntry(file(`\n${ENTRY}\n${ENTRY.replace('2.10-3', '2.10-2')}`)), { ok: true, value: expected });
});

const changelogRefuses = test.macro((t, text: string, reason: string, place: string) => {
  const result = newestEntry(file(text));
  t.deepEqual(result.ok ? [] : [result.error.reason, result.error.at && placeOf(result.error.at)], [reason, place]);
});
test('an empty changelog', changelogRefuses, '\n', 'changelog-heading', 'control:1:1');
test('a changelog that starts with a change', changelogRefuses, '  * Change.\n', 'changelog-heading', 'control:1:1');
test('a changelog with a broken version', changelogRefuses, ENTRY.replace('2.10-3', '2.10-'), 'changelog-version', 'control:1:1');
test('an entry without an end', changelogRefuses, 'hello (1) unstable; urgency=low\n\n  * x\n', 'changelog-trailer', 'control:1:1');
test(
  'an entry that the next one cuts off',
  changelogRefuses,
  `hello (1) unstable; urgency=low\n\n${ENTRY}`,
  'changelog-trailer',
  'control:3:1',
);
test('an end without a date', changelogRefuses, ENTRY.replace(/ {2}Mon.*/, ''), 'changelog-trailer', 'control:5:1');
test('an end with a broken date', changelogRefuses, ENTRY.replace('Dec', 'Foo'), 'changelog-date', 'control:5:1');

const DIGEST = 'ab'.repeat(32);
const DSC = `Format: 3.0 (quilt)\nSource: hello\nVersion: 2.10-3\nChecksums-Sha256:\n ${DIGEST} 725946 hello_2.10.orig.tar.gz\n`;
const SIGNED = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${DSC}-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;

test('a .dsc, signed or not', (t) => {
  for (const text of [DSC, SIGNED]) {
    const dsc = parseDsc(file(text));
    t.like(dsc.ok ? dsc.value : {}, { source: 'hello', version: '2.10-3', format: '3.0 (quilt)', directory: undefined });
    t.deepEqual(dsc.ok ? dsc.value.files : [], [{ name: 'hello_2.10.orig.tar.gz', size: 725946, sha256: DIGEST as never }]);
  }
});
test('lines of a signed file keep their numbers', (t) => {
  const bare = withoutSignature(file(SIGNED.replace('Source', '- -Source')));
  t.is(bare.ok ? bare.value.text.split('\n')[4] : '', '-Source: hello');
});

const dscRefuses = test.macro((t, text: string, reason: string, place: string) => {
  const result = parseDsc(file(text));
  t.deepEqual(result.ok ? [] : [result.error.reason, result.error.at && placeOf(result.error.at)], [reason, place]);
});
test('a .dsc with a path as a name', dscRefuses, DSC.replace('hello_2', '../hello_2'), 'dsc-malformed', 'control:5:2');
test('a .dsc with a hidden file', dscRefuses, DSC.replace('hello_2', '.hello_2'), 'dsc-malformed', 'control:5:2');
test('a .dsc with a short digest', dscRefuses, DSC.replace('abab', ''), 'dsc-malformed', 'control:5:2');
test('a .dsc with a file twice', dscRefuses, `${DSC} ${DIGEST} 725946 hello_2.10.orig.tar.gz\n`, 'dsc-malformed', 'control:5:2');
test('a .dsc with weak digests only', dscRefuses, DSC.replace('Checksums-Sha256', 'Checksums-Sha1'), 'dsc-no-sha256', 'control:1:1');
test('a .dsc without a version', dscRefuses, DSC.replace(/Version.*\n/, ''), 'dsc-malformed', 'control:1:1');
test('a .dsc of two paragraphs', dscRefuses, `${DSC}\n${DSC}`, 'dsc-malformed', 'control:7:1');
test('a .dsc with text behind its signature', dscRefuses, `${SIGNED}Source: evil\n`, 'control-signature', 'control:13:1');
test('a .dsc with text before its signature', dscRefuses, `Source: evil\n\n${SIGNED}`, 'control-syntax', 'control:3:1');
test('a .dsc whose signature is cut off', dscRefuses, SIGNED.slice(0, -20), 'control-signature', 'control:1:1');
