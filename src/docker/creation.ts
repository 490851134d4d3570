import type { ContainerCreateOptions } from 'dockerode';
import type { ContainerSpec } from './engine.ts';

/**
 * Descriptors that a process may open, soft and hard. An engine's own default may be a thousand million, over which fakeroot and
 * others loop for minutes (moby #45436), and a hard limit above the daemon's own makes the start fail: this one is below all of them.
 */
const DESCRIPTORS = 4096;

/**
 * What the engine is told to make. Nothing that matters is left to a default of the engine.
 *
 * @param ipv6 whether its kernel has IPv6: then the loopback interface has ::1, too, which the engine calls `localhost` in any case
 */
export function creationOf(spec: ContainerSpec, { ipv6 }: { readonly ipv6: boolean }): ContainerCreateOptions {
  const [program = '', ...rest] = spec.command;
  return {
    Image: spec.image,
    Entrypoint: [program], // as entrypoint: whatever the image says is out of the way
    Cmd: rest,
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    WorkingDir: spec.workingDirectory,
    User: spec.user,
    Hostname: spec.hostname,
    Domainname: spec.domainname,
    Labels: { ...spec.labels },
    AttachStdin: spec.stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: spec.stdin === 'terminal',
    OpenStdin: spec.stdin !== undefined,
    StdinOnce: spec.stdin !== undefined, // the end of the input reaches the command
    HostConfig: {
      NetworkMode: 'none',
      // Of the container's own loopback alone, as there is no other interface. Where the kernel has no such switch the start would fail.
      ...(ipv6 ? { Sysctls: { 'net.ipv6.conf.all.disable_ipv6': '0' } } : {}),
      ExtraHosts: spec.hosts.map(({ name, address }) => `${name}:${address}`),
      Mounts: spec.volumes.map(({ volume, path }) => ({
        Type: 'volume',
        Source: volume,
        Target: path,
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
      })),
      Tmpfs: { ...spec.tmpfs },
      ReadonlyRootfs: spec.readOnlyRoot,
      CapDrop: ['ALL'],
      CapAdd: [...spec.capabilities],
      SecurityOpt: ['no-new-privileges'], // seccomp stays the engine's default profile
      Privileged: false,
      Devices: (spec.devices ?? []).map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rw' })),
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      ShmSize: spec.shmBytes,
      PidsLimit: spec.pids,
      CpusetCpus: spec.cpuset,
      IpcMode: 'private',
      Init: spec.init,
      AutoRemove: false, // a late `wait` on a container that removed itself is lost
      RestartPolicy: { Name: '' },
      LogConfig: { Type: 'none', Config: {} }, // we read the output ourselves; the engine need not keep a copy on its disk
      Ulimits: [
        { Name: 'nofile', Soft: DESCRIPTORS, Hard: DESCRIPTORS },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
    },
  };
}
