import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { openRun } from '#lockstep/runs/saved-run.js';
import { writeReport } from '#lockstep/views/report/write-report.js';
import { classes, commandSuite, readJson, tinyConfig, trainWell } from '../support/command-helpers.js';
import { needing } from '../support/needing.js';
import { assertAccessible, chromiumPath, openBrowser, watch } from './browser.js';

const test = needing(
  commandSuite('the page of a report, in a browser'),
  'Chromium',
  chromiumPath !== undefined,
);
const markup = '<img src=x onerror=alert(1)>';

let browser: Browser;
let run: string;
let address: string;

/** Opens the page as a file, and asserts at the end that it said nothing on its console and asked for nothing else. */
async function withPage(options: BrowserContextOptions, body: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const { errors, requests } = watch(page);
  page.on('dialog', (dialog) => {
    errors.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  await body(page);
  await context.close();
  assert.equal(errors, []);
  assert.equal(
    requests.filter((url) => !url.startsWith('data:')),
    [address],
  );
}

test.before(async ({ dataset, folder }) => {
  const names = Array.from({ length: classes }, (_, i) => (i === 0 ? markup : `class number ${i}`));
  writeFileSync(join(dataset, 'classes.txt'), names.map((name) => `${name}\n`).join(''));
  const tiny = tinyConfig(dataset);
  const conv = { type: 'conv2d', outChannels: 4, kernelSize: 3, padding: 1 };
  const block = { type: 'residual', body: [conv, { type: 'relu' }, conv], shortcut: [conv] };
  const [first, ...rest] = tiny.model.layers;
  const root = folder({
    ...tiny,
    data: { ...tiny.data, cache: join(dataset, '../cache') },
    model: { layers: [first, block, block, ...rest] },
    training: { ...tiny.training, augmentation: { flip: {}, mixup: { alpha: 0.4 } } },
  } as typeof tiny);
  await trainWell(root, '--out', 'run', '--quiet');
  run = join(root, 'run');
  const out = join(root, 'pages', 'report.html');
  mkdirSync(join(root, 'pages'));
  await writeReport(openRun(run), { split: 'test', choice: 'best', threads: 1, plots: false, out });
  address = pathToFileURL(out).href;
  browser = await openBrowser();
});
test.after(async () => {
  await browser?.close();
});

test('shows the numbers of summary.json, and names as text', () =>
  withPage({}, async (page) => {
    const { best, weightsSha256 } = readJson(run, 'summary.json');
    const text = (await page.locator('body').textContent())!;
    assert.ok(text.includes(`${(100 * best.test.top1).toFixed(2)}%`));
    assert.ok(text.includes(weightsSha256));
    assert.ok(text.includes(markup));
    assert.is(await page.title(), 'tiny');
  }));

test('a cell of the confusion matrix says what it is under the pointer', () =>
  withPage({}, async (page) => {
    const matrix = page.locator('[data-matrix]');
    await matrix.scrollIntoViewIfNeeded();
    const { left, top, cell, cells, names, samples } = JSON.parse(
      (await matrix.getAttribute('data-matrix'))!,
    );
    const box = (await matrix.locator('svg').boundingBox())!;
    const [row, column, count] = cells[0];
    await page.mouse.move(box.x + left + (column + 0.5) * cell, box.y + top + (row + 0.5) * cell);
    const tip = page.locator('.tip');
    const said = (await tip.textContent())!;
    assert.ok(said.startsWith(`${names[row]}: ${count} of ${samples[row]} (`), said);
    await page.mouse.move(2, 2);
    assert.is(await tip.textContent(), '');
  }));

test('the matrix is read by keyboard, too', () =>
  withPage({}, async (page) => {
    const matrix = page.locator('[data-matrix]');
    await matrix.focus();
    const tip = page.locator('.tip');
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowLeft']) await page.keyboard.press(key);
    assert.match((await tip.textContent())!, /^class number 2: \d of 2 \(\d+\.\d\d%\) taken for /);
    await page.keyboard.press('End');
    assert.match((await tip.textContent())!, /taken for class number 5$/);
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowDown');
    assert.match((await tip.textContent())!, /^class number 5: .* recognised$/);
    await page.keyboard.press('Escape');
    assert.is(await tip.textContent(), '');
  }));

test('the table of classes is sorted by a click on a column', () =>
  withPage({}, async (page) => {
    const table = page.locator('table[data-sortable]');
    const column = async (i: number) =>
      (await table.locator(`tbody tr > :nth-child(${i})`).allTextContents()).map((text) =>
        Number.parseFloat(text),
      );
    const recall = table.getByRole('button', { name: 'Recall' });
    await recall.click();
    const down = await column(3);
    assert.equal(
      down,
      down.toSorted((a, b) => b - a),
    );
    assert.is(await table.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending');
    await recall.click();
    assert.equal(await column(3), down.toReversed());
    await table.getByRole('button', { name: 'Class' }).click();
    const first = await table.locator('tbody th').first().textContent();
    assert.is(first, markup);
  }));

test('the accessibility checker finds nothing, light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await withPage({ colorScheme }, async (page) => {
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await assertAccessible(page);
    });
  }
});

test('on a phone the page does not scroll sideways, and wide tables do', () =>
  withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
    const [width, table] = await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
      const epochs = document.querySelector<HTMLElement>('details .scroll')!;
      return [document.documentElement.scrollWidth, epochs.scrollWidth - epochs.clientWidth];
    });
    assert.is(width, 390);
    assert.ok(table! > 0);
    // The shadow at the side where the matrix goes on lies behind it.
    const ground = await page.evaluate(
      () => getComputedStyle(document.querySelector('.matrix svg rect')!).fill,
    );
    assert.is(ground, 'none');
  }));

test("the network's graph is as wide as there is room for, and its text stays large enough on a phone", async () => {
  const shown: string[][] = [];
  for (const width of [1280, 390]) {
    await withPage({ viewport: { width, height: 844 } }, async (page) => {
      const pictures = page.locator('#plot-network div[role=img]:visible');
      shown.push(await pictures.evaluateAll((all) => all.map((one) => one.className)));
      const [scale, overflow] = await pictures.first().evaluate((one) => {
        const svg = one.querySelector('svg')!;
        return [
          svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
          one.scrollWidth - one.clientWidth,
        ];
      });
      assert.ok(scale! > 0.84 && scale! < 1.01, String(scale));
      assert.is(overflow, 0);
    });
  }
  assert.equal(shown, [['wide'], ['narrow']]);
});

test('charts are dark on a dark page', async () => {
  const inks: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await withPage({ colorScheme }, async (page) => {
      inks.push(
        await page.evaluate(() => getComputedStyle(document.querySelector('#plot-loss svg text')!).fill),
      );
    });
  }
  assert.equal(inks, ['rgb(34, 34, 34)', 'rgb(230, 230, 230)']);
});

test('without scripts all of it is there', () =>
  withPage({ javaScriptEnabled: false }, async (page) => {
    assert.is(await page.locator('table[data-sortable] tbody tr').count(), classes);
    assert.is(await page.locator('table[data-sortable] button').count(), 0);
    assert.ok(readFileSync(new URL(address), 'utf8').includes('The pairs of classes'));
  }));

test.run();
