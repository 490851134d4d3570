import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import test from 'ava';
import type { Failure, Result } from '../../src/base/result.ts';
import type { Notice } from '../../src/base/running.ts';
import { type ImageInputs, knownImage, makeImage } from '../../src/image/image.ts';
import type { Image } from '../../src/image/types.ts';
import type { LockedPackage } from '../../src/lock/types.ts';
import type { Store } from '../../src/store/types.ts';
import { labelsOfARun, leftOf, must, spec, theEngine } from '../helpers/engine.ts';
import { addTiny, copyPackages, lockedHello } from '../helpers/locked.ts';
import { emptyStore } from '../helpers/stores.ts';

type Made = { readonly image: Result<Image>; readonly notices: readonly Notice[]; readonly left: readonly string[] };

/** Makes an image, and says what else it left in the engine. */
async function make(store: Store, inputs: ImageInputs, stopAt?: string): Promise<Made> {
  const labels = labelsOfARun();
  const notices: Notice[] = [];
  const stop = new AbortController();
  const tell = (notice: Notice): void => {
    notices.push(notice);
    if (stopAt !== undefined && notice.kind === 'stage' && notice.text.startsWith(stopAt)) stop.abort(STOPPED);
  };
  const image = await makeImage({ engine: await theEngine(), store, running: { signal: stop.signal, tell, labels } }, inputs);
  return { image, notices, left: await leftOf(labels) };
}
const STOPPED: Failure = { kind: 'interrupted', reason: 'interrupted', message: 'stopped by the test' };

/** An epoch of each test's own gives it images of its own: nobody else's are in its way, and it may remove them. */
async function inputsOf(test: number, packages?: readonly LockedPackage[]): Promise<ImageInputs> {
  const { inputs } = await lockedHello();
  return { ...inputs, imageEpoch: inputs.imageEpoch + test, packages: packages ?? inputs.packages };
}
async function baseInputs(test: number, ...more: readonly LockedPackage[]): Promise<ImageInputs> {
  const { inputs } = await lockedHello();
  return inputsOf(test, [...inputs.packages.filter(({ layer }) => layer === 'base'), ...more]);
}

async function remove({ key }: Image): Promise<void> {
  const tag = key.slice(0, 12);
  for (const name of [`builder:${tag}-bash`, `builder:${tag}`, `unpacked:${tag}`])
    await (await theEngine()).removeImage(`twinbuild/${name}`);
}

/** What a script says in a container of an image. */
async function says(image: Image, script: string, id = image.id): Promise<string> {
  let text = '';
  await using container = must(
    await (await theEngine()).createContainer(
      await spec({ image: id, command: ['/bin/sh', '-c', script], user: '0:0', readOnlyRoot: false }),
    ),
  );
  must(
    await container.run({
      output: (_stream, piece) => (text += Buffer.from(piece)),
      timeoutMs: 120_000,
      signal: new AbortController().signal,
    }),
  );
  return text.trim();
}

test.serial('the same lock gives the same image from an empty store, twice', async (t) => {
  t.timeout(600_000);
  const { store } = await lockedHello();
  const inputs = await inputsOf(1);
  const made: Image[] = [];
  for (const _time of [1, 2]) {
    await using empty = await emptyStore();
    await copyPackages(inputs.packages, store, empty.store);
    const { image, left } = await make(empty.store, inputs);
    made.push(must(image));
    t.deepEqual(left, []);
    t.deepEqual(must(await knownImage({ engine: await theEngine(), store: empty.store }, inputs)), made.at(-1));
    await remove(must(image));
    t.is(must(await knownImage({ engine: await theEngine(), store: empty.store }, inputs)), undefined);
  }
  t.deepEqual(made[0], made[1]);
  t.not(made[0]?.id, made[0]?.bashId);
});

