import test from 'ava';
import fc from 'fast-check';
import { packageMap } from '../src/archive/packages.ts';
import type { BinaryPackage } from '../src/archive/types.ts';
import { fitted, systemOf } from '../src/rebuild/system.ts';
import { stanza } from './helpers/stanzas.ts';
import { failed, value } from './helpers/stores.ts';

/** Packages from lines `name version; Field: value; …`. */
function packagesOf(text: string) {
  const bytes = Buffer.from(text.trim().split('\n').map(stanza).join('\n'));
  return packageMap([{ archive: 'debian', suite: 'bookworm', name: 'Packages', bytes }], () => {});
}

const ARCHIVE = packagesOf(`
  bash 5; Essential: yes; Pre-Depends: libc
  libc 2; Depends: libgcc
  libgcc 12
  build-essential 12; Depends: gcc | c-compiler
  gcc 12; Depends: libgcc (= 12), make
  gcc 13; Depends: libgcc (= 13)
  libgcc 13
  make 4
  debhelper 13; Depends: perl:any, make
  perl 5; Provides: perl-api (= 5)
  fakeroot 1; Depends: libfakeroot
  libfakeroot 1
  needy 1; Depends: gone
`);
const UNSTABLE = packagesOf('fakeroot 2; Depends: libfakeroot (>= 2)');
const shelf = (name: string) => [ARCHIVE.get(name) ?? [], UNSTABLE.get(name) ?? []];
const one = (name: string, version?: string): BinaryPackage => {
  const found = shelf(name)
    .flat()
    .find((each) => version === undefined || each.version === version);
  if (!found) throw new Error(`${name} is not there`);
  return found;
};
const RECORDED = ['bash', 'libc', 'libgcc', 'build-essential', 'gcc', 'make', 'debhelper', 'perl'].map((name) => one(name));
const words = (recorded: readonly BinaryPackage[], further: Parameters<typeof systemOf>[1] = []) => {
  const system = value(systemOf(recorded, further, shelf));
  return [
    system.packages.map(({ layer, name, version }) => `${layer} ${name} ${version}`).join(', '),
    system.added.map(({ package: { name }, why }) => `${name}: ${why}`).join(', '),
  ];
};

test('the image of exactly what was recorded', (t) =>
  t.deepEqual(words(RECORDED), [
    'base bash 5, base build-essential 12, base gcc 12, base libc 2, base libgcc 12, base make 4, build debhelper 13, build perl 5',
    '',
  ]));
test('what is added, and why', (t) => {
  const [packages, added] = words(RECORDED, [{ name: 'fakeroot', why: 'to be root' }]);
  t.regex(packages ?? '', /build fakeroot 1, build libfakeroot 1/);
  t.is(added, 'fakeroot: to be root, libfakeroot: fakeroot (1) needs it');
});
test('what was recorded is not added', (t) =>
  t.is(words([...RECORDED, one('fakeroot'), one('libfakeroot')], [{ name: 'fakeroot', why: 'x' }])[1], ''));
test('what the recorded packages need and nobody recorded', (t) =>
  t.regex(words(RECORDED.filter(({ name }) => name !== 'make'))[1] ?? '', /make: debhelper \(13\) needs it/));
test('what is nowhere', (t) => {
  const failure = failed(systemOf([...RECORDED, one('needy')], [], shelf));
  t.is(failure.reason, 'set-unsatisfiable');
  t.regex(failure.message, /no gone, and needy \(1\) needs it/);
});
test('nearest versions go with their siblings', (t) => {
  const exact = RECORDED.filter(({ name }) => name !== 'gcc' && name !== 'libgcc');
  const chosen = fitted([...exact, one('gcc', '13'), one('libgcc', '12')], new Set(exact), shelf);
  t.deepEqual(
    chosen
      .filter(({ name }) => /gcc/.test(name))
      .map(({ name, version }) => `${name} ${version}`)
      .sort(),
    ['gcc 13', 'libgcc 13'],
  );
});
test('what was found exactly does not give way to a nearest version', (t) => {
  const exact = RECORDED.filter(({ name }) => name !== 'gcc');
  const chosen = fitted([...exact, one('gcc', '13')], new Set(exact), shelf);
  t.is(chosen.find(({ name }) => name === 'gcc')?.version, '12');
});
test('packages by their source', (t) => {
  const all = packagesOf(
    'hello 1\n hello-data 1; Source: hello\n hello-x 2; Source: hello (1)\n hello-y 1; Source: hello-world\n other 1; Source: other',
  );
  t.deepEqual(
    all.ofSource('hello').map(({ name }) => name),
    ['hello-data', 'hello-x', 'hello'],
  );
});

test('whatever was recorded: the base needs nothing of the other layer, and order of the record does not matter', (t) => {
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const line = fc.record({ name: names, essential: fc.boolean(), needs: fc.array(names, { maxLength: 3 }), other: fc.option(names) });
  fc.assert(
    fc.property(fc.uniqueArray(line, { selector: ({ name }) => name, minLength: 1 }), fc.nat(), (lines, seed) => {
      const text = lines.map(({ name, essential, needs, other }) => {
        const depends = [...needs, ...(other === null ? [] : [`gone | ${other}`])];
        return `${name} 1${essential ? '; Essential: yes' : ''}${depends.length > 0 ? `; Depends: ${depends.join(', ')}` : ''}`;
      });
      const all = packagesOf(text.join('\n'));
      const recorded = lines.flatMap(({ name }) => all.get(name) ?? []);
      const turned = [...recorded.slice(seed % recorded.length), ...recorded.slice(0, seed % recorded.length)];
      const [one, two] = [systemOf(recorded, [], () => []), systemOf(turned, [], () => [])];
      t.deepEqual(one, two);
      if (!one.ok) return;
      const layer = new Map(one.value.packages.map(({ name, layer: its }) => [name, its]));
      t.is(layer.size, recorded.length);
      for (const { name, needs } of lines) if (layer.get(name) === 'base') for (const need of needs) t.is(layer.get(need), 'base');
    }),
  );
});
