import test from 'ava';
import fc from 'fast-check';
import type { SourceText } from '../src/base/location.ts';
import type { Failure, Result } from '../src/base/result.ts';
import { newestEntry } from '../src/control/changelog.ts';
import { parseDsc } from '../src/control/dsc.ts';
import { parseRecord } from '../src/control/record.ts';
import { parseList } from '../src/queue/list.ts';
import { failureText } from '../src/report/failure.ts';
import { PLAIN } from '../src/report/paint.ts';

const DIGEST = 'ab'.repeat(32);
const CHANGELOG =
  'hello (2.10-3) unstable; urgency=medium\n\n  * One.\n\n -- A B <a@example.org>  Mon, 26 Dec 2022 16:30:00 +0100\n\nhello (2.10-2) unstable; urgency=low\n';
const DSC = `Format: 3.0 (quilt)\nSource: hello\nBinary: hello\nArchitecture: any\nVersion: 2.10-3\nBuild-Depends: debhelper-compat (= 13), a | b [amd64] <!nocheck>\nChecksums-Sha256:\n ${DIGEST} 725946 hello_2.10.orig.tar.gz\n ${DIGEST} 12688 hello_2.10-3.debian.tar.xz\n`;
const SIGNED = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${DSC}-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
const RECORD = `Format: 1.0\nSource: hello (2.10-3)\nBinary: hello\nArchitecture: amd64\nVersion: 2.10-3+b1\nChecksums-Sha256:\n ${DIGEST} 53076 hello_2.10-3+b1_amd64.deb\nBuild-Origin: Debian\nBuild-Architecture: amd64\nBuild-Date: Mon, 26 Dec 2022 16:30:00 +0100\nBuild-Path: /build/reproducible-path/hello-2.10\nInstalled-Build-Depends:\n autoconf (= 2.71-3),\n bash (= 5.2-2)\nEnvironment:\n DEB_BUILD_OPTIONS="parallel=4"\n LANG="C.UTF-8"\n`;
const LIST =
  '# a list\nsource:hello=2.10-3 kind=C time-limit=30m\n"a path/with blanks" skip=cpus,shell\n./tree profiles=nocheck build=all\n';

/** A good text in which something was cut out and something else put in, any number of times; or any text at all. */
function spoilt(good: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('', '\n', ' ', '\t', ':', '(', ')', '"', '=', '#', ',', '|', '\r\n', '-', '\u0000', '\ufeff', '\ud800', '\n\n', good),
  );
  const change = fc.tuple(fc.nat({ max: good.length }), fc.nat({ max: 40 }), piece);
  const changed = fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), good));
  return fc.oneof(changed, changed, fc.string({ unit: 'binary', maxLength: 300 }));
}

function failuresOf(result: Result<unknown>): readonly Failure[] {
  return result.ok ? [] : [result.error];
}

const PARSERS: readonly (readonly [string, readonly string[], (file: SourceText) => readonly Failure[]])[] = [
  ['a changelog', [CHANGELOG], (file) => failuresOf(newestEntry(file))],
  ['a .dsc', [DSC, SIGNED], (file) => failuresOf(parseDsc(file))],
  ['a .buildinfo', [RECORD], (file) => failuresOf(parseRecord(file))],
  ['a list', [LIST], (file) => parseList(file).wrong],
];
for (const [what, good, parse] of PARSERS) {
  test(`${what} is read`, (t) => {
    for (const text of good) t.deepEqual(parse({ name: 'file', text }), []);
  });
  test(`${what} in which anything was changed is read, or there is one clear failure with its place in it`, (t) => {
    for (const text of good) {
      fc.assert(
        fc.property(spoilt(text), (changed) => {
          for (const failure of parse({ name: 'file', text: changed })) {
            const { at, message, kind } = failure;
            if (at === undefined || message.trim() === '' || !['usage', 'unverified-input'].includes(kind)) return false;
            if (at.start < 0 || at.start > at.end || at.start > changed.length) return false;
            const shown = failureText(failure, PLAIN);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach a terminal
            if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(shown) || shown.split('\n').some((line) => line.length > 2000)) return false;
          }
          return true;
        }),
        { numRuns: 400 },
      );
    }
    t.pass();
  });
}
