import { availableParallelism, totalmem } from 'node:os';
import { EXIT_STATUS, type Failure } from '../base/result.ts';
import { bytesText } from '../report/units.ts';
import { freeBytes } from './disk.ts';
import type { Outcome } from './run.ts';
import { debianKeyring, theEngine, theMirrors } from './tools.ts';
import type { World } from './world.ts';

/** One thing that was looked at. */
type Finding = { readonly about: string; readonly state: 'good' | 'warning' | 'bad'; readonly text: string; readonly next?: string };

const BYTES_WANTED = 5e9; // an image, a store and two small builds

/** `twinbuild doctor`: looks at the engine, the disk, the mirrors and the keyring. Exit status 3 when a build could not start. */
export async function doctor(world: World): Promise<Outcome> {
  const findings = [
    nodeFinding(),
    ...(await engineFindings(world)),
    await diskFinding(world),
    await mirrorFinding(world),
    ...(await keyringFindings(world)),
  ];
  const sign = { good: world.outPaint.green('✓'), warning: world.outPaint.yellow('!'), bad: world.outPaint.red('✗') };
  for (const { about, state, text, next } of findings) {
    world.say(`${sign[state]} ${about.padEnd(9)} ${text}\n${next ? `            ${next}\n` : ''}`);
  }
  return { status: findings.some(({ state }) => state === 'bad') ? EXIT_STATUS.preflight : 0, json: { findings } };
}

function fromFailure(about: string, state: 'warning' | 'bad', failure: Failure): Finding {
  return { about, state, text: failure.message, ...(failure.next ? { next: failure.next } : {}) };
}

function nodeFinding(): Finding {
  return {
    about: 'node',
    state: 'good',
    text: `${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cpus, ${bytesText(totalmem())}`,
  };
}

async function engineFindings(world: World): Promise<Finding[]> {
  const engine = await theEngine(world);
  if (!engine.ok) return [fromFailure('engine', 'bad', engine.error)];
  const info = await engine.value.info();
  if (!info.ok) return [fromFailure('engine', 'bad', info.error)];
  const {
    endpoint,
    version,
    apiVersion,
    operatingSystem,
    architecture,
    cpus,
    memoryBytes,
    storageDriver,
    cgroupVersion,
    rootless,
    runtimeVersion,
    securityOptions,
  } = info.value;
  const findings: Finding[] = [
    {
      about: 'engine',
      state: 'good',
      text: `${version} (API ${apiVersion}) at ${endpoint}, ${operatingSystem} ${architecture}${rootless ? ', rootless' : ''}`,
    },
    {
      about: 'engine',
      state: 'good',
      text: `${cpus} cpus, ${bytesText(memoryBytes)}, storage ${storageDriver}, cgroup v${cgroupVersion}, runc ${runtimeVersion}`,
    },
  ];
  if (!securityOptions.some((option) => option.includes('seccomp'))) {
    findings.push({
      about: 'engine',
      state: 'warning',
      text: 'runs containers without a seccomp filter',
      next: 'Builds are confined less than they should be: use an engine with seccomp.',
    });
  }
  if (memoryBytes < 2e9)
    findings.push({
      about: 'engine',
      state: 'warning',
      text: `has only ${bytesText(memoryBytes)} of memory`,
      next: 'Give the engine (or its virtual machine) 4 GB or more.',
    });
  return findings;
}

async function diskFinding(world: World): Promise<Finding> {
  const free = await freeBytes(world.home);
  if (free === undefined) return { about: 'disk', state: 'warning', text: `the free space of ${world.home} is not known` };
  const text = `${bytesText(free)} free for the store at ${world.home}`;
  return free < BYTES_WANTED
    ? { about: 'disk', state: 'warning', text, next: '`twinbuild clean` removes what nothing needs.' }
    : { about: 'disk', state: 'good', text };
}

async function mirrorFinding(world: World): Promise<Finding> {
  const mirrors = await theMirrors(world);
  if (!mirrors.ok) return fromFailure('mirror', 'bad', mirrors.error);
  const { debian, security, from } = mirrors.value;
  const known = [...debian, ...security];
  return known.length === 0
    ? {
        about: 'mirror',
        state: 'warning',
        text: 'none is configured: only the Debian snapshot archive is asked',
        next: 'Set TWINBUILD_MIRROR to the address of a Debian mirror.',
      }
    : { about: 'mirror', state: 'good', text: `${known.join(' ')} (from ${from === 'host' ? "this machine's apt" : 'TWINBUILD_MIRROR'})` };
}

async function keyringFindings(world: World): Promise<Finding[]> {
  const keyring = await debianKeyring();
  if (!keyring.ok) return [fromFailure('keyring', 'bad', keyring.error)];
  const findings: Finding[] = [];
  for (const key of keyring.value.keys) {
    const expires = await key.getExpirationTime();
    const text = `${key.getFingerprint().toUpperCase()} ${key.getUserIDs()[0] ?? ''}`;
    findings.push(
      expires instanceof Date && expires.getTime() < world.nowMs()
        ? {
            about: 'keyring',
            state: 'warning',
            text: `${text} has expired`,
            next: 'It vouches for nothing new. A newer release ships newer keys.',
          }
        : {
            about: 'keyring',
            state: 'good',
            text: `${text}${expires instanceof Date ? `, until ${expires.toISOString().slice(0, 10)}` : ''}`,
          },
    );
  }
  return findings;
}
