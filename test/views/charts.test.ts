import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Matrix, placeMatrix, renderMatrix } from '#lockstep/views/charts/confusion-matrix.js';
import { inlineSvg } from '#lockstep/views/charts/inline.js';
import { renderReliability } from '#lockstep/views/charts/reliability.js';
import { toPng } from '#lockstep/views/charts/render.js';
import { type EpochValues, renderRunPanel, renderRunsPanel } from '#lockstep/views/charts/run-curves.js';
import { chartColors, ink, lookOf } from '#lockstep/views/charts/theme.js';

const epochs = (count: number, shift = 0): EpochValues[] =>
  Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    train: { loss: 3 / (i + 1) + shift, top1: 0.2 },
    validation: { loss: 3.5 / (i + 1) + shift, top1: 0.1 },
  }));

const looks = suite('looks of curves');

looks('105 differ, and no two colours of the theme are equal', () => {
  const all = Array.from({ length: 105 }, (_, i) => JSON.stringify(lookOf(i)));
  assert.is(new Set(all).size, 105);
  const lights = chartColors.map(({ light }) => light.toLowerCase());
  assert.is(new Set(lights).size, lights.length);
});

looks.run();

const inline = suite('an SVG in a page');

inline('takes its colours from the page, and its names begin with its own', async () => {
  const svg = await renderRunPanel(epochs(3), 'loss');
  const part = inlineSvg(svg, 'loss');
  // The legend's border has no width.
  assert.not.match(part.replace(/stroke="#\w+" stroke-width="0"/g, ''), /="#[0-9a-f]{6}"/i);
  for (const property of ['--ink', '--faint', '--paper', '--hue-1', '--hue-2'])
    assert.ok(part.includes(`var(${property})`), property);
  assert.not.match(part, /zr\d+-|<style|class=|font-family/);
  assert.match(part, /^<svg aria-hidden="true" viewBox="0 0 460 330"/);
  const ids = [...part.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
  assert.ok(ids.length > 0 && ids.every((id) => id.startsWith('loss-')));
});

inline('leaves text as it is, though it looks like a colour', async () => {
  const name = `fill="${ink}" zr0-c0 <b>`;
  const svg = await renderRunsPanel(
    [
      { name, epochs: [epochs(2)] },
      { name: 'b', epochs: [epochs(2)] },
    ],
    'top1',
  );
  const part = inlineSvg(svg, 'a');
  assert.ok(part.includes('fill=&quot;#222222&quot;'));
  assert.ok(part.includes('&lt;b&gt;'));
  assert.not.ok(part.includes('<b>'));
});

inline.run();

const runs = suite('curves of several runs');

runs('a group of seeds has its mean and its range, over the epochs that all have', async () => {
  const svg = await renderRunsPanel([{ name: 'g', epochs: [epochs(3), epochs(4, 1), epochs(3, 2)] }], 'loss');
  assert.is(svg.split('opacity="0.18"').length - 1, 1);
  // The axis ends with the shortest.
  assert.ok(svg.includes('>3</text>'));
  const alone = await renderRunsPanel([{ name: 'g', epochs: [epochs(3)] }], 'loss');
  assert.not.ok(alone.includes('opacity="0.18"'));
});

runs('a value that is not finite leaves a gap, and no NaN in the picture', async () => {
  const values = epochs(5);
  const broken = values.map((each, i) =>
    i === 2 ? { ...each, train: { loss: Number.NaN, top1: 0 } } : each,
  );
  const svg = await renderRunPanel(broken, 'loss');
  assert.not.ok(svg.includes('NaN'));
});

runs('many long names take several lines of legend, above the panel', async () => {
  const many = Array.from({ length: 9 }, (_, i) => ({
    name: `a-rather-long-name-${i}`,
    epochs: [epochs(2)],
  }));
  const [, height] = /viewBox="0 0 460 (\d+)"/.exec(await renderRunsPanel(many, 'loss'))!;
  assert.ok(Number(height) >= 330 + 22 * 3, height);
});

runs('a name that is too long loses its middle', async () => {
  const long = (end: string) => ({ name: `${'a'.repeat(60)}${end}`, epochs: [epochs(2)] });
  const svg = await renderRunsPanel([long('1'), long('2')], 'loss');
  for (const end of ['1', '2']) assert.match(svg, new RegExp(`>a{21}…a{21}${end}</text>`));
});

runs.run();

const matrix = suite('the confusion matrix');

const of = (classes: number): Matrix => ({
  names: Array.from({ length: classes }, (_, i) => `class <${i}>`),
  samples: Array.from({ length: classes }, () => 20),
  cells: Array.from({ length: classes }, (_, i) => ({ row: i, column: i, samples: 20 })),
});

matrix('has every cell where its script looks for it, and every name as text', () => {
  for (const classes of [1, 2, 20, 50, 100]) {
    const place = placeMatrix(of(classes));
    const svg = renderMatrix(of(classes));
    const last = `M${place.left + (classes - 1) * place.cell} ${place.top + (classes - 1) * place.cell}h${place.cell}`;
    assert.ok(svg.includes(last), `${classes} classes`);
    assert.ok(place.width >= place.left + classes * place.cell);
    assert.is(svg.split(`class &lt;${classes - 1}`).length - 1, 2);
  }
});

matrix('counts stand in the cells of few classes', () => {
  assert.ok(renderMatrix(of(3)).includes('>20</text>'));
  assert.not.ok(renderMatrix(of(50)).includes('>20</text>'));
});

matrix('can be a PNG', async () => {
  const { width, height } = placeMatrix(of(4));
  const png = await sharp(await toPng(renderMatrix(of(4)))).metadata();
  assert.equal([png.width, png.height], [2 * width, 2 * height]);
});

matrix('names may hold what XML may not', async () => {
  const names = ['red \u001b[31m', 'two\nlines', 'none \uffff', 'NUL \0'];
  const svg = renderMatrix({ ...of(4), names });
  assert.not.match(svg, /\p{Cc}|\uffff/u);
  assert.ok((await toPng(svg)).length > 0);
});

matrix('leaves room for wide letters', () => {
  const leftOf = (name: string) => placeMatrix({ ...of(1), names: [name] }).left;
  assert.ok(leftOf('犬'.repeat(24)) >= 24 * 11);
  assert.ok(leftOf('W'.repeat(24)) > leftOf('i'.repeat(24)));
  assert.is(leftOf('x'.repeat(200)), leftOf(`${'x'.repeat(23)}…`));
});

matrix.run();

const reliability = suite('the reliability diagram');

reliability('has a bar and a point for each bin with samples, and stands with none', async () => {
  const bin = (low: number, samples: number) => ({
    low,
    high: low + 0.25,
    samples,
    confidence: samples === 0 ? null : low + 0.2,
    accuracy: samples === 0 ? null : 0.5,
  });
  const bars = async (...bins: ReturnType<typeof bin>[]) =>
    (await renderReliability(bins)).split('opacity="0.35"').length - 1;
  assert.is(await bars(bin(0, 3), bin(0.25, 0), bin(0.5, 7)), 4);
  assert.is(await bars(bin(0, 0)), 0);
});

reliability.run();
