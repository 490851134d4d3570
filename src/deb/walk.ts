import { sha256Of } from '../base/digest.ts';
import { type Aside, Asides } from './asides.ts';
import { type ContentDifference, compareContent } from './content.ts';
import type { Leaf, Member } from './members.ts';
import { from, type Side } from './opening.ts';
import type { Difference } from './types.ts';

/** What a walk finds. The one that is told decides what becomes of it. */
export type Findings = {
  readonly found: (name: string | undefined, what: Difference['what']) => void; // of a member, or of the archive itself
  readonly content: (pair: Pair, content: ContentDifference) => Promise<void>;
  readonly unlocated: (pair: Pair) => void; // the contents of a member differ, but it stood at other places, so where is not known
};

/** The same member on both sides, by its number in the archive. */
export type Pair = {
  readonly name: string;
  readonly firstIndex: number;
  readonly secondIndex: number;
  readonly leaf: Leaf | undefined;
  readonly follows: boolean; // see Member
};

type Standing = { readonly member: Member; readonly index: number };

/**
 * Reads two archives in step. As long as both have the same names in the same order nothing is kept of them. When the names part, the one that sorts
 * first is set aside (as digest): in sorted archives, which dpkg makes, that is the extra one, and the next names agree again.
 *
 * @throws Unreadable with its side, or TooManyAside
 */
export async function walk(
  first: AsyncGenerator<Member>,
  second: AsyncGenerator<Member>,
  holdBytes: number,
  findings: Findings,
): Promise<void> {
  const one = cursor('first', first);
  const two = cursor('second', second);
  const asides = new Asides();
  try {
    let [a, b] = [await one.next(), await two.next()];
    while (a !== undefined || b !== undefined) {
      if (a !== undefined && b !== undefined && a.member.name === b.member.name) {
        asides.matched(a.member.name, a.index, b.index);
        await comparePair(a, b, holdBytes, findings);
        [a, b] = [await one.next(), await two.next()];
      } else if (b === undefined || (a !== undefined && asides.firstGoes(a.member.name, b.member.name))) {
        if (a !== undefined) await setAside('first', a, asides, findings);
        a = await one.next();
      } else {
        await setAside('second', b, asides, findings);
        b = await two.next();
      }
    }
    for (const [name, what] of asides.left()) findings.found(name, what);
  } finally {
    await Promise.all([first.return(undefined), second.return(undefined)]);
  }
}

async function comparePair(a: Standing, b: Standing, holdBytes: number, findings: Findings): Promise<void> {
  const { name, leaf, follows = false } = a.member;
  const pair = { name, firstIndex: a.index, secondIndex: b.index, leaf, follows };
  compareAttributes(pair.name, a.member.attributes, b.member.attributes, findings);
  const content = await compareContent(a.member.body, b.member.body, holdBytes);
  if (content !== undefined) await findings.content(pair, content);
}

/** Sets a member aside, or compares it by digest with its like that was set aside before. */
async function setAside(side: Side, standing: Standing, asides: Asides, findings: Findings): Promise<void> {
  const { member, index } = standing;
  const { digest } = await from(side, sha256Of(member.body));
  const values = JSON.stringify(member.attributes.map(([, value]) => value));
  const pair = asides.put(side, member.name, { index, values, digest });
  if (pair === undefined) return;
  compareAttributes(member.name, named(member, pair.first), named(member, pair.second), findings);
  if (pair.first.digest !== pair.second.digest) {
    const { name, leaf, follows = false } = member;
    findings.unlocated({ name, firstIndex: pair.first.index, secondIndex: pair.second.index, leaf, follows });
  }
}

/** The attributes of a member that was set aside; those of its like have the same names. */
function named({ attributes }: Member, { values }: Aside): Member['attributes'] {
  const list = JSON.parse(values) as readonly string[];
  return attributes.map(([name], index) => [name, list[index] ?? ''] as const);
}

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
