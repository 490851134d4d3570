import { html, joined, type Markup } from './markup.ts';
import { fullStop } from './sentence.ts';

type FailureFacts = Readonly<Record<string, unknown>>;

/** Why there is no verdict: the sentence, what was seen, and what to do. */
export function failureSection(failure: FailureFacts | null): Markup | undefined {
  if (failure === null) return undefined;
  const at = placeText(failure['at']);
  const details = Array.isArray(failure['details']) ? failure['details'].map(String) : [];
  const next = failure['next'];
  return html`<section id="failure" aria-labelledby="failure-title">
<h2 id="failure-title">What went wrong</h2>
${at === undefined ? undefined : html`<p><code>${at}</code></p>`}
<p>${fullStop(String(failure['message']))}</p>
${details.length === 0 ? undefined : html`<pre class="diff" tabindex="0" role="region" aria-label="details">${joined(details.map((line) => html`<span class="l">${line}</span>`))}</pre>`}
${typeof next === 'string' ? html`<p><span class="do">Next</span> ${next}</p>` : undefined}
</section>`;
}

function placeText(at: unknown): string | undefined {
  if (at === null || typeof at !== 'object') return undefined;
  const { file, line, column } = at as { file?: unknown; line?: unknown; column?: unknown };
  return `${file}:${line}:${column}`;
}
