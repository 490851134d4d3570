import type { Hunk } from '../deb/types.ts';
import { html, joined, type Markup } from './markup.ts';

/** Longer lines are cut: nobody compares them by eye. */
const LONGEST = 600;

/** A unified diff. Where one line became another, the part that changed is set off. */
export function diffLines(hunks: readonly Hunk[]): Markup {
  const parts = hunks.map(
    ({ first, second, lines }) =>
      html`<span class="at">line ${first === second ? `${first}` : `${first} of the first, ${second} of the second`}</span>${hunkLines(lines)}`,
  );
  return frame(joined(parts));
}

/** A unified diff as another program printed it, with its own marks of places. */
export function printedLines(lines: readonly string[]): Markup {
  const parts: Markup[] = [];
  for (let at = 0; at < lines.length; ) {
    const next = lines.findIndex((line, index) => index > at && line.startsWith('@@'));
    const end = next === -1 ? lines.length : next;
    const place = lines[at]?.startsWith('@@') ? at + 1 : at;
    if (place > at) parts.push(html`<span class="at">${lines[at]}</span>`);
    parts.push(hunkLines(lines.slice(place, end)));
    at = end;
  }
  return frame(joined(parts));
}

/** One value of each build, the first above the second. */
export function pairLines(first: string | undefined, second: string | undefined): Markup {
  const lines = [...(first === undefined ? [] : [`-${first}`]), ...(second === undefined ? [] : [`+${second}`])];
  return frame(hunkLines(lines));
}

/** A box for lines that may be wider than the page. It takes the focus, so that keys can move it. */
export function frame(lines: Markup): Markup {
  return html`<pre class="diff" tabindex="0">${lines}</pre>`;
}

/** A line of one side, or of both, with the sign that says which. */
export function sideLine(side: ' ' | '-' | '+', content: Markup | string): Markup {
  if (side === '-') return html`<span class="l first">-${content}</span>`;
  if (side === '+') return html`<span class="l second">+${content}</span>`;
  return html`<span class="l"> ${content}</span>`;
}

function hunkLines(lines: readonly string[]): Markup {
  const parts: Markup[] = [];
  for (let at = 0; at < lines.length; ) {
    const gone = run(lines, at, '-');
    const come = run(lines, at + gone, '+');
    const pairs = gone === come ? gone : 0;
    for (const [index, line] of lines.slice(at, at + gone + come).entries()) {
      const twin = pairs > 0 ? lines[index < pairs ? at + index + pairs : at + index - pairs] : undefined;
      parts.push(sideLine(line.startsWith('-') ? '-' : '+', setOff(line.slice(1), twin?.slice(1))));
    }
    at += gone + come;
    if (gone + come === 0) {
      parts.push(sideLine(' ', shownLine((lines[at] ?? '').slice(1))));
      at += 1;
    }
  }
  return joined(parts);
}

function run(lines: readonly string[], from: number, sign: string): number {
  let at = from;
  while (lines[at]?.startsWith(sign)) at += 1;
  return at - from;
}

/** The line with the stretch set off in which it is not like its twin; a line that has nothing in common with its twin stays plain. */
function setOff(line: string, twin: string | undefined): Markup {
  if (twin === undefined) return shownLine(line);
  let start = 0;
  while (start < line.length && start < twin.length && line[start] === twin[start]) start += 1;
  let end = 0;
  while (end < line.length - start && end < twin.length - start && line.at(-1 - end) === twin.at(-1 - end)) end += 1;
  const from = start - (isLowHalf(line, start) ? 1 : 0);
  const to = line.length - end + (isLowHalf(line, line.length - end) ? 1 : 0);
  if (from === 0 && to === line.length) return shownLine(line);
  if (to > LONGEST) return html`<span class="soft">${from} signs …</span>${shownLine(line.slice(from))}`;
  return html`${byTabs(line.slice(0, from))}<b>${byTabs(line.slice(from, to))}</b>${shownLine(line.slice(to))}`;
}

function isLowHalf(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff && at > 0 && text.charCodeAt(at - 1) >= 0xd800 && text.charCodeAt(at - 1) <= 0xdbff;
}

function shownLine(line: string): Markup {
  return line.length > LONGEST
    ? html`${byTabs(line.slice(0, LONGEST))}<span class="soft">… ${line.length - LONGEST} more signs</span>`
    : byTabs(line);
}

/** Tabs stay tabs in a line; everything else that is hidden is spelled out. */
function byTabs(line: string): Markup {
  return joined(line.split('\t').map((part, index) => (index === 0 ? html`${part}` : html`	${part}`)));
}
