import test from 'ava';
import { PLAIN } from '../src/report/paint.ts';
import { stepsText } from '../src/report/steps.ts';
import { report } from './helpers/reports.ts';

const step = (name: string, wallSeconds: number, cpuSeconds: number, peakMemoryBytes: number) => ({
  name,
  wallSeconds,
  cpuSeconds,
  peakMemoryBytes,
  startedSeconds: 0,
});
const build = (folder: 'first' | 'second', ...steps: ReturnType<typeof step>[]) => ({
  folder,
  wallSeconds: steps.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
  steps,
});

test('a short build has no table of steps', (t) => {
  t.is(stepsText(report(), PLAIN), '');
});

test('what each step of a long build took stands side by side, and in all', (t) => {
  const builds = {
    first: build('first', step('unpack', 5, 0, 0), step('kernel', 600, 650, 2e9), step('zfs', 200, 210, 5e8)),
    second: build('second', step('unpack', 6, 0, 0), step('kernel', 620, 640, 3e9), step('zfs', 190, 205, 4e8)),
  };
  t.is(
    stepsText(report({ builds }), PLAIN),
    `step    wall, first       second   CPU, first       second  memory, first  second
unpack        5.0 s        6.0 s            –            –              –       –
kernel   10 min 0 s  10 min 20 s  10 min 50 s  10 min 40 s         2.0 GB  3.0 GB
zfs      3 min 20 s   3 min 10 s   3 min 30 s   3 min 25 s         500 MB  400 MB
in all  13 min 25 s  13 min 36 s  14 min 20 s   14 min 5 s         2.0 GB  3.0 GB
`,
  );
});

test('a build that stopped early lacks the later steps', (t) => {
  const builds = {
    first: build('first', step('unpack', 5, 1, 1e6), step('kernel', 600, 650, 2e9)),
    second: build('second', step('unpack', 90, 1, 1e6)),
  };
  t.regex(stepsText(report({ builds }), PLAIN), /^kernel .* – /m);
});
