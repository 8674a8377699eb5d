import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunSummary } from '#lockstep/runs/summary.js';
import { commandSuite, jsonLines, readJson, trainWell } from '../support/command-helpers.js';
import {
  endOf,
  epochOf,
  FakeControls,
  putRun,
  reportOf,
  type Served,
  served,
  startOf,
  stepOf,
} from '../support/dashboard-helpers.js';
import { inFolder } from '../support/data-helpers.js';
import { hang, needing } from '../support/needing.js';
import { assertAccessible, chromiumPath, openBrowser, watch } from './browser.js';

let browser: Browser;

interface Looked {
  readonly page: Page;
  /** What went wrong on the page so far, violations of its policy among it. */
  readonly errors: readonly string[];
  readonly requests: readonly string[];
}

/** Opens the dashboard's page, runs `body`, and asserts that the page had no error. */
async function look(
  { address }: Served,
  body: (looked: Looked) => Promise<void>,
  options: { colorScheme?: 'light' | 'dark'; width?: number; expectErrors?: boolean } = {},
): Promise<void> {
  const { colorScheme = 'light', width = 1280, expectErrors = false } = options;
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(hang);
    const { errors, requests } = watch(page);
    await page.goto(address);
    await body({ page, errors, requests });
    if (!expectErrors) assert.equal(errors, []);
    for (const request of requests)
      assert.ok(request.startsWith(new URL(address).origin) || request === 'data:,');
  } finally {
    await context.close();
  }
}

type Drawn = Readonly<Record<string, readonly (readonly [number, number | null])[]>>;

/** What a chart has drawn: of each line its points; nothing while the chart is not there. */
const drawn = (page: Page, chart: string): Promise<Drawn> =>
  page.evaluate((id) => {
    type Series = { name: string; data: [number, number | null][] };
    type Chart = { chart?: { getOption(): { series?: Series[] } | undefined } };
    const element = document.getElementById(id) as unknown as Chart | null;
    const series = element?.chart?.getOption()?.series ?? [];
    return Object.fromEntries(series.map(({ name, data }) => [name, data]));
  }, chart);

/** Waits until the chart's line has so many points, and returns all of its lines. */
async function drawnWith(page: Page, chart: string, line: string, points: number): Promise<Drawn> {
  for (const end = Date.now() + hang; Date.now() < end; ) {
    const lines = await drawn(page, chart);
    if (lines[line]?.length === points) return lines;
    await page.waitForTimeout(100);
  }
  throw new Error(`${chart} draws ${JSON.stringify(Object.keys(await drawn(page, chart)))}`);
}

const isThere = chromiumPath !== undefined;
const test = needing(suite("a dashboard's page"), 'Chromium', isThere);
const trained = needing(commandSuite("a trained run's page"), 'Chromium', isThere);

for (const each of [test, trained]) {
  each.before(async () => {
    browser = await openBrowser();
  });
  each.after(() => browser.close());
}

test('shows a training as it goes, and its end', async () => {
  await served({}, async (to) => {
    const { reporter } = to.dashboard;
    reporter.dataProgress({ phase: 'decoding', done: 30, total: 40 });
    await look(to, async ({ page }) => {
      assert.is(page.url(), `http://${to.host}/`, 'the token is out of the address');
      await page.getByText('decoding 30 of 40').waitFor();
      reporter.start(startOf());
      await page.getByRole('status').getByText('Training, epoch 1 of 4').waitFor();
      reporter.step(stepOf(1, 5, 3));
      await page.getByText('5 of 10', { exact: true }).waitFor();
      assert.is(await page.getByRole('progressbar').getAttribute('value'), '0.5');
      assert.is(await page.getByRole('meter').count(), 2);
      reporter.epoch(reportOf(1));
      reporter.step(stepOf(2, 10, 2));
      reporter.epoch(reportOf(2, false));
      const loss = await drawnWith(page, 'loss', 'this run, train', 2);
      assert.equal(loss['this run, train'], [
        [1, 3],
        [2, 1.5],
      ]);
      assert.equal(loss['this run, validation'], [
        [1, 3.5],
        [2, 1.75],
      ]);
      assert.equal(loss['this run, steps'], [
        [0.5, 3],
        [2, 2],
      ]);
      await page.getByText('best validation top-1 (epoch 1)').waitFor();
      await page.getByText('4.0 s').waitFor();
      reporter.end(endOf(4));
      await to.dashboard.close();
      await page.getByRole('status').getByText('The run has ended.').waitFor();
      assert.equal((await drawn(page, 'loss'))['this run, train'], [
        [1, 3],
        [2, 1.5],
      ]);
    });
  });
});

