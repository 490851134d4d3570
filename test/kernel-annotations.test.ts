import test from 'ava';
import { type Ended, folderWith, run } from './helpers/packaging.ts';

const HEAD = `# Menu: HEADER
# FORMAT: 4
# ARCH: amd64 arm64
# FLAVOUR: amd64-generic amd64-lowlatency arm64-generic arm64-generic-64k
# FLAVOUR_DEP: {'amd64-lowlatency': "amd64-generic"}

`;
type Files = Readonly<Record<string, string>>;

async function exported(files: Files, ...words: readonly string[]): Promise<Ended> {
  const placed = Object.entries(files).map(([name, text]) => [`debian.master/config/${name}`, text]);
  await using folder = await folderWith(Object.fromEntries(placed));
  return await run(folder.path, 'export-annotations', '.', ...words);
}

const gives = test.macro<[body: string, expected: string, words?: readonly string[], more?: Files]>(
  async (t, body, expected, words = ['amd64'], more = {}) => {
    const { out, err } = await exported({ annotations: HEAD + body, ...more }, ...words);
    t.is(`${err}${out}`, expected.replaceAll(/ *\n */g, '\n'));
  },
);
const A = `CONFIG_A   policy<{'amd64': 'y', 'arm64': 'n'}>\n`;
test('an architecture', gives, A, 'CONFIG_A=y\n');
test('another one', gives, A, '# CONFIG_A is not set\n', ['arm64']);
test('a flavour wins over its architecture', gives, `CONFIG_A policy<{'arm64': 'y', 'arm64-generic-64k': 'm'}>\n`, 'CONFIG_A=m\n', [
  'arm64',
  'generic-64k',
]);
test('a flavour falls back to its architecture', gives, `CONFIG_A policy<{'arm64': 'y', 'arm64-generic': 'm'}>\n`, 'CONFIG_A=y\n', [
  'arm64',
  'generic-64k',
]);
test(
  'a flavour falls back to the one that it is derived from',
  gives,
  `CONFIG_A policy<{'amd64': 'y', 'amd64-generic': 'm'}>\n`,
  'CONFIG_A=m\n',
  ['amd64', 'lowlatency'],
);
test(
  'an option that does not exist there',
  gives,
  `${A}CONFIG_B policy<{'amd64': '-', 'arm64': 'y'}>\nCONFIG_C policy<{'arm64': 'y'}>\n`,
  'CONFIG_A=y\n',
);
test(
  'numbers and texts',
  gives,
  `CONFIG_A policy<{'amd64': '0x10'}>\nCONFIG_B policy<{'amd64': '-5'}>\nCONFIG_C policy<{'amd64': '"a > b, {c}"'}>\n`,
  'CONFIG_A=0x10\nCONFIG_B=-5\nCONFIG_C="a > b, {c}"\n',
);
test('double quotes around what has single ones', gives, `CONFIG_A policy<{"amd64": "\\"it's\\""}>\n`, 'CONFIG_A="it\'s"\n');
test(
  'notes before, behind and between',
  gives,
  `CONFIG_A note<'LP: #1'>\n${A}CONFIG_B policy<{'amd64': 'm'}> note<override {of} B, policy<{'amd64': 'n'}>>\nCONFIG_B note<''>\n`,
  'CONFIG_A=y\nCONFIG_B=m\n',
);
test('marks of an older form', gives, `${A}CONFIG_A mark<ENFORCED>\n`, 'CONFIG_A=y\n');
test(
  'tabs, spaces, empty lines, CR LF',
  gives,
  `\n  CONFIG_A\t policy<{ 'amd64' : 'y' , }> \r\n# ---- Annotations without notes ----\r\n\r\n`,
  'CONFIG_A=y\n',
);
test('a later line wins, and keeps what it does not say', gives, `${A}CONFIG_A policy<{'amd64': 'm'}>\n`, '# CONFIG_A is not set\n', [
  'arm64',
]);
test(
  'an architecture takes away what was said of its flavours',
  gives,
  `CONFIG_A policy<{'amd64-generic': 'y'}>\nCONFIG_A policy<{'amd64': 'm'}>\n`,
  'CONFIG_A=m\n',
);
test('the order within one line does not matter', gives, `CONFIG_A policy<{'amd64-generic': 'y', 'amd64': 'm'}>\n`, 'CONFIG_A=y\n');
test(
  'what is included comes first in time',
  gives,
  `include "more"\nCONFIG_A policy<{'amd64': 'm'}>\n`,
  'CONFIG_A=m\nCONFIG_B=y\n',
  ['amd64'],
  {
    more: `# FORMAT: 4\n# ARCH: amd64\n# FLAVOUR: amd64-x\n# FLAVOUR_DEP: {'amd64-generic': 'amd64-x'}\n${A}CONFIG_B policy<{'amd64': 'y', 'amd64-x': 'n'}>\n`,
  },
);
test('an include in an include is relative to the main file', gives, 'include more/one\n', 'CONFIG_A=y\n', ['amd64'], {
  'more/one': 'include "two"\n',
  two: A,
});

