import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, failureOf, ok, type Result, StreamFailure } from '../base/result.ts';
import { Broken, type Exchange, type Reply } from '../store/exchange.ts';
import type { Scratch } from '../store/scratch.ts';
import { packOf } from './pack.ts';
import { DELIMITER, FLUSH, lineOf, PacketReader, packet } from './pkt-line.ts';
import { chooseRef, type Ref, refsOfAdvertisement, refsOfListing } from './refs.ts';
import { dumbFailure, limitFailure, protocolFailure, refusedFailure, ServerError, silentFailure, statusFailure } from './trouble.ts';

/** A repository on a server, as the server introduced itself. */
export type Remote = {
  readonly url: string; // as the recipe says it
  readonly base: string; // after redirects, without a slash at the end
  readonly version: 2 | 0; // of the protocol
  readonly format: 'sha1' | 'sha256'; // of its object ids
  readonly refs: readonly Ref[]; // version 0 tells them unasked
  readonly capabilities: readonly string[];
};

const AGENT = 'agent=twinbuild';
const MOST_ADVERTISED_BYTES = 256 * 1024 ** 2; // a server with a million refs has 80 MB of them
const ADVERTISEMENT = 'application/x-git-upload-pack-advertisement';
const RESULT = 'application/x-git-upload-pack-result';

/** Meets a server (gitprotocol-http(5), "Discovering References"; gitprotocol-v2(5)). Servers that know only the older protocol are spoken to in that. */
export async function openRemote(url: string, exchange: Exchange): Promise<Result<Remote>> {
  const clean = url.replace(/\/+$/, '');
  const question = {
    url: `${clean}/info/refs?service=git-upload-pack`,
    headers: { accept: ADVERTISEMENT, 'git-protocol': 'version=2' },
  };
  return tried(url, () =>
    exchange.send(question, async (reply) => {
      const wrong = statusFailure(url, reply.status);
      if (wrong) return fail(wrong);
      if (reply.type !== ADVERTISEMENT) return fail(dumbFailure(url, reply.type));
      const base = reply.url.replace(/\/info\/refs(\?.*)?$/, '');
      if (base === reply.url) return fail(protocolFailure('it redirects to an address that does not end in /info/refs'));
      return introduction({ url, base }, await linesOf(reply, url));
    }),
  );
}

function introduction(where: Pick<Remote, 'url' | 'base'>, all: readonly string[]): Result<Remote> {
  const lines = all[0]?.startsWith('# service=') ? all.slice(1) : all;
  const [first = ''] = lines;
  if (first === 'version 2') {
    const capabilities = lines.slice(1);
    const fetching = capabilities.find((one) => one === 'fetch' || one.startsWith('fetch='));
    if (!fetching?.slice('fetch='.length).split(' ').includes('shallow'))
      return fail(protocolFailure('it cannot send a commit without its history'));
    return ok({ ...where, version: 2, format: formatOf(capabilities), refs: [], capabilities });
  }
  const { refs, capabilities } = refsOfAdvertisement(first === 'version 1' ? lines.slice(1) : lines);
  if (!capabilities.includes('shallow') || !capabilities.includes('side-band-64k'))
    return fail(protocolFailure('it cannot send a commit without its history'));
  return ok({ ...where, version: 0, format: formatOf(capabilities), refs, capabilities });
}

function formatOf(capabilities: readonly string[]): Remote['format'] {
  return capabilities.includes('object-format=sha256') ? 'sha256' : 'sha1';
}

/** What of these two the server has said that it knows; one that meets a word that it does not know ends the conversation. */
function knownOf({ format, capabilities }: Remote): readonly string[] {
  const knows = (name: string): boolean => capabilities.some((one) => one === name || one.startsWith(`${name}=`));
  return [...(knows('agent') ? [AGENT] : []), ...(knows('object-format') ? [`object-format=${format}`] : [])];
}

/**
 * The commit that a tag, a branch or a full commit id stands for. Annotated tags are followed to their commit.
 *
 * @returns a usage failure git-ref-unknown or git-ref-ambiguous
 */
