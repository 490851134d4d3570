import test from 'ava';
import fc from 'fast-check';
import { sourceOfBinary } from '../src/control/source-field.ts';

const ROWS: readonly (readonly [string, string, string, string | undefined, unknown])[] = [
  ['no field: called and numbered like the package', 'hello', '2.10-3', undefined, { name: 'hello', version: '2.10-3', binNmu: undefined }],
  ['only a name: numbered like the package', 'libc6', '2.36-9', 'glibc', { name: 'glibc', version: '2.36-9', binNmu: undefined }],
  ['a name and a version', 'gcc', '4:12.2.0-3', 'gcc-defaults (1.203)', { name: 'gcc-defaults', version: '1.203', binNmu: undefined }],
  [
    'a binary-only upload says the version of its source',
    'bash',
    '5.2.15-2+b13',
    'bash (5.2.15-2)',
    { name: 'bash', version: '5.2.15-2', binNmu: 13 },
  ],
  ['one that does not, by hand', 'bash', '5.2.15-2+b13', undefined, { name: 'bash', version: '5.2.15-2', binNmu: 13 }],
  ['a source whose own version ends like one', 'odd', '1.0+b2', 'odd (1.0+b2)', { name: 'odd', version: '1.0+b2', binNmu: undefined }],
  ['an epoch', 'libattr1', '1:2.5.1-4', 'attr', { name: 'attr', version: '1:2.5.1-4', binNmu: undefined }],
  [
    'an upload of the archive for security is none',
    'zlib1g',
    '1:1.2.13+deb12u1',
    'zlib',
    { name: 'zlib', version: '1:1.2.13+deb12u1', binNmu: undefined },
  ],
  ['what is no name', 'x', '1', 'Not A Name', undefined],
  ['what is no version', 'x', '1', 'name (', undefined],
];
for (const [title, name, version, source, expected] of ROWS) {
  test(`the source of a binary package: ${title}`, (t) => {
    t.deepEqual(sourceOfBinary({ name, version, source }), expected as never);
  });
}

test('whatever the field says, it is a source with a name or none', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (source, version) => {
      const found = sourceOfBinary({ name: 'a', version, source });
      return found === undefined || /^[a-z0-9][a-z0-9+.-]*$/.test(found.name);
    }),
  );
  t.pass();
});
