import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import type { Failure } from '../src/base/result.ts';
import { parseBytes, parseInstant, parseSeconds } from '../src/recipe/quantity.ts';
import { validate } from '../src/recipe/schema.ts';
import { nearest } from '../src/recipe/suggest.ts';
import { decodeText } from '../src/recipe/text.ts';
import { parseYaml } from '../src/recipe/yaml.ts';

/** All problems of a recipe's text, as `line:column reason`. */
function problemsOf(bytes: string | Uint8Array, kind: 'recipe' | 'container' = 'recipe'): string[] {
  const source = decodeText(Buffer.from(bytes), 'r.yaml');
  const tree = source.ok ? parseYaml(source.value) : source;
  const valid = tree.ok ? validate(tree.value, kind) : tree;
  return valid.ok ? [] : all(valid.error).map(({ at, reason }) => `${at ? placeOf(at).replace('r.yaml:', '') : 'nowhere'} ${reason}`);
}

function all(failure: Failure): readonly Failure[] {
  return failure.others ?? [failure];
}

function messagesOf(text: string): string[] {
  const tree = parseYaml({ name: 'r.yaml', text });
  if (!tree.ok) return all(tree.error).map(({ message }) => message);
  const valid = validate(tree.value, 'recipe');
  return valid.ok ? [] : all(valid.error).map(({ message }) => message);
}

const finds = test.macro((t, text: string | Uint8Array, expected: string[]) => {
  t.deepEqual(problemsOf(text), expected);
});
const says = test.macro((t, text: string, expected: string[]) => {
  t.deepEqual(messagesOf(text), expected);
});
const HEAD = 'name: x\nsources: [{debian: hello}]\n';

test('the smallest recipe', finds, HEAD, []);
test('an empty file', finds, '', ['1:1 empty-file']);
test('nothing but comments', finds, '# a\n# b\n', ['1:1 empty-file']);
test('a list instead of a recipe', finds, '- a\n', ['1:1 wrong-type']);
test('a byte order mark and CR LF', finds, `\ufeff${HEAD.replaceAll('\n', '\r\n')}`, []);
test('bytes that are not UTF-8', finds, Buffer.concat([Buffer.from('name: x\nsources: '), Buffer.of(0xff)]), ['2:10 not-utf8']);
test('a control character', finds, 'name: x\u0007\n', ['1:8 control-character']);
test('a tab for indentation', finds, 'name: x\nsources:\n\t- debian: hello\n', ['3:1 yaml-syntax']);
test('a key twice', finds, `${HEAD}name: y\n`, ['3:1 duplicate-key']);
test('aliases', finds, 'name: &a x\nextends: *a\n', ['1:10 yaml-anchor', '2:10 yaml-alias']);
test('a tag', finds, 'name: !!binary eA==\n', ['1:16 yaml-tag']);
test('a second document', finds, `${HEAD}---\nname: y\n`, ['3:1 yaml-syntax']);
test('a key that is no text', finds, `${HEAD}1: x\n`, ['3:1 yaml-key']);
test('text that never ends', finds, 'name: "x\n', ['2:1 yaml-syntax']);
test('all problems at once, by place', finds, 'nam: x\nsources:\n  - debian: hello\n    version: 2.10\noutputs: [/x]\nsteps: []\n', [
  '1:1 unknown-key',
  '4:14 wrong-type',
  '5:11 bad-value',
  '6:1 bad-value',
]);

