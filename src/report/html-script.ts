/**
 * What the page can do beyond reading: filters, and opening or closing a whole tree. Everything that it touches is there without it.
 * A filter hides what does not match; what is matched is opened down to itself, and put back when the field is emptied.
 */
export const SCRIPT = `'use strict';
for (const tool of document.querySelectorAll('[data-script]')) tool.hidden = false;
const status = (name, text) => { document.querySelector('[data-found="' + name + '"]').textContent = text; };
const parts = (root) => root.querySelectorAll('li, tbody tr, .artefact, details');
const memory = new WeakMap();
function texts(root) {
  if (!memory.has(root)) {
    memory.set(root, [...root.querySelectorAll('li.leaf, tbody tr')].map((leaf) => {
      const way = [];
      for (let at = leaf.parentElement; at !== root && at; at = at.parentElement) {
        const own = at.matches('details') ? at.querySelector(':scope > summary .way') : at.matches('.artefact') ? at.querySelector('h3') : null;
        if (own) way.unshift(own.textContent);
      }
      return { leaf, text: (way.join(' ') + ' ' + leaf.textContent).toLowerCase() };
    }));
  }
  return memory.get(root);
}
function filter(name, words) {
  const root = document.getElementById(name);
  const leaves = texts(root);
  for (const part of parts(root)) {
    if (part.matches('details')) {
      if (part.dataset.was === undefined) part.dataset.was = part.open ? 'open' : '';
      if (words.length === 0) { part.open = part.dataset.was === 'open'; delete part.dataset.was; }
    }
    part.hidden = words.length > 0;
  }
  if (words.length === 0) return status(name, '');
  let found = 0;
  for (const { leaf, text } of leaves) {
    if (!words.every((word) => text.includes(word))) continue;
    found += 1;
    for (let at = leaf; at !== root && at; at = at.parentElement) {
      at.hidden = false;
      if (at !== leaf && at.matches('details')) at.open = true;
    }
    for (const inner of leaf.querySelectorAll('details')) inner.hidden = false;
  }
  status(name, found === 0 ? 'nothing found' : found + ' found');
}
for (const field of document.querySelectorAll('[data-filter]')) {
  let timer;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => filter(field.dataset.filter, field.value.toLowerCase().split(/\\s+/).filter(Boolean)), 120);
  });
}
const setAll = (name, open) => { for (const part of document.getElementById(name).querySelectorAll('details')) part.open = open; };
for (const button of document.querySelectorAll('[data-unfold]')) button.addEventListener('click', () => setAll(button.dataset.unfold, true));
for (const button of document.querySelectorAll('[data-fold]')) button.addEventListener('click', () => setAll(button.dataset.fold, false));
`;
