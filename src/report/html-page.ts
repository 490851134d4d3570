import { sha256 } from '../base/digest.ts';
import { html, joined, type Markup, markupText, verbatim } from './markup.ts';

export type Page = {
  readonly title: string;
  readonly styles: readonly string[];
  readonly script: string;
  readonly skip: string; // where the link for those who hear the page leads
  readonly body: Markup; // with an element #content
};

/** A page that needs no other file. Nothing is ever asked of a network, and nothing runs but our own script, whatever names and lines a package put into it. */
export function pageText({ title, styles, script, skip, body }: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map((style) => `'${sourceHash(style)}'`).join(' ')}`,
    `script-src '${sourceHash(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return markupText(html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${joined(styles.map((style) => verbatim('style', style)))}
</head>
<body>
<a class="skip" href="#content">${skip}</a>
${body}
${verbatim('script', script)}
</body>
</html>
`);
}

function sourceHash(code: string): string {
  return `sha256-${Buffer.from(sha256(code), 'hex').toString('base64')}`;
}
