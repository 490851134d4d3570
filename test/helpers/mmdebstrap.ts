import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { sha256 as digestOf } from '../../src/base/digest.ts';
import type { ImageInputs } from '../../src/image/image.ts';
import { bodiesOf, type Collected } from '../../src/image/unpack.ts';
import type { Store } from '../../src/store/types.ts';

const run = promisify(execFile);

/** Whether mmdebstrap is there; installs it from Debian where that is possible without asking. */
export async function hasMmdebstrap(): Promise<boolean> {
  const there = () =>
    run('mmdebstrap', ['--version']).then(
      () => true,
      () => false,
    );
  if (await there()) return true;
  if (process.getuid?.() !== 0) return false;
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'mmdebstrap']).catch(() => undefined);
  return there();
}

/** Lets mmdebstrap make a system of exactly these packages, from a repository of nothing else; returns the path of its tar. */
export async function mmdebstrapTar(store: Store, inputs: ImageInputs, folder: string): Promise<string> {
  const stanzas: string[] = [];
  for (const { name, size, sha256 } of inputs.packages) {
    await pipeline(store.read(sha256), createWriteStream(join(folder, `${sha256}.deb`)));
    const collected: Collected = {};
    for await (const _body of bodiesOf(store.read(sha256), collected));
    if (collected.unpacked === undefined) throw new Error(`${name} has no control file`);
    stanzas.push(`${collected.unpacked.control}Filename: ./${sha256}.deb\nSize: ${size}\nSHA256: ${sha256}\n`);
  }
  const packages = stanzas.join('\n');
  await writeFile(join(folder, 'Packages'), packages);
  // mmdebstrap finds the essential packages by the name of their suite.
  const release = `Suite: bookworm\nCodename: bookworm\nSHA256:\n ${digestOf(packages)} ${Buffer.byteLength(packages)} Packages\n`;
  await writeFile(join(folder, 'Release'), release);
  const tar = join(folder, 'tree.tar');
  const include = inputs.packages.map(({ name }) => name).join(',');
  const source = `deb [trusted=yes] copy://${folder} ./`;
  const environment = { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: String(inputs.imageEpoch), LC_ALL: 'C.UTF-8' };
  await run(
    'mmdebstrap',
    [
      '--variant=essential',
      '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
      `--include=${include}`,
      `--architectures=${inputs.architecture}`,
      'bookworm',
      tar,
      source,
    ],
    { env: environment, maxBuffer: 64 * 1024 ** 2 },
  );
  return tar;
}
