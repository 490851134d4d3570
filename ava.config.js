// Unit tests: no engine, no network beyond loopback. Engine tests have a configuration of their own.
export default {
  extensions: ['ts'],
  files: ['test/*.test.ts'],
  timeout: '30s',
};
