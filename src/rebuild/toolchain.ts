import { byBytes } from '../base/order.ts';
import type { ArtefactVerdict, Difference } from '../deb/types.ts';

/** A tool that left another version of itself in what was published than in what was built here. */
export type ToolChange = { readonly tool: string; readonly published: string; readonly rebuilt: string };

/** Why a rebuild of a package of the archive is not the same, as far as the packages tell. */
export type Reason = {
  readonly changes: readonly ToolChange[]; // in byte order of the tools
  readonly ids: number; // build ids that differ where the program beside them does not: what was stripped from it is not the same
  readonly code: readonly Difference[]; // in what a compiler and a linker made: code, symbols, relocations; not in constants
  readonly open: readonly Difference[]; // those that nothing explains
  readonly unseen: number; // differences beyond those that a comparison lists
};

const VERSION = /\d+(?:[.:+~-]?[0-9A-Za-z]+)*(?:\.[0-9A-Za-z+~-]+)*/g;

/** Words of a line that has a tool's version in it, and what the tool is called. */
const TOOLS: readonly (readonly [tool: string, line: RegExp])[] = [
  ['gcc', /\bGCC: |\bGNU (C|AS|GIMPLE|Fortran)/],
  ['clang', /\bclang version/],
  ['rustc', /\brustc\b/],
  ['go', /\bgo1\.\d/],
  ['debhelper', /Automatically added by dh_|Triggers added by dh_/],
  ['Pod::Man', /Pod::Man|Pod::Simple|Pod::/],
  ['help2man', /help2man/],
  ['doxygen', /doxygen/i],
  ['sphinx', /sphinx/i],
  ['docutils', /docutils/i],
  ['docbook', /docbook/i],
  ['asciidoctor', /asciidoctor|asciidoc/i],
  ['pandoc', /pandoc/i],
  ['gtk-doc', /gtk-doc/i],
  ['texinfo', /texinfo|makeinfo/i],
  ['TeX', /\bTeX\b|pdfTeX|LuaTeX|XeTeX/],
  ['groff', /groff/i],
  ['javac', /Build-Jdk|Created-By|javadoc/i],
  ['ocaml', /\bocaml/i],
  ['ghc', /\bGHC\b/],
  ['vala', /\bvalac\b/i],
  ['cython', /Cython/],
  ['gettext', /msgfmt|X-Generator|gettext/i],
  ['setuptools', /setuptools|bdist_wheel|Metadata-Version|Generator: /],
  ['perl', /\bperl\b/i],
];

const SIZE = /^Installed-Size: /; // follows from the files
/** Relations of a control file whose versions follow from the libraries that something was linked with. */
const RELATIONS = /^(Pre-Depends|Depends|Recommends|Suggests|Breaks|Conflicts|Replaces|Provides|Built-Using|Static-Built-Using): /;

/**
 * Reads the differences between what was published (first) and what was built here (second). A line that names a tool and differs in a version only is
 * evidence that the tool changed; what lies in the same file as one follows from it.
 *
 * @param follows whether a difference only follows from others: checksums, sizes
 */
export function reasonOf(
  artefacts: readonly ArtefactVerdict[],
  follows: (artefact: ArtefactVerdict, difference: Difference) => boolean,
): Reason {
  const changes = new Map<string, ToolChange>();
  const sorted: Sorted = { ids: [], code: [], open: [] };
  for (const artefact of artefacts) {
    const own = artefact.differences.filter((difference) => !follows(artefact, difference));
    const marked = new Set<string>(); // files that a changed tool made
    for (const difference of own) {
      const found = changesIn(difference);
      if (found !== undefined) marked.add(fileOf(difference));
      for (const change of found ?? []) changes.set(`${change.tool} ${change.published} ${change.rebuilt}`, change);
    }
    for (const difference of own) if (!marked.has(fileOf(difference))) sorted[sortOf(difference)].push(difference);
  }
  const trims = [...changes.values()].some(({ tool }) => tool === 'debhelper');
  return {
    changes: [...changes.values()].sort((a, b) => byBytes(`${a.tool} ${a.published}`, `${b.tool} ${b.published}`)),
    ids: sorted.ids.length,
    code: sorted.code,
    open: sorted.open.filter(({ trail }) => !(trims && CHANGELOG.test(trail.at(-1) ?? ''))),
    unseen: artefacts.reduce((sum, { more }) => sum + more, 0),
  };
}

