import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { Notice } from '../src/base/running.ts';
import { errorIn, hintsFor } from '../src/build/hints.ts';
import { aliveHere } from '../src/build/leftovers.ts';
import { openLog } from '../src/build/log.ts';
import { nameProblem } from '../src/build/outputs.ts';
import { hasRoom } from '../src/build/reproduce.ts';
import { stepFailed } from '../src/build/step-failure.ts';
import type { BuildPlan } from '../src/build/types.ts';

const GIB = 1024 ** 3;
const plan = {
  limits: { memoryBytes: 4 * GIB, diskBytes: 10 * GIB, pids: 2048, timeSeconds: 60 },
  surroundings: { volume: 'disk', home: '/build/home' },
  outputRoot: '/build',
} as BuildPlan;

const names = test.macro((t, paths: readonly string[], expected: RegExp | undefined) => {
  const problem = nameProblem(paths);
  if (expected) t.regex(problem ?? '', expected);
  else t.is(problem, undefined);
});

test('plain different names are fine', names, ['a_1%3a2+b~c_amd64.deb', 'sub/x y', 'ö'], undefined);
test('one name in two folders', names, ['a/x', 'b/x'], /"b\/x" has the same name as the output "a\/x"/);
test('names that differ in case only', names, ['x.deb', 'X.deb'], /same name/);
test('names that differ in composition only', names, ['\u00e9', 'e\u0301'], /same name/);
test('a name of ours', names, ['sub/Build.Log'], /our own file "build.log"/);
test('a hidden name', names, ['.bashrc'], /do not write/);
test('a name that moves up', names, ['a/..'], /do not write/);
test('a name that turns text around', names, ['x\u202egpj.deb'], /\\u202e/);
test('a name that is too long', names, ['x'.repeat(256)], /do not write/);

const hints = test.macro((t, line: string, expected: RegExp | undefined) => {
  const [first] = hintsFor({ plan, status: 1, outOfMemory: false, lines: ['before', line, 'make: *** [x] Error 1'] });
  if (expected) t.regex(first ?? '', expected);
  else t.is(first, undefined);
});

