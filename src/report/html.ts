import { deepSection } from './html-deep.ts';
import { differencesSection } from './html-differences.ts';
import { failureSection } from './html-failure.ts';
import { inputsSection } from './html-inputs.ts';
import { pageText } from './html-page.ts';
import { SCRIPT } from './html-script.ts';
import { type Scripts, scriptsSection } from './html-scripts.ts';
import { STYLE } from './html-style.ts';
import { surroundingsSection } from './html-surroundings.ts';
import { timelineSection } from './html-timeline.ts';
import { factsFooter, outputsSection, verdictHeader } from './html-verdict.ts';
import { html, joined, type Markup } from './markup.ts';
import type { Report } from './report.ts';
import { verificationSection } from './verify.ts';

/** What a page shows that is not in the report itself. */
export type HtmlExtras = {
  readonly scripts: Scripts | undefined;
  readonly linked?: boolean; // false: the outputs are not kept
};

/**
 * The report as one HTML file that needs no other. It is whole without JavaScript; the script adds filters, and buttons that open and close
 * all of a tree.
 */
export function htmlText(report: Report, { scripts, linked = true }: HtmlExtras): string {
  const sections: readonly (readonly [string, string, Markup | undefined])[] = [
    ['failure', 'Failure', failureSection(report.failure)],
    ['rebuilt', 'Rebuilt from', verificationSection(report.verify)],
    ['outputs', 'Outputs', outputsSection(report, linked)],
    ['differences', 'Differences', differencesSection(report.artefacts)],
    ['deep', 'Deep view', deepSection(report.deep)],
    ['surroundings', 'Surroundings', surroundingsSection(report)],
    ['timeline', 'Time', timelineSection(report)],
    ['inputs', 'Inputs', inputsSection(report.inputs)],
    ['scripts', 'What ran', scriptsSection(scripts)],
  ];
  const there = sections.flatMap(([id, title, markup]) => (markup ? [{ id, title, markup }] : []));
  return pageText({
    title: `${report.recipe.name}: ${report.verdict.replaceAll('-', ' ')}`,
    styles: [STYLE],
    script: SCRIPT,
    skip: 'Skip to the report',
    body: html`${verdictHeader(report)}
<nav aria-label="Sections"><ul>${joined(there.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`))}</ul></nav>
<main id="content">
${joined(there.map(({ markup }) => markup))}
</main>
${factsFooter(report)}`,
  });
}
