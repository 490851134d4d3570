import { join } from 'node:path';
import type { Result } from '../base/result.ts';
import { Records } from '../queue/records.ts';
import type { World } from './world.ts';

/** What is remembered of packages in this home folder. */
export function theRecords(world: World): Result<Records> {
  return Records.open(join(world.home, 'history.sqlite'));
}