test('curl', hints, 'curl: (6) Could not resolve host: example.org', /no network/);
test('git', hints, "fatal: unable to access 'https://x/': Could not resolve host: x", /no network/);
test('pip', hints, '[Errno -3] Temporary failure in name resolution', /no network/);
test('wget', hints, 'wget: unable to resolve host address ‘x’', /no network/);
test('npm', hints, 'npm error getaddrinfo EAI_AGAIN registry.example', /no network/);
test('go', hints, 'dial tcp: lookup proxy.example on [::1]:53: read udp: connection refused', /no network/);
test('maven', hints, '[ERROR] Could not transfer artifact x:y:pom:1 from/to central', /no network/);
test('java', hints, 'java.net.UnknownHostException: example.org', /no network/);
test('cargo', hints, 'warning: spurious network error (3 tries remaining)', /no network/);
test(
  'an address of IPv6, as Python says it',
  hints,
  "OSError: [Errno 99] error while attempting to bind on address ('::1', 0, 0, 0): cannot assign requested address",
  /has ::1 only where/,
);
test('an address of IPv6, as Node says it', hints, 'Error: listen EADDRNOTAVAIL: address not available ::1', /has ::1 only where/);
test(
  'addresses that are not laid out at random',
  hints,
  'setarch: failed to set personality to (null): Operation not permitted',
  /setarch -R/,
);
test('a keyring of the kernel', hints, 'keyctl_join_session_keyring: Operation not permitted', /keyrings from every container/);
test('debhelper tests', hints, 'dh_auto_test: error: make -j2 check returned exit code 2', /nocheck/);
test('automake tests', hints, 'make[3]: *** [Makefile:1801: check-TESTS] Error 1', /nocheck/);
test('a failed compilation is no failed test', hints, 'make[3]: *** [Makefile:801: src/a.o] Error 1', undefined);
test('a build whose clock was moved', (t) => {
  const moved = { ...plan, surroundings: { ...plan.surroundings, clockOffsetSeconds: 5 } };
  t.regex(hintsFor({ plan: moved, status: 2, outOfMemory: false, lines: ['no'] })[0] ?? '', /--skip clock/);
});
test('docker', hints, 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.', /no engine/);
test('dash that cannot fork', hints, 'sh: 1: Cannot fork', /2048 processes/);
test('bash that cannot fork', hints, 'bash: fork: retry: Resource temporarily unavailable', /2048 processes/);
test('a full disk', hints, 'cp: error writing: No space left on device', /disk of the engine is full, or \/tmp is \(2 GiB/);
test(
  'a full disk, in the language of the second build',
  hints,
  'cp: erreur: Aucun espace disponible sur le périphérique',
  /disk of the engine is full/,
);
test('a ban, in the language of the second build', hints, "chown: modification de 'x': Opération non permise", /without capabilities/);
test('a volume in memory that is full has the limit of the recipe for its reason', (t) => {
  const inMemory = { ...plan, surroundings: { ...plan.surroundings, volume: 'tmpfs', tmpfsBytes: 64 * 1024 ** 2 } } as BuildPlan;
  const step = { name: 'build' } as BuildPlan['steps'][number];
  const exit = { status: 2, outOfMemory: false } as Parameters<typeof stepFailed>[3];
  const french = stepFailed('second', inMemory, step, exit, ['cp: Aucun espace disponible sur le périphérique']);
  t.is(french.reason, 'disk-limit');
  t.regex(french.message, /second build had no room left: its volume is in memory and has 64 MiB\.$/);
  t.is(stepFailed('first', plan, step, exit, ['cp: No space left on device']).reason, 'step-failed');
  t.is(stepFailed('second', inMemory, step, exit, ['something else']).reason, 'step-failed');
});
test('a read-only system', hints, 'touch: cannot touch /usr/x: Read-only file system', /below \/build/);
test('a compiler that was killed', hints, 'c++: fatal error: Killed signal terminated program cc1plus', /memory limit is 4 GiB/);
test('a missing program in dash', hints, '/bin/sh: 1: cmake: not found', /build-depends/);
test('a missing program in bash', hints, 'bash: line 1: cmake: command not found', /build-depends/);
test('an ordinary error', hints, 'error: expected ; before }', undefined);

test('the engine knows about memory better than the log', (t) => {
  t.regex(hintsFor({ plan, status: 137, outOfMemory: true, lines: [] })[0] ?? '', /all of its memory, 4 GiB/);
});

const said = test.macro((t, lines: readonly string[], expected: string | undefined) => t.is(errorIn(lines), expected));

test('no error that a step named', said, ['cc: error: x', 'make: *** [x] Error 1', 'make: *** [Makefile:3: x] Error 2'], undefined);
test(
  'an error that a check of the packaging named',
  said,
  ['checking', 'error: there is no key.', 'make: *** [config] Error 1'],
  'there is no key',
);
test(
  'an error with a list behind it',
  said,
  ['error: the options were lost:', '  A=y: unknown', '  B=m: needs C', 'Take them out.', 'make: *** [config] Error 1'],
  'the options were lost: A=y: unknown (and 1 more)',
);
test('an error with one line behind it, at the end', said, ['Error: lost:', '\tA=y'], 'lost: A=y');
test(
  'what make stopped for',
  said,
  ['x.mk:26: *** the recipe says KERNEL_VERSION 6.1.175, but the sources are 6.1.176.  Stop.'],
  'the recipe says KERNEL_VERSION 6.1.175, but the sources are 6.1.176',
);
test(
  'what make stopped for, in French',
  said,
  ['make[1]: *** Aucune règle pour fabriquer la cible « x ».  Arrêt.'],
  'Aucune règle pour fabriquer la cible « x »',
);
test('an error that was cut off', said, ['error: lost:'], 'lost');

test('two builds run side by side only where there is room for both', (t) => {
  t.true(hasRoom({ cpus: 2, memoryBytes: 8 * GIB }, plan, plan));
  t.false(hasRoom({ cpus: 1, memoryBytes: 64 * GIB }, plan, plan));
  t.false(hasRoom({ cpus: 8, memoryBytes: 6 * GIB }, plan, plan));
});

test('a runner on this host lives or not; of others nothing is known', async (t) => {
  const alive = aliveHere(hostname());
  const start = Math.round(Date.now() / 1000 - process.uptime());
  t.true(await alive(`${hostname()}/${process.pid}/${start}`));
  t.false(await alive(`${hostname()}/4194305/${start}`));
  t.is(await alive(`elsewhere/${process.pid}/${start}`), undefined);
  t.is(await alive(''), undefined);
  if (process.platform === 'linux') t.false(await alive(`${hostname()}/${process.pid}/${start - 1000}`));
});

test('build.log holds every byte; lines are whole however the pieces are cut', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-log-'));
  const text = 'one\r\ntwo – zwei\n\n30%\r60%\r100%\nlast';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 30 }), async (sizes) => {
      const path = join(folder, 'build.log');
      const lines: string[] = [];
      {
        await using log = openLog(path, 'first', (notice: Notice) => notice.kind === 'output' && lines.push(notice.line));
        const step = log.begin('build', 'step build');
        let rest = Buffer.from(text);
        for (const size of sizes) {
          step.write('stdout', rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        step.write('stdout', rest);
        step.end();
        log.begin('next', 'step next');
      }
      t.is(await readFile(path, 'utf8'), `==> step build\n${text}\n==> step next\n`);
      t.deepEqual(lines, ['one', 'two – zwei', '', '30%', '60%', '100%', 'last']);
    }),
    { numRuns: 40 },
  );
  await rm(folder, { recursive: true });
});
