import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

// Lays the tool, its production dependencies and Node into a folder (dist/ when none is named) as they stand in the image that the Dockerfile
// makes of it. Needs no engine and, where pnpm has its packages, no network.

const ROOT = resolve(import.meta.dirname, '..');
const DIST = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const HOME = join(DIST, 'opt/twinbuild');
const PARTS = [
  'bin',
  'src',
  'keyrings',
  'schema',
  'containers',
  'recipes',
  'package.json',
  'pnpm-lock.yaml',
  '.npmrc',
  'LICENSE',
  'README.md',
];

await rm(DIST, { recursive: true, force: true });
await mkdir(join(HOME, '.tools/bin'), { recursive: true });
await mkdir(join(DIST, 'var/cache/twinbuild'), { recursive: true });
for (const part of PARTS) await cp(join(ROOT, part), join(HOME, part), { recursive: true });

// The optional ones are Node, of which only the binary is wanted, and native parts of ssh2, which is not used.
const options = ['--prod', '--no-optional', '--frozen-lockfile', '--ignore-scripts', '--ignore-workspace'];
const settings = [
  '--config.package-import-method=copy',
  '--config.extend-node-path=false',
  `--config.node-version=${process.versions.node}`,
];
await promisify(execFile)(join(ROOT, '.tools/bin/pnpm'), ['install', ...options, ...settings], {
  cwd: HOME,
  env: { ...process.env, CI: 'true' },
});
await cp(process.execPath, join(HOME, '.tools/bin/node'), { dereference: true });
