// Writes the table of docs/archive-run.md from what runs of bench/archive-run.list left: node scripts/archive-page.ts [out/many/archive-run/index.json …]
// Of a package that several runs finished, the one that is named last counts. What was found out about a package that is not reproducible stands in bench/archive-run.notes, a line for each: its name, blanks, a text.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ManyReport, type PackageReport, reasonText, STATUS_WORDS, standing } from '../src/report/many.ts';
import { markdownPlain } from '../src/report/markdown.ts';
import type { Report } from '../src/report/report.ts';
import { secondsText } from '../src/report/units.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/archive-run.md');
const [BEGIN, END] = ['<!-- repro: begin -->', '<!-- repro: end -->'];

const paths = process.argv.length > 2 ? process.argv.slice(2) : ['out/many/archive-run/index.json'];
const listed = readFileSync(join(ROOT, 'bench/archive-run.list'), 'utf8')
  .split('\n')
  .flatMap((line) => /^source:([^\s=]+)/.exec(line)?.[1] ?? []);
const notes = new Map(
  readFileSync(join(ROOT, 'bench/archive-run.notes'), 'utf8')
    .split('\n')
    .flatMap((line) =>
      (/^([^#\s]\S*)\s+(.*)$/.exec(line) ?? []).slice(1).length === 2 ? [/^(\S+)\s+(.*)$/.exec(line)?.slice(1) as [string, string]] : [],
    ),
);
const finished = new Map<string, PackageReport & { readonly folder: string }>();
for (const path of paths) {
  for (const result of (JSON.parse(readFileSync(path, 'utf8')) as ManyReport).results) {
    const before = finished.get(result.name);
    // A mirror that lacks a file says nothing of the package, and takes nothing back.
    if (result.state === 'finished' && (before === undefined || result.status !== 'infrastructure'))
      finished.set(result.name, { ...result, folder: join(dirname(path), result.name) });
  }
}
const done = listed.flatMap((name) => finished.get(name) ?? []);
const dates = done.flatMap(({ tries }) => tries.map(({ startedAt }) => startedAt.slice(0, 10)));
const counts = [...Map.groupBy(done, (result) => standing(result))].map(([status, all]) => `${all.length} ${STATUS_WORDS[status]}`);
const table = [
  BEGIN,
  '',
  `${done.length} source packages, from ${dates.toSorted((a, b) => (a < b ? -1 : 1))[0]} to ${dates.toSorted((a, b) => (a > b ? -1 : 1))[0]}: **${counts.join(', ')}**.`,
  '',
  '| source | version | kind | format | binaries | verdict | wall | what differed, and why |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ...done.map(row),
  '',
  END,
].join('\n');

const page = readFileSync(PAGE, 'utf8');
const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
if (from === -1 || to === -1) throw new Error(`${PAGE} has no place for the table`);
writeFileSync(PAGE, `${page.slice(0, from)}${table}${page.slice(to + END.length)}`);

function row(result: (typeof done)[number]): string {
  const report = reportOf(result);
  const status = STATUS_WORDS[standing(result)];
  const why =
    result.status === 'reproducible'
      ? ''
      : [markdownPlain(reasonText(result)).replace(/\.$/, ''), notes.get(result.name) ?? ''].filter((text) => text !== '').join('. ');
  const wall = result.wallSeconds === null ? '' : secondsText(result.wallSeconds);
  const cells = [result.name, result.version ?? '', result.kind ?? '', report ? formatOf(report) : '', report ? binariesOf(report) : ''];
  return `| ${cells.map(plain).join(' | ')} | ${result.status === 'reproducible' ? status : `**${status}**`} | ${wall} | ${why} |`;
}

/** Numbers need no backslash where no line begins. */
function plain(text: string): string {
  return markdownPlain(text).replace(/^(\d+)\\/, '$1');
}

function reportOf({ folder }: (typeof done)[number]): Report | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

/** The source format, as the files of the source tell it; 1.0 without a diff and 3.0 (native) look alike but for their compression. */
function formatOf({ inputs }: Report): string {
  const files = (inputs?.sources ?? []).map(({ file }) => file);
  if (files.some((file) => file.endsWith('.diff.gz'))) return '1.0';
  if (files.some((file) => /\.debian\.tar\.\w+$/.test(file))) {
    return files.some((file) => /\.orig-[^.]+\.tar\./.test(file)) ? '3.0 (quilt), several tarballs' : '3.0 (quilt)';
  }
  return files.some((file) => /\.tar\.(xz|bz2)$/.test(file)) ? '3.0 (native)' : 'native';
}

/** How many packages of which architecture, debug symbols left out. */
function binariesOf({ artefacts }: Report): string {
  const debs = artefacts.map(({ name }) => name).filter((name) => /\.u?deb$/.test(name) && !name.includes('-dbgsym_'));
  const all = debs.filter((name) => /_all\.u?deb$/.test(name)).length;
  return [all > 0 ? `${all} all` : '', debs.length > all ? `${debs.length - all} any` : ''].filter((text) => text !== '').join(', ');
}
