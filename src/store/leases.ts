import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { ownedName } from './address.ts';
import { type Database, guardedDatabase, openDatabase, type ProcessLock, takeLock, transaction } from './database.ts';
import { type Sleep, stopFailure } from './gate.ts';

/**
 * What somebody needs while a build runs: a file of the store by its digest, a builder image by its tag, or everything that was used since a moment,
 * for as long as it is not known yet what will be needed.
 */
export type LeaseKey = `sha256:${string}` | `image:${string}` | `since:${number}`;

/** What is known of something that may be removed; usedSeconds: its last use, since 1970-01-01T00:00:00Z. */
type Removable = { readonly key: LeaseKey | undefined; readonly usedSeconds: number };

/** What one holder holds; it lets go of all of it at once. */
export interface Lease {
  /** Waits while somebody removes one of them. After that nobody removes them until `release`, or until this process is gone. */
  hold(keys: readonly LeaseKey[], signal: AbortSignal): Promise<Result<void>>;
  release(): Result<void>;
}

const FORMS = [
  `CREATE TABLE lease (owner TEXT NOT NULL, scope INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (owner, scope, key)) WITHOUT ROWID;
   CREATE INDEX lease_key ON lease (key);
   CREATE TABLE removal (key TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;`,
];
const LOCK = '.lock';
const WAIT_MS = 50;

/**
 * Who needs what, for all processes that share a store. A process is alive as long as it holds the lock of its own file: when it dies, however it dies,
 * the system lets go of that, and what it held counts no longer.
 */
export class Leases {
  readonly #database: Database;
  readonly #path: string;
  readonly #folder: string;
  readonly #owner: string;
  readonly #lock: ProcessLock;
  readonly #sleep: Sleep;
  #scopes = 0;

  private constructor(database: Database, path: string, folder: string, lock: ProcessLock, owner: string, sleep: Sleep) {
    this.#database = database;
    this.#path = path;
    this.#folder = folder;
    this.#lock = lock;
    this.#owner = owner;
    this.#sleep = sleep;
  }

  /** Opens the leases in that folder (absolute) and forgets those of dead processes. */
  static open(home: string, sleep: Sleep): Result<Leases> {
    const path = join(home, 'leases.sqlite');
    const folder = join(home, 'leases');
    const database = openDatabase(path, FORMS);
    if (!database.ok) return database;
    const owner = ownedName('process');
    // Named once it is locked: nobody who looks for dead processes may find it before.
    const named = join(folder, `${owner}${LOCK}`);
    const lock = takeLock(`${named}.new`);
    if (!lock.ok) return lock;
    if (lock.value === undefined) throw new Error(`somebody has the lock of ${owner}`);
    const renamed = guardedDatabase(path, () => renameSync(`${named}.new`, named));
    if (!renamed.ok) return renamed;
    const leases = new Leases(database.value, path, folder, { ...lock.value, path: named }, owner, sleep);
    const swept = leases.sweep();
    return swept.ok ? ok(leases) : swept;
  }

