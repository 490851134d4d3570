import { byBytes } from '../base/order.ts';
import type { Clue } from './clue.ts';
import { type Detector, type Finding, isVaried, shown } from './detector.ts';
import type { CauseContext } from './types.ts';

const DOCS = 'https://reproducible-builds.org/docs';

type Lists = { readonly first: readonly string[]; readonly second: readonly string[] };

/** The same lines, or the same words of one line, in another order. */
export function permuted({ lines, whole, pairs }: Clue): Lists | undefined {
  const known = lines && { first: lines.first.map(item), second: lines.second.map(item) };
  const list = known && (whole ? known : inCommon(known));
  if (list !== undefined && list.first.length > 1 && sameItems(list)) return core(list);
  for (const { first, second } of pairs) {
    const words = { first: wordsOf(first), second: wordsOf(second) };
    if (words.first.length > 1 && sameItems(words)) return core(words);
  }
  return undefined;
}

/** A line without what sets it off from the next one: the last item of a list has no comma. */
function item(line: string): string {
  return line.replace(/[,;]\s*$/, '');
}

/** From the first item that stands elsewhere to the last: a heading before a list is not part of its order. */
function core({ first, second }: Lists): Lists {
  const moved = (one: string, index: number): boolean => one !== second[index];
  const [from, to] = [first.findIndex(moved), first.findLastIndex(moved) + 1];
  return { first: first.slice(from, to), second: second.slice(from, to) };
}

/** Of a long list only a part is known: the lines that both sides are known to have, when these are most of them and not few. */
function inCommon({ first, second }: Lists): Lists | undefined {
  const [one, two] = [new Set(first), new Set(second)];
  const both = { first: first.filter((line) => two.has(line)), second: second.filter((line) => one.has(line)) };
  return both.first.length >= 8 && both.first.length * 2 >= first.length ? both : undefined;
}

function wordsOf(line: string): readonly string[] {
  return line.split(/[\s,;&|{}()[\]]+/).filter((word) => word !== '');
}

function sameItems({ first, second }: Lists): boolean {
  if (first.length !== second.length || first.every((item, index) => item === second[index])) return false;
  const sorted = [...second].sort(byBytes);
  return [...first].sort(byBytes).every((item, index) => item === sorted[index]);
}

function isSorted(items: readonly string[], compare: (a: string, b: string) => number): boolean {
  return items.every((item, index) => index === 0 || compare(items[index - 1] ?? '', item) <= 0);
}

/** As the locales of natural languages sort: letters first, without case, accents and punctuation. */
function bySound(a: string, b: string): number {
  return byBytes(soundOf(a), soundOf(b));
}

function soundOf(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

/** Numbers by their value. */
function byNumbers(a: string, b: string): number {
  const [x, y] = [Number(/\d+/.exec(a)?.[0] ?? Number.NaN), Number(/\d+/.exec(b)?.[0] ?? Number.NaN)];
  return x - y || byBytes(a, b);
}

function inAnyOrder(items: readonly string[]): boolean {
  return [byBytes, bySound, byNumbers].some((compare) => isSorted(items, compare) || isSorted(items.toReversed(), compare));
}

function sortedByLocale(lists: Lists): boolean {
  const [one, two] = [lists.first, lists.second];
  return (isSorted(one, byBytes) && isSorted(two, bySound)) || (isSorted(two, byBytes) && isSorted(one, bySound));
}

/** File names have a slash or an extension, or no letters at all besides digits. */
function namesOfFiles(items: readonly string[]): boolean {
  return items.filter((item) => /\/|\.[A-Za-z0-9]{1,5}$/.test(item)).length * 2 > items.length;
}

function evidenceOf(lists: Lists): string {
  return `Both sides have the same ${lists.first.length} items; the first that stands elsewhere is ${shown(parted(lists).first)} in the first build and ${shown(parted(lists).second)} in the second`;
}

function parted({ first, second }: Lists): { first: string; second: string } {
  const at = first.findIndex((item, index) => item !== second[index]);
  return { first: first[at] ?? '', second: second[at] ?? '' };
}

function localeSort(clue: Clue, context: CauseContext): Finding | undefined {
  const lists = permuted(clue);
  if (lists === undefined || !sortedByLocale(lists)) return undefined;
  const varied = isVaried(context, 'locale');
  if (!varied && context.first !== undefined) return undefined;
  const evidence = `${evidenceOf(lists)}: one is sorted by bytes, the other as a language sorts.`;
  return { confidence: varied ? 'certain' : 'likely', evidence, surrounding: varied ? 'locale' : null };
}

function directoryOrder(clue: Clue, context: CauseContext): Finding | undefined {
  const { what } = clue.difference;
  const varied = isVaried(context, 'directory-order');
  if (context.first !== undefined && !varied) return undefined;
  const surrounding = varied ? 'directory-order' : null;
  if (what.kind === 'order') {
    const evidence = `The members are the same in another order: ${shown(what.first)} in the first build stands where ${shown(what.second)} does in the second.`;
    const remedy =
      'Give the archiver a sorted list: tar --sort=name, `find … | LC_ALL=C sort | cpio -o --reproducible`, zip -X with a sorted list on standard input, sorted objects for ar.';
    return { confidence: 'likely', evidence, surrounding, remedy };
  }
  const lists = permuted(clue);
  if (lists === undefined || sortedByLocale(lists)) return undefined;
  // A file system in memory lists in the order of creation, or its reverse; one on disk lists by hashes. Short lists are in order by chance.
  const created = context.second?.volume === 'tmpfs' && lists.second.length >= 6 && inAnyOrder(lists.second) && !inAnyOrder(lists.first);
  if (!created && !namesOfFiles(lists.first)) return undefined;
  return { confidence: 'likely', evidence: `${evidenceOf(lists)}, as two file systems list a folder.`, surrounding };
}

function hashOrder(clue: Clue, context: CauseContext): Finding | undefined {
  const lists = permuted(clue);
  if (lists === undefined || sortedByLocale(lists) || directoryOrder(clue, context) !== undefined) return undefined;
  return { confidence: 'likely', evidence: `${evidenceOf(lists)}; neither order is a sorted one.`, surrounding: null };
}

export const ORDER_DETECTORS: readonly Detector[] = [
  {
    name: 'locale-sort',
    leak: 'The order in which the locale sorts',
    evidence: 'The same lines or words on both sides, sorted by bytes on one and without regard to case and punctuation on the other.',
    remedy: 'Sort with `LC_ALL=C sort`, or set `export LC_ALL=C.UTF-8` in debian/rules.',
    link: `${DOCS}/locales/`,
    detect: localeSort,
  },
  {
    name: 'directory-order',
    leak: 'The order in which the file system lists a folder',
    evidence:
      'The same members, lines or words on both sides in another order, which are names of files, or of which one side is in an order of creation; the two builds had different file systems.',
    remedy:
      'Sort what readdir, find, glob() or os.listdir() give: `find … | LC_ALL=C sort`, `$(sort $(wildcard *.c))`, sorted(os.listdir(…)).',
    link: `${DOCS}/stable-inputs/`,
    detect: directoryOrder,
  },
  {
    name: 'hash-order',
    leak: 'The order of a hash table',
    evidence: 'The same lines or words on both sides in another order, neither of them sorted, and not names of files.',
    remedy:
      'Sort before writing: `sort keys %hash` in Perl, sorted(set) in Python. PERL_HASH_SEED=0 and PYTHONHASHSEED=0 hide it for programs that cannot be changed.',
    link: `${DOCS}/stable-outputs/`,
    detect: hashOrder,
  },
];
