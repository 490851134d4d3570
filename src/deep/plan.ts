import { type ContainerSpec, type ImageId, LABEL } from '../docker/engine.ts';
import type { DeepLimits } from './types.ts';

/** Where the two sides lie in the container, in `first/` and `second/` below it, on a volume that the command cannot write to. */
export const SIDES = '/deep';

const GIB = 1024 ** 3;

/** Half of the engine's memory, 6 GiB at most, and two thirds of that for what is unpacked. */
export function deepLimits(engineMemoryBytes: number): DeepLimits {
  const memoryBytes = Math.min(6 * GIB, Math.floor(engineMemoryBytes / 2));
  return { timeSeconds: 600, memoryBytes, scratchBytes: Math.floor((memoryBytes / 3) * 2), reportBytes: 8 * 1024 ** 2 };
}

/**
 * Compares, then gives the reports as a tar on standard output; its words go to standard error. $1 is the artefact's name, or empty to compare all
 * that lies on both sides; times and modes of what we put there say nothing. The reports have a file
 * system of their own, so that a full one for what is unpacked does not take them along. The JSON form has no limit of size of its own.
 */
const SCRIPT = `
status=0
diffoscope --no-progress --timeout "$2" --max-container-depth 20 --max-report-size "$3" --max-text-report-size "$3" \\
  --max-diff-block-lines-saved 20000 --exclude-directory-metadata=yes --json /report/json --html /report/html --text /report/txt \\
  "$4/first/$1" "$4/second/$1" >&2 || status=$?
diffoscope --version >/report/version
for form in json html txt; do
  [ ! -e "/report/$form" ] || [ "$(stat -c %s "/report/$form")" -le "$(($3 * 2))" ] || rm "/report/$form"
done
tar -C /report --owner=0 --group=0 -cf - .
exit "$status"
`;

export type DeepRequest = {
  readonly image: ImageId;
  readonly name: string; // of the artefact; '' when single files of it lie there
  readonly volume: string;
  readonly limits: DeepLimits;
  readonly labels: Readonly<Record<string, string>>;
};

/** The container that looks into one artefact: no network, no capabilities, nobody's rights, a read-only root, everything that it can write to bounded. */
export function deepSpec({ image, name, volume, limits, labels }: DeepRequest): ContainerSpec {
  const own = (bytes: number) => `rw,noexec,nosuid,nodev,size=${bytes},mode=1777`;
  return {
    image,
    // The time is diffoscope's own limit, after which it goes no deeper and writes what it has; the runner's is behind it.
    command: ['/bin/sh', '-c', SCRIPT, 'sh', name, String(limits.timeSeconds), String(limits.reportBytes), SIDES],
    environment: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/tmp',
      TMPDIR: '/tmp',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    workingDirectory: '/',
    user: '65534:65534',
    hostname: 'twinbuild',
    domainname: '',
    hosts: [],
    volumes: [{ volume, path: SIDES }],
    tmpfs: {
      '/tmp': own(limits.scratchBytes),
      '/var/tmp': own(1024 ** 2),
      '/run': own(1024 ** 2),
      '/report': own(limits.reportBytes * 12),
    },
    readOnlyRoot: true,
    capabilities: [],
    memoryBytes: limits.memoryBytes,
    shmBytes: 1024 ** 2,
    pids: 256,
    cpuset: '',
    init: true,
    labels: { ...labels, [LABEL.kind]: 'deep' },
  };
}
