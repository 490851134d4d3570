import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

/** Runs `repro` as a job of GitHub Actions does; gives what the runner would take for commands, and the job's summary. */
async function job(r: Rig, name: string) {
  const summary = join(r.path, 'summary.md');
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: r.path, GITHUB_STEP_SUMMARY: summary };
  const { status, stdout, stderr } = await r.execWith({ environment }, 'repro', name, '--verbose');
  return { status, stdout, commands: commandsOf(stderr), summary: await readFile(summary, 'utf8').catch(() => '') };
}

/** The commands among lines as the runner finds them: none between `stop-commands` and its word. */
function commandsOf(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  for (const line of text.split(/\r?\n/).map((one) => one.trimStart())) {
    if (word !== undefined) {
      if (line === `::${word}::`) word = undefined;
    } else if (line.startsWith('::stop-commands::')) {
      word = line.slice('::stop-commands::'.length);
    } else if (/^::|##\[/.test(line)) {
      found.push(line);
    }
  }
  return found;
}

const SHOUT = 'echo "::error::from the build"; echo "##[error]from the build"';

test.serial('a difference is on the page, in JUnit XML, on the recipe and in the summary of the job', async (t) => {
  await using r = await projectRig();
  await r.write(tinyPackage('leaky', `${SHOUT}\nuname -n > "$OUT/<b>leak"`));
  t.is((await r.exec('lock', 'leaky')).status, 0);
  const { status, stdout, commands, summary } = await job(r, 'leaky');
  t.is(status, 1, stdout);
  const read = (name: string) => readFile(join(r.path, 'out/leaky', name), 'utf8');

  const page = await read('report.html');
  t.true(page.includes('./usr/share/leaky/&lt;b&gt;leak'));
  t.true(page.includes('-# hostname  twin-'), 'the two build.sh');
  t.true(page.includes('in the builder image'), 'the inputs');
  t.regex(await read('junit.xml'), /<testcase classname="leaky.outputs" name="leaky_1.0_all.deb" time="0"><failure /);
  const { inputs } = JSON.parse(await read('report.json'));
  t.true(inputs.packages.length > 50);
  t.regex(summary, /^## ❌ leaky: different\n[\s\S]*\| `leaky_1\.0_all\.deb` \| `[0-9a-f]{64}` \| \*\*different\*\* \(first\) \|/);
  t.true(commands.length > 0);
  t.deepEqual(
    commands.filter(
      (line) => !line.startsWith('::error file=recipes/leaky/recipe.yaml,line=1,title=leaky is not reproducible::leaky_1.0_'),
    ),
    [],
  );
});

test.serial('a build that fails leaves a page too, and its words are no commands', async (t) => {
  await using r = await projectRig();
  await r.write(tinyPackage('broken', `${SHOUT}\nexit 3`));
  t.is((await r.exec('lock', 'broken')).status, 0);
  const { status, commands, summary } = await job(r, 'broken');
  t.is(status, 4);
  t.is(commands.length, 1);
  t.regex(commands[0] ?? '', /^::error file=recipes\/broken\/recipe\.yaml,line=1,title=[a-z ]+::/);
  t.regex(summary, /^## ❌ broken: build failed\n/);
  const page = await readFile(join(r.path, 'out/broken/report.html'), 'utf8');
  t.true(page.includes('<h1>Build failed</h1>'));
  t.regex(await readFile(join(r.path, 'out/broken/junit.xml'), 'utf8'), /errors="1"/);
});
