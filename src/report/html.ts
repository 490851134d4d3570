import { sha256 } from '../base/digest.ts';
import { deepSection } from './html-deep.ts';
import { differencesSection } from './html-differences.ts';
import { failureSection } from './html-failure.ts';
import { inputsSection } from './html-inputs.ts';
import { SCRIPT } from './html-script.ts';
import { type Scripts, scriptsSection } from './html-scripts.ts';
import { STYLE } from './html-style.ts';
import { surroundingsSection } from './html-surroundings.ts';
import { timelineSection } from './html-timeline.ts';
import { factsFooter, outputsSection, verdictHeader } from './html-verdict.ts';
import { html, joined, type Markup, markupText, verbatim } from './markup.ts';
import type { Report } from './report.ts';
import { verificationSection } from './verify.ts';

/** What a page shows that is not in the report itself. */
export type HtmlExtras = { readonly scripts: Scripts | undefined };

// Nothing is ever asked of a network, and nothing runs but our own script, whatever names and lines a package put into the page.
const POLICY = [
  "default-src 'none'",
  `style-src '${sourceHash(STYLE)}'`,
  `script-src '${sourceHash(SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * The report as one HTML file that needs no other. It is whole without JavaScript; the script adds filters, and buttons that open and close
 * all of a tree.
 */
export function htmlText(report: Report, { scripts }: HtmlExtras): string {
  const sections: readonly (readonly [string, string, Markup | undefined])[] = [
    ['failure', 'Failure', failureSection(report.failure)],
    ['rebuilt', 'Rebuilt from', verificationSection(report.verify)],
    ['outputs', 'Outputs', outputsSection(report)],
    ['differences', 'Differences', differencesSection(report.artefacts)],
    ['deep', 'Deep view', deepSection(report.deep)],
    ['surroundings', 'Surroundings', surroundingsSection(report)],
    ['timeline', 'Time', timelineSection(report)],
    ['inputs', 'Inputs', inputsSection(report.inputs)],
    ['scripts', 'What ran', scriptsSection(scripts)],
  ];
  const there = sections.flatMap(([id, title, markup]) => (markup ? [{ id, title, markup }] : []));
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${report.recipe.name}: ${report.verdict.replaceAll('-', ' ')}</title>
${verbatim('style', STYLE)}
</head>
<body>
<a class="skip" href="#content">Skip to the report</a>
${verdictHeader(report)}
<nav aria-label="Sections"><ul>${joined(there.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`))}</ul></nav>
<main id="content">
${joined(there.map(({ markup }) => markup))}
</main>
${factsFooter(report)}
${verbatim('script', SCRIPT)}
</body>
</html>
`;
  return markupText(page);
}

function sourceHash(code: string): string {
  return `sha256-${Buffer.from(sha256(code), 'hex').toString('base64')}`;
}