  /** A new holder. */
  lease(): Lease {
    this.#scopes += 1;
    const scope = this.#scopes;
    return {
      hold: (keys, signal) => this.#hold(scope, keys, signal),
      release: () =>
        guardedDatabase(this.#path, () => {
          this.#database.prepare('DELETE FROM lease WHERE owner = ? AND scope = ?').run(this.#owner, scope);
        }),
    };
  }

  /** All keys that living processes hold, this one too. */
  held(): Result<ReadonlySet<string>> {
    const swept = this.sweep();
    if (!swept.ok) return swept;
    return guardedDatabase(this.#path, () => new Set(this.#column('SELECT DISTINCT key FROM lease')));
  }

  /**
   * Removes what nobody holds. Whoever wants to hold one of these meanwhile waits.
   *
   * @param wanted few enough that nobody who waits for one of them waits long
   * @returns those that were removed
   */
  async remove<T>(
    wanted: readonly T[],
    about: (one: T) => Removable,
    remove: (one: T) => Promise<Result<void>>,
  ): Promise<Result<readonly T[]>> {
    const held = this.held();
    if (!held.ok) return held;
    const free = guardedDatabase(this.#path, () => transaction(this.#database, () => this.#mark(wanted, about)));
    if (!free.ok) return free;
    const removed: T[] = [];
    try {
      for (const one of free.value) {
        const done = await remove(one);
        if (!done.ok) return done;
        removed.push(one);
      }
      return ok(removed);
    } finally {
      guardedDatabase(this.#path, () => this.#database.prepare('DELETE FROM removal WHERE owner = ?').run(this.#owner));
    }
  }

  /** Forgets what dead processes held or removed. */
  sweep(): Result<void> {
    const names = guardedDatabase(this.#path, () => [
      ...new Set([
        ...readdirSync(this.#folder).flatMap((name) => (name.endsWith(LOCK) ? [name.slice(0, -LOCK.length)] : [])),
        ...this.#column('SELECT DISTINCT owner AS key FROM lease UNION SELECT DISTINCT owner AS key FROM removal'),
      ]),
    ]);
    if (!names.ok) return names;
    for (const name of names.value.filter((each) => each !== this.#owner)) {
      const path = join(this.#folder, `${name}${LOCK}`);
      const lock = takeLock(path);
      if (!lock.ok) return lock;
      if (lock.value === undefined) continue; // it lives
      const forgotten = guardedDatabase(this.#path, () =>
        transaction(this.#database, () => {
          this.#database.prepare('DELETE FROM lease WHERE owner = ?').run(name);
          this.#database.prepare('DELETE FROM removal WHERE owner = ?').run(name);
          rmSync(path, { force: true });
        }),
      );
      lock.value.release();
      if (!forgotten.ok) return forgotten;
    }
    return ok();
  }

  /** Lets go of everything. A process that ends without it does no harm. */
  close(): void {
    guardedDatabase(this.#path, () => {
      this.#database.prepare('DELETE FROM lease WHERE owner = ?').run(this.#owner);
      this.#database.close();
      rmSync(this.#lock.path, { force: true });
    });
    this.#lock.release();
  }

  async #hold(scope: number, keys: readonly LeaseKey[], signal: AbortSignal): Promise<Result<void>> {
    for (let tries = 1; ; tries += 1) {
      const held = guardedDatabase(this.#path, () => transaction(this.#database, () => this.#insert(scope, keys)));
      if (!held.ok) return held;
      if (held.value) return ok();
      if (signal.aborted) return fail(stopFailure(signal));
      await this.#sleep(WAIT_MS, signal).catch(() => undefined);
      const swept = tries % 20 === 0 ? this.sweep() : ok(); // who removes it may have died
      if (!swept.ok) return swept;
    }
  }

  #insert(scope: number, keys: readonly string[]): boolean {
    const removals = new Set(this.#column('SELECT key FROM removal'));
    if (keys.some((key) => removals.has(key))) return false;
    const insert = this.#database.prepare('INSERT OR IGNORE INTO lease (owner, scope, key) VALUES (?, ?, ?)');
    for (const key of keys) insert.run(this.#owner, scope, key);
    return true;
  }

  /** Within a transaction: what of it nobody holds, marked as being removed. */
  #mark<T>(wanted: readonly T[], about: (one: T) => Removable): readonly T[] {
    const held = new Set(this.#column('SELECT DISTINCT key FROM lease'));
    const since = Math.min(...[...held].flatMap((key) => (key.startsWith('since:') ? [Number(key.slice(6))] : [])));
    const insert = this.#database.prepare('INSERT OR IGNORE INTO removal (key, owner) VALUES (?, ?)');
    return wanted.filter((one) => {
      const { key, usedSeconds } = about(one);
      if (usedSeconds >= since || (key !== undefined && held.has(key))) return false;
      if (key !== undefined) insert.run(key, this.#owner);
      return true;
    });
  }

  #column(sql: string): string[] {
    return this.#database
      .prepare(sql)
      .all()
      .map((row) => String(row['key']));
  }
}