export async function resolveRef(remote: Remote, name: string, exchange: Exchange): Promise<Result<string>> {
  const digits = remote.format === 'sha1' ? 40 : 64;
  if (new RegExp(`^[0-9a-f]{${digits}}$`).test(name)) return ok(name);
  if (remote.version === 0) return chooseRef(remote.url, name, remote.refs);
  const names = name.startsWith('refs/') ? [name] : [`refs/tags/${name}`, `refs/heads/${name}`];
  const body = [
    packet('command=ls-refs\n'),
    ...knownOf(remote).map((word) => packet(`${word}\n`)),
    DELIMITER,
    packet('peel\n'),
    ...names.map((prefix) => packet(`ref-prefix ${prefix}\n`)),
    FLUSH,
  ];
  const lines = await post(remote, body, exchange, async (reply) => ok(await linesOf(reply, remote.url)));
  if (!lines.ok) return lines;
  const refs = refsOfListing(lines.value);
  return refs.ok ? chooseRef(remote.url, name, refs.value) : refs;
}

/** Fetches one commit without its history: the pack with every object of its tree goes into a file. */
export async function fetchCommit(
  remote: Remote,
  commit: string,
  exchange: Exchange,
  { into, mostBytes, progress }: { readonly into: Scratch; readonly mostBytes: number; readonly progress: (bytes: number) => void },
): Promise<Result<void>> {
  const body =
    remote.version === 2
      ? [
          packet('command=fetch\n'),
          ...knownOf(remote).map((word) => packet(`${word}\n`)),
          DELIMITER,
          ...['no-progress', 'ofs-delta', 'deepen 1', `want ${commit}`, 'done'].map((line) => packet(`${line}\n`)),
          FLUSH,
        ]
      : [
          packet(`${['want', commit, 'side-band-64k', 'ofs-delta', 'no-progress', ...knownOf(remote)].join(' ')}\n`),
          packet('deepen 1\n'),
          FLUSH,
          packet('done\n'),
        ];
  return post(remote, body, exchange, async (reply) => {
    await into.restart();
    const reader = new PacketReader(reply.body);
    try {
      for await (const piece of packOf(reader, remote.version)) {
        if (into.size + piece.length > mostBytes) return fail(limitFailure(remote.url, `more than ${mostBytes} bytes for one commit`));
        await into.write(piece);
        progress(into.size);
      }
    } catch (error) {
      if (error instanceof ServerError) return fail(refusedFailure(remote.url, commit, error.message));
      throw error;
    } finally {
      await reader.close();
    }
    return ok();
  });
}

function post<T>(
  remote: Remote,
  body: readonly Uint8Array[],
  exchange: Exchange,
  use: (reply: Reply) => Promise<Result<T>>,
): Promise<Result<T>> {
  const question = {
    url: `${remote.base}/git-upload-pack`,
    headers: {
      accept: RESULT,
      'content-type': 'application/x-git-upload-pack-request',
      ...(remote.version === 2 ? { 'git-protocol': 'version=2' } : {}),
    },
    body: Buffer.concat(body),
  };
  return tried(remote.url, () =>
    exchange.send(question, async (reply) => {
      const wrong = statusFailure(remote.url, reply.status);
      if (wrong) return fail(wrong);
      return reply.type === RESULT ? use(reply) : fail(dumbFailure(remote.url, reply.type));
    }),
  );
}

/** The lines of an answer to its end. @throws Broken when it ends without the flush that closes it */
async function linesOf(reply: Reply, url: string): Promise<readonly string[]> {
  const reader = new PacketReader(reply.body);
  const lines: string[] = [];
  let bytes = 0;
  let closed = false;
  for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
    closed = next.kind === 'flush';
    if (next.kind !== 'data') continue;
    bytes += next.bytes.length;
    if (bytes > MOST_ADVERTISED_BYTES) throw new StreamFailure(limitFailure(url, `a list of more than ${MOST_ADVERTISED_BYTES} bytes`));
    const line = lineOf(next.bytes);
    if (line.startsWith('ERR ')) throw new StreamFailure(refused(url, line.slice(4)));
    lines.push(line);
  }
  if (!closed) throw new Broken('the answer ended early');
  return lines;
}

function refused(url: string, words: string): Failure {
  return {
    kind: 'infrastructure',
    reason: 'git-server',
    message: `${escapeControl(url)} refuses: ${escapeControl(words)}`,
  };
}

async function tried<T>(url: string, work: () => Promise<Result<T> | { readonly silence: string }>): Promise<Result<T>> {
  try {
    const ended = await work();
    return 'silence' in ended ? fail(silentFailure(url, ended.silence)) : ended;
  } catch (error) {
    return fail(failureOf(error));
  }
}
