// C0 and C1 controls, DEL, the backslash that starts our own escapes, line and paragraph separators, signs without a width or that
// change the direction of text (Unicode Bidi_Control, zero-width, tags, byte order mark), and halves of surrogate pairs.
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\\\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

/**
 * Makes text from outside (file names, log lines, fields) safe for a terminal and its reader: what would move the cursor, change
 * colours, hide or reorder text becomes visible, as `\x1b` (a byte), `\u202e` or `\u{e0001}`. A backslash becomes `\\`, so that no two
 * texts look alike. Bytes that were not UTF-8 (see format/name.ts) become `\x80` to `\xff`. A line feed and a tab are escaped too:
 * split lines before.
 */
export function escapeControl(text: string): string {
  return text.replace(HIDDEN, spelling);
}

/** A stretch of text that can be shown as it is, or a sign in the spelling of `escapeControl`. */
export type VisiblePart = { readonly text: string; readonly escaped: boolean };

/**
 * The same for a medium that can set the escapes apart from the text around them: what is hidden comes as parts of its own. A backslash
 * stays one, as it can not be taken for the start of an escape there.
 */
export function visibleParts(text: string): readonly VisiblePart[] {
  const parts: VisiblePart[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match[0] === '\\') continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index), escaped: false });
    parts.push({ text: spelling(match[0]), escaped: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), escaped: false });
  return parts;
}

function spelling(sign: string): string {
  if (sign === '\\') return '\\\\';
  const code = sign.codePointAt(0) ?? 0;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
