import test from 'ava';
import { projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

/** One leak: what it writes into its package, and which switches turn it on where it is on request. */
type Leak = { readonly surrounding: string; readonly body: string; readonly flags?: readonly string[] };

const LEAKS: readonly Leak[] = [
  { surrounding: 'hostname', body: 'uname -n > "$OUT/leak"' },
  { surrounding: 'domain', body: 'domainname -d > "$OUT/leak" 2>&1 || dnsdomainname > "$OUT/leak"' },
  { surrounding: 'timezone', body: 'date -d @1700000000 +%H:%M > "$OUT/leak"' },
  { surrounding: 'locale', body: 'printf "%s\\n" b A a B | sort > "$OUT/leak"' },
  { surrounding: 'umask', body: 'umask > "$OUT/leak"' },
  { surrounding: 'user', body: 'id -un > "$OUT/leak"; id -u >> "$OUT/leak"' },
  { surrounding: 'home', body: 'echo "$HOME" > "$OUT/leak"' },
  { surrounding: 'path', body: 'echo "$PATH" > "$OUT/leak"' },
  { surrounding: 'environment', body: 'env | sed "s/=.*//" | LC_ALL=C sort > "$OUT/leak"' },
  { surrounding: 'cpus', body: 'nproc > "$OUT/leak"; echo "$DEB_BUILD_OPTIONS" >> "$OUT/leak"' },
  { surrounding: 'shell', body: 'readlink -f /bin/sh > "$OUT/leak"' },
  { surrounding: 'directory-order', body: 'mkdir d; for i in $(seq 40); do : > "d/$i"; done; ls -U d > "$OUT/leak"' },
  { surrounding: 'kernel', body: 'uname -r > "$OUT/leak"' },
  { surrounding: 'clock', body: 'date +%Y-%m > "$OUT/leak"', flags: ['--vary', 'clock'] },
  { surrounding: 'build-path', body: 'pwd > "$OUT/leak"', flags: ['--vary', 'build-path'] },
  {
    surrounding: 'checks',
    body: 'case $DEB_BUILD_OPTIONS in *nocheck*) ;; *) echo tested > "$OUT/leak" ;; esac; : >> "$OUT/leak"',
    flags: ['--vary', 'checks'],
  },
];

/** Locks and builds one tiny package twice; gives the exit status and the report. */
async function repro(
  r: Rig,
  name: string,
  ...flags: readonly string[]
): Promise<{
  status: number;
  report: { verdict: string; artefacts: readonly { differences: readonly { trail: readonly string[] }[] }[] };
  stderr: string;
}> {
  const { status, stdout, stderr } = await r.exec('repro', name, '--json', ...flags);
  return { status, report: JSON.parse(stdout || 'null'), stderr };
}

for (const { surrounding, body, flags = [] } of LEAKS) {
  test.serial(`a package that leaks its ${surrounding} is different, and reproducible without that variation`, async (t) => {
    await using r = await projectRig();
    const name = `leak-${surrounding}`;
    await r.write(tinyPackage(name, body));
    const locked = await r.exec('lock', name);
    t.is(locked.status, 0, locked.stderr);

    const leaking = await repro(r, name, ...flags);
    t.is(leaking.status, 1, leaking.stderr);
    t.is(leaking.report.verdict, 'different');
    const trails = leaking.report.artefacts.flatMap(({ differences }) => differences.map(({ trail }) => trail.join(' ')));
    t.true(
      trails.some((trail) => trail.includes(`./usr/share/${name}/leak`)),
      trails.join('\n'),
    );

    const skipped = await repro(r, name, ...(flags.length > 0 ? [] : ['--skip', surrounding]));
    t.is(skipped.status, 0, JSON.stringify(skipped.report));
    t.is(skipped.report.verdict, 'reproducible');
  });
}

const ALWAYS = [
  { what: 'the time of day in nanoseconds', body: 'date +%s%N > "$OUT/leak"' },
  { what: 'random bytes', body: 'head -c 16 /dev/urandom > "$OUT/leak"' },
];

for (const { what, body } of ALWAYS) {
  test.serial(`a package with ${what} is different every time`, async (t) => {
    await using r = await projectRig();
    await r.write(tinyPackage('always', body));
    t.is((await r.exec('lock', 'always')).status, 0);
    const names = LEAKS.map(({ surrounding }) => surrounding);
    t.is((await repro(r, 'always')).status, 1);
    t.is((await repro(r, 'always', ...names.flatMap((name) => ['--skip', name]))).status, 1);
  });
}
