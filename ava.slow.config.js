// Tests that take minutes and packages that were built before: `pnpm twinbuild repro proxmox-kernel-ci`, then `pnpm test:slow`.
export default {
  extensions: ['ts'],
  files: ['test/engine-slow/*.test.ts'],
  concurrency: 1,
  timeout: '40m',
};
