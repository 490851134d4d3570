import { type ReadOptions, readArchive } from '../../src/archive/read.ts';
import type { ArchiveIndex } from '../../src/archive/types.ts';
import type { Result } from '../../src/base/result.ts';
import type { Store } from '../../src/store/types.ts';
import { NOW_SECONDS, type Signer } from './archive.ts';
import { type Server, server } from './server.ts';
import { emptyStore, type Fetching, fetching } from './stores.ts';

export type ArchiveWorld = AsyncDisposable & {
  readonly http: Server;
  readonly root: string;
  readonly store: Store;
  readonly fetch: Fetching;
  read(over?: Partial<ReadOptions>): Promise<Result<ArchiveIndex>>;
};

/** A server, an empty store, and a way to read bookworm from the one into the other. */
export async function archiveWorld(by: Signer): Promise<ArchiveWorld> {
  const s = await emptyStore();
  const http = await server();
  const fetch = fetching({ retries: 1 });
  return {
    http,
    root: s.root,
    store: s.store,
    fetch,
    read: (over = {}) =>
      readArchive({
        container: { suite: 'bookworm', components: ['main'], architecture: 'amd64', archives: [] },
        store: s.store,
        mirrors: { from: 'environment', debian: [`${http.url}/debian`], security: [`${http.url}/debian-security`] },
        keyring: by.keyring,
        fetch,
        nowSeconds: NOW_SECONDS,
        ...over,
      }),
    [Symbol.asyncDispose]: async () => {
      await http[Symbol.asyncDispose]();
      await s[Symbol.asyncDispose]();
    },
  };
}
