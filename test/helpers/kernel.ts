import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT, type Rig, rig } from './rig.ts';

/** The recipe whose packages are tried; another one of the same shape can be named, to try a kernel of one's own. */
export const KERNEL_RECIPE: string = process.env['TWINBUILD_TEST_KERNEL'] ?? 'proxmox-kernel-ci';

/** The packages of a recipe by name: what its last build gave, or a build that is made now. */
export async function packagesOf(recipe: string): Promise<readonly string[]> {
  const folder = join(PROJECT, 'out', recipe, 'first');
  const list = async () =>
    (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
  const there = await list();
  if (there.length > 0) return there;
  await using one = await rig();
  const { status, stderr } = await one.execWith({ cwd: PROJECT }, 'build', recipe, '--relock-if-gone');
  if (status !== 0) throw new Error(stderr);
  return list();
}

/** Runs a command of the tool, and gives what it printed; throws what it said when it fails. */
export async function must(one: Rig, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await one.exec(...args);
  if (status !== 0) throw new Error(`twinbuild ${args.join(' ')}: status ${status}\n${stderr}`);
  return stdout;
}
