import type { EngineInfo } from './engine.ts';

type Info = Readonly<Partial<Record<'OperatingSystem' | 'Architecture' | 'Driver' | 'CgroupVersion' | 'DockerRootDir', string>>> & {
  readonly NCPU?: number;
  readonly MemTotal?: number; // bytes
  readonly SecurityOptions?: readonly string[];
};
type Version = {
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
};

/** The kernel's names of machines, by Debian's. */
const MACHINES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'armhf',
  armv6l: 'armel',
  i686: 'i386',
  i386: 'i386',
  ppc64le: 'ppc64el',
  riscv64: 'riscv64',
  s390x: 's390x',
  mips64: 'mips64el',
};

/** What /info and /version say, in our words. */
export function infoFrom(endpoint: string, info: Info, version: Version): EngineInfo {
  const options = info.SecurityOptions ?? [];
  return {
    endpoint,
    version: version.Version ?? 'unknown',
    apiVersion: version.ApiVersion ?? 'unknown',
    operatingSystem: info.OperatingSystem ?? 'unknown',
    architecture: MACHINES[info.Architecture ?? ''] ?? info.Architecture ?? 'unknown',
    cpus: info.NCPU ?? 1,
    memoryBytes: info.MemTotal ?? 0,
    storageDriver: info.Driver ?? 'unknown',
    dataRoot: info.DockerRootDir,
    cgroupVersion: info.CgroupVersion ?? 'unknown',
    rootless: options.some((option) => option.includes('rootless')),
    securityOptions: options,
    runtimeVersion: version.Components?.find(({ Name }) => Name === 'runc' || Name === 'crun')?.Version ?? 'unknown',
  };
}
