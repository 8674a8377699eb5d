import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { writeCurves } from '#lockstep/runs/curves.js';
import { runPath } from '#lockstep/runs/directory.js';
import type { EpochMetrics } from '#lockstep/runs/metrics.js';
import { type RunResult, writeSummary } from '#lockstep/runs/summary.js';
import { renderCurves } from '#lockstep/views/charts/run-curves.js';

const epoch = (number: number): EpochMetrics => ({
  epoch: number,
  learningRate: 0.1,
  train: { samples: 100, loss: 3 / number, top1: 0.2, top5: 0.5 },
  validation: { samples: 10, loss: 3.5 / number, top1: 0.1, top5: 0.4 },
  seconds: 2,
  imagesPerSecond: 1000 * number,
});
const epochs = (count: number) => Array.from({ length: count }, (_, i) => epoch(i + 1));

const summary = suite('summary.json');

summary('holds what the run was, what came out, and where', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-summary-'));
  const split = epoch(1).validation;
  const result: RunResult = {
    config: withClasses(completeConfig(loadConfig('configs/lenet5.json')), 50),
    status: 'completed',
    end: { reason: 'epochs', epochs: 2, steps: 0 },
    parameters: 65_406,
    parts: [],
    threads: 2,
    epochs: epochs(4),
    final: { train: split, validation: split, test: split },
    best: { epoch: 3, validation: split, test: split },
    engine: { simdWidth: 128, knownAnswer: 'right' },
    memory: { peakBytes: 1000, samplesResident: 30 },
    numericsVersion: 1,
    datasetKey: 'abc',
    datasetSha256: 'fingerprint',
    init: null,
    weightsSha256: '0123',
    files: ['config', 'summary', 'curvesPng'],
  };
  writeSummary(folder, result);
  const read = JSON.parse(readFileSync(runPath(folder, 'summary'), 'utf8'));
  rmSync(folder, { recursive: true });
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.is(read.name, 'lenet5');
  assert.is(read.status, 'completed');
  assert.is(read.seed, 1);
  assert.is(read.epochsRun, 4);
  assert.is(read.seconds, 8);
  assert.equal(read.imagesPerSecond, { median: 2500, epochs: [1000, 2000, 3000, 4000] });
  assert.equal(read.final.test, split);
  assert.is(read.best.epoch, 3);
  assert.equal(read.versions, { lockstep: version, node: process.versions.node, v8: process.versions.v8 });
  assert.is(read.machine.arch, process.arch);
  assert.ok(read.machine.cores >= 1);
  assert.equal(read.engine, result.engine);
  assert.equal(read.files, { config: 'config.json', summary: 'summary.json', curvesPng: 'curves.png' });
});

summary.run();

const curves = suite('the curves');

/** Whether every tag is closed in order: enough of XML for what ECharts writes. */
const wellFormed = (xml: string): boolean => {
  const open: string[] = [];
  for (const [, end, name, self] of xml.matchAll(
    /<(\/?)([A-Za-z][\w:-]*)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g,
  )) {
    if (end === '/') {
      if (open.pop() !== name) return false;
    } else if (self !== '/') open.push(name!);
  }
  const rest = xml.replace(
    /<(\/?)([A-Za-z][\w:-]*)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>|<style\s*>.*?<\/style>/gs,
    '',
  );
  return open.length === 0 && !/<(?!!\[CDATA)/.test(rest);
};

curves('say what the axes are, and are well formed with 0, 1 and 300 epochs', async () => {
  for (const count of [0, 1, 300]) {
    const svg = await renderCurves('tiny', epochs(count));
    assert.ok(wellFormed(svg), `${count} epochs`);
    for (const text of [
      'tiny',
      'epoch',
      'cross entropy (nats per sample)',
      'top-1 accuracy (%)',
      'train',
      'validation',
    ])
      assert.ok(svg.includes(`>${text}</text>`), text);
  }
});

curves('a name cannot become markup', async () => {
  const svg = await renderCurves('<img src=x onerror="alert(1)">&', epochs(2));
  assert.not.ok(svg.includes('<img'));
  assert.ok(svg.includes('&lt;img src=x'));
  assert.ok(wellFormed(svg));
});

curves('a single epoch shows as a marker of each colour', async () => {
  const svg = await renderCurves('tiny', epochs(1));
  for (const colour of ['#0072B2', '#D55E00']) {
    // One marker in the legend, one in each panel.
    assert.is(svg.split(`fill="${colour}"`).length - 1, 3, colour);
  }
});

curves('the PNG has twice the pixels of the SVG', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-curves-'));
  const config = withClasses(completeConfig(loadConfig('configs/lenet5.json')), 50);
  await writeCurves(folder, config, epochs(3), () => {});
  const { width, height, format } = await sharp(readFileSync(runPath(folder, 'curvesPng'))).metadata();
  assert.match(readFileSync(runPath(folder, 'curvesSvg'), 'utf8'), /^<svg width="1000" height="440"/);
  rmSync(folder, { recursive: true });
  assert.equal([width, height, format], [2000, 880, 'png']);
});

curves.run();