test('a misspelt key', says, `${HEAD}containr: y\n`, ['The recipe has no key `containr`; did you mean `container`?']);
test('a misspelt key says why another is missing', says, 'name: x\nsources: [{debain: hello}]\n', [
  '`sources[0]` has no key `debain`; did you mean `debian`?',
]);
test('a key like no other', says, `${HEAD}zzzzzzzzzz: y\n`, ['The recipe has no key `zzzzzzzzzz`']);
test('a misspelt value', says, `${HEAD}epoch: chnagelog\n`, [
  '`epoch` must be one of changelog, newest-source, not "chnagelog"; did you mean `changelog`?',
]);
test('a version that YAML reads as a number', says, 'name: x\nsources: [{debian: hello, version: 2.10}]\n', [
  '`sources[0].version` must be a Debian version, in quotes when it looks like a number; 2.10 without quotes is a number: write "2.10"',
]);
test('an address without a digest', says, 'name: x\nsources: [{tarball: "https://example.org/a.tar.gz"}]\n', [
  '`sources[0]` has `tarball`, but no `sha256`; an address alone says nothing about content',
]);
test('two kinds of a source', says, 'name: x\nsources: [{debian: hello, folder: y}]\n', [
  '`sources[0]` must have exactly one of `debian`, `dsc`, `tarball`, `git` and `folder`',
]);
test('a digest where there is nothing to check', says, `name: x\nsources: [{folder: y, sha256: ${'0a'.repeat(32)}}]\n`, [
  '`sha256` does not go with `folder`',
]);
const GIT = (more: string) => `name: x\nsources: [{git: "https://example.org/a.git"${more}}]\nsteps: [{name: y, run: z}]\n`;
test('a tag of a git repository', finds, GIT(', ref: v1'), []);
test(
  'a git source with everything',
  finds,
  GIT(`, commit: ${'0a'.repeat(20)}, as: kernel, directory: k, submodules: {a/b: "http://x/y"}, lfs: pointers`),
  [],
);
test('a git repository by ssh', says, GIT(', ref: v1').replace('https://example.org/a.git', 'git@example.org:a.git'), [
  '`sources[0].git` must be the http or https address of a git repository, without a user, a password and a `/` at its end, not "git@example.org:a.git"',
]);
test('a git repository with a password', finds, GIT(', ref: v1').replace('https://', 'https://me:secret@'), ['2:17 bad-value']);
test('the beginning of a commit', says, GIT(', commit: "0a0a0a0"'), [
  '`sources[0].commit` must be a whole commit id, 40 (SHA-256: 64) lower-case hex digits, not "0a0a0a0"',
]);
test('a ref that is none', says, GIT(', ref: "a b"'), ['`sources[0].ref` must be the name of a tag or a branch, or a commit, not "a b"']);
test('a ref that looks like an option', finds, GIT(', ref: --upload-pack=x'), ['2:51 bad-value']);
test('a digest of a git repository', says, GIT(`, ref: v1, sha256: ${'0a'.repeat(32)}`), ['`sha256` does not go with `git`']);
test(
  'a ref of a tarball',
  says,
  `name: x\nsources: [{tarball: "https://x/y", sha256: ${'0a'.repeat(32)}, ref: v1}]\nsteps: [{name: y, run: z}]\n`,
  ['`ref` does not go with `tarball`'],
);
test('a submodule from nowhere', finds, GIT(', ref: v1, submodules: {a: /srv/git}'), ['2:71 bad-value']);
test('a submodule outside of the tree', finds, GIT(', ref: v1, submodules: {../a: "https://x/y"}'), ['2:68 bad-key']);

test('a step without a script', says, `${HEAD}steps: [{name: y}]\n`, ['`steps[0]` has no `run`']);
test('an empty value', says, 'name:\nsources: [{debian: hello}]\n', [
  '`name` is empty; it must be a name of lower-case letters, digits, `+`, `-` and `.`',
]);

const escapes = test.macro((t, field: string, bad: readonly string[], good: readonly string[]) => {
  const text = (value: string) =>
    field === 'outputs'
      ? `${HEAD}outputs: [${JSON.stringify(value)}]\n`
      : `name: x\nsources: [{folder: y, directory: ${JSON.stringify(value)}}]\n`;
  for (const value of bad) t.is(problemsOf(text(value)).length, 1, value);
  for (const value of good) t.deepEqual(problemsOf(text(value)), [], value);
});
const OUT = ['..', '../x', '/x', 'a/..', 'a/../b', 'a//b', './x', 'a/.', 'a/', '', 'a\\b', 'a\nb', 'a\u0000b'];
test('outputs stay below their folder', escapes, 'outputs', OUT, ['*.deb', '**/*.deb', '..x', 'a..b/c', '.hidden']);
test('folders of sources stay below the tree', escapes, 'directory', OUT, ['debian', 'a/b', '..x', '.hidden']);

