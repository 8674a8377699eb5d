import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { predictionFormat, predictionFormats } from '#lockstep/cli/predict-text.js';
import { createReporter } from '#lockstep/runs/log.js';
import { TerminalReporter } from '#lockstep/runs/terminal.js';
import { inlineSvg } from '#lockstep/views/charts/inline.js';
import { renderRunsPanel } from '#lockstep/views/charts/run-curves.js';
import { renderPage } from '#lockstep/views/pages/page.js';
import { oneLine, printable, printableStrings, toJson } from '#lockstep/views/printable.js';

const test = suite('printable text');

/** Colour, a bell, a return, C1's escape, and what turns, isolates and marks directions. */
const hostile = 'a\x1b[31m\x07\r\x9b\u202Egpj\u2066\u2069\u200F\u061C\u2028b';
const shown = 'a\\u001b[31m\\u0007\\r\\u009b\\u202egpj\\u2066\\u2069\\u200f\\u061c\\u2028b';
const steering = /(?!\n)\p{Cc}|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

test('what steers a terminal or turns letters is written as JSON escapes it; other text stays', () => {
  assert.is(printable(hostile), shown);
  assert.is(printable('a\nb'), 'a\nb');
  assert.is(oneLine('a\nb\tc', 9), 'a\\nb\\tc');
  // Arabic, Hebrew, a family that is joined by U+200D, German.
  for (const text of ['صورة', 'תמונה', '👨‍👩‍👧', 'Größe', 'می‌خواهم']) assert.is(printable(text), text);
  assert.is(printable('\uD800x\uFFFE\uFFF9'), '\\ud800x\\ufffe\\ufff9');
});

test('JSON is printable and means the same', () => {
  const json = toJson({ [hostile]: [hostile] }, 2);
  assert.not.match(json, steering);
  assert.equal(JSON.parse(json), { [hostile]: [hostile] });
  assert.equal(JSON.parse(JSON.stringify({ name: hostile }, printableStrings)), { name: shown });
});

for (const name of predictionFormats) {
  test(`predict, ${name}: names of files and classes`, () => {
    const { header = '', lines } = predictionFormat(name, 1);
    const text = [
      header,
      lines({ image: `${hostile},"1"`, predictions: [{ label: 0, class: hostile, probability: 0.5 }] }),
      lines({ image: `b\n${hostile}`, error: hostile }),
    ].join('\n');
    assert.not.match(text, steering);
    if (name === 'csv') {
      const [, first, second] = parse(text) as string[][];
      assert.equal(first, [`${shown},"1"`, shown, '0.5', '']);
      assert.equal(second, [`b\n${shown}`, '', '', shown]);
    }
  });
}

test('csv: a value is not changed for spreadsheets', () => {
  const { lines } = predictionFormat('csv', 1);
  const row = lines({ image: '=1+2.png', predictions: [{ label: 0, class: '@a', probability: 1 }] });
  assert.is(row, '=1+2.png,@a,1,');
});

test('lines and logs of a training', () => {
  let out = '';
  const output = { write: (text: string) => (out += text) };
  const log = createReporter({ format: 'json', stdout: output, stderr: output });
  for (const reporter of [new TerminalReporter(output, output), log]) {
    reporter.note(hostile);
    reporter.warning(hostile);
    reporter.error(hostile);
    reporter.start({
      name: 'a',
      layers: 1,
      parameters: 1,
      samples: { train: 1, validation: 1, test: 1 },
      epochs: 1,
      batchSize: 1,
      threads: 1,
      directory: hostile,
    } as never);
  }
  assert.not.match(out, steering);
  assert.is(out.split(shown).length - 1 >= 4, true);
});

test('pages and pictures', async () => {
  const script = "document.title = '\u202E'";
  const page = renderPage({ title: hostile, body: hostile, lead: hostile, scripts: [script] });
  assert.ok(page.includes(`>${script}</script></body>`), 'a script stays as its hash says');
  assert.not.match(page.replace(script, ''), steering);
  const epoch = { epoch: 1, train: { loss: 1, top1: 0.5 }, validation: { loss: 1, top1: 0.5 } };
  const runs = [hostile, 'other'].map((name) => ({ name, epochs: [[epoch, { ...epoch, epoch: 2 }]] }));
  const svg = await renderRunsPanel(runs, 'loss');
  assert.not.match(svg, steering);
  assert.ok(svg.includes('\\u202egpj'));
  assert.not.match(inlineSvg(svg, 'x'), steering);
});

test('commands write by what makes it printable', () => {
  const commands = fileURLToPath(new URL('../../../src/cli/', import.meta.url));
  const direct = readdirSync(commands).filter((file) =>
    /std(?:out|err)\.write\((?!`(?:error: )?\$\{printable)/.test(readFileSync(`${commands}/${file}`, 'utf8')),
  );
  // Their own words, words of the system, an address that is made printable, and lines that formats make so.
  assert.equal(direct, ['dashboard-options.ts', 'output.ts', 'predict.ts', 'signals.ts']);
});

test.run();