test('axes end in round numbers while the training is in an epoch, and tables fit a desk', async () => {
  await inFolder(async (folder) => {
    putRun(folder, 'improved-20261128-161512-with-a-long-name-of-its-own', 3, false);
    await served({ runs: folder }, async (to) => {
      const { reporter } = to.dashboard;
      reporter.start(startOf({ epochs: 30, trainLossWith: ['label smoothing 0.1'] }));
      for (const epoch of [1, 2]) reporter.epoch(reportOf(epoch));
      reporter.step(stepOf(3, 129, 1.238, 141));
      await look(to, async ({ page }) => {
        await drawnWith(page, 'loss', 'this run, steps', 1);
        const ends = await page.evaluate(() => {
          type Axis = { min: number; max: number; interval: number }[];
          type Chart = { chart: { getOption(): { xAxis: Axis; yAxis: Axis } } };
          const axesOf = (id: string) => (document.getElementById(id) as unknown as Chart).chart.getOption();
          return [
            ...axesOf('loss').yAxis,
            ...['loss', 'top1', 'speed', 'rate'].flatMap((id) => axesOf(id).xAxis),
          ].map(({ min, max, interval }) => [min, max, interval]);
        });
        // The epoch that is not over is on the axes of all charts.
        assert.equal(ends, [[1, 3.5, 0.5], ...Array.from({ length: 4 }, () => [0, 3, 1])]);
        const heading = page.locator('th .unbroken', { hasText: 'top-1' }).first();
        assert.is(await heading.evaluate((e) => e.getClientRects().length), 1, 'top-1 is not broken');
        await page.getByText('The train loss of this run is with label smoothing 0.1').waitFor();
        await page.getByRole('row', { name: /Show improved.*cut off/ }).waitFor();
        const cut = await page.evaluate(
          () => [...document.querySelectorAll('.wide')].filter((e) => e.scrollWidth > e.clientWidth).length,
        );
        assert.is(cut, 0, 'tables that do not fit');
      });
    });
  });
});

test('on paper no chart is wider than its column', async () => {
  await served({}, async (to) => {
    const { reporter } = to.dashboard;
    reporter.start(startOf({ trainLossWith: ['label smoothing 0.1'] }));
    for (const epoch of [1, 2]) reporter.epoch(reportOf(epoch));
    await look(to, async ({ page }) => {
      await drawnWith(page, 'loss', 'this run, train', 2);
      const axes = await page.evaluate(() =>
        [...document.querySelectorAll('.chart')].slice(0, 2).map((e) => e.getBoundingClientRect().top),
      );
      assert.is(axes[0], axes[1], 'beside a chart with a note, axes stay on one line');
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize({ width: 720, height: 1000 });
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll('.chart canvas')].map(
          (e) => e.getBoundingClientRect().right - e.closest('figure')!.getBoundingClientRect().right,
        ),
      );
      assert.is(wide.length, 4);
      assert.ok(
        wide.every((pixels) => pixels <= 1),
        String(wide),
      );
    });
  });
});

test('a page that comes late or is loaded again shows the same', async () => {
  await inFolder(async (folder) => {
    putRun(folder, 'before', 3);
    await served({ runs: folder }, async (to) => {
      const { reporter } = to.dashboard;
      reporter.start(startOf());
      for (const epoch of [1, 2, 3]) {
        reporter.step(stepOf(epoch, 6, 2));
        reporter.epoch(reportOf(epoch));
      }
      await look(to, async ({ page }) => {
        await page.getByRole('checkbox', { name: 'Show before' }).check();
        const before = await drawnWith(page, 'loss', 'before, train', 3);
        assert.is(before['this run, train']!.length, 3);
        await page.reload();
        assert.equal(await drawnWith(page, 'loss', 'before, train', 3), before);
        assert.ok(await page.getByRole('checkbox', { name: 'Show before' }).isChecked());
      });
    });
  });
});

