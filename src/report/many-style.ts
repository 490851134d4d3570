import { STATUS_WORDS } from './many.ts';

const CHOICES = Object.keys(STATUS_WORDS);

/** What the index adds to the look of a report. A status is chosen by the style sheet alone. */
export const INDEX_STYLE = `
.open h1, .open .glyph { color: var(--ink); }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
.choice { display: inline-flex; align-items: baseline; gap: .35rem; padding: .25rem .7rem; border: 1px solid var(--line); border-radius: 99px; cursor: pointer; }
.choice:has(:checked) { border-color: var(--ink); }
.choice input { accent-color: var(--focus); margin: 0; }
select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 6px; padding: .3rem .4rem; max-width: 14rem; }
.index { table-layout: fixed; min-width: 54rem; }
.index th:nth-child(1) { width: 1.75rem; } .index th:nth-child(2) { width: 22%; } .index th:nth-child(3) { width: 14%; } .index th:nth-child(4) { width: 8%; }
.index th:nth-child(5) { width: 12%; } .index th:nth-child(6) { width: 7rem; padding-right: 1.25rem; } .index td { overflow-wrap: anywhere; }
.index tbody th { font-family: var(--mono); font-size: .8125rem; overflow-wrap: anywhere; }
.index td.number { padding-right: 1.25rem; }
.index .status { font-weight: 600; }
.index .status .soft { font-weight: 400; }
.s-reproducible .glyph, .s-reproducible .status { color: var(--good); }
.s-different .glyph, .s-different .status, .s-flaky .glyph, .s-flaky .status { color: var(--bad); }
.index ul { list-style: none; padding: .3rem 0 .3rem 1rem; font-family: var(--mono); font-size: .75rem; }
${CHOICES.map((word) => `body:has(#status-${word}:checked) .index tbody tr:not(.s-${word})`).join(',\n')} { display: none; }
`;
