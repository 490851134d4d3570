import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Failure, fail, ok, type Result } from '../base/result.ts';

export type Database = DatabaseSync;

/** How long a statement waits for another process that writes, in milliseconds. It blocks, so every transaction of ours is short. */
const PATIENCE_MS = 20_000;

/** Result codes of SQLite (sqlite.org/rescode.html), the low byte. */
const CODE = { busy: 5, readonly: 8, io: 10, corrupt: 11, full: 13, cantOpen: 14, notDatabase: 26 } as const;

/**
 * Opens a database and brings it to the newest form: `forms[n]` makes form n + 1 out of form n. It can be killed at any moment (a write-ahead log), and
 * several processes may use it at once, on one machine.
 *
 * @returns infrastructure failures: database-newer, and those of `databaseFailure`
 */
export function openDatabase(path: string, forms: readonly string[]): Result<Database> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: PATIENCE_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    const newer = transaction(database, () => {
      const form = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      if (form > forms.length) return true;
      for (const sql of forms.slice(form)) database.exec(sql);
      database.exec(`PRAGMA user_version = ${forms.length}`);
      return false;
    });
    if (!newer) return ok(database);
    database.close();
    return fail({
      kind: 'infrastructure',
      reason: 'database-newer',
      message: `${path} was written by a newer twinbuild`,
      next: 'Use that one, or set TWINBUILD_HOME to another folder.',
    });
  } catch (error) {
    return fail(databaseFailure(error, path));
  }
}

/** Runs `action` in a transaction that writes: all of it is there afterwards, or nothing. */
export function transaction<T>(database: Database, action: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = action();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The value that `action` gets out of a database, or the failure that its error stands for. */
export function guardedDatabase<T>(path: string, action: () => T): Result<T> {
  try {
    return ok(action());
  } catch (error) {
    return fail(databaseFailure(error, path));
  }
}

/**
 * A lock that goes with its process, however that ends: the system takes it away, so that nobody has to judge whether a number of a process is still
 * the same one. It is an exclusive transaction that never ends, on an empty database.
 */
export type ProcessLock = { readonly path: string; release(): void };

/** A lock must not go because nobody refers to it any more: the garbage collector would close it. */
const HELD = new Set<Database>();

/** Takes the lock of that file; undefined when somebody has it. */
export function takeLock(path: string): Result<ProcessLock | undefined> {
  let database: Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const held = database;
    HELD.add(held);
    return ok({
      path,
      release: () => {
        if (HELD.delete(held)) held.close();
      },
    });
  } catch (error) {
    database?.close();
    return codeOf(error) === CODE.busy ? ok(undefined) : fail(databaseFailure(error, path));
  }
}

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** The failure that an error of SQLite or of the file system stands for; anything else is a bug and is thrown again. */
function databaseFailure(error: unknown, path: string): Failure {
  const code = codeOf(error);
  const system = (error as NodeJS.ErrnoException).code;
  if (code === undefined && (typeof system !== 'string' || !/^E[A-Z]+$/.test(system))) throw error;
  const failure = { kind: 'infrastructure', cause: error } as const;
  if (code === CODE.full || system === 'ENOSPC' || system === 'EDQUOT') {
    const next = 'Make room (`twinbuild clean` removes what nothing needs) and run it again.';
    return { ...failure, reason: 'disk-full', message: `The disk of ${path} is full`, next };
  }
  if (code === CODE.corrupt || code === CODE.notDatabase) {
    const next = 'Move the file away and run it again: what it remembered is lost, no package is.';
    return { ...failure, reason: 'database-damaged', message: `${path} is damaged`, next };
  }
  if (code === CODE.busy) {
    const next = 'Look which process holds it, then run it again.';
    return { ...failure, reason: 'database-busy', message: `${path} is in use by another process that does not let go of it`, next };
  }
  const known = code === undefined || code === CODE.readonly || code === CODE.io || code === CODE.cantOpen;
  if (!known) throw error; // wrong SQL
  const next = 'Mend the rights of that folder, or set TWINBUILD_HOME to one on a local disk.';
  return { ...failure, reason: 'database', message: `${path} can not be used: ${(error as Error).message}`, next };
}
