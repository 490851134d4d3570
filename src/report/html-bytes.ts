import type { Difference } from '../deb/types.ts';
import { frame, sideLine } from './html-lines.ts';
import { html, joined, type Markup } from './markup.ts';

type Content = Extract<Difference['what'], { kind: 'content' }>;

const WIDTH = 16;
const ROWS_BEFORE = 1;
const ROWS = 8;

/** The bytes around the first one that differs, as hexdump -C shows them; rows that are equal stand once. */
export function hexLines(what: Content): Markup {
  const start = what.window?.start ?? what.offset;
  const first = what.window ? Buffer.from(what.window.first, 'base64') : Buffer.from(what.firstBytes, 'hex');
  const second = what.window ? Buffer.from(what.window.second, 'base64') : Buffer.from(what.secondBytes, 'hex');
  const row = Math.floor(what.offset / WIDTH) - ROWS_BEFORE;
  const rows = Array.from({ length: ROWS }, (_, index) => hexRows({ first, second, start, at: (row + index) * WIDTH }));
  return frame(joined(rows.flat()));
}

type Sides = { readonly first: Uint8Array; readonly second: Uint8Array; readonly start: number; readonly at: number };

function hexRows({ first, second, start, at }: Sides): Markup[] {
  const places = Array.from({ length: WIDTH }, (_, index) => at + index - start);
  const a = places.map((place) => first[place]);
  const b = places.map((place) => second[place]);
  if ([...a, ...b].every((byte) => byte === undefined)) return [];
  if (a.every((byte, index) => byte === b[index])) return [sideLine(' ', hexRow(at, a, b))];
  const gone = a.some((byte) => byte !== undefined) ? [sideLine('-', hexRow(at, a, b))] : [];
  const come = b.some((byte) => byte !== undefined) ? [sideLine('+', hexRow(at, b, a))] : [];
  return [...gone, ...come];
}

function hexRow(at: number, bytes: readonly (number | undefined)[], others: readonly (number | undefined)[]): Markup {
  const digits = bytes.map((byte, index) =>
    marked(` ${byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')}`, byte !== others[index]),
  );
  const signs = bytes.map((byte, index) =>
    marked(byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.', byte !== others[index]),
  );
  return html` <span class="soft">${at.toString(16).padStart(8, '0')}</span> ${joined(digits)}  <span class="soft">|</span>${joined(signs)}<span class="soft">|</span>`;
}

function marked(text: string, differs: boolean): Markup {
  return differs ? html`<b>${text}</b>` : html`${text}`;
}
