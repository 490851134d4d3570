import { escapeControl } from '../base/escape.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { protocolFailure, shownUrl } from './trouble.ts';

/** A name in a repository, and what it stands for. */
export type Ref = {
  readonly name: string; // refs/tags/v1.0
  readonly id: string;
  readonly peeled?: string; // of an annotated tag: the object behind it
};

/** Whether a text can be the name of a tag or a branch, or a commit (git-check-ref-format(1)). Nothing that it may hold can be taken for another line or word. */
export function isRefName(text: string): boolean {
  return (
    text.length <= 255 && /^[^-./\p{Cc} ~^:?*[\\][^\p{Cc} ~^:?*[\\]*$/u.test(text) && !/\.\.|\/\/|@\{|\.lock(\/|$)|\/\.|[./]$/.test(text)
  );
}

const ID = '[0-9a-f]{40}(?:[0-9a-f]{24})?';

/** The answer to ls-refs: `ID NAME`, with `peeled:ID` among what may follow (gitprotocol-v2(5)). */
export function refsOfListing(lines: readonly string[]): Result<readonly Ref[]> {
  const refs: Ref[] = [];
  for (const line of lines) {
    const { id, name, rest } = new RegExp(`^(?<id>${ID}) (?<name>[^ ]+)(?<rest>( [^ ]+)*)$`).exec(line)?.groups ?? {};
    if (id === undefined || name === undefined) return fail(protocolFailure(`"${line}" is no line of a list of refs`));
    const peeled = new RegExp(` peeled:(${ID})(?= |$)`).exec(rest ?? '')?.[1];
    refs.push({ name, id, ...(peeled === undefined ? {} : { peeled }) });
  }
  return ok(refs);
}

/** The introduction of a server of the older protocol: `ID NAME\0CAPABILITIES`, then `ID NAME`, where `NAME^{}` is the object behind a tag. Other lines are passed over. */
export function refsOfAdvertisement(lines: readonly string[]): { readonly refs: readonly Ref[]; readonly capabilities: readonly string[] } {
  const found = new Map<string, Ref>();
  let capabilities: readonly string[] = [];
  for (const [index, whole] of lines.entries()) {
    const [line = '', words] = whole.split('\0');
    if (index === 0) capabilities = (words ?? '').split(' ').filter((word) => word !== '');
    const [, id = '', name = ''] = new RegExp(`^(${ID}) (.+)$`).exec(line) ?? [];
    const tag = name.endsWith('^{}') ? found.get(name.slice(0, -3)) : undefined;
    if (tag) found.set(tag.name, { ...tag, peeled: id });
    else if (name !== '' && !name.endsWith('^{}')) found.set(name, { name, id });
  }
  return { refs: [...found.values()], capabilities };
}

/** The commit that a name stands for: a tag or a branch, or with `refs/` in front that very ref. */
export function chooseRef(url: string, name: string, refs: readonly Ref[]): Result<string> {
  const names = name.startsWith('refs/') ? [name] : [`refs/tags/${name}`, `refs/heads/${name}`];
  const fitting = names.flatMap((one) => refs.find((ref) => ref.name === one) ?? []);
  const ids = new Set(fitting.map(({ id, peeled }) => peeled ?? id));
  const [only] = ids;
  if (only !== undefined && ids.size === 1) return ok(only);
  const shown = escapeControl(name);
  if (only !== undefined) {
    return fail({
      kind: 'usage',
      reason: 'git-ref-ambiguous',
      message: `${shownUrl(url)} has a tag and a branch called ${shown}, which are not the same commit`,
      next: `Say refs/tags/${shown} or refs/heads/${shown}.`,
    });
  }
  return fail({
    kind: 'usage',
    reason: 'git-ref-unknown',
    message: `${shownUrl(url)} has no tag or branch called ${shown}`,
    ...idHint(name),
  });
}

/** What may have been meant by a name that is no ref. */
function idHint(name: string): { readonly next?: string } {
  if (!/^[0-9a-fA-F]{4,64}$/.test(name)) return {};
  if (isWholeId(name.toLowerCase())) return { next: `The id of a commit is written in small letters: ${name.toLowerCase()}.` };
  return { next: 'A commit must be named by its whole id: a server cannot be asked for the beginning of one.' };
}

function isWholeId(text: string): boolean {
  return new RegExp(`^${ID}$`).test(text);
}
