import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { readMirrors, type Mirrors } from '../archive/mirrors.ts';
import type { Failure, Result } from '../base/result.ts';
import { connect } from '../docker/dockerode.ts';
import { resolveEndpoint } from '../docker/endpoint.ts';
import type { Engine } from '../docker/engine.ts';
import type { FetchOptions } from '../store/fetch.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/types.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

export async function theStore(world: World): Promise<Result<Store>> {
  return openStore(join(world.home, 'store'));
}

export async function theEngine(world: World): Promise<Result<Engine>> {
  const endpoint = await resolveEndpoint(world.environment);
  return endpoint.ok ? connect(endpoint.value) : endpoint;
}
