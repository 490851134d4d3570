import { escapeControl } from '../base/escape.ts';
import type { SurroundingName } from '../build/types.ts';
import type { Blame, Why, WhyArtefact } from '../build/why-result.ts';
import type { Paint } from './paint.ts';

/** What to do about a surrounding that a package depends on. */
const REMEDIES: Readonly<Record<SurroundingName, string>> = {
  hostname: 'Look for what writes the name of the machine into the package (`hostname`, `uname -n`), and leave it out or set a fixed one.',
  domain: 'Look for what writes the domain of the machine into the package (`hostname -f`, `dnsdomainname`), and leave it out.',
  timezone: 'Make dates from SOURCE_DATE_EPOCH in UTC: `date -u -d @$SOURCE_DATE_EPOCH`, or `export TZ=UTC` in debian/rules.',
  locale: 'Sort and format under a fixed locale: `export LC_ALL=C.UTF-8` in debian/rules, `LC_ALL=C sort`.',
  umask: 'Set modes where files are installed (`install -m 644`, `dh_fixperms`), or `umask 022` where they are made.',
  user: 'Store no name and no number of the building user: `tar --owner=0 --group=0 --numeric-owner`, `Rules-Requires-Root`.',
  home: 'Look for what writes the home folder into the package; debhelper from compatibility level 13 on sets HOME to an empty one.',
  path: 'Look for what records PATH or the place of a program in it, and give it a fixed path.',
  environment: 'Look for what copies the whole environment (`env`, `set`, `config.log`) into the package.',
  cpus: 'Nothing may depend on the number of cpus: look at `parallel=`, `nproc`, the order in which parallel jobs end, and threads of compressors.',
  shell: 'Write scripts for any POSIX sh, or name `#!/bin/bash` and `SHELL = /bin/bash` where bash is needed.',
  'directory-order':
    'Sort what a folder lists before it is used: `find … | LC_ALL=C sort`, `sorted(os.listdir(…))`, `$(sort $(wildcard …))`.',
  kernel: 'Look for what asks for the running kernel (`uname -r`), and give it a fixed answer.',
  clock:
    'Use SOURCE_DATE_EPOCH in place of the present time; look for `date`, `__DATE__`, and files that get the time at which they were made.',
  'build-path': 'Pass `-ffile-prefix-map=$PWD=.` (dpkg-buildflags does), and make paths relative to the source tree.',
  checks:
    'What the test suite writes must not get into a package: look at files that it leaves in the tree, and at what is installed from there.',
};

const RANDOM = 'Look for random numbers, the present time, addresses of memory, the order of hashes, and jobs that race.';

/** Which surroundings matter, one sentence for each artefact and reason, and what to do about each. */
export function whyText(why: Why, paint: Paint): string {
  const sentences = withoutEchoes(why.artefacts).flatMap(({ name, blames }) =>
    blames.map((blame) => `${paint.bold('why')}  ${sentence(name, blame)}`),
  );
  const remedies = why.guilty.map((name) => `     ${paint.bold(name)}: ${REMEDIES[name]}`);
  const random = why.random ? [`     ${paint.bold('random')}: ${RANDOM}`] : [];
  const builds = `${why.builds} further ${why.builds === 1 ? 'build' : 'builds'}`;
  return `${[...sentences, ...remedies, ...random, paint.dim(`     found with ${builds}`)].join('\n')}\n`;
}

/** A .buildinfo has the digests of all the others: what it differs by is said already where theirs do. */
function withoutEchoes(artefacts: readonly WhyArtefact[]): readonly WhyArtefact[] {
  const keys = ({ blames }: WhyArtefact) => blames.map(({ surroundings }) => surroundings.join(' '));
  const isEcho = (artefact: WhyArtefact) => artefact.name.endsWith('.buildinfo');
  const said = new Set(artefacts.filter((artefact) => !isEcho(artefact)).flatMap(keys));
  return artefacts.filter((artefact) => !isEcho(artefact) || !keys(artefact).every((key) => said.has(key)));
}

function sentence(artefact: string, { surroundings, trails, more }: Blame): string {
  const where = `${escapeControl(artefact)}${placesText(trails, more)}`;
  if (surroundings.length === 0) return `random: ${where} differs in the same surroundings too`;
  if (surroundings.length === 1) return `${surroundings[0]}: ${where} changes with it`;
  return `${surroundings.slice(0, -1).join(', ')} and ${surroundings.at(-1)} together: ${where} changes with them, and with neither alone`;
}

/** The innermost places, as they are what a person looks for. */
function placesText(trails: readonly (readonly string[])[], more: number): string {
  const inner = trails.filter((trail) => trail.length > 1).map((trail) => escapeControl(trail.slice(1).join(' › ')));
  if (inner.length === 0) return '';
  const others = inner.length - 2 + more;
  return ` (${inner.slice(0, 2).join(', ')}${others > 0 ? `, and ${others} more` : ''})`;
}
