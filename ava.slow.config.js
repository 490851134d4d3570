// Tests that take long and say once what is then relied on; not part of `make test`.
export default {
  extensions: ['ts'],
  files: ['test/engine-slow/*.test.ts'],
  concurrency: 1,
  timeout: '3h',
};
