// What the packages of a kernel do: they boot, install and go away. `pnpm twinbuild repro proxmox-kernel-ci` comes first.
export default {
  extensions: ['ts'],
  files: ['test/kernel/*.test.ts'],
  concurrency: 2,
  timeout: '40m',
};
