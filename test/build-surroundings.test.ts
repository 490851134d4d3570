import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { PROFILES } from '../src/build/profiles.ts';
import { type SurroundingsRequest, surroundings, type TwoSurroundings } from '../src/build/surroundings.ts';
import { SURROUNDING_NAMES, type Surroundings } from '../src/build/types.ts';
import { VARIATIONS } from '../src/build/variations.ts';

const GIB = 1024 ** 3;

const request = (over: Partial<SurroundingsRequest> = {}): SurroundingsRequest => ({
  tree: 'hello-2.10',
  cpus: 8,
  memoryBytes: 32 * GIB,
  resources: { memoryBytes: 4 * GIB, diskBytes: 10 * GIB, cpus: undefined, timeSeconds: 3600 },
  image: {
    key: sha256('image'),
    id: 'sha256:1',
    bashId: 'sha256:2',
    locales: ['fr_CH.UTF-8', 'ru_RU.KOI8-R'],
    fakeTimeLibrary: '/lib/faketime.so',
  },
  vary: [],
  skip: [],
  ...over,
});

function two(over: Partial<SurroundingsRequest> = {}): TwoSurroundings {
  const made = surroundings(request(over));
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

/** The fields in which the second surroundings differ. */
function changed({ first, second }: TwoSurroundings): Partial<Surroundings> {
  const names = Object.keys(second) as (keyof Surroundings)[];
  return Object.fromEntries(
    names.filter((name) => JSON.stringify(first[name]) !== JSON.stringify(second[name])).map((name) => [name, second[name]]),
  );
}

const only = (name: string): readonly string[] => SURROUNDING_NAMES.filter((other) => other !== name);

test('every name has its variation, in the order in which they are shown', (t) => {
  t.deepEqual(
    VARIATIONS.map(({ name }) => name),
    [...SURROUNDING_NAMES],
  );
});

test('all but clock, build path and checks are varied by default', (t) => {
  const { varied, notVaried } = two();
  t.deepEqual(
    varied.map(({ name }) => name),
    SURROUNDING_NAMES.filter((name) => !['clock', 'build-path', 'checks'].includes(name)),
  );
  t.deepEqual(notVaried, [
    { name: 'clock', why: 'on request' },
    { name: 'build-path', why: 'on request' },
    { name: 'checks', why: 'on request' },
  ]);
});

test('everything skipped leaves two equal worlds', (t) => {
  const { first, second, varied } = two({ skip: SURROUNDING_NAMES, vary: ['clock', 'cpus=1'] });
  t.deepEqual(second, first);
  t.deepEqual(varied, []);
});

const alone = test.macro((t, name: string, expected: Partial<Surroundings>, over: Partial<SurroundingsRequest> = {}) => {
  t.deepEqual(changed(two({ skip: only(name), vary: [name], ...over })), expected);
});

test('hostname', alone, 'hostname', { hostname: 'twin-b-with-a-longer-name' });
test('domain', alone, 'domain', { domain: 'other.example' });
test('timezone', alone, 'timezone', { timezone: 'GMT-14' });
test('locale', alone, 'locale', { locale: 'fr_CH.UTF-8', language: 'fr_CH:fr' });
test('locale of an image without translations', alone, 'locale', { locale: 'C' }, { image: { ...request().image, locales: [] } });
test('locale by name', alone, 'locale', { locale: 'ru_RU.KOI8-R', language: 'ru_RU:ru' }, { vary: ['locale=ru_RU.KOI8-R'] });
test('umask', alone, 'umask', { umask: '002' });
test('user', alone, 'user', { user: { name: 'rebuilder-two', uid: 2345, gid: 2346 } });
test('home', alone, 'home', { home: '/build/another-home/of-the-second-builder' });
test('path', alone, 'path', { path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/one/more/folder/in/the/path' });
test('environment', alone, 'environment', { environment: { CAPTURED_ENVIRONMENT: 'only the second build has this variable' } });
test('environment by value', alone, 'environment', { environment: { A: 'b=c d' } }, { vary: ['environment=A=b=c d'] });
test('cpus: one less of many', alone, 'cpus', { cpus: 7, cpuset: '0-6' });
test(
  'cpus: one less of what the recipe allows',
  alone,
  'cpus',
  { cpus: 3, cpuset: '0-2' },
  { resources: { ...request().resources, cpus: 4 } },
);
test('cpus: never one against two', alone, 'cpus', { cpus: 3 }, { cpus: 2 });
test('cpus: nothing to change with one', alone, 'cpus', {}, { cpus: 1 });
test('cpus: one when asked for', alone, 'cpus', { cpus: 1, cpuset: '0' }, { vary: ['cpus=1'] });
test('shell', alone, 'shell', { shell: 'bash' });
test('directory order in memory', alone, 'directory-order', { volume: 'tmpfs', tmpfsBytes: 10 * GIB });
test(
  'directory order in less memory than the disk limit',
  alone,
  'directory-order',
  { volume: 'tmpfs', tmpfsBytes: 8 * GIB },
  { memoryBytes: 12 * GIB },
);
test('directory order without room in memory', alone, 'directory-order', { volume: 'shuffled' }, { memoryBytes: 8 * GIB });
test('directory order shuffled when asked for', alone, 'directory-order', { volume: 'shuffled' }, { vary: ['directory-order=shuffled'] });
test('kernel', alone, 'kernel', { personality: 'uname26' });
test('clock', alone, 'clock', { clockOffsetSeconds: 18_428_411 });
test('clock by distance', alone, 'clock', { clockOffsetSeconds: -172_800 }, { vary: ['clock=-2d'] });
test('build path', alone, 'build-path', { buildPath: '/build/another-place/for-the-second-build/of-hello-2.10' });
test('build path by value', alone, 'build-path', { buildPath: '/build/x/y' }, { vary: ['build-path=/build/x/y'] });

test('a variation that changes nothing is said', (t) => {
  t.deepEqual(
    two({ skip: only('umask'), vary: ['umask=022'] }).notVaried.find(({ name }) => name === 'umask'),
    { name: 'umask', why: 'the same value was asked for' },
  );
});

const refuses = test.macro((t, over: Partial<SurroundingsRequest>, reason: string, words: RegExp) => {
  const made = surroundings(request(over));
  if (made.ok) return t.fail();
  t.is(made.error.kind, 'usage');
  t.is(made.error.reason, reason);
  t.regex(`${made.error.message} ${made.error.next}`, words);
});

test('an unknown name to vary', refuses, { vary: ['clok'] }, 'unknown-surrounding', /--vary: .*"clok".* Did you mean "clock"/);
test('an unknown name to skip', refuses, { skip: ['nothing like it'] }, 'unknown-surrounding', /^(?!.*Did you mean)--skip: /);
for (const value of [
  'hostname=-x',
  'hostname=',
  'domain=a..b',
  'timezone=a b',
  'locale=de_DE.UTF-8',
  'umask=9',
  'umask=0077x',
  'user=root',
  'home=/root',
  'home=/build/../etc',
  'path=bin',
  'environment=x',
  'environment=1=2',
  'cpus=0',
  'cpus=9',
  'cpus=two',
  'shell=zsh',
  'directory-order=random',
  'kernel=5',
  'clock=soon',
  'clock=0',
  'build-path=/tmp/x',
  "build-path=/build/it's",
]) {
  test(`the value of ${value}`, refuses, { vary: [value] }, 'surrounding-value', /--vary/);
}
test(
  'a clock without its library',
  refuses,
  { vary: ['clock'], image: { ...request().image, fakeTimeLibrary: undefined } },
  'surrounding-unavailable',
  /libfaketime/,
);
test('memory that has no room', refuses, { vary: ['directory-order=tmpfs'], memoryBytes: GIB }, 'surrounding-value', /no room/);

test('a profile varies exactly its own, whatever is on request', (t) => {
  const [profile] = PROFILES;
  if (!profile) return t.fail();
  const { varied, notVaried } = two({ profile });
  t.deepEqual(varied.map(({ name }) => name).toSorted(), [...profile.varies].toSorted());
  t.true(notVaried.every(({ why }) => why === `the same for ${profile.name}`));
  t.deepEqual(two({ profile, skip: ['clock'] }).notVaried.at(-2), { name: 'clock', why: 'skipped' });
  const outside = surroundings(request({ profile, vary: ['timezone'] }));
  t.is(outside.ok ? '' : outside.error.reason, 'profile-varies');
  return undefined;
});

test('checks cannot differ where the recipe runs none', (t) => {
  t.deepEqual(two({ vary: ['checks'], buildOptions: ['nocheck'] }).notVaried.at(-1), { name: 'checks', why: 'the recipe runs none' });
});
