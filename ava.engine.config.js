// Tests against a real engine. Two at a time: most of them wait for a container, and two cores are the least we expect.
export default {
  extensions: ['ts'],
  files: ['test/engine/*.test.ts'],
  concurrency: 2,
  timeout: '10m',
};