test.serial('the image is clean, and has what builds need', async (t) => {
  t.timeout(600_000);
  const { store } = await lockedHello();
  const { image } = await make(store, await inputsOf(2));
  const made = must(image);
  t.is(await says(made, 'dpkg --audit; dpkg --verify; apt-get -qq check; dpkg -l | grep -v "^ii" | tail -n +6'), '');
  t.is(await says(made, 'readlink -f /bin/sh'), '/usr/bin/dash');
  t.is(await says(made, 'readlink -f /bin/sh', made.bashId), '/usr/bin/bash');
  t.is(
    await says(made, 'id builder; id rebuilder-two'),
    'uid=1000(builder) gid=1000(builder) groups=1000(builder)\nuid=2345(rebuilder-two) gid=2346(rebuilder-two) groups=2346(rebuilder-two)',
  );
  t.is(
    await says(
      made,
      'ls -A /var/tmp /tmp /run | grep -v ":$"; ls /usr/sbin/policy-rc.d /etc/*- /var/log/dpkg.log /var/cache/ldconfig/aux-cache 2>/dev/null; cat /etc/machine-id 2>/dev/null',
    ),
    '',
  );
  t.is(await says(made, 'readlink /bin /sbin /lib'), 'usr/bin\nusr/sbin\nusr/lib');
  for (const locale of made.locales) t.regex(await says(made, `LC_ALL=${locale} date -d 2024-03-01 +%B`), /mars/);
  const started = performance.now();
  t.deepEqual(must((await make(store, await inputsOf(2))).image), made);
  t.true(performance.now() - started < 500, 'an image that is there is found at once');
  await remove(made);
});

test.serial('a preinst that does something runs before its package is unpacked, with its Pre-Depends configured', async (t) => {
  t.timeout(600_000);
  await using empty = await emptyStore();
  const inputs = await baseInputs(3);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const needed = await addTiny(empty.store, {
    control: { Package: 'needed', Version: '1' },
    scripts: { postinst: '#!/bin/sh\nset -e\n[ "$1" != configure ] || touch /var/lib/needed-is-configured\n' },
    files: [{ name: './' }, { name: './usr/' }, { name: './usr/share/' }, { name: './usr/share/needed', body: 'needed\n' }],
  });
  const acting = await addTiny(empty.store, {
    control: { Package: 'acting', Version: '1', 'Pre-Depends': 'needed' },
    scripts: {
      preinst:
        '#!/bin/sh\nset -e\ntest -e /var/lib/needed-is-configured\ntest ! -e /usr/share/acting\necho "$1 $#" >/var/lib/acting-preinst\n',
    },
    files: [{ name: './' }, { name: './usr/' }, { name: './usr/share/' }, { name: './usr/share/acting', body: 'acting\n' }],
  });
  const { image } = await make(empty.store, { ...inputs, packages: [...inputs.packages, acting, needed] });
  t.is(await says(must(image), 'cat /var/lib/acting-preinst /usr/share/acting; dpkg --audit; dpkg --verify'), 'install 1\nacting');
  await remove(must(image));
});

const HOOK = '#!/bin/sh\nexit 9\n';

test.serial('configuration files are not there before their package is configured', async (t) => {
  t.timeout(600_000);
  await using empty = await emptyStore();
  const inputs = await baseInputs(4);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const hook = await addTiny(empty.store, {
    control: { Package: 'hook', Version: '1', Depends: 'runner' },
    scripts: { conffiles: '/etc/hooks/hook\n' },
    files: [{ name: './' }, { name: './etc/' }, { name: './etc/hooks/' }, { name: './etc/hooks/hook', body: HOOK, mode: 0o755 }],
  });
  const runner = await addTiny(empty.store, {
    control: { Package: 'runner', Version: '1' },
    scripts: { postinst: '#!/bin/sh\nset -e\nrun-parts /etc/hooks\n' },
    files: [{ name: './' }, { name: './etc/' }, { name: './etc/hooks/' }],
  });
  const { image } = await make(empty.store, { ...inputs, packages: [...inputs.packages, hook, runner] });
  t.is(
    await says(must(image), 'ls /etc/hooks; grep " /etc/hooks/hook " /var/lib/dpkg/status; dpkg --verify'),
    `hook\n /etc/hooks/hook ${createHash('md5').update(HOOK).digest('hex')}`,
  );
  await remove(must(image));
});