const refused = test.macro<[text: string, words: RegExp, args?: readonly string[]]>(async (t, text, words, args = ['amd64']) => {
  const { status, out, err } = await exported({ annotations: text }, ...args);
  t.not(status, 0, out);
  t.regex(err, words);
});
test('a policy without quotes', refused, `${HEAD}CONFIG_A policy<{amd64: y}>\n`, /annotations:7: a policy that is not understood/);
test('a policy that does not end', refused, `${HEAD}CONFIG_A policy<{'amd64': 'y'\n`, /annotations:7: a policy that is not understood/);
test(
  'two values without a comma',
  refused,
  `${HEAD}CONFIG_A policy<{'amd64': 'y' 'arm64': 'y'}>\n`,
  /annotations:7: a policy that is not understood/,
);
test('a line of a .config', refused, `${HEAD}CONFIG_A=y\n`, /annotations:7: not an annotation: CONFIG_A=y/);
test('an option and nothing else', refused, `${HEAD}CONFIG_A\n`, /annotations:7: not an annotation/);
test('a value that no option can have', refused, `${HEAD}CONFIG_A policy<{'amd64': 'yes'}>\n`, /CONFIG_A cannot be 'yes'/);
test('a line feed in a value', refused, `${HEAD}CONFIG_A policy<{'amd64': '"a\\nCONFIG_B=y'}>\n`, /CONFIG_A cannot be/);
test('another architecture', refused, HEAD + A, /is not for riscv64; it is for amd64 arm64/, ['riscv64']);
test('another flavour', refused, HEAD + A, /has no flavour amd64-cloud; it has amd64-generic/, ['amd64', 'cloud']);
test('no head', refused, A, /does not say which architectures/);
test('nothing for the architecture', refused, `${HEAD}CONFIG_A policy<{'arm64': 'y'}>\n`, /says nothing of amd64-generic/);
test('an include that is not there', refused, `${HEAD}include "gone"\n`, /config\/gone: No such file/);
test('an include of itself', refused, `${HEAD}include "annotations"\n`, /includes go too deep/);

test('the form of JSON', async (t) => {
  const about = { arch: ['amd64'], flavour: ['amd64-generic'], flavour_dep: {}, include: ['more'], _version: 5 };
  const config = { CONFIG_A: { policy: { amd64: 'y' }, note: 'why' }, CONFIG_B: { policy: { amd64: 'n' } } };
  const files = {
    annotations: JSON.stringify({ attributes: about, config }),
    more: JSON.stringify({
      attributes: { ...about, include: [] },
      config: { CONFIG_B: { policy: { amd64: 'y' } }, CONFIG_C: { policy: { amd64: '"x"' } } },
    }),
  };
  t.is((await exported(files, 'amd64')).out, 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x"\n');
  t.regex((await exported({ annotations: '{"attributes": ' }, 'amd64')).err, /no JSON that can be read/);
});
