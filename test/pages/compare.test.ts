import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateFigures } from '#lockstep/views/compare/figures.js';
import { pairsOf } from '#lockstep/views/compare/pairs.js';
import { writeComparison } from '#lockstep/views/compare/write.js';
import { outcomesOf, plainCandidate } from '../support/compare-helpers.js';
import { needing } from '../support/needing.js';
import { assertAccessible, chromiumPath, openBrowser, watch } from './browser.js';

const test = suite<{ browser: Browser; folder: string }>('the page of a comparison');
const inBrowser = needing(test, 'Chromium', chromiumPath !== undefined);

const resampling = { level: 0.95, resamples: 2000, seed: 1 };
const evil = '<img src=x onerror=alert(1)>';
const entries = [
  plainCandidate('small', 0.312, 0.308, 0.33),
  plainCandidate('large', 0.402, 0.391, undefined),
  { ...plainCandidate('single', 0.25), from: evil },
  plainCandidate('broken', undefined),
];

test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lockstep-compare-'));
  const comparison = {
    weights: 'best',
    resampling,
    entries: entries.map((entry, i) => candidateFigures(entry, i, resampling)),
    pairs: pairsOf(entries, 'best', resampling, outcomesOf()),
    version: '0.0.0',
  } as const;
  await writeComparison(context.folder, comparison, entries);
  if (chromiumPath !== undefined) context.browser = await openBrowser();
});

test.after(async ({ browser, folder }) => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(
  { browser, folder }: { browser: Browser; folder: string },
  colorScheme: 'light' | 'dark',
  width: number,
): Promise<{ page: Page; seen: ReturnType<typeof watch>; address: string }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const seen = watch(page);
  const address = pathToFileURL(join(folder, 'compare.html')).href;
  await page.goto(address);
  return { page, seen, address };
}

/** The cells of the table in the section `id`, a row each. */
const cellsOf = (page: Page, id: string): Promise<string[][]> =>
  page
    .locator(`section:has(#${id}) tbody tr`)
    .evaluateAll((rows) =>
      rows.map((row) => [...(row as HTMLTableRowElement).cells].map((cell) => cell.textContent ?? '')),
    );

inBrowser('shows the figures of compare.json, and asks nobody for anything', async (context) => {
  const { page, seen, address } = await open(context, 'light', 1200);
  const { entries: figures, pairs } = JSON.parse(readFileSync(join(context.folder, 'compare.json'), 'utf8'));
  const accuracy = await cellsOf(page, 'accuracy');
  assert.equal(
    accuracy.map(([name, runs]) => [name, runs]),
    [
      ['small', '3'],
      ['large', '2 of 3, 1 diverged'],
      ['single', '1'],
      ['broken', '0 of 1, 1 diverged'],
    ],
  );
  for (const [i, cells] of accuracy.entries()) {
    const { top1 } = figures[i];
    const measures = ['train', 'validation', 'test', 'bestValidation', 'bestTest'];
    for (const [m, measure] of measures.entries()) {
      const shown = cells[m + 2]!;
      if (top1 === null) assert.is(shown, '–');
      else assert.ok(shown.startsWith(`${(100 * top1[measure].mean).toFixed(2)}%`), shown);
    }
  }
  const differences = await cellsOf(page, 'differences');
  assert.is(differences.length, pairs.length);
  assert.equal(differences[0]!.slice(0, 2), ['small − large', '−7.98']);
  assert.is((await cellsOf(page, 'runs')).length, 8);
  assert.is(await page.locator('figure svg').count(), 2);
  assert.is((await cellsOf(page, 'cost'))[2]!.at(-1), evil);
  assert.equal(seen, { errors: [], requests: [address] });
  await page.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  inBrowser(`is accessible, ${colorScheme}, and fits a phone`, async (context) => {
    const { page } = await open(context, colorScheme, 390);
    await assertAccessible(page);
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await page.close();
  });
}

test.run();
