/**
 * The page's look. Two colours tell the two builds apart wherever they stand side by side; green and red belong to the verdict alone, and
 * nothing is told by colour only.
 */
export const STYLE = `
:root {
  --paper: #fdfdfb; --panel: #f5f4ef; --ink: #1d2024; --soft: #5f656d; --line: #e2e0d9;
  --good: #17713f; --bad: #b3261e; --first: #2a5c9e; --second: #93520f; --first-wash: #e9f0f9; --second-wash: #faf0e2;
  --first-mark: #c6daf3; --second-mark: #f3d9b1; --focus: #6a4fd0;
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --panel: #1e2125; --ink: #e8e6e1; --soft: #a3a8af; --line: #33373c;
    --good: #74cb95; --bad: #f2897f; --first: #93b9f0; --second: #e2b06c; --first-wash: #1a2635; --second-wash: #2f2618;
    --first-mark: #2c4a70; --second-mark: #5c451f; --focus: #b9a7ff;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 70rem; padding: clamp(1.25rem, 5vw, 4rem) clamp(1rem, 4vw, 3rem) 4rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--text); }
h1, h2, h3, p, dl, dd, ul, pre { margin: 0; }
a { color: inherit; text-decoration-color: var(--soft); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
code, pre, .way, .digest, dd { font-family: var(--mono); font-size: .8125rem; font-variant-ligatures: none; }
.soft { color: var(--soft); }
.first { color: var(--first); }
.second { color: var(--second); }
.sign { font-style: normal; font-family: var(--mono); font-size: .85em; color: var(--bad); border: 1px solid currentColor; border-radius: 3px; padding: 0 .2em; }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; top: .5rem; left: .5rem; padding: .4rem .8rem; background: var(--paper); }
[hidden] { display: none !important; }

header.verdict { display: grid; grid-template-columns: auto 1fr; column-gap: clamp(1rem, 3vw, 2rem); align-items: center; }
.verdict .glyph { font: 300 clamp(4.5rem, 13vw, 8rem)/.8 var(--text); color: var(--bad); }
.verdict.reproducible .glyph { color: var(--good); }
.over { font-family: var(--mono); font-size: .875rem; color: var(--soft); overflow-wrap: anywhere; }
h1 { font-size: clamp(2rem, 5.5vw, 3.25rem); font-weight: 650; line-height: 1.1; letter-spacing: -.025em; color: var(--bad); }
.reproducible h1 { color: var(--good); }
.verdict .lead { margin-top: .4rem; font-size: 1.0625rem; max-width: 46rem; overflow-wrap: anywhere; }

nav { margin: 2rem 0 0; border-block: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; list-style: none; padding: .5rem 0; }
nav a { display: block; padding: .15rem 0; font-size: .875rem; text-decoration: none; color: var(--soft); }
nav a:hover { color: var(--ink); text-decoration: underline; }

section { margin-top: 3rem; }
h2 { font-size: 1.375rem; font-weight: 650; letter-spacing: -.012em; line-height: 1.3; }
h2 + * { margin-top: .75rem; }
section > .lead { color: var(--soft); margin-top: .15rem; }
section > .lead b { font-weight: 600; }
section > * + * { margin-top: 1rem; }
h3 { font-family: var(--mono); font-size: .9375rem; font-weight: 600; overflow-wrap: anywhere; }

/* The place to which words for screen readers alone are moved must scroll with the table, else they make the page wide. */
.wide, pre.diff { position: relative; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { padding: .45rem 1.25rem .45rem 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .75rem; font-weight: 500; color: var(--soft); vertical-align: bottom; white-space: nowrap; }
thead th.first { color: var(--first); } thead th.second { color: var(--second); }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.digest { display: block; color: var(--soft); font-size: .75rem; letter-spacing: -.01em; white-space: nowrap; }
.digest.first { color: var(--first); } .digest.second { color: var(--second); }
.outputs tbody th { font-family: var(--mono); font-size: .8125rem; min-width: 14rem; overflow-wrap: anywhere; }
.outputs .number span { display: block; }
.outputs td.glyph { width: 1.5rem; padding-right: .75rem; font-size: 1.125rem; line-height: 1; color: var(--soft); }
.equal td.glyph { color: var(--good); } .differs td.glyph { color: var(--bad); }
.aside, .aside th { color: var(--soft); font-weight: 400; }
.aside .digest, .aside .number span { color: var(--soft); }
.list tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 9rem; }
.list td:nth-child(2) { overflow-wrap: anywhere; }

.tools { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; font-size: .875rem; }
input[type=search] { font: inherit; width: min(18rem, 60vw); margin-left: .35rem; padding: .3rem .6rem; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 6px; }
button { font: inherit; padding: .3rem .75rem; color: inherit; background: none; border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
button:hover { border-color: var(--soft); }

summary { cursor: pointer; padding: .2rem 0; list-style: none; display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: baseline; column-gap: .6rem; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ''; flex: none; width: .38rem; height: .38rem; border: solid var(--soft); border-width: 0 1.5px 1.5px 0; transform: translateY(-.12rem) rotate(-45deg); }
details[open] > summary::before { transform: translateY(-.2rem) rotate(45deg); }
summary:hover .way, summary:hover .what { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; text-decoration-color: var(--soft); }
.count { font-size: .75rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.artefact > p { font-size: .875rem; }
.artefact + .artefact { margin-top: 2rem; }
.artefact > .tree { margin-top: .4rem; padding-left: 0; border: 0; }
pre.diff, .wide { max-width: 100%; }
.tree { list-style: none; padding-left: 1.1rem; margin-left: .18rem; border-left: 1px solid var(--line); }
/* Long lists only: what is far off the screen is neither laid out nor painted. */
.tree.long > li { content-visibility: auto; contain-intrinsic-size: auto 2rem; }
.line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; }
.leaf > .line { padding: .2rem 0 .2rem .98rem; }
.way, .what { overflow-wrap: anywhere; min-width: 0; }
.what { font-size: .875rem; color: var(--soft); }
.what b { font-weight: 600; color: var(--ink); } .what b.first { color: var(--first); } .what b.second { color: var(--second); }
.inside { padding: .35rem 0 .9rem .98rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem; }
.inside > * { min-width: 0; }
.tag { font-size: .75rem; padding: 0 .45rem; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); white-space: nowrap; }
.causes { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.cause { padding: .8rem 1rem; background: var(--panel); border-radius: 8px; font-size: .875rem; display: grid; gap: .3rem; align-content: start; overflow-wrap: anywhere; }
.do { font-weight: 600; margin-right: .2rem; }

pre.diff { padding: .6rem 0; background: var(--panel); border-radius: 8px; overflow-x: auto; line-height: 1.5; tab-size: 8; }
.diff > span { display: block; width: max-content; min-width: 100%; padding: 0 1rem; white-space: pre; min-height: 1.5em; }
.diff .l.first { background: var(--first-wash); color: inherit; } .diff .l.second { background: var(--second-wash); color: inherit; }
.diff .first b { background: var(--first-mark); font-weight: inherit; border-radius: 2px; } .diff .second b { background: var(--second-mark); font-weight: inherit; border-radius: 2px; }
.diff .at { color: var(--soft); font-family: var(--text); font-size: .75rem; } .diff .at:not(:first-child) { margin-top: .6rem; }

.matrix td code { overflow-wrap: anywhere; }
.matrix tbody th, .steps tbody th { white-space: nowrap; }
.matrix th:first-child, .steps th:first-child { position: sticky; left: 0; background: var(--paper); }
.matrix td[class], .matrix th.upright { text-align: center; padding-inline: .5rem; width: 2.5rem; }
.matrix td[colspan] { text-align: left; width: auto; }
.matrix th.first, .matrix td:not([class]):nth-last-child(2), .matrix td[colspan] { padding-left: 1rem; }
.upright span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); font-family: var(--mono); max-height: 12rem; overflow: hidden; text-overflow: ellipsis; color: var(--ink); }
.sign-none { color: var(--good); } .sign-none > span:first-child, .legend .sign-none { font-size: 1.5rem; line-height: .5; vertical-align: -.1em; } .sign-mattered { color: var(--bad); } .sign-unknown, .sign-untried { color: var(--soft); }
.legend b { font-weight: 400; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; font-size: .8125rem; }
.matrix tr:target th, .matrix tr:target td { background: var(--panel); }

.steps .axis { width: 45%; min-width: 12rem; } .axis { position: relative; } .axis span:last-child { float: right; }
.bars { padding-block: .15rem; vertical-align: middle; }
.bars svg { display: block; width: 100%; height: 30px; }
rect.first { fill: var(--first); } rect.second { fill: var(--second); }
.steps .number span.first, .steps .number span.second { display: block; line-height: 1.35; }
.key { font-weight: 600; } .key::before { content: ''; display: inline-block; width: .8rem; height: .5rem; margin-right: .4rem; background: currentColor; }

#inputs details + details { margin-top: .25rem; }
#inputs .wide, #scripts pre { margin: .25rem 0 1rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); }
footer dl { display: grid; gap: .15rem; font-size: .8125rem; }
footer dl div { display: grid; grid-template-columns: 11rem 1fr; gap: 1rem; }
footer dt { color: var(--soft); }
footer dd { font-size: .75rem; overflow-wrap: anywhere; align-self: center; }
@media (max-width: 40rem) {
  header.verdict { grid-template-columns: 1fr; row-gap: 1rem; }
  footer dl div { grid-template-columns: 1fr; gap: 0; margin-bottom: .4rem; }
  .tree { padding-left: .7rem; }
  .matrix { min-width: 46rem; } .steps { min-width: 38rem; }
}
@media print {
  nav, .tools, .skip { display: none; }
  body { max-width: none; padding: 0; }
  .wide, pre.diff { overflow: visible; } .diff > span { white-space: pre-wrap; width: auto; overflow-wrap: anywhere; }
}
@media (prefers-contrast: more) { :root { --soft: var(--ink); --line: var(--ink); } }
`;