type Sorted = Record<'ids' | 'code' | 'open', Difference[]>;

function sortOf(difference: Difference): keyof Sorted {
  if (isIdentity(difference)) return 'ids';
  return isCode(difference) ? 'code' : 'open';
}

/** What is made from a program before its debugging symbols and the compiler's mark are taken out of it. */
function isIdentity({ trail, what }: Difference): boolean {
  return (
    /^\.(note\.gnu\.build-id|gnu_debuglink|gnu_debugaltlink)$/.test(trail.at(-1) ?? '') ||
    (what.kind === 'field' && /build-id|debug file/.test(what.field))
  );
}

/** Sections of a program that follow from the compiler and the linker. Constants are not among them: a date or a path would lie there. */
const CODE =
  /^\.(text|plt|got|init|fini|dynsym|dynstr|symtab|strtab|shstrtab|dynamic|bss|hash|gnu\.hash|gnu\.version|rela?|relr|eh_frame|gcc_except_table|data\.rel|tbss|debug_|interp)([._].*)?$/;

function isCode({ trail }: Difference): boolean {
  return trail.slice(3).some((link) => CODE.test(link));
}

/** The tools whose version is all that differs; undefined when something else does, or nothing names a tool. */
function changesIn({ trail, what }: Difference): readonly ToolChange[] | undefined {
  const known = trimming(trail, what) ?? snippet(trail, what) ?? metadata(trail, what);
  if (known !== undefined) return [known];
  const pairs = linesOf(what)?.filter(([first, second]) => !(isControl(trail) && SIZE.test(first) && SIZE.test(second)));
  if (pairs === undefined || pairs.length === 0) return undefined;
  const found = pairs.map(([first, second]) => changeIn(first, second, isControl(trail)));
  const changes = found.flatMap((change) => change ?? []);
  return changes.length === found.length ? changes : undefined;
}

const CHANGELOG = /\/(changelog|NEWS)(\.Debian)?(\.[a-z0-9-]+)?\.gz$/;
const TRIMMED = '# Older entries have been removed from this changelog.';

/** dh_installchangelogs leaves old entries out since debhelper 13.10, older than a date that each version has for itself. */
function trimming(trail: readonly string[], what: Difference['what']): ToolChange | undefined {
  if (what.kind !== 'text' || !CHANGELOG.test(trail.at(-1) ?? '')) return undefined;
  const lines = what.hunks.flatMap((hunk) => hunk.lines);
  const [first, second] = ['-', '+'].map((sign) => lines.includes(`${sign}${TRIMMED}`));
  const sides = new Set(lines.flatMap((line) => (/^[-+]/.test(line) ? [line.charAt(0)] : [])));
  if (lines.includes(` ${TRIMMED}`) && sides.size === 1)
    return { tool: 'debhelper', published: 'trims the changelog', rebuilt: 'trims it at another date' };
  if (first === second) return undefined;
  const words = (trims: boolean | undefined) => (trims ? 'trims the changelog' : 'does not trim the changelog');
  return { tool: 'debhelper', published: words(first), rebuilt: words(second) };
}

