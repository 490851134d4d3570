import type { Clue, Pair } from './clue.ts';
import { type Detector, type Finding, isVaried, shown } from './detector.ts';
import type { CauseContext } from './types.ts';

const INDEX = /(?:^|\/)(?:index-all\.html|member-search-index\.(?:js|json))$/;

/** An entry of an index that javadoc wrote: a member, and the class that it is listed with. */
type Entry = { readonly owner: string; readonly member: string };

function entriesOf(text: string): readonly Entry[] {
  const page = [...text.slice(0, MOST_CHARACTERS).matchAll(/<dt>(?:<span[^<>]*>)?<a href="([^"#]+)\.html#([^"]+)"/g)];
  const script = [...text.slice(0, MOST_CHARACTERS).matchAll(/"c":"([^"]+)","l":"([^"]+)"/g)];
  return [...page, ...script].map(([, owner = '', member = '']) => ({ owner, member }));
}

const MOST_CHARACTERS = 4000;

/** The first entry of two texts that has another class, when all of their entries are of the same members. Of a long line the ends may be cut differently. */
function movedIn({ first, second }: Pair): readonly [Entry, Entry] | undefined {
  const [one, two] = [entriesOf(first), entriesOf(second)];
  const both = one.flatMap((entry, index) => {
    const other = two[index];
    return other === undefined ? [] : [[entry, other] as const];
  });
  if (both.length === 0 || both.some(([a, b]) => a.member !== b.member)) return undefined;
  return both.find(([a, b]) => a.owner !== b.owner);
}

function javadocIndex({ name, pairs }: Clue, context: CauseContext): Finding | undefined {
  if (!INDEX.test(name) || pairs.length === 0) return undefined;
  const moved = pairs.map(movedIn);
  const [found] = moved;
  if (found === undefined || moved.includes(undefined)) return undefined;
  const [first, second] = found;
  return {
    confidence: 'likely',
    evidence: `The index lists ${shown(first.member)} of ${shown(first.owner)} in the first build and that of ${shown(second.owner)} in the second; of classes that inherit a member from one that is not public, javadoc lists the one that it reads first.`,
    surrounding: isVaried(context, 'directory-order') ? 'directory-order' : null,
  };
}

export const JAVADOC_DETECTORS: readonly Detector[] = [
  {
    name: 'javadoc-index',
    leak: 'The order in which javadoc reads classes',
    evidence:
      'The index of javadoc has the same members on both sides, some of them with another class: it keeps one of the classes that inherit a member from one that is not public (seen with javadoc 17).',
    remedy:
      'Give javadoc its packages and source files in a sorted order (maven-javadoc-plugin takes them as the file system lists them), or leave the index out with `-noindex`.',
    link: null,
    detect: javadocIndex,
  },
];
