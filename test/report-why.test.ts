import test from 'ava';
import { placeKey } from '../src/build/places.ts';
import type { Reason } from '../src/build/why.ts';
import { whyOf } from '../src/build/why-result.ts';
import { PLAIN } from '../src/report/paint.ts';
import { whyText } from '../src/report/why.ts';

const NAMES = ['hostname', 'timezone', 'locale', 'umask'] as const;
const row = { varied: NAMES, artefacts: ['a.deb'], wallSeconds: 2 };
const place = (...trail: string[]): string => placeKey({ trail, what: 'content' });

test('places of one reason become one blame, and a .buildinfo that only echoes it is not shown', (t) => {
  const groups: Reason = { random: false, groups: [['timezone', 'locale']] };
  const why = whyOf(
    NAMES,
    new Map<string, Reason>([
      [place('a.deb', 'data.tar', './x'), groups],
      [place('a.deb', 'data.tar', './y'), groups],
      [place('a.deb', 'data.tar', './\u001b[31m'), { random: true }],
      [place('a.buildinfo'), groups],
    ]),
    [row, { ...row, varied: [] }],
  );
  t.deepEqual(why, {
    guilty: ['timezone', 'locale'],
    random: true,
    builds: 1,
    artefacts: [
      { name: 'a.buildinfo', blames: [{ surroundings: ['timezone', 'locale'], trails: [['a.buildinfo']], more: 0 }] },
      {
        name: 'a.deb',
        blames: [
          { surroundings: [], trails: [['a.deb', 'data.tar', './\u001b[31m']], more: 0 },
          {
            surroundings: ['timezone', 'locale'],
            trails: [
              ['a.deb', 'data.tar', './x'],
              ['a.deb', 'data.tar', './y'],
            ],
            more: 0,
          },
        ],
      },
    ],
    tried: [row, { ...row, varied: [] }],
  });
  const lines = whyText(why, PLAIN).split('\n');
  t.is(lines[0], 'why  random: a.deb (data.tar › ./\\x1b[31m) differs in the same surroundings too');
  t.is(lines[1], 'why  timezone and locale together: a.deb (data.tar › ./x, data.tar › ./y) changes with them, and with neither alone');
  t.regex(lines[2] ?? '', /^ +timezone: .*SOURCE_DATE_EPOCH/);
  t.is(lines.at(-2), '     found with 1 further build');
});
