import { escapeControl, visibleParts } from '../base/escape.ts';

/** A piece of HTML that is safe to stand in a page: only `html` makes one. */
export type Markup = { readonly [MARKUP]: string };
const MARKUP: unique symbol = Symbol('markup');

type Value = string | number | Markup | undefined | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * HTML from a template. Every string that is put in is text, wherever it comes from: signs with a meaning in HTML become entities, and signs
 * that hide or reorder text are spelled out, in the page's text as `<i class="sign">` so that nobody takes them for a part of the name.
 * Lists are joined, `undefined` is nothing. Values of attributes must stand between double quotes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = strings[0] ?? '';
  // Only the template's own parts decide: what was put in can neither open nor close a tag.
  let inTag = opensTag(text, false);
  for (const [index, value] of values.entries()) {
    const next = strings[index + 1] ?? '';
    text += `${rendered(value, inTag)}${next}`;
    inTag = opensTag(next, inTag);
  }
  return { [MARKUP]: text };
}

/** The text of finished markup, to be written to a file. */
export function markupText(markup: Markup): string {
  return markup[MARKUP];
}

/** Our own script or style sheet; it must not hold what ends its element. */
export function verbatim(name: 'script' | 'style', code: string): Markup {
  if (/<\/|<!--/.test(code)) throw new Error(`a ${name} that would end its element`);
  return { [MARKUP]: `<${name}>${code}</${name}>` };
}

/** One markup out of many, with nothing between. */
export function joined(parts: readonly Markup[]): Markup {
  return { [MARKUP]: parts.map(markupText).join('') };
}

function opensTag(part: string, before: boolean): boolean {
  const open = part.lastIndexOf('<');
  const close = part.lastIndexOf('>');
  return open === close ? before : open > close;
}

function rendered(value: Value, inTag: boolean): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return inTag ? entities(escapeControl(value)) : shown(value);
  if (MARKUP in value) return value[MARKUP];
  return value.map((one) => rendered(one, inTag)).join('');
}

function shown(text: string): string {
  const parts = visibleParts(text);
  return parts.map((part) => (part.escaped ? `<i class="sign">${part.text}</i>` : entities(part.text))).join('');
}

function entities(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
