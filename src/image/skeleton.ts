import { bareFolder, type Node } from './node.ts';

/** Folders that are links into usr/ besides bin, lib and sbin, by architecture: those of debootstrap, which Debian's own build machines have. */
const LIBRARY_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  amd64: ['lib32', 'lib64', 'libx32'],
  i386: ['lib64', 'libx32'],
  loong64: ['lib64'],
  mips64el: ['lib32', 'lib64', 'libo32'],
  mipsel: ['lib32', 'lib64'],
  powerpc: ['lib64'],
  ppc64: ['lib32', 'lib64'],
  ppc64el: ['lib64'],
  s390x: ['lib32'],
  sparc64: ['lib32', 'lib64'],
  x32: ['lib32', 'lib64', 'libx32'],
};

/**
 * What is in a root file system before the first package is: a merged /usr. Everything that a package has below /bin then lands in
 * /usr/bin, as it would when dpkg follows the link.
 */
export function skeleton(architecture: string): readonly Node[] {
  const names = ['bin', 'lib', 'sbin', ...(LIBRARY_FOLDERS[architecture] ?? [])];
  return [
    bareFolder('usr'),
    ...names.map((name) => bareFolder(`usr/${name}`)),
    ...names.map((name): Node => ({ ...bareFolder(name), type: 'symlink', mode: 0o777, link: `usr/${name}` })),
    // dpkg makes these where its package does not hold them.
    ...['var', 'var/lib', 'var/lib/dpkg', 'var/lib/dpkg/info', 'var/lib/dpkg/triggers', 'var/lib/dpkg/updates'].map(bareFolder),
  ];
}
