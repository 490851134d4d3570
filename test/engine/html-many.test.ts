import test from 'ava';
import { manyHtml } from '../../src/report/many-html.ts';
import { missingBrowser } from '../helpers/browser.ts';
import { attempt, item, manyReport } from '../helpers/many.ts';
import { visit } from '../helpers/visit.ts';

const missing = await missingBrowser();
const serially = missing === undefined ? test.serial : test.serial.skip;
const SMALL = manyHtml(manyReport());
const VISIBLE = `[...document.querySelectorAll('table.index tbody tr')].filter((row) => row.getClientRects().length > 0).map((row) => row.cells[1].textContent)`;

serially('a status is chosen without JavaScript', async (t) => {
  await visit(SMALL, { javaScript: false }, async ({ page, complaints }) => {
    t.is(await page.locator('table.index tbody tr:visible').count(), 7);
    await page.locator('#status-source-missing').check();
    t.deepEqual(await page.locator('table.index tbody tr:visible th').allTextContents(), ['never-there']);
    await page.locator('#status-different').check();
    t.deepEqual(await page.locator('table.index tbody tr:visible th').allTextContents(), ['other']);
    await page.locator('#status-all').check();
    t.is(await page.locator('table.index tbody tr:visible').count(), 7);
    t.false(await page.locator('[data-search]').isVisible());
    t.deepEqual(complaints, []);
  });
});

serially('search, kind and cause narrow the rows together with the status', async (t) => {
  await visit(SMALL, {}, async ({ page, complaints }) => {
    await page.locator('[data-select=kind]').selectOption('C');
    t.deepEqual(await page.evaluate(VISIBLE), ['same', 'now-and-then']);
    await page.locator('#status-flaky').check();
    t.deepEqual(await page.evaluate(VISIBLE), ['now-and-then']);
    t.is(await page.locator('[data-found]').textContent(), '1 found');
    await page.locator('#status-all').check();
    await page.locator('[data-select=kind]').selectOption('');
    await page.locator('[data-select=cause]').selectOption('hostname');
    t.deepEqual(await page.evaluate(VISIBLE), ['other']);
    await page.locator('[data-select=cause]').selectOption('');
    await page.locator('[data-search]').fill('no longer');
    await page.locator('[data-found]', { hasText: '1 found' }).waitFor();
    t.deepEqual(await page.evaluate(VISIBLE), ['gone']);
    t.deepEqual(complaints, []);
  });
});

serially('five thousand packages are there at once and are searched quickly, also on a narrow screen', async (t) => {
  const items = Array.from({ length: 5000 }, (_, at) => {
    const status = at % 50 === 7 ? 'different' : 'reproducible';
    const different =
      status === 'different'
        ? [{ name: `package-${at}_1_all.deb`, verdict: 'different', places: ['./usr/share/x: the text differs'], causes: ['timestamp'] }]
        : [];
    return item(`package-${at}`, status, [attempt(`package-${at}`, status, { different })], at % 3 === 0 ? 'C' : 'Perl');
  });
  const text = manyHtml(manyReport(items));
  t.log(`${Math.round(text.length / 1000)} kB`);
  await visit(text, { width: 390 }, async ({ page, complaints }) => {
    const load = Number(await page.evaluate(`performance.getEntriesByType('navigation')[0].domComplete`));
    const filtered = Number(
      await page.evaluate(`(async () => {
        const began = performance.now();
        document.querySelector('#status-different').click();
        await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
        return performance.now() - began;
      })()`),
    );
    t.log(`there after ${Math.round(load)} ms, a filter drawn after ${Math.round(filtered)} ms`);
    t.is(((await page.evaluate(VISIBLE)) as string[]).length, 100);
    t.true(load < 40_000 && filtered < 10_000); // a fraction of it on a machine that has nothing else to do
    t.is(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    t.deepEqual(complaints, []);
  });
});