test('relations', (t) => {
  const text = (value: string) => `${HEAD}build-depends: [${JSON.stringify(value)}]\n`;
  for (const good of [
    'debhelper',
    'debhelper (>= 13)',
    'aa | bb',
    'gcc-12:native',
    'libc6-dev [amd64 arm64]',
    'doxygen <!nodoc> <!cross>',
    'python3:any (<< 3.12~) [!i386] <!nocheck> | pypy',
  ])
    t.deepEqual(problemsOf(text(good)), [], good);
  for (const bad of ['', 'aa, bb', 'aa\nSource: bb', 'Debhelper', 'aa (13)', 'aa (>= )', 'aa |', 'aa $(x)'])
    t.is(problemsOf(text(bad)).length, 1, bad);
});

test('a bomb of aliases takes no time', (t) => {
  const levels = Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`);
  const started = process.hrtime.bigint();
  t.true(problemsOf(`a0: &a0 [x]\n${levels.join('\n')}\n`).includes('1:9 yaml-anchor'));
  t.true(process.hrtime.bigint() - started < 2_000_000_000n);
});

test('nesting without an end is a problem of the file', (t) => {
  t.is(problemsOf('['.repeat(5000)).length, 10);
  t.true(problemsOf(`a: ${'['.repeat(20000)}${']'.repeat(20000)}`).length > 0);
});

test('no text makes the reader throw, and every problem has a place in the file', (t) => {
  const word = fc.constantFrom(
    'name',
    'sources',
    'steps',
    'run',
    'x',
    '[',
    ']',
    '{',
    '}',
    ':',
    '-',
    '\n',
    '  ',
    '"',
    "'",
    '&a',
    '*a',
    '!t',
    '|',
    '>',
    '#',
    '\t',
    'null',
    '1',
    '---',
    ',',
    '? ',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const text = words.join(' ');
      for (const problem of problemsOf(text)) t.regex(problem, /^\d+:\d+ [a-z-]+/);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      problemsOf(bytes);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

const quantity = test.macro((t, parse: (text: string) => number | undefined, rows: readonly (readonly [string, number | undefined])[]) => {
  for (const [text, expected] of rows) t.is(parse(text), expected, text);
});
test('sizes', quantity, parseBytes, [
  ['4GiB', 4 * 2 ** 30],
  ['1.5 kB', 1500],
  ['1kiB', undefined],
  ['0MB', undefined],
  ['9999999TiB', undefined],
  ['4', undefined],
]);
test('times', quantity, parseSeconds, [
  ['90s', 90],
  ['1h30m', 5400],
  ['1d', 86400],
  ['0s', undefined],
  ['30m1h', undefined],
  ['', undefined],
  ['400d', undefined],
]);
test('moments', quantity, parseInstant, [
  ['2024-01-01T00:00:00Z', 1704067200],
  ['2024-02-31T00:00:00Z', undefined],
  ['2024-01-01', undefined],
  ['1960-01-01T00:00:00Z', undefined],
]);

test('the nearest word', (t) => {
  t.is(nearest('debain', ['dsc', 'debian', 'tarball']), 'debian');
  t.is(nearest('qwertz', ['dsc', 'debian']), undefined);
  t.is(nearest('a', ['b']), undefined);
});

const container = test.macro((t, text: string, expected: string[]) => {
  t.deepEqual(problemsOf(text, 'container'), expected);
});
test('the smallest container', container, 'name: x\nsuite: bookworm\n', []);
test(
  'an archive may not call itself debian',
  container,
  'name: x\nsuite: bookworm\narchives: [{name: debian, url: "https://example.org", suite: s, components: [main], keyring: k}]\n',
  ['3:19 bad-value'],
);
test('an unknown architecture', container, 'name: x\nsuite: bookworm\narchitecture: amd46\n', ['3:15 unknown-value']);

test('the schemas that files are held against are schemas', async (t) => {
  const ajv = new Ajv2020();
  for (const name of ['recipe', 'container', 'lock']) {
    const schema = JSON.parse(await readFile(`schema/${name}.schema.json`, 'utf8')) as object;
    t.true(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`);
  }
});
