import { escapeControl } from '../base/escape.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

// What XML 1.0 does not have (production Char) and escapeControl lets pass, and what it would have escaped: a net under it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const NOT_IN_XML = /[\ufffe\uffff\u0000-\u0008\u000b\u000c\u000e-\u001f]|[\ud800-\udfff]/gu;

/** Any text as a part of an XML 1.0 document, in an attribute or between tags. What hides or reorders text is spelled out. */
export function xmlText(text: string): string {
  return xmlVisible(escapeControl(text));
}

/** The same for text that went through `escapeControl` before. */
export function xmlVisible(text: string): string {
  return text
    .replace(NOT_IN_XML, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** An empty element, or one with what is inside it; attributes that are undefined are left out. */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  inside: readonly string[] = [],
): string {
  const given = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${xmlText(String(value))}"`]));
  const open = `<${name}${given.join('')}`;
  return inside.length === 0 ? `${open}/>` : `${open}>${inside.join('')}</${name}>`;
}
