import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { hang } from '../support/needing.js';

/** Pages as a user sees them, in the Chromium that the machine has. */

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium; undefined where there is none: then tests of pages are left out. */
export const chromiumPath: string | undefined = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** @param flags such as `--font-render-hinting=none` */
export const openBrowser = (...flags: string[]): Promise<Browser> =>
  // As root, which a container's user often is, Chromium has no sandbox.
  chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', ...flags], timeout: hang });

/** Collects what the page says on its console that is an error, and what it throws; `requests` are the addresses that it asked for. */
export function watch(page: Page): { readonly errors: string[]; readonly requests: string[] } {
  const seen = { errors: [] as string[], requests: [] as string[] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.errors.push(message.text());
  });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('request', (request) => seen.requests.push(request.url()));
  return seen;
}

/** Asserts that the accessibility checker finds nothing, WCAG 2.2 AA and its authors' best practices. */
export async function assertAccessible(page: Page): Promise<void> {
  // Evaluated, not loaded: the page's own security policy forbids scripts from elsewhere.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  const told = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((n) => n.html).join('\n  ')}`,
  );
  assert.is(told.join('\n'), '');
}
