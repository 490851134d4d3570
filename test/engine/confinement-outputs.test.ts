import test from 'ava';
import { planOf, tryBuild } from '../helpers/engine.ts';

/** What a step leaves cannot be taken as an output, with that reason and words; no file is there then. */
const refused = test.macro(async (t, script: string, reason: string, words: RegExp, outputs: readonly string[] = ['out*']) => {
  await using tried = await tryBuild(await planOf(script, { outputs }));
  t.is(tried.failure.kind, 'build-failed');
  t.is(tried.failure.reason, reason);
  t.regex(tried.failure.message, words);
  await t.throwsAsync(tried.text('out'));
  t.deepEqual(tried.left, []);
});

test.serial('no output is a failure that names the globs', refused, 'true', 'no-outputs', /"\*\.deb" or "x\/\*"/, ['*.deb', 'x/*']);
test.serial('a link is no output', refused, 'ln -s /etc/passwd /build/out', 'output-type', /is a symlink/);
test.serial('a folder is no output', refused, 'mkdir /build/out', 'output-type', /is a directory/);
test.serial('a pipe is no output', refused, 'mkfifo /build/out', 'output-type', /is a fifo/);
test.serial('two outputs of one name are refused', refused, 'mkdir a b; echo 1 > a/x; echo 2 > b/x', 'output-name', /same name/, ['*/x']);
test.serial('names that some disks take for the same are refused', refused, 'echo 1 > out-A; echo 2 > out-a', 'output-name', /same name/);
test.serial('a name with control signs is refused', refused, `touch "$(printf 'out\\033[31m')"`, 'output-name', /\\x1b/);
test.serial('a name that is not UTF-8 is refused', refused, `touch "$(printf 'out\\377')"`, 'output-name', /could not be listed/);
test.serial('our own files cannot be written over', refused, 'echo > /build/build.log', 'output-name', /our own file/, ['build.log']);
test.serial('an output above the disk limit is refused', async (t) => {
  const limits = { memoryBytes: 256 * 1024 ** 2, diskBytes: 1024 ** 2, timeSeconds: 60, pids: 100 };
  await using tried = await tryBuild(await planOf('truncate -s 50M out', { limits }));
  t.false(tried.built.ok);
  t.regex(tried.failure.message, /larger than/);
  t.deepEqual(tried.left, []);
});

test.serial('outputs of root and of folders are taken, by name in byte order', async (t) => {
  const plan = await planOf('mkdir -p sub/deep; echo a > "sub/deep/b file"; echo b > Z; chmod 600 Z; printf c > a', {
    step: { user: 'root' },
    outputs: ['[Z]', 'a', '**/b*', 'a*'],
  });
  await using tried = await tryBuild(plan);
  t.true(tried.built.ok, tried.failure.message);
  if (!tried.built.ok) return;
  t.deepEqual(
    tried.built.value.outputs.map(({ name, size }) => [name, size]),
    [
      ['Z', 2],
      ['a', 1],
      ['b file', 2],
    ],
  );
  t.is(await tried.text('b file'), 'a\n');
  t.deepEqual(tried.left, []);
});

for (const afterMs of [0, 150, 400, 800, 1500]) {
  test.serial(`a build that is stopped after ${afterMs} ms leaves nothing`, async (t) => {
    const stop = new AbortController();
    const failure = { kind: 'interrupted', reason: 'sigint', message: 'Stopped.' } as const;
    if (afterMs === 0) stop.abort(failure);
    setTimeout(() => stop.abort(failure), afterMs);
    await using tried = await tryBuild(await planOf('sleep 30'), { signal: stop.signal });
    t.deepEqual(tried.failure, failure);
    t.deepEqual(tried.left, []);
  });
}

test.serial('build.log has every byte, and lines go out one by one', async (t) => {
  await using tried = await tryBuild(await planOf(`printf 'one\\r\\ntwo\\033[1m\\n'; printf 'no end' >&2; echo > out`));
  t.true(tried.built.ok);
  t.is(await tried.text('build.log'), '==> step try, as builder in /build\none\r\ntwo\u001b[1m\nno end');
  t.deepEqual(
    tried.notices.flatMap((notice) => (notice.kind === 'output' ? [notice.line] : [])),
    ['one', 'two\u001b[1m', 'no end'],
  );
  t.deepEqual(
    tried.notices.flatMap((notice) => (notice.kind === 'step' ? [notice.state] : [])),
    ['started', 'ended'],
  );
});
