import test from 'ava';
import fc from 'fast-check';
import { compareAbi, describeAbi, parseIgnore } from '../src/kernel/abi.ts';
import { type Abi, formatAbi, parseSymvers } from '../src/kernel/symvers.ts';

const NONE = parseIgnore('');

function abi(...lines: readonly string[]): Abi {
  const read = parseSymvers({ name: 'Module.symvers', text: `${lines.join('\n')}\n` });
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

const OLD = abi(
  '# abi of 6.1.1-1-pve',
  '0x00000001\tone\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000002\ttwo\tdrivers/a\tEXPORT_SYMBOL_GPL\tA_SPACE',
  '0x00000003\tthree\tdrivers/a\tEXPORT_SYMBOL_GPL\t',
);

test('a namespace does not shift the columns', (t) => {
  t.deepEqual(OLD.symbols.get('two'), {
    name: 'two',
    crc: '0x00000002',
    module: 'drivers/a',
    type: 'EXPORT_SYMBOL_GPL',
    namespace: 'A_SPACE',
  });
  t.is(OLD.kernel, '6.1.1-1-pve');
});

test('a line that is not one of Module.symvers is named with its place', (t) => {
  const read = parseSymvers({ name: 'abi', text: '0x00000001\tone\tvmlinux\tEXPORT_SYMBOL\t\none vmlinux EXPORT_SYMBOL\n' });
  if (read.ok) return t.fail();
  t.is(read.error.reason, 'bad-symbol');
  t.is(read.error.at?.start, 38);
});

const compared = test.macro<[lines: readonly string[], words: readonly string[], breaks: boolean]>((t, lines, words, breaks) => {
  const comparison = compareAbi(OLD, abi(...lines), '6.1.1-1-pve', NONE);
  t.deepEqual(describeAbi(comparison), words);
  t.is(comparison.breaks, breaks);
  t.false(comparison.renamed);
});
const [ONE, TWO, THREE] = [
  '0x00000001\tone\tvmlinux\tEXPORT_SYMBOL\t',
  '0x00000002\ttwo\tdrivers/a\tEXPORT_SYMBOL_GPL\tA_SPACE',
  '0x00000003\tthree\tdrivers/a\tEXPORT_SYMBOL_GPL\t',
];

test('equal', compared, [ONE, TWO, THREE], [], false);
test('gone', compared, [ONE, TWO], ['error: three (drivers/a) is no longer exported'], true);
test('new', compared, [ONE, TWO, THREE, '0x00000004\tfour\tvmlinux\tEXPORT_SYMBOL'], ['warning: four (vmlinux) is new'], false);
test('moved', compared, [ONE, TWO, THREE.replace('drivers/a', 'vmlinux')], ['note: three moved from drivers/a to vmlinux'], false);
test('other checksum', compared, [ONE.replace('1\t', '9\t'), TWO, THREE], ['error: vmlinux: other checksum of 1 symbol: one'], true);
test(
  'stricter',
  compared,
  [`${ONE.trimEnd()}_GPL\t`, TWO, THREE],
  ['error: one (vmlinux) was EXPORT_SYMBOL and is EXPORT_SYMBOL_GPL'],
  true,
);
test('free for all', compared, [ONE, TWO.replace('_GPL', ''), THREE], [], false);
test('into a namespace', compared, [ONE, TWO, `${THREE}B`], ['error: three (drivers/a) is in the namespace B and was in none'], true);
test('out of a namespace', compared, [ONE, TWO.replace('A_SPACE', ''), THREE], [], false);

test('what is ignored is ignored, and a kernel of another name is told', (t) => {
  const ignore = parseIgnore('# comment\n\nM: drivers/a\none\n');
  const comparison = compareAbi(OLD, abi(), '6.1.1-2-pve', ignore);
  t.deepEqual(comparison, { changes: [], breaks: false, renamed: true });
});

test('a list is read as it was written, whatever its order was', (t) => {
  const word = fc.stringMatching(/^[a-z_][a-z0-9_]{0,9}$/);
  const symbol = fc.record({
    name: word,
    crc: fc.integer({ min: 0, max: 0xffffffff }).map((value) => `0x${value.toString(16).padStart(8, '0')}`),
    module: word,
    type: fc.constantFrom('EXPORT_SYMBOL', 'EXPORT_SYMBOL_GPL'),
    namespace: fc.oneof(fc.constant(''), word),
  });
  fc.assert(
    fc.property(fc.uniqueArray(symbol, { selector: ({ name }) => name }), (symbols) => {
      const text = formatAbi('1.2.3-1-pve', symbols);
      const read = parseSymvers({ name: 'abi', text });
      t.true(read.ok && read.value.kernel === '1.2.3-1-pve' && read.value.symbols.size === symbols.length);
      t.is(read.ok ? formatAbi('1.2.3-1-pve', read.value.symbols.values()) : '', text);
      t.is(formatAbi('1.2.3-1-pve', symbols.toReversed()), text);
    }),
  );
});

test('any text is either a list or a failure', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseSymvers({ name: 'abi', text });
    }),
  );
  t.pass();
});
