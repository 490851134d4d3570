import { ok, type Result } from '../base/result.ts';
import { type Database, guardedDatabase, openDatabase, transaction } from '../store/database.ts';
import { statusOver } from './course.ts';
import { asAttempt, asItem, FORMS, type Row } from './rows.ts';
import type { Attempt, AttemptEnd, ItemState, QueueItem, Status } from './types.ts';

/** An attempt that begins. */
export type Beginning = Pick<Attempt, 'name' | 'target' | 'folder' | 'startedAtMs' | 'tool'>;

/** What is remembered of packages: the queues of lists, and every attempt. One file for all projects that share a home folder. */
export class Records {
  readonly #database: Database;
  readonly #path: string;

  private constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  static open(path: string): Result<Records> {
    const database = openDatabase(path, FORMS);
    return database.ok ? ok(new Records(database.value, path)) : database;
  }

  close(): void {
    guardedDatabase(this.#path, () => this.#database.close());
  }

  /**
   * Makes the queue of that folder be these items, in this order. Items that finished before under the same key stay finished; what was running when its
   * process died waits again, and so does what infrastructure kept from a verdict.
   *
   * @param queue absolute path of the folder of its results
   * @param again which of the finished ones wait again
   */
  openQueue(queue: string, items: readonly QueueItem[], again: (item: ItemState) => boolean): Result<void> {
    return this.#write(() => {
      this.#run('UPDATE item SET position = NULL WHERE queue = ?', queue);
      const insert = `INSERT INTO item (queue, key, position, name, target, kind, options, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')
        ON CONFLICT (queue, key) DO UPDATE SET position = excluded.position, name = excluded.name, target = excluded.target,
          kind = excluded.kind, options = excluded.options`;
      for (const [at, { key, name, target, kind, options }] of items.entries())
        this.#run(insert, queue, key, at, name, target, kind, JSON.stringify(options));
      this.#run(
        "UPDATE item SET state = 'waiting', status = NULL WHERE queue = ? AND (state = 'running' OR status IN ('infrastructure', 'source-missing'))",
        queue,
      );
      this.#run('UPDATE item SET failed = 0, lost = 0, not_before_ms = 0 WHERE queue = ?', queue);
      for (const item of this.#items(queue)) {
        if (item.state === 'finished' && again(item))
          this.#run("UPDATE item SET state = 'waiting', status = NULL WHERE queue = ? AND key = ?", queue, item.key);
      }
    });
  }

  /** The items of a queue in the order of its list, with all of their attempts. */
  items(queue: string): Result<readonly ItemState[]> {
    return guardedDatabase(this.#path, () => this.#items(queue));
  }

  /** Items that a process left running, each with the attempt that it had begun. Asked for before `openQueue`. */
  abandoned(queue: string): Result<readonly (QueueItem & { readonly attempt: Attempt })[]> {
    return guardedDatabase(this.#path, () =>
      this.#all("SELECT * FROM item WHERE queue = ? AND state = 'running' AND attempt IS NOT NULL", queue).flatMap((row) => {
        const [attempt] = this.#all('SELECT * FROM attempt WHERE id = ?', row['attempt'] as number);
        return attempt ? [{ ...asItem(row, []), attempt: asAttempt(attempt) }] : [];
      }),
    );
  }

  /**
   * Takes the next item that may be tried now, and notes that its attempt has begun.
   *
   * @returns the item and the attempt's number; 'later' with the moment when one may be tried again; undefined when nothing waits
   */
  take(queue: string, nowMs: number, beginning: (item: QueueItem) => Beginning): Result<Taken | { readonly laterMs: number } | undefined> {
    return this.#write(() => {
      const [row] = this.#all(
        "SELECT * FROM item WHERE queue = ? AND position IS NOT NULL AND state = 'waiting' ORDER BY not_before_ms > ?, position LIMIT 1",
        queue,
        nowMs,
      );
      if (row === undefined) return undefined;
      if (Number(row['not_before_ms']) > nowMs) return { laterMs: this.#earliest(queue) };
      const item = asItem(row, []);
      const attempt = this.#begin(beginning(item), queue, item.key);
      this.#run("UPDATE item SET state = 'running', attempt = ? WHERE queue = ? AND key = ?", attempt, queue, item.key);
      return { item, attempt, failed: Number(row['failed']), lost: Number(row['lost']) };
    });
  }

  /** An attempt at a package that is in no list; gives its number. */
  begin(beginning: Beginning): Result<number> {
    return this.#write(() => this.#begin(beginning, null, null));
  }

  /** Notes how an attempt ended, and gives the status over all attempts at the same inputs. */
  end(attempt: number, end: AttemptEnd): Result<Status> {
    return this.#write(() => this.#end(attempt, end));
  }

  /** The same for an item of a queue, which is finished with it. */
  finish(queue: string, key: string, attempt: number, end: AttemptEnd): Result<Status> {
    return this.#write(() => {
      const status = this.#end(attempt, end);
      this.#run("UPDATE item SET state = 'finished', status = ?, attempt = ? WHERE queue = ? AND key = ?", status, attempt, queue, key);
      return status;
    });
  }

  /** The same for an item that will be tried again. */
  putBack(queue: string, key: string, attempt: number, end: AttemptEnd, notBeforeMs: number): Result<void> {
    return this.#write(() => {
      this.#end(attempt, end);
      const column = end.status === 'infrastructure' ? 'lost' : 'failed';
      this.#run(
        `UPDATE item SET state = 'waiting', not_before_ms = ?, ${column} = ${column} + 1 WHERE queue = ? AND key = ?`,
        notBeforeMs,
        queue,
        key,
      );
    });
  }

  /** The attempt was never made: the run was stopped. */
  leave(queue: string, key: string, attempt: number): Result<void> {
    return this.#write(() => {
      this.#run("UPDATE item SET state = 'waiting', attempt = NULL WHERE queue = ? AND key = ?", queue, key);
      this.#run('DELETE FROM attempt WHERE id = ? AND status IS NULL', attempt);
    });
  }

  /** Attempts that have ended, the newest first; of one package, or of all. */
  history(name: string | undefined, most: number): Result<readonly Attempt[]> {
    return guardedDatabase(this.#path, () => {
      const rows =
        name === undefined
          ? this.#all('SELECT * FROM attempt WHERE status IS NOT NULL ORDER BY started_ms DESC, id DESC LIMIT ?', most)
          : this.#all('SELECT * FROM attempt WHERE status IS NOT NULL AND name = ? ORDER BY started_ms DESC, id DESC LIMIT ?', name, most);
      return rows.map(asAttempt);
    });
  }

  /** The key of the item whose attempt wrote a report into that folder, when the report began at that moment; undefined when none of this queue did. */
  writerOf(queue: string, folder: string, reportStartedMs: number): Result<string | undefined> {
    return guardedDatabase(this.#path, () => {
      const sql = 'SELECT item FROM attempt WHERE queue = ? AND folder = ? AND started_ms <= ? ORDER BY started_ms DESC, id DESC LIMIT 1';
      const [row] = this.#all(sql, queue, folder, reportStartedMs);
      return row === undefined ? undefined : String(row['item']);
    });
  }

  /** Names of all packages that were ever tried. */
  names(): Result<readonly string[]> {
    return guardedDatabase(this.#path, () =>
      this.#all('SELECT DISTINCT name FROM attempt WHERE status IS NOT NULL ORDER BY name').map((row) => String(row['name'])),
    );
  }

  #items(queue: string): ItemState[] {
    const attempts = Map.groupBy(this.#all('SELECT * FROM attempt WHERE queue = ? AND status IS NOT NULL ORDER BY id', queue), (row) =>
      String(row['item']),
    );
    return this.#all('SELECT * FROM item WHERE queue = ? AND position IS NOT NULL ORDER BY position', queue).map((row) =>
      asItem(row, (attempts.get(String(row['key'])) ?? []).map(asAttempt)),
    );
  }

  #earliest(queue: string): number {
    const [row] = this.#all(
      "SELECT MIN(not_before_ms) AS first FROM item WHERE queue = ? AND position IS NOT NULL AND state = 'waiting'",
      queue,
    );
    return Number(row?.['first'] ?? 0);
  }

  #begin({ name, target, folder, startedAtMs, tool }: Beginning, queue: string | null, item: string | null): number {
    const sql = 'INSERT INTO attempt (queue, item, name, target, folder, started_ms, tool) VALUES (?, ?, ?, ?, ?, ?, ?)';
    return Number(this.#database.prepare(sql).run(queue, item, name, target, folder, startedAtMs, tool).lastInsertRowid);
  }

  #end(attempt: number, end: AttemptEnd): Status {
    const { status, reason, message, next, version, wallSeconds, inputs, outputs, lock, different } = end;
    this.#run(
      `UPDATE attempt SET status = ?, reason = ?, message = ?, next = ?, version = ?, wall_seconds = ?, inputs = ?, outputs = ?, lock = ?,
        different = ? WHERE id = ?`,
      status,
      reason,
      message,
      next,
      version,
      wallSeconds,
      inputs,
      outputs,
      lock,
      JSON.stringify(different),
      attempt,
    );
    if (inputs === null) return status;
    const same = this.#all('SELECT DISTINCT status, outputs FROM attempt WHERE inputs = ? AND id <> ?', inputs, attempt);
    return statusOver(
      end,
      same.map((row) => ({ status: row['status'] as Status, outputs: row['outputs'] as string | null })),
    );
  }

  #all(sql: string, ...values: readonly (string | number | null)[]): readonly Row[] {
    return this.#database.prepare(sql).all(...values);
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): void {
    this.#database.prepare(sql).run(...values);
  }

  #write<T>(action: () => T): Result<T> {
    return guardedDatabase(this.#path, () => transaction(this.#database, action));
  }
}

/** An item whose attempt has begun. failed, lost: earlier attempts of this run that ended with a failed build, or without one. */
export type Taken = { readonly item: QueueItem; readonly attempt: number; readonly failed: number; readonly lost: number };
