import test from 'ava';
import type { Difference } from '../src/deb/types.ts';
import { deb, explained, text } from './helpers/differences.ts';

/** An entry of index-all.html, and some of member-search-index.js, as javadoc 17 writes them. */
const dt = (owner: string, member: string): string =>
  `<dt><a href="org/x/${owner}.html#${member}" class="member-name-link">${member}</a> - Method in class org.x.<a href="org/x/${owner}.html">${owner}</a></dt>`;
const js = (...members: readonly (readonly [string, string])[]): string =>
  members.map(([owner, member]) => `{"p":"org.x","c":"${owner}","l":"${member}","u":"${member}"}`).join(',');

type Row = { readonly what: string; readonly file: string; readonly lines: readonly string[]; readonly said: boolean };

const ROWS: readonly Row[] = [
  {
    what: 'a member with another class in index-all.html',
    file: 'index-all.html',
    lines: [' <dd>', `-${dt('Old', 'sort(java.io.File...)')}`, `+${dt('Size', 'sort(java.io.File...)')}`, ' </dd>'],
    said: true,
  },
  {
    what: 'a member with another class in the index for searching, with ends that are cut',
    file: 'member-search-index.js',
    lines: [
      `-…"},${js(['Old', 'sort(File...)'], ['Tail', 'run()'], ['Tail', 'stop()'])}…`,
      `+…"},${js(['Size', 'sort(File...)'], ['Tail', 'run()'])},{"p":"org.x","c":"Ta…`,
    ],
    said: true,
  },
  {
    what: 'other members',
    file: 'index-all.html',
    lines: [`-${dt('Old', 'sort(java.io.File...)')}`, `+${dt('Size', 'size()')}`],
    said: false,
  },
  {
    what: 'a member that only one side has',
    file: 'index-all.html',
    lines: [`-${dt('Old', 'sort()')}`, `+${dt('Size', 'sort()')}`, ' <dd>', `+${dt('Size', 'size()')}`],
    said: false,
  },
  { what: 'a file that is no index', file: 'notes.html', lines: [`-${dt('Old', 'sort()')}`, `+${dt('Size', 'sort()')}`], said: false },
];

for (const { what, file, lines, said } of ROWS) {
  test(`${what} ${said ? 'is' : 'is not'} the order in which javadoc reads classes`, (t) => {
    const difference: Difference = { ...text(...lines), trail: deb(`./usr/share/doc/x/api/${file}`) };
    const causes = explained(difference);
    t.is(
      causes.some(({ name }) => name === 'javadoc-index'),
      said,
      JSON.stringify(causes, null, 1),
    );
    if (said) t.is(causes[0]?.surrounding, 'directory-order');
  });
}
