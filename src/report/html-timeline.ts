import type { StepResult } from '../build/types.ts';
import { html, joined, type Markup } from './markup.ts';
import type { Report } from './report.ts';
import { pairsOf, type StepPair } from './steps.ts';
import { bytesText, secondsText } from './units.ts';

/** Units of the drawing's width. */
const WIDTH = 1000;

/** The steps of both builds on one axis of time, the first build above the second, with what they took. */
export function timelineSection({ builds }: Report): Markup | undefined {
  const { first, second } = builds;
  if (first === null && second === null) return undefined;
  const total = Math.max(first?.wallSeconds ?? 0, second?.wallSeconds ?? 0, 0.001);
  const pairs = pairsOf(first?.steps ?? [], second?.steps ?? []);
  return html`<section id="timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">Time</h2>
<p class="lead">Both builds from their start. ${key('first', first?.wallSeconds)} ${key('second', second?.wallSeconds)}</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="timeline-title"><table class="steps">
<thead><tr><th scope="col">step</th><th scope="col" class="axis"><span>0</span><span>${secondsText(total)}</span></th><th scope="col" class="number">wall</th><th scope="col" class="number">CPU</th><th scope="col" class="number">peak memory</th></tr></thead>
<tbody>${joined(pairs.map((pair) => stepRow(pair, total)))}</tbody>
</table></div>
</section>`;
}

function key(side: 'first' | 'second', seconds: number | undefined): Markup | undefined {
  if (seconds === undefined) return undefined;
  return html`<span class="key ${side}">${side} build</span> ${secondsText(seconds)}.`;
}

function stepRow({ name, first, second }: StepPair, total: number): Markup {
  return html`<tr><th scope="row">${name}</th><td class="bars">${bars(first, second, total)}</td>
<td class="number">${both(first, second, ({ wallSeconds }) => secondsText(wallSeconds))}</td>
<td class="number">${both(first, second, ({ cpuSeconds }) => (cpuSeconds > 0 ? secondsText(cpuSeconds) : '–'))}</td>
<td class="number">${both(first, second, ({ peakMemoryBytes }) => (peakMemoryBytes > 0 ? bytesText(peakMemoryBytes) : '–'))}</td></tr>`;
}

/** The numbers stand in the same row, so the drawing says nothing of its own to a screen reader. */
function bars(first: StepResult | undefined, second: StepResult | undefined, total: number): Markup {
  return html`<svg viewBox="0 0 ${WIDTH} 30" preserveAspectRatio="none" aria-hidden="true" focusable="false">${bar('first', first, 5, total)}${bar('second', second, 17, total)}</svg>`;
}

function bar(side: 'first' | 'second', step: StepResult | undefined, y: number, total: number): Markup | undefined {
  if (step === undefined) return undefined;
  const x = (step.startedSeconds / total) * WIDTH;
  const width = Math.max((step.wallSeconds / total) * WIDTH, 2);
  return html`<rect class="${side}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="8"/>`;
}

function both(first: StepResult | undefined, second: StepResult | undefined, show: (step: StepResult) => string): Markup {
  const [a, b] = [first && show(first), second && show(second)];
  return html`<span class="first"><span class="unseen">first </span>${a ?? '–'}</span><span class="second"><span class="unseen">second </span>${b ?? '–'}</span>`;
}