/** What a helper of debhelper puts into a maintainer script, and nothing else of it. */
function snippet(trail: readonly string[], what: Difference['what']): ToolChange | undefined {
  if (what.kind !== 'text' || what.more > 0 || !/^(\.\/)?(pre|post)(inst|rm)$/.test(trail.at(-1) ?? '')) return undefined;
  const lines = what.hunks.flatMap((hunk) => [...hunk.lines, HUNK_ENDS]);
  const tools = new Set<string | undefined>();
  let tool: string | undefined;
  for (const line of lines) {
    tool = MARK.exec(line)?.[2] ?? tool;
    if (/^[-+]/.test(line)) tools.add(tool);
    if (line === HUNK_ENDS || line.startsWith(' # End automatically added section')) tool = undefined;
  }
  const [only, more] = tools;
  if (only === undefined || more !== undefined) return undefined;
  const [published, rebuilt] = ['-', '+'].map((sign) => lines.map((line) => MARK.exec(line)).find((mark) => mark?.[1] === sign)?.[3]);
  return published !== undefined && rebuilt !== undefined
    ? { tool: 'debhelper', published, rebuilt }
    : { tool: only, published: 'one snippet', rebuilt: 'another' };
}

const HUNK_ENDS = '';
const MARK = /^(.)# Automatically added by (dh_[a-z0-9_]+)(?:\/(\S+))?/;

/** setuptools writes the version of the form of its metadata; the other files of the folder are its own, too. */
function metadata(trail: readonly string[], what: Difference['what']): ToolChange | undefined {
  if (what.kind !== 'text' || !/\/(PKG-INFO|METADATA)$/.test(trail.at(-1) ?? '')) return undefined;
  const lines = what.hunks.flatMap((hunk) => hunk.lines);
  const [published, rebuilt] = ['-', '+'].map((sign) => lines.find((line) => line.startsWith(`${sign}Metadata-Version: `))?.slice(1));
  return published === undefined || rebuilt === undefined ? undefined : { tool: 'setuptools', published, rebuilt };
}

/** The lines of both sides that stand against each other; undefined when they cannot be paired, or are not all there. */
function linesOf(what: Difference['what']): readonly (readonly [string, string])[] | undefined {
  if (what.kind === 'field') return [[what.first ?? '', what.second ?? '']];
  return what.kind === 'text' && what.more === 0 ? pairsOf(what.hunks.flatMap(({ lines }) => lines)) : undefined;
}

/** The tool, or in a control file the library, whose version is all that differs in a line. */
function changeIn(first: string, second: string, control: boolean): ToolChange | undefined {
  if (first.replaceAll(VERSION, '#') !== second.replaceAll(VERSION, '#')) return undefined;
  const [one, two] = [first.match(VERSION) ?? [], second.match(VERSION) ?? []];
  const at = one.findIndex((version, index) => version !== two[index]);
  const known = moduleAt(first, at) ?? TOOLS.find(([, line]) => line.test(first) && line.test(second))?.[0];
  const tool = known ?? (control && RELATIONS.test(first) ? nameAt(first, at) : undefined);
  return tool === undefined ? undefined : { tool, published: one[at] ?? '', rebuilt: two[at] ?? '' };
}

/** The module of Perl in front of the version at that place. */
function moduleAt(line: string, at: number): string | undefined {
  return /([A-Z]\w*(?:::\w+)+) $/.exec(beforeVersion(line, at))?.[1];
}

function beforeVersion(line: string, at: number): string {
  return line.slice(0, [...line.matchAll(VERSION)][at]?.index ?? 0);
}

/** The package of a relation whose version is the one at that place. */
function nameAt(line: string, at: number): string {
  const before = beforeVersion(line, at);
  return /([a-z0-9][a-z0-9+.-]+)(?::[a-z0-9]+)? \([<>=]+ $/.exec(before)?.[1] ?? 'a relation';
}

/** Removed lines against added ones; undefined when they are not as many. */
function pairsOf(lines: readonly string[]): readonly (readonly [string, string])[] | undefined {
  const removed = lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1));
  const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
  return removed.length === added.length ? removed.map((line, index) => [line, added[index] ?? ''] as const) : undefined;
}

function isControl(trail: readonly string[]): boolean {
  return trail.at(-1) === './control' || trail.at(-1) === 'control';
}

/** The file in the package: what is in it shares a maker. */
function fileOf({ trail }: Difference): string {
  return trail
    .slice(0, 3)
    .map((link) => link.replace(/(\.(?:egg|dist)-info)\/.*$/, '$1'))
    .join('\0');
}
