import type { Attempt, DifferentOutput, ItemOptions, ItemState, Status } from './types.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The tables, form by form. Times are milliseconds since 1970-01-01T00:00:00Z; an attempt without a status has not ended. */
export const FORMS = [
  `CREATE TABLE attempt (
     id INTEGER PRIMARY KEY,
     queue TEXT, item TEXT,
     name TEXT NOT NULL, target TEXT NOT NULL, folder TEXT NOT NULL, started_ms INTEGER NOT NULL, tool TEXT NOT NULL,
     status TEXT, reason TEXT, message TEXT, next TEXT, version TEXT, wall_seconds REAL,
     inputs TEXT, outputs TEXT, lock TEXT, different TEXT
   );
   CREATE INDEX attempt_name ON attempt (name, started_ms);
   CREATE INDEX attempt_inputs ON attempt (inputs);
   CREATE INDEX attempt_queue ON attempt (queue, item);
   CREATE TABLE item (
     queue TEXT NOT NULL, key TEXT NOT NULL, position INTEGER,
     name TEXT NOT NULL, target TEXT NOT NULL, kind TEXT, options TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'finished')), status TEXT,
     attempt INTEGER REFERENCES attempt (id) ON DELETE SET NULL,
     failed INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0, not_before_ms INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (queue, key),
     CHECK ((state = 'finished') = (status IS NOT NULL))
   ) WITHOUT ROWID;`,
];

export function asItem(row: Row, attempts: readonly Attempt[]): ItemState {
  return {
    key: text(row['key']),
    name: text(row['name']),
    target: text(row['target']),
    kind: nullable(row['kind']),
    options: JSON.parse(text(row['options'])) as ItemOptions,
    position: Number(row['position']),
    state: text(row['state']) as ItemState['state'],
    status: nullable(row['status']) as Status | null,
    attempts,
  };
}

export function asAttempt(row: Row): Attempt {
  return {
    id: Number(row['id']),
    name: text(row['name']),
    target: text(row['target']),
    folder: text(row['folder']),
    startedAtMs: Number(row['started_ms']),
    tool: text(row['tool']),
    status: text(row['status']) as Status,
    reason: nullable(row['reason']),
    message: nullable(row['message']),
    next: nullable(row['next']),
    version: nullable(row['version']),
    wallSeconds: Number(row['wall_seconds']),
    inputs: nullable(row['inputs']),
    outputs: nullable(row['outputs']),
    lock: nullable(row['lock']),
    different: row['different'] ? (JSON.parse(text(row['different'])) as DifferentOutput[]) : [],
  };
}

function text(value: unknown): string {
  return String(value);
}

function nullable(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
