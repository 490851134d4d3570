import type { Sha256 } from '../base/digest.ts';
import type { Side } from './opening.ts';
import type { Difference } from './types.ts';

/** A member that came when the other side had another one: what is kept of it until its like turns up. */
export type Aside = {
  readonly index: number; // in its archive
  readonly values: string; // of its attributes, as one JSON text: of a hundred thousand members lists would take hundreds of megabytes
  readonly digest: Sha256; // of its body
};

/** Members of one name, and how many of them have found their like: a list of a hundred thousand is not shortened at its start. */
type Waiting = { readonly list: Aside[]; taken: number };

/** With more than this an explanation would take more memory than it is worth. */
const MOST = 200_000;

/** The archives have nearly nothing in common in the same order. */
export class TooManyAside extends Error {}

/** Members that stand at different places in two archives, or only in one. */
export class Asides {
  readonly #first = new Map<string, Waiting>();
  readonly #second = new Map<string, Waiting>();
  #count = 0;
  // Of the members that both have, those that stand last so far. What is found before one of them on one side only is in another order.
  #lastFirst = { name: '', index: -1 };
  #lastSecond = { name: '', index: -1 };
  #order: Difference['what'] | undefined;

  /** Whether the first side's member is the one to set aside: its like waits already, or it sorts before the other's. */
  firstGoes(first: string, second: string): boolean {
    if (this.#second.has(first)) return true;
    return !this.#first.has(second) && precedes(first, second);
  }

  /** Sets a member aside, or takes out its like of the other side and gives both. */
  put(side: Side, name: string, aside: Aside): { readonly first: Aside; readonly second: Aside } | undefined {
    const [own, others] = side === 'first' ? [this.#first, this.#second] : [this.#second, this.#first];
    const like = takeOut(others, name);
    if (like === undefined) {
      this.#count += 1;
      if (this.#count > MOST) throw new TooManyAside();
      const waiting = own.get(name);
      if (waiting === undefined) own.set(name, { list: [aside], taken: 0 });
      else waiting.list.push(aside);
      return undefined;
    }
    this.#count -= 1;
    const last = side === 'first' ? this.#lastSecond : this.#lastFirst;
    if (last.index > like.index) {
      this.#order ??= { kind: 'order', ...(side === 'first' ? { first: last.name, second: name } : { first: name, second: last.name }) };
    }
    const [first, second] = side === 'first' ? [aside, like] : [like, aside];
    this.matched(name, first.index, second.index);
    return { first, second };
  }

  /** Notes that a member stands at these places. */
  matched(name: string, firstIndex: number, secondIndex: number): void {
    if (firstIndex > this.#lastFirst.index) this.#lastFirst = { name, index: firstIndex };
    if (secondIndex > this.#lastSecond.index) this.#lastSecond = { name, index: secondIndex };
  }

  /** What is left to say at the end: another order, once, and every member without its like. */
  left(): readonly (readonly [name: string | undefined, Difference['what']])[] {
    const order: [undefined, Difference['what']][] = this.#order === undefined ? [] : [[undefined, this.#order]];
    return [...order, ...onlyIn('first', this.#first), ...onlyIn('second', this.#second)];
  }
}

function takeOut(asides: Map<string, Waiting>, name: string): Aside | undefined {
  const waiting = asides.get(name);
  if (waiting === undefined) return undefined;
  const taken = waiting.list[waiting.taken];
  waiting.taken += 1;
  if (waiting.taken === waiting.list.length) asides.delete(name);
  return taken;
}

function onlyIn(side: Side, asides: ReadonlyMap<string, Waiting>): [string, Difference['what']][] {
  const left = [...asides].flatMap(([name, { list, taken }]) => list.slice(taken).map(({ index }) => ({ name, index })));
  return left.sort((x, y) => x.index - y.index).map(({ name }) => [name, { kind: 'only-in', side }]);
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
