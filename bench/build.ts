import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ImageId } from '../src/docker/engine.ts';
import { packTar } from '../src/format/tar-write.ts';
import { filesOf } from '../src/lock/files.ts';
import type { LockedFile } from '../src/lock/types.ts';
import { contentPath } from '../src/store/address.ts';
import type { Bench } from './project.ts';
import { median, type Row } from './table.ts';

const PLAIN = 'cd tree && dpkg-buildpackage -us -uc';
// debrepro's file system needs FUSE, which a container has not; its clock is what ours has on request only.
const DEBREPRO = 'cd tree && debrepro --skip filesystem-ordering --skip time --skip user';

/** `repro hello` with the image present against one plain dpkg-buildpackage in the same image, and against debrepro in an image that has it. */
export async function buildRows(bench: Bench): Promise<readonly Row[]> {
  const image = await imageOf(bench, 'hello');
  const withDebrepro = await debreproImage(bench);
  const files = bench.lock.sources.flatMap(filesOf);
  const ours: number[] = [];
  const plain: number[] = [];
  const debrepro: number[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    process.stdout.write(`repro hello, run ${run + 1} of ${bench.runs}\n`);
    plain.push(await inside(bench, image, files, PLAIN));
    ours.push((await bench.twinbuild('warm', 'repro', 'hello')).seconds);
    if (withDebrepro) debrepro.push(await inside(bench, withDebrepro, files, DEBREPRO));
  }
  return [
    {
      what: 'repro hello, image present',
      ours: median(ours),
      peer: { name: 'dpkg-buildpackage', value: median(plain) },
      unit: 's',
      goal: 1.3,
    },
    debrepro.length > 0
      ? { what: 'the same', ours: median(ours), peer: { name: 'debrepro', value: median(debrepro) }, unit: 's', goal: 1 }
      : { what: 'the same', ours: undefined, unit: 's', goal: 1, note: 'no image with debrepro' },
  ];
}

async function imageOf(bench: Bench, name: string): Promise<ImageId> {
  const { stdout } = await bench.twinbuild('warm', 'image', name, '--json');
  return (JSON.parse(stdout) as { image: ImageId }).image;
}

/** The image of a recipe that is hello with debrepro among its build dependencies. */
async function debreproImage(bench: Bench): Promise<ImageId | undefined> {
  const recipe = join(bench.folder, 'recipes/hello/recipe.yaml');
  const text = await readFile(recipe, 'utf8');
  const path = join(bench.folder, 'recipes/debrepro');
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'recipe.yaml'), `${text.replace('name: hello', 'name: debrepro')}build-depends: [devscripts, faketime]\n`);
  try {
    await bench.twinbuild('warm', 'lock', 'debrepro');
    return await imageOf(bench, 'debrepro');
  } catch (error) {
    process.stdout.write(`debrepro is left out: ${String(error)}\n`);
    return undefined;
  }
}

/** Seconds that a command takes in a container, where the unpacked source is in `tree`: of the command alone, as it says them itself. */
async function inside(bench: Bench, image: ImageId, files: readonly LockedFile[], command: string): Promise<number> {
  const { engine } = bench;
  const made = await engine.createContainer({
    image,
    command: [
      'sh',
      '-ec',
      `dpkg-source --no-check -x *.dsc tree >/dev/null; a=$(date +%s.%N); (${command}) >log 2>&1 || { tail log; exit 1; }; echo "$a $(date +%s.%N)"`,
    ],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: '/root' },
    workingDirectory: '/root',
    user: '0:0',
    hostname: 'bench',
    domainname: 'example',
    hosts: [],
    volumes: [],
    tmpfs: { '/tmp': 'rw,exec,mode=1777' },
    readOnlyRoot: false,
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID'],
    memoryBytes: 2 * 1024 ** 3,
    shmBytes: 64 * 1024 ** 2,
    pids: 4096,
    cpuset: '',
    init: true,
    labels: { 'io.twinbuild.bench': 'peer' },
  });
  if (!made.ok) throw new Error(made.error.message);
  await using container = made.value;
  const members = await Promise.all(
    files.map(async ({ path, sha256 }) => tarFile(basename(path), await readFile(contentPath(join(bench.scratch, 'warm/store'), sha256)))),
  );
  const put = await container.putArchive('/root', packTar(members));
  if (!put.ok) throw new Error(put.error.message);
  let said = '';
  const ended = await container.run({
    output: (_stream, piece) => {
      said += Buffer.from(piece).toString();
    },
    timeoutMs: 600_000,
    signal: new AbortController().signal,
  });
  if (!ended.ok || ended.value.status !== 0) throw new Error(`${command}: ${said}`);
  const [from = 0, to = 0] = said.trim().split(' ').slice(-2).map(Number);
  return to - from;
}

function tarFile(name: string, body: Uint8Array) {
  const owner = { uid: 0, gid: 0, uname: '', gname: '', mtimeSeconds: 0 };
  return {
    member: { name, type: 'file' as const, mode: 0o644, ...owner, size: body.length, link: '', devmajor: 0, devminor: 0, pax: {} },
    body,
  };
}
