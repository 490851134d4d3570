import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Engine, EngineInfo } from '../docker/engine.ts';
import { bytesText } from '../report/units.ts';
import { sensibleLimit } from '../store/limit.ts';
import type { ReproEnd } from './deeper.ts';
import { freeBytes } from './disk.ts';
import { keepLimits, type Limits } from './limits.ts';
import type { World } from './world.ts';

/** What has to be free before a package is begun: a small image, its packages, two builds. */
const LEAST_FREE_BYTES = 2e9;
/** A disk that had less than this was full for somebody. */
const FULL_BYTES = 64e6;
const LOOK_EVERY_MS = 1000;

/** The disks that a long run fills: those of the store, of the results, and of the engine where that is on this machine. */
export class Disk {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #places: readonly { readonly path: string; readonly what: string }[];
  readonly #enginePath: string | undefined;
  readonly #asked: Limits;
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: World, engine: Engine, info: EngineInfo, asked: Limits) {
    this.#world = world;
    this.#engine = engine;
    this.#asked = asked;
    this.#enginePath = info.endpoint.startsWith('unix://') ? info.dataRoot : undefined;
    this.#places = [
      { path: world.home, what: 'the store' },
      { path: world.root, what: 'the results' },
      ...(this.#enginePath === undefined ? [] : [{ path: this.#enginePath, what: 'the engine' }]),
    ];
  }

  /** Keeps store and images to their limits; those that nobody set follow from what is free now. One at a time. */
  limit(): Promise<Result<void>> {
    return this.#alone(async () => {
      const kept = await keepLimits(this.#world, this.#engine, this.#asked, (used, what) => this.#usual(used, what));
      return kept.ok ? ok() : kept;
    });
  }

  /** Sees to it that there is room for one more package. The failure for too little is of kind preflight: it stops the whole run. */
  async makeRoom(): Promise<Result<void>> {
    const short = await this.#shortOf();
    if (short === undefined) return ok();
    const kept = await this.limit();
    if (!kept.ok) return kept;
    const still = await this.#shortOf();
    if (still === undefined) return ok();
    return fail({
      kind: 'preflight',
      reason: 'too-little-disk',
      message: `The disk of ${still.what} (${still.path}) has ${bytesText(still.free)} free, and a package wants ${bytesText(LEAST_FREE_BYTES)}`,
      next: 'Make room (`twinbuild clean` removes what nothing needs) and run the same command again: it goes on where it was.',
    });
  }

  /** Looks at the engine's disk while a package is built, to tell a disk that was full from a build that failed by itself. */
  watch(): { judge(end: ReproEnd): ReproEnd } {
    const path = this.#enginePath;
    let least = Number.POSITIVE_INFINITY;
    const look = async () => {
      const free = path === undefined ? undefined : await freeBytes(path);
      if (free !== undefined) least = Math.min(least, free);
    };
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    timer.unref();
    return {
      judge: (end) => {
        clearInterval(timer);
        // What a build says of it is in its own language, or nothing at all: the disk itself is the witness.
        return end.failure?.kind === 'build-failed' && least < FULL_BYTES
          ? { ...end, status: 7, failure: diskFull(end.failure, path ?? '') }
          : end;
      },
    };
  }

  async #shortOf(): Promise<{ readonly path: string; readonly what: string; readonly free: number } | undefined> {
    for (const place of this.#places) {
      const free = await freeBytes(place.path);
      if (free !== undefined && free < LEAST_FREE_BYTES) return { ...place, free };
    }
    return undefined;
  }

  async #usual(usedBytes: number, what: 'store' | 'images'): Promise<number | undefined> {
    const path = what === 'store' ? this.#world.home : this.#enginePath;
    const free = path === undefined ? undefined : await freeBytes(path);
    return free === undefined ? undefined : sensibleLimit(usedBytes, free);
  }

  #alone<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#last.then(action, action);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

function diskFull(failure: Failure, path: string): Failure {
  return {
    kind: 'infrastructure',
    reason: 'disk-full',
    message: `The disk of the engine (${path}) was full while a package was built`,
    next: 'Make room (`twinbuild clean`, `docker system df`) and run the same command again: it goes on where it was.',
    details: failure.details ?? [],
  };
}
