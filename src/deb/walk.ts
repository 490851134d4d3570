import { type Sha256, sha256Of } from '../base/digest.ts';
import { type ContentDifference, compareContent } from './content.ts';
import type { Member } from './members.ts';
import { from, type Side } from './opening.ts';
import type { Difference } from './types.ts';

/** What a walk finds. The one that is told decides what becomes of it. */
export type Findings = {
  readonly found: (name: string | undefined, what: Difference['what']) => void; // of a member, or of the archive itself
  readonly content: (pair: Pair, content: ContentDifference) => Promise<void>;
  readonly unlocated: (pair: Pair) => void; // the contents of a member differ, but it stood at other places, so where is not known
};

/** The same member on both sides, by its number in the archive. */
export type Pair = { readonly name: string; readonly firstIndex: number; readonly secondIndex: number };

/** More set-aside members than this cannot be held; then the walk stops. */
const MOST_ASIDE = 200_000;

/** A member that came when the other side had another one: what is kept of it until its like turns up. */
type Aside = { readonly index: number; readonly attributes: Member['attributes']; readonly digest: Sha256; readonly against: string };
type Standing = { readonly member: Member; readonly index: number };

/**
 * Reads two archives in step. As long as both have the same names in the same order nothing is kept of them. When the names part, the one that sorts
 * first is set aside (as digest): in sorted archives, which dpkg makes, that is the extra one, and the next names agree again.
 *
 * @throws Unreadable with its side
 */
export async function walk(
  first: AsyncGenerator<Member>,
  second: AsyncGenerator<Member>,
  holdBytes: number,
  findings: Findings,
): Promise<void> {
  const one = cursor('first', first);
  const two = cursor('second', second);
  const asideOne = new Map<string, Aside[]>();
  const asideTwo = new Map<string, Aside[]>();
  let aside = 0;
  let order: Difference['what'] | undefined;
  try {
    let [a, b] = [await one.next(), await two.next()];
    while (a !== undefined || b !== undefined) {
      if (a !== undefined && b !== undefined && a.member.name === b.member.name) {
        const pair = { name: a.member.name, firstIndex: a.index, secondIndex: b.index };
        compareAttributes(pair.name, a.member.attributes, b.member.attributes, findings);
        const content = await compareContent(a.member.body, b.member.body, holdBytes);
        if (content !== undefined) await findings.content(pair, content);
        [a, b] = [await one.next(), await two.next()];
        continue;
      }
      const takeFirst =
        b === undefined ||
        (a !== undefined && (asideTwo.has(a.member.name) || (!asideOne.has(b.member.name) && precedes(a.member.name, b.member.name))));
      const taken = takeFirst ? a : b;
      if (taken === undefined) break;
      const side = takeFirst ? 'first' : 'second';
      const against = (takeFirst ? b : a)?.member.name ?? '';
      const now: Aside = {
        index: taken.index,
        attributes: taken.member.attributes,
        digest: (await from(side, sha256Of(taken.member.body))).digest,
        against,
      };
      const { name } = taken.member;
      const before = takeOut(takeFirst ? asideTwo : asideOne, name);
      if (before === undefined) {
        putIn(takeFirst ? asideOne : asideTwo, name, now);
        aside += 1;
        if (aside > MOST_ASIDE) throw new TooManyAside();
      } else {
        aside -= 1;
        const [x, y] = takeFirst ? [now, before] : [before, now];
        order ??= takeFirst
          ? { kind: 'order', first: before.against, second: name }
          : { kind: 'order', first: name, second: before.against };
        compareAttributes(name, x.attributes, y.attributes, findings);
        if (x.digest !== y.digest) findings.unlocated({ name, firstIndex: x.index, secondIndex: y.index });
      }
      if (takeFirst) a = await one.next();
      else b = await two.next();
    }
    if (order !== undefined) findings.found(undefined, order);
    tellLeft('first', asideOne, findings);
    tellLeft('second', asideTwo, findings);
  } finally {
    await Promise.all([first.return(undefined), second.return(undefined)]);
  }
}

/** The archives have nearly nothing in common in the same order. */
export class TooManyAside extends Error {}

function cursor(side: Side, members: AsyncGenerator<Member>): { next(): Promise<Standing | undefined> } {
  let index = -1;
  return {
    async next() {
      const result = await from(side, members.next());
      index += 1;
      return result.done === true ? undefined : { member: result.value, index };
    },
  };
}

function compareAttributes(name: string, first: Member['attributes'], second: Member['attributes'], findings: Findings): void {
  for (const [index, [attribute, value]] of first.entries()) {
    const other = second[index]?.[1] ?? '';
    if (value !== other) findings.found(name, { kind: 'attribute', attribute, first: value, second: other });
  }
}

/** The order of `tar --sort=name`: by the parts of the path, so that a folder's members stand right behind it. */
function precedes(a: string, b: string): boolean {
  const one = a.split('/');
  const two = b.split('/');
  for (let index = 0; index < Math.min(one.length, two.length); index += 1) {
    const [x = '', y = ''] = [one[index], two[index]];
    if (x !== y) return x < y;
  }
  return one.length < two.length;
}

function putIn(asides: Map<string, Aside[]>, name: string, aside: Aside): void {
  const list = asides.get(name);
  if (list === undefined) asides.set(name, [aside]);
  else list.push(aside);
}

function takeOut(asides: Map<string, Aside[]>, name: string): Aside | undefined {
  const list = asides.get(name);
  const taken = list?.shift();
  if (list?.length === 0) asides.delete(name);
  return taken;
}

function tellLeft(side: Side, asides: ReadonlyMap<string, readonly Aside[]>, findings: Findings): void {
  const left = [...asides].flatMap(([name, list]) => list.map(({ index }) => ({ name, index })));
  for (const { name } of left.sort((x, y) => x.index - y.index)) findings.found(name, { kind: 'only-in', side });
}
