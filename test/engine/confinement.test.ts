import { existsSync } from 'node:fs';
import test from 'ava';
import type { BuildPlan, PlannedStep } from '../../src/build/types.ts';
import { planOf, tryBuild } from '../helpers/engine.ts';

type Over = Partial<BuildPlan> & { readonly step?: Partial<PlannedStep> };

/** The step fails in its container; its last words and our advice say why. Nothing is left behind. */
const fails = test.macro(async (t, script: string, words: RegExp, advice: RegExp, over: Over = {}, reason: string = 'step-failed') => {
  await using tried = await tryBuild(await planOf(script, over));
  t.false(tried.built.ok);
  t.is(tried.failure.kind, 'build-failed');
  t.is(tried.failure.reason, reason);
  t.regex([tried.failure.message, ...(tried.failure.details ?? [])].join('\n'), words);
  t.regex(tried.failure.next ?? '', advice);
  t.deepEqual(tried.left, []);
});

/** The step ends well: what it asserts in its shell holds. */
const holds = test.macro(async (t, script: string, over: Over = {}) => {
  await using tried = await tryBuild(await planOf(`${script}\necho > /build/out`, over));
  t.true(tried.built.ok, `${tried.failure.message}\n${(tried.failure.details ?? []).join('\n')}`);
  t.deepEqual(tried.left, []);
});

test.serial(
  'a step that resolves a name fails',
  fails,
  'getent hosts example.org || { echo "Temporary failure in name resolution" >&2; exit 1; }',
  /name resolution/,
  /no network/,
);
test.serial('a step that connects somewhere fails', fails, 'bash -c ": > /dev/tcp/192.0.2.1/80"', /Network is unreachable/, /no network/);
test.serial(
  'a step that writes to the root file system fails',
  fails,
  'echo > /usr/bin/new',
  /Read-only file system/,
  /everything else is read-only/,
);
test.serial(
  'a step that looks for the engine fails',
  fails,
  'test -S /var/run/docker.sock || { ls /var/run/docker.sock /run/docker.sock; exit 1; }',
  /docker\.sock/,
  /no engine inside/,
);
test.serial('a step that forks without end fails', fails, 'while :; do sleep 100 & done', /fork/i, /200 processes/);
test.serial('a step that eats memory fails', fails, 'head -c 1G /dev/zero | tail | wc -c; false', /out of memory/, /256 MiB/);
test.serial(
  'a step that fills a volume in memory fails',
  fails,
  'head -c 100M /dev/zero > /build/big',
  /No space left/,
  /directory-order=shuffled/,
  tmpfs(50 * 1024 ** 2),
  'disk-limit',
);
test.serial(
  'a step that fills /tmp beside a volume in memory fails',
  fails,
  'head -c 200M /dev/zero > /tmp/big',
  /No space left/,
  /\/tmp that was full/,
  tmpfs(50 * 1024 ** 2),
  'disk-limit',
);
test.serial('a step that fills /tmp fails', fails, 'head -c 200M /dev/zero > /tmp/big', /No space left/, /\/tmp/);
test.serial('a missing program is named with what to do', fails, 'no-such-program', /not found/, /build-depends/);
test.serial('a builder step that wants to be root fails', fails, 'chown 0:0 /build/home', /not permitted/, /user: root/);

