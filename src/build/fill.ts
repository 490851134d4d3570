import { posix } from 'node:path';
import type { Sha256 } from '../base/digest.ts';
import { sha256Stream } from '../base/digest.ts';
import type { Result } from '../base/result.ts';
import { StreamFailure } from '../base/result.ts';
import type { TarInput } from '../format/tar-write.ts';
import { packTar } from '../format/tar-write.ts';
import type { Store } from '../store/types.ts';
import { INPUTS } from './builtin.ts';
import type { FolderOf } from './folders.ts';
import type { BuildPlan, PlannedInput } from './types.ts';
import type { Workspace } from './workspace.ts';
import { foldersOf } from './workspace.ts';

/** Puts folders and inputs onto the volume. Each input is hashed once more on its way; a wrong one breaks the tar off. */
export async function fillWorkspace(workspace: Workspace, plan: BuildPlan, store: Store, folderOf: FolderOf): Promise<Result<void>> {
  return workspace.holder.putArchive('/', packTar(members(plan, store, folderOf)));
}

/** Puts some inputs onto the volume anew, where there are others of these names. */
export async function putInputs(
  workspace: Workspace,
  inputs: readonly PlannedInput[],
  plan: BuildPlan,
  store: Store,
  folderOf: FolderOf,
): Promise<Result<void>> {
  return workspace.holder.putArchive('/', packTar(inputMembers(inputs, plan, store, folderOf)));
}

function* members(plan: BuildPlan, store: Store, folderOf: FolderOf): Generator<TarInput> {
  const { uid, gid } = plan.surroundings.user;
  for (const { path, owner } of foldersOf(plan)) {
    const ids = owner === 'root' ? { uid: 0, gid: 0 } : { uid, gid };
    yield { member: { ...entry(path, plan.epoch), type: 'directory', mode: 0o755, ...ids } };
  }
  const inputs = plan.surroundings.volume === 'disk' ? plan.inputs : plan.inputs.toReversed();
  yield* inputMembers(inputs, plan, store, folderOf);
}

function* inputMembers(inputs: readonly PlannedInput[], { epoch }: BuildPlan, store: Store, folderOf: FolderOf): Generator<TarInput> {
  for (const input of inputs) {
    const bytes = folderOf(input.sha256) ?? store.read(input.sha256);
    yield { member: { ...entry(posix.join(INPUTS, input.name), epoch), size: input.size }, body: checked(input, bytes) };
  }
}

function entry(path: string, mtimeSeconds: number) {
  return {
    name: path.slice(1),
    type: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    mtimeSeconds,
    size: 0,
    link: '',
    devmajor: 0,
    devminor: 0,
    pax: {},
  };
}

async function* checked({ name, sha256, size }: PlannedInput, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = sha256Stream();
  for await (const piece of bytes) {
    hash.update(piece);
    if (hash.size > size) throw wrong(name);
    yield piece;
  }
  if (hash.size !== size || hash.digest() !== (sha256 satisfies Sha256)) throw wrong(name);
}

function wrong(name: string): StreamFailure {
  return new StreamFailure({
    kind: 'unverified-input',
    reason: 'input-changed',
    message: `The input ${name} is not what the plan says.`,
    next: 'Somebody changed it while the build began: run the command again.',
  });
}
