import type { Cause } from '../cause/types.ts';
import type { Difference } from '../deb/types.ts';
import { hexLines } from './html-bytes.ts';
import { diffLines, pairLines } from './html-lines.ts';
import { html, joined, type Markup } from './markup.ts';
import { fullStop } from './sentence.ts';
import { whatText } from './terminal.ts';

type What = Difference['what'];

/** Values up to so many signs stand in the line itself. */
const SHORT = 48;

/** What differs, at one glance. */
export function glance(what: What): Markup {
  if (what.kind === 'attribute') return change(what.attribute, what.first, what.second);
  if (what.kind === 'field') return change(what.field, what.first, what.second);
  if (what.kind === 'only-in') return html`only in the <b class="${what.side}">${what.side}</b> build`;
  if (what.kind === 'order') return html`the members are in another order`;
  if (what.kind === 'content') return html`bytes differ from ${what.offset} on`;
  if (what.kind === 'text') return html`${textSize(what)}`;
  return html`${whatText(what)}`;
}

function change(name: string, first: string | undefined, second: string | undefined): Markup {
  if (Math.max(first?.length ?? 0, second?.length ?? 0) > SHORT) return html`<b>${name}</b> differs`;
  return html`<b>${name}</b> <code class="first">${first ?? 'absent'}</code> <span class="soft" role="img" aria-label="became">→</span> <code class="second">${second ?? 'absent'}</code>`;
}

function textSize({ hunks, more }: Extract<What, { kind: 'text' }>): string {
  const changed = hunks.flatMap(({ lines }) => lines);
  const count = Math.max(changed.filter((line) => line.startsWith('-')).length, changed.filter((line) => line.startsWith('+')).length);
  if (more > 0) return `more than ${count} lines differ`;
  return count === 1 ? 'one line differs' : `${count} lines differ`;
}

/** Both sides, set against each other; undefined where the glance says it all. */
export function detail(what: What): Markup | undefined {
  switch (what.kind) {
    case 'text':
      return html`${diffLines(what.hunks)}${what.more > 0 ? html`<p class="soft">and ${what.more} more places in this file</p>` : undefined}`;
    case 'content':
      return hexLines(what);
    case 'order':
      return pairLines(what.first, what.second);
    case 'attribute':
    case 'field':
      return Math.max(what.first?.length ?? 0, what.second?.length ?? 0) > SHORT ? pairLines(what.first, what.second) : undefined;
    default:
      return undefined;
  }
}

/** A cause with how sure it is, what was seen, and what to do. */
export function causeBox({ name, confidence, evidence, surrounding, remedy, link }: Cause, places: number = 1): Markup {
  const further = link !== null && /^https:\/\//.test(link) ? html` <a href="${link}" rel="noreferrer">Read more</a>` : undefined;
  const change = surrounding === null ? undefined : html`<a href="#surrounding-${surrounding}">${surrounding}</a>`;
  return html`<div class="cause">
<p><b>${name === surrounding ? change : name}</b> <span class="tag">${confidence}</span>${
    places > 1 ? html` <span class="soft">in ${places} places</span>` : undefined
  }${change === undefined || name === surrounding ? undefined : html` <span class="soft">brought out by</span> ${change}`}</p>
<p>${fullStop(evidence)}</p>
<p><span class="do">Remedy</span> ${withCode(fullStop(remedy))}${further}</p>
</div>`;
}

/** A sentence in which backquotes stand around what is typed. */
function withCode(text: string): Markup {
  const parts = text.split('`');
  // A backquote without its twin is a sign like any other.
  if (parts.length % 2 === 0) return html`${text}`;
  return joined(parts.map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`)));
}

/** The names of causes, set small after what they explain. */
export function causeTags(causes: readonly Cause[]): Markup {
  return joined([...new Set(causes.map(({ name }) => name))].map((name) => html` <span class="tag">${name}</span>`));
}