// asyncio, for one, binds to every address that localhost has.
const BOTH = existsSync('/proc/sys/net/ipv6/conf/all/disable_ipv6') ? test.serial : test.serial.skip;
BOTH(
  'lo has both addresses of localhost, and no other',
  holds,
  'perl -MSocket -e \'socket(my $s, AF_INET6, SOCK_STREAM, 0) or die $!; bind($s, pack_sockaddr_in6(0, Socket::inet_pton(AF_INET6, "::1"))) or die $!\'\ntest "$(wc -l </proc/net/if_inet6)" = 1',
);
test.serial('there is no network device but lo', holds, 'test "$(ls /sys/class/net)" = lo');
test.serial(
  'no capability can be had, and no new privileges',
  holds,
  `
for set in CapInh CapPrm CapEff CapBnd CapAmb; do grep -qx "$set:	0000000000000000" /proc/self/status; done
grep -qx 'NoNewPrivs:	1' /proc/self/status
grep -qx 'Seccomp:	2' /proc/self/status`,
);
test.serial(
  'root of a root step owns files and nothing more',
  holds,
  `
touch /build/mine; chown 1234:1234 /build/mine; echo x >> /build/mine
grep -qx 'CapBnd:	000000000000001b' /proc/self/status
! mknod /build/device c 1 3
! mount -t tmpfs none /mnt
! unshare --net true
! chroot /build true
! echo x > /etc/passwd`,
  { step: { user: 'root' } },
);
test.serial(
  'the environment is what the plan says and nothing else',
  holds,
  `
env | LC_ALL=C sort
test "$(env | LC_ALL=C sort | tr '\\n' ' ')" = "HOME=/build/home LC_ALL=C.UTF-8 OLDPWD=/ PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PWD=/build "`,
);
test.serial(
  'home and temporary folders can be written and executed in',
  holds,
  `
for folder in "$HOME" /tmp /var/tmp /build; do
  printf '#!/bin/sh\\necho ran\\n' > "$folder/program"; chmod +x "$folder/program"; test "$("$folder/program")" = ran
done`,
);
test.serial(
  'the machine is seen through no device and no kernel switch',
  holds,
  `
test -z "$(find /dev -type b)"
! echo 1 > /proc/sys/kernel/panic
! echo b > /proc/sysrq-trigger
! ls /proc/kcore -s 2>/dev/null | grep -v '^0'`,
);
test.serial(
  'host, domain and name resolve to themselves',
  holds,
  'test "$(hostname)" = twin-a; test "$(hostname -f)" = twin-a.build.example; test "$(hostname -d)" = build.example',
);
test.serial(
  'descriptors are few enough to loop over',
  holds,
  'test "$(ulimit -n)" = 4096; test "$(ulimit -Hn)" = 4096; test "$(ulimit -c)" = 0',
);

test.serial('a build cannot change its inputs', async (t) => {
  const plan = await planOf('cp /build/inputs/1/text /build/out\n! echo more >> /build/inputs/1/text\n! rm -f /build/inputs/1/text');
  await using tried = await tryBuild(plan, { inputs: { '1/text': 'input\n' } });
  t.true(tried.built.ok, (tried.failure.details ?? []).join('\n'));
  t.is(await tried.text('out'), 'input\n');
});

test.serial('a step past its time limit is a timeout that names step and limit', async (t) => {
  await using tried = await tryBuild(await planOf('echo begun; sleep 60', { step: { timeoutSeconds: 1 } }));
  t.is(tried.failure.kind, 'timeout');
  t.is(tried.failure.message, 'The step "try" of the first build was stopped: it ran longer than its limit of 1 s.');
  t.deepEqual(tried.failure.details, ['begun']);
  t.deepEqual(tried.left, []);
});

test.serial('a build past its time limit is a timeout too', async (t) => {
  await using tried = await tryBuild(
    await planOf('sleep 60', { limits: { memoryBytes: 256 * 1024 ** 2, diskBytes: 1e9, timeSeconds: 2, pids: 100 } }),
  );
  t.is(tried.failure.reason, 'build-timeout');
  t.deepEqual(tried.left, []);
});

test.serial('a build that holds more than its disk limit on a disk is stopped', async (t) => {
  const limits = { memoryBytes: 256 * 1024 ** 2, diskBytes: 20 * 1024 ** 2, timeSeconds: 60, pids: 100 };
  await using tried = await tryBuild(await planOf('head -c 40M /dev/zero > /build/big; sleep 50', { limits }));
  t.is(tried.failure.kind, 'build-failed');
  t.is(tried.failure.reason, 'disk-limit');
  t.deepEqual(tried.left, []);
});

/** The volume of the plan is in memory. */
function tmpfs(bytes: number): Over {
  const around = {
    hostname: 'twin-a',
    domain: 'build.example',
    timezone: 'UTC',
    locale: 'C.UTF-8',
    language: 'C',
    umask: '022',
    user: { name: 'builder', uid: 1000, gid: 1000 },
  };
  const rest = {
    home: '/build/home',
    path: '/usr/bin:/bin',
    environment: {},
    cpus: 2,
    cpuset: '',
    shell: 'dash',
    personality: 'native',
    clockOffsetSeconds: 0,
    buildPath: '/build/tiny-1',
  } as const;
  return { surroundings: { ...around, ...rest, volume: 'tmpfs', tmpfsBytes: bytes } };
}
