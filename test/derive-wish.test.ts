import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import { placeOfWish } from '../src/cli/derived-wish.ts';
import { parseStanzas } from '../src/control/stanza.ts';

const CONTROL = `Source: thing
# a comment about gone
Build-Depends: debhelper-compat (= 13), gone-more,
 gone (>= 2) <!nocheck>,
 a | other [linux-any]
Build-Depends-Indep: docs
`;

function placed(words: readonly string[], text = CONTROL): string | undefined {
  const stanzas = parseStanzas({ name: 'control', text }, { comments: true });
  const at = stanzas.ok && stanzas.value[0] ? placeOfWish(stanzas.value[0], words) : undefined;
  return at && placeOf(at);
}

const ROWS: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['what is asked for', ['Depends: gone (>= 2) but it is not installable'], 'control:4:2'],
  ['one of two alternatives', ['Depends: a but it is not installable or other but it is not installable'], 'control:5:2'],
  ['a field of its own', ['Depends: docs but it is not installable'], 'control:6:22'],
  ['what another package needs', ['other : Depends: libfar but it is not going to be installed'], 'control:5:6'],
  ['with an architecture', ['other:amd64 : Conflicts: libfar'], 'control:5:6'],
  ['what stands nowhere', ['Depends: debhelper but it is not installable', 'Unable to correct problems.'], undefined],
  ['nothing', [], undefined],
];
for (const [title, words, expected] of ROWS) test(`the place of a wish: ${title}`, (t) => t.is(placed(words), expected));

test('whatever apt says, the place is in the text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (word, more) => {
      const at = placed([`Depends: ${word}`, `${word} : Depends: ${more}`]);
      return at === undefined || at.startsWith('control:');
    }),
  );
  t.pass();
});
