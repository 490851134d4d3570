import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result, StreamFailure } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { CLOSED } from '../docker/closed.ts';
import { type Container, type ContainerSpec, type Engine, type ImageId, LABEL } from '../docker/engine.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar } from '../format/tar.ts';
import { PLAIN_MEMBER, packTar } from '../format/tar-write.ts';
import type { ObjectFormat } from './objects.ts';
import { limitFailure, otherFailure, shownUrl, tagFailure } from './trouble.ts';

/** Where packs are taken apart: an image that has git. */
export type GitWorkshop = { readonly engine: Engine; readonly image: ImageId };

/** What is taken of a repository that nobody vouches for. */
export type GitLimits = {
  readonly packBytes: number; // as the server sends it
  readonly entries: number; // files and folders of one tree
  readonly treeBytes: number; // all files of one tree
};

/** A kernel has 85,000 files, 1.4 GB of them, in a pack of 250 MB. */
export const GIT_LIMITS: GitLimits = { packBytes: 4 * 1024 ** 3, entries: 1_000_000, treeBytes: 16 * 1024 ** 3 };

export type Pack = {
  readonly url: string;
  readonly commit: string;
  readonly format: ObjectFormat;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** A pack that git has taken apart, in a container that is gone with the scope. */
export type Checkout = AsyncDisposable & {
  /** The commit, its tree, and all that is in it in the order of a walk through it, as `git cat-file --batch` prints them. */
  objects(): AsyncIterable<Uint8Array>;
  /** `.gitmodules` as `git config --list -z` prints it; empty when there is none that can be read. May throw a StreamFailure. */
  modules(): Promise<Result<Uint8Array>>;
};

const TIMEOUT_MS = 30 * 60_000;
const MOST_MODULES_BYTES = 1024 ** 2;
const STATUS = { pack: 41, commit: 42, entries: 43, bytes: 44, tag: 45 } as const;

// index-pack rebuilds every object, hashes it, and stops at a SHA-1 collision attack; --strict has it look for what harms a git that checks the tree out.
// A shallow repository is one that knows that the parents of its commit are elsewhere.
const SCRIPT = `
commit=$1 format=$2 entries=$3 bytes=$4
mkdir /tmp/out
git init --quiet --bare --object-format="$format" /tmp/repository
cd /tmp/repository
printf '%s\\n' "$commit" >shallow
git index-pack --strict=zeroPaddedFilemode=ignore --stdin </tmp/in.pack >/dev/null 2>/tmp/words || {
  # The id of an annotated tag cannot be where history ends. What it stands for is for people only.
  rm shallow
  if git index-pack --stdin </tmp/in.pack >/dev/null 2>&1 && [ "$(git cat-file -t "$commit" 2>/dev/null)" = tag ]; then
    git rev-parse --verify --quiet "$commit^{commit}" >&2 || :
    exit ${STATUS.tag}
  fi
  cat /tmp/words >&2
  exit ${STATUS.pack}
}
kind=$(git cat-file -t "$commit" 2>/dev/null) || exit ${STATUS.commit}
[ "$kind" = commit ] || exit ${STATUS.commit}
list() { git ls-tree -r -t --full-tree --format="$1" "$commit"; }
# A tree can name the same folder again and again; the first lines tell whether there are too many.
count=$(list '%(objecttype)' | head -n $((entries + 1)) | wc -l) || true
[ "$count" -le "$entries" ] || exit ${STATUS.entries}
total=$(list '%(objectsize)' | awk '{ sum += $1 } END { printf "%.0f", sum }')
[ "$total" -le "$bytes" ] || { echo "$total bytes" >&2; exit ${STATUS.bytes}; }
{ echo "$commit"; git rev-parse "$commit^{tree}"; list '%(objecttype) %(objectname)' | sed -n '/^commit /d; s/^[a-z]* //p'; } |
  git cat-file --batch --buffer >/tmp/out/objects
: >/tmp/out/modules
if git cat-file -e "$commit:.gitmodules" 2>/dev/null; then
  git config --blob "$commit:.gitmodules" --list -z >/tmp/out/modules || : >/tmp/out/modules
fi
`;

/** Takes a pack apart in a container without network: the objects of one commit, ready to be read. */
export async function checkOut({ engine, image }: GitWorkshop, pack: Pack, limits: GitLimits, running: Running): Promise<Result<Checkout>> {
  const made = await engine.createContainer(specOf(image, pack, limits, running));
  if (!made.ok) return made;
  const container = made.value;
  const ready = await takeApart(container, pack, limits, running);
  if (!ready.ok) {
    await container[Symbol.asyncDispose]();
    return ready;
  }
  return ok({
    objects: () => objectsOf(container),
    modules: () => modulesOf(container),
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  });
}

async function takeApart(container: Container, pack: Pack, limits: GitLimits, running: Running): Promise<Result<void>> {
  const member = { ...PLAIN_MEMBER, name: 'tmp/in.pack', size: pack.size };
  const put = await container.putArchive('/', packTar([{ member, body: pack.bytes }]));
  if (!put.ok) return put;
  const words: Uint8Array[] = [];
  let bytes = 0;
  const exit = await container.run({
    output: (_stream, piece) => {
      bytes += piece.length;
      if (bytes <= 1024 ** 2) words.push(Uint8Array.from(piece));
    },
    timeoutMs: TIMEOUT_MS,
    signal: running.signal,
  });
  if (!exit.ok) return exit;
  const { status, stopped, timedOut, outOfMemory } = exit.value;
  if (stopped === 'aborted') return fail(running.signal.reason as Failure);
  const url = shownUrl(pack.url);
  if (timedOut) return fail(limitFailure(pack.url, `it took more than ${TIMEOUT_MS / 60_000} minutes to take apart`));
  if (outOfMemory) return fail(limitFailure(pack.url, `it took more than ${CLOSED.memoryBytes / 1024 ** 3} GiB of memory to take apart`));
  if (status === 0) return ok();
  const details = Buffer.concat(words).toString().trim().split('\n').slice(-10).map(escapeControl);
  switch (status) {
    case STATUS.pack:
      return fail({
        kind: 'unverified-input',
        reason: 'git-broken-pack',
        message: `git refuses the pack that ${url} sent for ${pack.commit}`,
        next: 'Nothing of it was used.',
        details,
      });
    case STATUS.commit:
      return fail(otherFailure(pack.url, pack.commit, 'the pack has no such commit'));
    case STATUS.tag:
      return fail(tagFailure(pack.url, pack.commit, details));
    case STATUS.entries:
      return fail(limitFailure(pack.url, `more than ${limits.entries} files`));
    case STATUS.bytes:
      return fail(limitFailure(pack.url, `files of more than ${limits.treeBytes} bytes`));
    default:
      return fail({
        kind: 'infrastructure',
        reason: 'git-workshop',
        message: `git ended with status ${status} while it took apart what ${url} sent`,
        details,
      });
  }
}

function specOf(image: ImageId, { commit, format }: Pack, limits: GitLimits, running: Running): ContainerSpec {
  return {
    ...CLOSED,
    image,
    command: ['/bin/bash', '-e', '-o', 'pipefail', '-c', SCRIPT, 'sh', commit, format, String(limits.entries), String(limits.treeBytes)],
    environment: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LC_ALL: 'C.UTF-8', TZ: 'UTC', GIT_CONFIG_NOSYSTEM: '1' },
    workingDirectory: '/tmp',
    user: '65534:65534',
    labels: { ...running.labels, [LABEL.kind]: 'git' },
  };
}

async function* objectsOf(container: Container): AsyncGenerator<Uint8Array> {
  const tar = await container.getArchive('/tmp/out/objects');
  if (!tar.ok) throw new StreamFailure(tar.error);
  for await (const { member, body } of readTar(tar.value, { ...ARCHIVE_LIMITS, entries: 2 })) if (member.type === 'file') yield* body;
}

async function modulesOf(container: Container): Promise<Result<Uint8Array>> {
  const tar = await container.getArchive('/tmp/out/modules');
  if (!tar.ok) return tar;
  const pieces: Uint8Array[] = [];
  for await (const { member, body } of readTar(tar.value, { ...ARCHIVE_LIMITS, entries: 2, totalBytes: MOST_MODULES_BYTES }))
    if (member.type === 'file') for await (const piece of body) pieces.push(Uint8Array.from(piece));
  return ok(Buffer.concat(pieces));
}
