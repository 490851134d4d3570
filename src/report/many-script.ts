/** What the index can do beyond the choice of a status: a search over the rows, and the filters by kind and by cause. */
export const INDEX_SCRIPT = `'use strict';
for (const tool of document.querySelectorAll('[data-script]')) tool.hidden = false;
const body = document.querySelector('table.index tbody');
let known;
const rows = () => (known ??= [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase(), kind: row.dataset.kind, causes: row.dataset.cause.split(',') })));
const search = document.querySelector('[data-search]');
const selects = [...document.querySelectorAll('[data-select]')];
const status = document.querySelector('[data-found]');
const chosen = () => document.querySelector('input[name=status]:checked').value;
function filter() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const kind = selects.find((one) => one.dataset.select === 'kind')?.value ?? '';
  const cause = selects.find((one) => one.dataset.select === 'cause')?.value ?? '';
  const wanted = chosen();
  let found = 0;
  for (const one of rows()) {
    const fits = words.every((word) => one.text.includes(word)) && (kind === '' || one.kind === kind) && (cause === '' || one.causes.includes(cause));
    one.row.hidden = !fits;
    if (fits && (wanted === 'all' || one.row.classList.contains('s-' + wanted))) found += 1;
  }
  const any = words.length > 0 || kind !== '' || cause !== '' || wanted !== 'all';
  status.textContent = !any ? '' : found === 0 ? 'nothing found' : found + ' found';
}
let timer;
search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(filter, 120); });
for (const one of selects) one.addEventListener('change', filter);
for (const one of document.querySelectorAll('input[name=status]')) one.addEventListener('change', filter);
`;