test('its buttons control the training, with the keyboard too', async () => {
  const controls = new FakeControls();
  await served({ controls }, async (to) => {
    to.dashboard.reporter.start(startOf());
    await look(to, async ({ page }) => {
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('status').getByText('Paused').waitFor();
      await page.getByRole('button', { name: 'Go on' }).press('Enter');
      await page.getByRole('status').getByText('Training').waitFor();
      // What the terminal does shows here too.
      controls.pause();
      await page.getByRole('button', { name: 'Go on' }).waitFor();
      controls.resume();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await page.keyboard.press('Tab');
      await page.getByRole('button', { name: 'Stop and save' }).focus();
      await page.keyboard.press('Space');
      await page.getByRole('status').getByText('Stopping and saving').waitFor();
      assert.ok(await page.getByRole('button', { name: 'Stop and save' }).isDisabled());
      assert.equal(controls.asked, ['pause', 'resume', 'pause', 'resume', 'stop']);
    });
  });
  await served({}, async (to) => {
    to.dashboard.reporter.start(startOf());
    await look(to, async ({ page }) => {
      await page.getByRole('status').getByText('Training').waitFor();
      assert.is(await page.getByRole('button').count(), 0, 'without controls there are no buttons');
    });
  });
});

test('whatever a name says is text', async () => {
  const evil = '<img src=x onerror=alert(1)>';
  await inFolder(async (folder) => {
    putRun(folder, `run ${evil.replace('/', '')}`, 2);
    await served({ runs: folder }, async (to) => {
      await look(to, async ({ page, requests }) => {
        page.on('dialog', () => assert.unreachable('a dialog'));
        const { reporter } = to.dashboard;
        reporter.start(startOf({ name: evil, directory: `runs/${evil}` }));
        reporter.warning(`odd ${evil}`);
        reporter.epoch(reportOf(1));
        await page.getByRole('heading', { name: evil, exact: true }).waitFor();
        await page.getByText(`odd ${evil}`).waitFor();
        await page.getByRole('checkbox').first().check();
        await drawnWith(page, 'loss', `run ${evil}, train`, 2);
        await page.locator('#loss').hover();
        await page.waitForTimeout(200);
        assert.is(await page.locator('img').count(), 0);
        assert.not.ok(requests.some((request) => request.endsWith('/x')));
      });
    });
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`is accessible, ${colorScheme}, on a desk and on a phone`, async () => {
    await inFolder(async (folder) => {
      putRun(folder, 'before', 3);
      await served({ runs: folder, controls: new FakeControls() }, async (to) => {
        const { reporter } = to.dashboard;
        reporter.start(startOf());
        reporter.step(stepOf(1, 5, 3));
        reporter.epoch(reportOf(1));
        reporter.step(stepOf(2, 5, 3));
        for (const kind of ['note', 'warning'] as const) reporter[kind](`a ${kind}`);
        for (const width of [1280, 390]) {
          await look(
            to,
            async ({ page }) => {
              await page.getByRole('checkbox').first().check();
              await drawnWith(page, 'loss', 'before, train', 3);
              await assertAccessible(page);
              const wide = await page.evaluate(() => document.documentElement.scrollWidth);
              assert.ok(wide <= width, `${wide} pixels`);
            },
            { colorScheme, width },
          );
        }
      });
    });
  });
}

test('saved runs are shown alone and over each other, damaged ones with their reason, and followed', async () => {
  await inFolder(async (folder) => {
    putRun(folder, 'a', 5);
    putRun(folder, 'b', 3, false);
    putRun(folder, 'c', 2);
    appendFileSync(join(folder, 'c/metrics.jsonl'), 'odd\n');
    await served({ runs: folder, live: false }, async (to) => {
      await look(to, async ({ page }) => {
        // The last that can be shown, to begin with.
        const alone = await drawnWith(page, 'loss', 'b, validation', 3);
        assert.equal(Object.keys(alone), ['b, train', 'b, validation']);
        await page.getByRole('checkbox', { name: 'Show a' }).check();
        const both = await drawnWith(page, 'top1', 'a, train', 5);
        assert.equal(
          both['a, train'],
          [1, 2, 3, 4, 5].map((i) => [i, 100 * epochOf(i).train.top1]),
        );
        assert.is(both['b, train']!.length, 3);
        await page.getByText(/damaged: .*metrics\.jsonl cannot be read/).waitFor();
        await page.getByRole('row', { name: /Show a.*62\.50%/ }).waitFor();
        appendFileSync(join(folder, 'b/metrics.jsonl'), `${JSON.stringify(epochOf(4))}\n`);
        await drawnWith(page, 'loss', 'b, train', 4);
        await page.getByRole('checkbox', { name: 'Show b' }).uncheck();
        await page.getByRole('checkbox', { name: 'Show a' }).uncheck();
        await page.getByText('Tick a run below').waitFor();
        await assertAccessible(page);
      });
    });
  });
});

test('a lost connection is told, and taken up again', async () => {
  await served({}, async (to) => {
    to.dashboard.reporter.start(startOf());
    await look(
      to,
      async ({ page }) => {
        await page.getByRole('status').getByText('Training').waitFor();
        await page.route('**/events', (route) => route.abort());
        await page.reload();
        await page.getByRole('status').getByText('The connection is lost').waitFor();
        await page.unroute('**/events');
        await page.getByRole('status').getByText('Training').waitFor();
      },
      { expectErrors: true },
    );
  });
});

test('10,000 epochs and 10,000 steps stay smooth', async () => {
  const count = 10_000;
  await served({}, async (to) => {
    const { reporter } = to.dashboard;
    reporter.start(startOf({ epochs: 2 * count }));
    for (let epoch = 1; epoch <= count; epoch++) {
      if (epoch < count - 1) reporter.step({ ...stepOf(epoch, 5, 3 / epoch), epochs: 2 * count });
      reporter.epoch(reportOf(epoch, false));
    }
    await look(to, async ({ page }) => {
      await drawnWith(page, 'loss', 'this run, train', count);
      const timer = setInterval(() => reporter.step(stepOf(count + 1, 1, 1)), 100);
      const frames = await page.evaluate(async () => {
        const times: number[] = [];
        await new Promise<void>((resolve) => {
          const began = performance.now();
          const frame = (now: number) => {
            times.push(now);
            if (now - began > 3000) resolve();
            else requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
        });
        return times.slice(1).map((time, i) => time - times[i]!);
      });
      clearInterval(timer);
      const sorted = frames.toSorted((a, b) => a - b);
      const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(0);
      console.log(`frames: median ${at(0.5)} ms, 95% ${at(0.95)} ms, longest ${at(1)} ms`);
    });
  });
});

trained("draws what the run's files say", async ({ folder }) => {
  const at = folder();
  await trainWell(at, '--log-format', 'json', '--out', 'runs/done');
  await served({ runs: join(at, 'runs'), live: false }, async (to) => {
    await look(to, async ({ page }) => {
      const epochs = jsonLines(readFileSync(join(at, 'runs/done/metrics.jsonl'), 'utf8'));
      const loss = await drawnWith(page, 'loss', 'done, train', epochs.length);
      const top1 = await drawnWith(page, 'top1', 'done, validation', epochs.length);
      assert.equal(
        loss['done, train'],
        epochs.map(({ epoch, train }) => [epoch, train.loss]),
      );
      assert.equal(
        loss['done, validation'],
        epochs.map(({ epoch, validation }) => [epoch, validation.loss]),
      );
      assert.equal(
        top1['done, validation'],
        epochs.map(({ epoch, validation }) => [epoch, 100 * validation.top1]),
      );
      const { final } = readJson(at, 'runs/done/summary.json') as RunSummary;
      await page
        .getByRole('row', { name: new RegExp(`${(100 * final!.test.top1).toFixed(2)}%`) })
        .first()
        .waitFor();
    });
  });
});

test.run();
trained.run();
