/** An architecture as dpkg's tuple: ABI, libc, operating system, processor (dpkg's tupletable). */
type Tuple = readonly [abi: string, libc: string, os: string, cpu: string];

// The architectures whose names hide a part of their tuple; all others follow from the name.
const IRREGULAR: Readonly<Record<string, Tuple>> = {
  armel: ['eabi', 'gnu', 'linux', 'arm'],
  armhf: ['eabihf', 'gnu', 'linux', 'arm'],
  arm64ilp32: ['ilp32', 'gnu', 'linux', 'arm64'],
  mips64: ['abi64', 'gnu', 'linux', 'mips64'],
  mips64el: ['abi64', 'gnu', 'linux', 'mips64el'],
  mips64r6: ['abi64', 'gnu', 'linux', 'mips64r6'],
  mips64r6el: ['abi64', 'gnu', 'linux', 'mips64r6el'],
  mipsn32: ['abin32', 'gnu', 'linux', 'mips64'],
  mipsn32el: ['abin32', 'gnu', 'linux', 'mips64el'],
  powerpcspe: ['spe', 'gnu', 'linux', 'powerpc'],
  x32: ['x32', 'gnu', 'linux', 'amd64'],
  'musl-linux-armhf': ['eabihf', 'musl', 'linux', 'arm'],
  'uclibc-linux-armel': ['eabi', 'uclibc', 'linux', 'arm'],
};

/** Whether an architecture is meant by a name or a wildcard such as `any`, `linux-any`, `any-arm` (Policy 11.1.1, dpkg-architecture(1)). `all` is only itself. */
export function matchesArchitecture(architecture: string, pattern: string): boolean {
  if (architecture === pattern) return true;
  if (pattern === 'any') return architecture !== 'all' && architecture !== 'source';
  const wanted = pattern.split('-');
  if (!wanted.includes('any')) return false;
  const full = [...Array<string>(Math.max(0, 4 - wanted.length)).fill('any'), ...wanted];
  return tupleOf(architecture).every((part, index) => full[index] === 'any' || full[index] === part);
}

function tupleOf(architecture: string): Tuple {
  const known = IRREGULAR[architecture];
  if (known !== undefined) return known;
  const parts = architecture.split('-');
  const [cpu = '', os = 'linux', libc] = parts.toReversed();
  return ['base', libc ?? (/bsd$|^darwin$/.test(os) && !os.startsWith('k') ? 'bsd' : 'gnu'), os, cpu];
}
