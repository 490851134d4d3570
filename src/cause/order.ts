import { byBytes } from '../base/order.ts';
import type { Clue } from './clue.ts';
import { type Detector, type Finding, isVaried, shown } from './detector.ts';
import { bySound, isNearlySorted, isSorted, runAround } from './sorting.ts';
import type { CauseContext } from './types.ts';

const DOCS = 'https://reproducible-builds.org/docs';

type Lists = { readonly first: readonly string[]; readonly second: readonly string[] };

/** The same lines, or the same words of one line, in another order: from the first that stands elsewhere to the last. */
export function permuted(clue: Clue): Lists | undefined {
  const lists = reordered(clue);
  return lists && core(lists);
}

/** The whole lists, with what stands at the same place of both. */
function reordered({ lines, whole, pairs }: Clue): Lists | undefined {
  const known = lines && { first: lines.first.map(item), second: lines.second.map(item) };
  const list = known && (whole ? known : inCommon(known));
  if (list !== undefined && list.first.length > 1 && sameItems(list)) return list;
  for (const { first, second } of pairs) {
    const words = { first: wordsOf(first), second: wordsOf(second) };
    if (words.first.length > 1 && sameItems(words)) return words;
  }
  return undefined;
}

/** A line without what sets it off from the next one: the last item of a list has no comma. */
function item(line: string): string {
  return line.replace(/[,;]\s*$/, '');
}

/** A heading before a list is not part of its order. */
function core(lists: Lists): Lists {
  return part(lists, ...moved(lists));
}

/** From the first item that stands elsewhere to behind the last. */
function moved({ first, second }: Lists): readonly [number, number] {
  const elsewhere = (one: string, index: number): boolean => one !== second[index];
  return [first.findIndex(elsewhere), first.findLastIndex(elsewhere) + 1];
}

function part({ first, second }: Lists, from: number, to: number): Lists {
  return { first: first.slice(from, to), second: second.slice(from, to) };
}

/** Fewer are in order by chance. */
const FEWEST_SORTED = 6;

/** Whether only the second list is in an order. Of a few that moved, others that stand at the same place by chance may show it: four and two around them. */
function becameSorted(clue: Clue): boolean {
  const lists = reordered(clue);
  if (lists === undefined) return false;
  const [from, to] = moved(lists);
  const run = to - from >= FEWEST_SORTED ? ([from, to] as const) : runAround(lists.second, from, to);
  if (run === undefined || to - from < FEWEST_SORTED - 2 || run[1] - run[0] < FEWEST_SORTED) return false;
  const { first, second } = part(lists, ...run);
  return isNearlySorted(second) && !isNearlySorted(first);
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
  // A file system in memory lists in the order of creation, or its reverse; one on disk lists by hashes.
  const created = context.second?.volume === 'tmpfs' && becameSorted(clue);
  if (!created && !namesOfFiles(lists.first)) return undefined;
  return { confidence: 'likely', evidence: `${evidenceOf(lists)}, as two file systems list a folder.`, surrounding };
}

function hashOrder(clue: Clue, context: CauseContext): Finding | undefined {
  const lists = permuted(clue);
  if (lists === undefined || sortedByLocale(lists) || directoryOrder(clue, context) !== undefined) return undefined;
  const doubt = isVaried(context, 'directory-order')
    ? ' (a folder that is listed as it comes can look the same: then `--skip directory-order` makes it go away)'
    : '';
  // What a compiled program has in it in another order is as likely to follow from other code.
  const confidence = clue.name === 'strings' ? 'possible' : 'likely';
  return { confidence, evidence: `${evidenceOf(lists)}; neither order is a sorted one${doubt}.`, surrounding: null };
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
      'The same members, lines or words on both sides in another order, which are names of files, or which only the build in memory has nearly sorted, as they were made; the two builds had different file systems.',
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
