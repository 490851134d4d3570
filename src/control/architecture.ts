// Names of processors that say an ABI too; all others have the ABI `base` (dpkg's tupletable).
const ABI: Readonly<Record<string, readonly [abi: string, cpu: string]>> = {
  armel: ['eabi', 'arm'],
  armhf: ['eabihf', 'arm'],
  arm64ilp32: ['ilp32', 'arm64'],
  mips64: ['abi64', 'mips64'],
  mips64el: ['abi64', 'mips64el'],
  mips64r6: ['abi64', 'mips64r6'],
  mips64r6el: ['abi64', 'mips64r6el'],
  mipsn32: ['abin32', 'mips64'],
  mipsn32el: ['abin32', 'mips64el'],
  powerpcspe: ['spe', 'powerpc'],
  x32: ['x32', 'amd64'],
};

/** Whether an architecture is meant by a name or a wildcard such as `any`, `linux-any`, `any-arm` (Policy 11.1.1, dpkg-architecture(1)). `all` is only itself. */
export function matchesArchitecture(architecture: string, pattern: string): boolean {
  if (architecture === pattern) return true;
  if (pattern === 'any') return architecture !== 'all' && architecture !== 'source';
  const wanted = pattern.split('-');
  if (!wanted.includes('any')) return pattern === `linux-${architecture}`;
  const full = [...Array<string>(Math.max(0, 4 - wanted.length)).fill('any'), ...wanted];
  return tupleOf(architecture).every((part, index) => full[index] === 'any' || full[index] === part);
}

/** ABI, libc, operating system, processor: the name read from its end, with what it leaves out. */
function tupleOf(architecture: string): readonly string[] {
  const [name = '', os = 'linux', libc = libcOf(os)] = architecture.split('-').toReversed();
  const [abi, cpu] = ABI[name] ?? ['base', name];
  return [abi, libc, os, cpu];
}

function libcOf(os: string): string {
  if (/^(dragonfly|free|open|net)bsd$|^darwin$/.test(os)) return 'bsd';
  return /^(aix|solaris)$/.test(os) ? 'sysv' : 'gnu';
}
