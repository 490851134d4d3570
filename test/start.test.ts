import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

// What a small package takes is for a good part what the command itself takes before it builds, and that is for the most part loading code.

const REPRO = resolve(import.meta.dirname, '../src/cli/repro.ts');
const SCRIPT = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  await import(${JSON.stringify(REPRO)});
  process.stdout.write(JSON.stringify([...loaded, ...process.moduleLoadList]));`;

test('repro loads only what every run needs before it builds', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT], { maxBuffer: 16 * 1024 * 1024 });
  const loaded = JSON.parse(stdout) as string[];
  const packages = new Set(loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
  t.true(packages.has('dockerode'));
  for (const large of ['ssh2', '@grpc/grpc-js', 'protobufjs', 'undici', 'openpgp', 'log-update']) t.false(packages.has(large), large);
  const parts = loaded.filter((name) => /deps\/undici/.test(name)); // Node's own copy
  t.deepEqual(parts, []);
});
