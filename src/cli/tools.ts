import { join } from 'node:path';
import type { Keyring } from '../archive/keyring.ts';
import { type Mirrors, readMirrors } from '../archive/mirrors.ts';
import { ok, type Result } from '../base/result.ts';
import { connect } from '../docker/dockerode.ts';
import { resolveEndpoint } from '../docker/endpoint.ts';
import type { Engine } from '../docker/engine.ts';
import type { FetchOptions } from '../store/fetch.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/types.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** The keys that vouch for Debian: all that are shipped in keyrings/. */
export async function debianKeyring(): Promise<Result<Keyring>> {
  const { readKeyringFolder } = await import('../archive/keyring.ts'); // OpenPGP is large, and only resolving needs it
  return readKeyringFolder(join(import.meta.dirname, '../../keyrings'));
}

export async function theStore(world: World): Promise<Result<Store>> {
  return openStore(join(world.home, 'store'));
}

export async function theEngine(world: World): Promise<Result<Engine>> {
  const endpoint = await resolveEndpoint(world.environment);
  return endpoint.ok ? connect(endpoint.value) : endpoint;
}

/** Store and engine, and how many cpus that has. */
export async function openTools(world: World): Promise<Result<{ readonly store: Store; readonly engine: Engine; readonly cpus: number }>> {
  const store = await theStore(world);
  if (!store.ok) return store;
  const engine = await theEngine(world);
  if (!engine.ok) return engine;
  const info = await engine.value.info();
  return info.ok ? ok({ store: store.value, engine: engine.value, cpus: info.value.cpus }) : info;
}

export async function theMirrors(world: World): Promise<Result<Mirrors>> {
  return readMirrors({ environment: world.environment, tell: world.running.tell });
}

/** How this run downloads. Proxies are the fetcher's alone: no build sees them. */
export function fetchOptions(world: World): FetchOptions {
  const variable = (name: string): string | undefined => world.environment[name.toLowerCase()] || world.environment[name];
  return {
    running: world.running,
    offline: world.offline,
    random: world.random,
    userAgent: `twinbuild/${VERSION}`,
    proxies: { http: variable('HTTP_PROXY'), https: variable('HTTPS_PROXY'), none: variable('NO_PROXY') },
  };
}