test.serial('the configured base hears of files that it wants to hear of', async (t) => {
  t.timeout(600_000);
  await using empty = await emptyStore();
  const inputs = await baseInputs(10);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const folders = ['./', './usr/', './usr/share/', './usr/share/debianutils/', './usr/share/debianutils/shells.d/'].map((name) => ({
    name,
  }));
  const shell = await addTiny(empty.store, {
    control: { Package: 'tinysh', Version: '1' },
    files: [...folders, { name: './usr/share/debianutils/shells.d/tinysh', body: '/usr/bin/tinysh\n' }],
  });
  const { image } = await make(empty.store, { ...inputs, packages: [...inputs.packages, shell] });
  t.is(await says(must(image), 'grep tinysh /etc/shells; dpkg --audit; dpkg --verify'), '/usr/bin/tinysh');
  await remove(must(image));
});

test.serial('a maintainer script that fails is named, with its words', async (t) => {
  t.timeout(600_000);
  await using empty = await emptyStore();
  const inputs = await baseInputs(5);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const broken = await addTiny(empty.store, {
    control: { Package: 'broken', Version: '1' },
    scripts: { postinst: '#!/bin/sh\necho "the disk is made of cheese" >&2\nexit 3\n' },
  });
  const { image, left } = await make(empty.store, { ...inputs, packages: [...inputs.packages, broken] });
  t.false(image.ok);
  if (image.ok) return;
  t.is(image.error.reason, 'configure-failed');
  t.is(image.error.kind, 'build-failed');
  t.regex(image.error.message, /package broken/);
  t.true(image.error.details?.includes('the disk is made of cheese'), String(image.error.details));
  t.deepEqual(left, []);
});

test.serial('two packages with one file are refused before a container is made', async (t) => {
  await using empty = await emptyStore();
  const inputs = await baseInputs(6);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const thief = await addTiny(empty.store, {
    control: { Package: 'thief', Version: '1' },
    files: [{ name: './' }, { name: './bin/' }, { name: './bin/bash', body: 'mine\n' }],
  });
  const { image } = await make(empty.store, { ...inputs, packages: [...inputs.packages, thief] });
  t.is(image.ok ? 'ok' : image.error.reason, 'file-conflict');
});

for (const stage of ['unpacking', 'loading', 'configuring']) {
  test.serial(`stopped while ${stage}, it leaves nothing behind, and the next run works`, async (t) => {
    t.timeout(600_000);
    await using empty = await emptyStore();
    const inputs = await baseInputs(7);
    await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
    const stopped = await make(empty.store, inputs, stage);
    if (stopped.image.ok) {
      t.is(stage, 'loading'); // the engine had the layers from before: there was nothing to load
    } else {
      t.is(stopped.image.error.kind, 'interrupted');
    }
    t.deepEqual(stopped.left, []);
    const { image } = await make(empty.store, inputs);
    t.true(image.ok);
    await remove(must(image));
  });
}

test.serial('what the store lost is made again', async (t) => {
  t.timeout(600_000);
  await using empty = await emptyStore();
  const inputs = await baseInputs(8);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const first = must((await make(empty.store, inputs)).image);
  await remove(first);
  const folder = `${empty.root}/derived/deb-tree-1`;
  for (const name of (await readdir(folder)).slice(0, 3)) await rm(`${folder}/${name}`);
  t.deepEqual(must((await make(empty.store, inputs)).image), first);
  await remove(first);
});

test.serial('two runs at once on one store both have their image', async (t) => {
  t.timeout(600_000);
  await using empty = await emptyStore();
  const inputs = await baseInputs(9);
  await copyPackages(inputs.packages, (await lockedHello()).store, empty.store);
  const [one, other] = await Promise.all([make(empty.store, inputs), make(empty.store, inputs)]);
  t.deepEqual(must(one.image), must(other.image));
  await remove(must(one.image));
});
