import type { Attempt, ItemState, Status } from '../../src/queue/types.ts';
import type { ManyReport } from '../../src/report/many.ts';
import { makeManyReport } from '../../src/report/many.ts';

/** An attempt that ended like this. */
export function attempt(name: string, status: Status, given: Partial<Attempt> = {}): Attempt {
  return {
    id: 1,
    name,
    target: name,
    folder: `/out/many/list/${name}`,
    startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    tool: '0.1.0',
    status,
    reason: null,
    message: null,
    next: null,
    version: '1.2-3',
    wallSeconds: 65,
    inputs: 'a'.repeat(64),
    outputs: status === 'reproducible' ? 'b'.repeat(64) : null,
    lock: 'c'.repeat(64),
    different: [],
    ...given,
  };
}

/** A package of a list; without a status it waits. */
export function item(name: string, status: Status | null, attempts: readonly Attempt[] = [], kind: string | null = null): ItemState {
  return {
    key: name,
    name,
    target: name,
    kind,
    options: {},
    position: 0,
    state: status === null ? 'waiting' : 'finished',
    status,
    attempts,
  };
}

/** A list of a few packages of every sort, or of those that are given. */
export function manyReport(items: readonly ItemState[] = EVERY_SORT): ManyReport {
  const at = Date.UTC(2026, 0, 2, 3, 0, 0);
  const facts = { twinbuild: '0.1.0', list: 'lists/nightly.list', name: 'nightly', stopped: null };
  return makeManyReport({ ...facts, startedAtMs: at, nowMs: at + 3_725_000, hasReport: () => true }, items);
}

const DIFFERENT = [
  {
    name: 'other_1.2-3_all.deb',
    verdict: 'different',
    places: ['data.tar › ./usr/share/x: the text differs'],
    causes: ['timestamp', 'hostname'],
  },
  { name: 'other_1.2-3_amd64.buildinfo', verdict: 'different', places: [], causes: [] },
] as const;

const EVERY_SORT: readonly ItemState[] = [
  item('same', 'reproducible', [attempt('same', 'reproducible')], 'C'),
  item('other', 'different', [attempt('other', 'different', { different: DIFFERENT })], 'Perl'),
  item(
    'now-and-then',
    'flaky',
    [attempt('now-and-then', 'different', { different: DIFFERENT }), attempt('now-and-then', 'reproducible')],
    'C',
  ),
  item('broken', 'build-failed', [
    attempt('broken', 'build-failed', {
      message: 'The step "build" of the first build failed with status 2.',
      reason: 'step-failed',
      version: null,
    }),
  ]),
  item('gone', 'infrastructure', [
    attempt('gone', 'infrastructure', { message: 'gone_1.dsc: no longer where it was', reason: 'file-gone' }),
  ]),
  item('never-there', 'source-missing', [
    attempt('never-there', 'source-missing', {
      message: 'The archive lists x.dsc of x 1 and does not have it (HTTP 404)',
      reason: 'source-files-missing',
      version: null,
    }),
  ]),
  item('later', null),
];
