import type { SourceText } from '../base/location.ts';
import { type Finding, linesOf, stretch } from './finding.ts';

type Rule = {
  readonly rule: string;
  readonly when: RegExp; // with a group `at`: what is marked
  readonly unless?: RegExp; // in the rest of the command, from the mark on
  readonly unlessBefore?: RegExp; // in the line before the mark
  readonly wholeLine?: true; // `unless` looks at all that follows
  readonly fileOnly?: true; // behind a pipe, with no file named, it does no harm
  readonly message: string;
  readonly remedy: string;
};

/** What stands before a command: the start of a line of a recipe, an operator, a substitution, or a program that runs another. */
const COMMAND = String.raw`(?:^[\t ]*[@+-]*[\t ]*|[|;&(\x60]\s*|\$\(shell\s+|\bxargs\s+(?:-\S+\s+)*|-exec\s+|\b(?:then|do|else|exec|env|time|nice|LC_ALL=\S+|TZ=\S+)\s+)`;
const command = (names: string): RegExp => new RegExp(`${COMMAND}(?<at>${names})(?=[\\s;|&)\\x60]|$)`, 'dg');

const GZIP_HARMLESS =
  /^\S+(?:\s+-\S+)*?\s+(?:-[0-9a-zA-Z]*[ndtl][0-9a-zA-Z]*|--(?:no-name|decompress|uncompress|test|list|version|help))(?=\s|$)/;

const RULES: readonly Rule[] = [
  {
    rule: 'xz-threads',
    when: /(?<![\w./-])(?<at>xz|pixz|pxz|XZ_OPT|XZ_DEFAULTS|XZ)\b[^|;&\n]*?(?:\s|=|["'])(?:-[0-9a-z]*T\s?0|--threads=0|--threads=\$|-T\s?\$)/dg,
    message: 'xz with a thread for every cpu: how it cuts the input into blocks depends on the machine.',
    remedy: 'Use `-T1`, or a fixed number of threads together with `--block-size`.',
  },
  {
    rule: 'gzip-name',
    when: command('gzip'),
    unless: GZIP_HARMLESS,
    fileOnly: true, // gzip has the time of standard input only when that is a file, and pigz has it always
    message: 'gzip without -n writes the name and the date of the file into what it makes.',
    remedy: 'Use `gzip -n`.',
  },
  {
    rule: 'gzip-name',
    when: command('pigz'),
    unless: GZIP_HARMLESS,
    message: 'pigz without -n writes a name or a date into what it makes.',
    remedy: 'Use `pigz -n`.',
  },
  {
    rule: 'date-now',
    when: command('date'),
    unless: /^date\b[^|;&\n]*(?:\s-[A-Za-z]*[dr](?=\s|@|"|'|$)|--date|--reference|-d@|-d")/,
    message: 'date gives the present time.',
    remedy: 'Give it SOURCE_DATE_EPOCH: `date -u -d "@$(SOURCE_DATE_EPOCH)"`.',
  },
  {
    rule: 'date-timezone',
    when: command('date(?=[^|;&\\n]*(?:-d|--date))'),
    unless: /^date\b[^|;&\n]*(?:\s-[A-Za-z]*u|--utc|--universal|\+["']?%s\b)/,
    unlessBefore: /TZ=["']?(?:UTC|GMT)/,
    message: 'date without -u shows the time of the time zone of the machine.',
    remedy: 'Use `date -u`.',
  },
  {
    rule: 'date-macro',
    when: /(?<at>__DATE__|__TIME__|__TIMESTAMP__)/dg,
    message: 'The compiler puts a date here; it follows SOURCE_DATE_EPOCH in gcc and clang, but not in every compiler.',
    remedy: 'Pass a date that is made from SOURCE_DATE_EPOCH, or leave it out.',
  },
  {
    rule: 'tar-order',
    when: command('tar(?=\\s+(?:-?[a-zA-Z]*c[a-zA-Z]*\\b|[^|;&\\n]*\\s(?:-[a-zA-Z]*c[a-zA-Z]*|--create)\\b))'),
    wholeLine: true,
    unless: /^tar\b.*(?:--sort|--no-recursion|-T\s|--files-from|\|\s*(?:\([^)]*)?tar\b|--version)/,
    message: 'tar takes the members in the order of the directory, with the ids and dates that the files have.',
    remedy: 'Use `tar --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner`.',
  },
  {
    rule: 'machine-name',
    when: command('hostname|whoami|hostid|uname(?=\\s+(?:-[a-z]*[anrv]|--nodename|--all|--kernel))|id(?=\\s+-[a-z]*[ugn])'),
    message: 'This asks who builds, or on which machine.',
    remedy: 'Leave it out of what goes into the package, or give it a fixed value.',
  },
  {
    rule: 'random',
    when: /(?<at>\buuidgen\b|\/dev\/u?random\b|\$\$?\{?RANDOM\b|\bopenssl rand\b|\bshuf\b)/dg,
    unless: /^shuf\b.*--random-source/,
    message: 'This is another value in every build.',
    remedy: 'Derive it from the name and version of the package, or from SOURCE_DATE_EPOCH.',
  },
  {
    rule: 'native-cpu',
    when: /(?<at>-m(?:arch|tune|cpu)=native)\b/dg,
    message: 'The compiler makes code for the cpu that it happens to run on.',
    remedy: 'Name the cpu, or leave it to the baseline of the architecture.',
  },
];

/**
 * Looks at a makefile or a shell script line by line. Comments are passed over; lines that a backslash joins are looked at one by one. A comment
 * `# lint: RULE… is wanted` right before a line takes what these rules would find in it.
 */
export function lintRules(file: SourceText): readonly Finding[] {
  let wanted: readonly string[] = [];
  return [...linesOf(file)].flatMap(({ text, start }) => {
    if (/^\s*#/.test(text)) {
      wanted = /^\s*#\s*lint:\s*([a-z\s,-]+?)\s+(?:is|are) wanted\b/.exec(text)?.[1]?.split(/[\s,]+/) ?? [];
      return [];
    }
    const taken = wanted;
    wanted = [];
    const found = RULES.filter(({ rule }) => !taken.includes(rule)).flatMap((rule) =>
      marksOf(rule, text).map((mark) => ({ ...mark, rule })),
    );
    found.sort((a, b) => a.offset - b.offset);
    return found.map(({ offset, length, rule: { rule, message, remedy } }) => ({
      rule,
      at: stretch(file, start + offset, length),
      message,
      remedy,
    }));
  });
}

/** Where a rule holds in a line. */
function marksOf(
  { when, unless, unlessBefore, wholeLine, fileOnly }: Rule,
  text: string,
): readonly { readonly offset: number; readonly length: number }[] {
  return [...text.matchAll(when)].flatMap((match) => {
    const [offset, end] = match.indices?.groups?.['at'] ?? [match.index, match.index + match[0].length];
    const spared = unless?.test(wholeLine ? text.slice(offset) : commandAt(text, offset)) || unlessBefore?.test(text.slice(0, offset));
    const piped =
      fileOnly && /(?<!\|)\|\s*$/.test(text.slice(0, offset)) && /^\S+(?:\s+-\S+)*\s*(?:$|\d*[|;&>)`])/.test(text.slice(offset));
    return spared || piped ? [] : [{ offset, length: Math.max(1, end - offset) }];
  });
}

/** The text from an offset on to where that command ends; a pipe belongs to it, as it says what the output is for. */
function commandAt(text: string, offset: number): string {
  return text.slice(offset).split(/;|&&|\|\|/, 1)[0] ?? '';
}
