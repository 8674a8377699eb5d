import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReliability } from '#lockstep/views/charts/reliability.js';
import { renderCurves } from '#lockstep/views/charts/run-curves.js';
import { epochTicks, type Ticks, valueTicks } from '#lockstep/views/charts/ticks.js';

const labels = ({ min, max, interval, label }: Ticks): string[] =>
  Array.from({ length: Math.round((max - min) / interval) + 1 }, (_, i) => label(min + i * interval));

const test = suite("an axis's ticks");

test('of epochs that are not at their end are whole numbers', () => {
  assert.equal(labels(epochTicks([0.25, 7.916193181818182])), ['0', '2', '4', '6', '8']);
  assert.equal(labels(epochTicks([0.1])), ['0', '1', '2']);
  assert.equal(labels(epochTicks([1])), ['0', '1', '2']);
  assert.equal(labels(epochTicks([])), ['0', '1', '2']);
  assert.equal(labels(epochTicks([1, 30])), ['0', '5', '10', '15', '20', '25', '30']);
  assert.equal(labels(epochTicks([61])), ['0', '20', '40', '60', '80']);
});

test('have all the same digits', () => {
  assert.equal(labels(valueTicks([1.238, 3.912], 'fit')), ['1.0', '1.5', '2.0', '2.5', '3.0', '3.5', '4.0']);
  assert.equal(labels(valueTicks([0.00031], 'zero')), ['0.0000', '0.0001', '0.0002', '0.0003', '0.0004']);
  assert.equal(labels(valueTicks([12_345, 63_430], 'zero')), ['0', '20,000', '40,000', '60,000', '80,000']);
  assert.equal(labels(valueTicks([1e-8], 'zero')).at(-1), '1e-8');
});

test('do not magnify what is rounding', () => {
  const { min, max } = valueTicks([2.3000001, 2.3000002], 'fit');
  assert.ok(max - min >= 0.1 && max - min < 0.3, `${min} to ${max}`);
});

test('are round and hold all values, whatever they are', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, min: 0, max: 1e36, noDefaultInfinity: true }),
    fc.double({ min: 0, max: 10 }),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), fc.constantFrom('zero', 'fit'), (values, range) => {
      const ticks = valueTicks(values, range as 'zero' | 'fit');
      const shown = values.filter(Number.isFinite);
      const slack = 1e-6 * (ticks.max - ticks.min);
      for (const each of shown) assert.ok(each >= ticks.min - slack && each <= ticks.max + slack);
      const count = (ticks.max - ticks.min) / ticks.interval;
      assert.ok(Math.abs(count - Math.round(count)) < 1e-6 && count >= 1 && count <= 8, String(count));
      assert.match(ticks.interval.toExponential(), /^[125]e/);
      assert.is(new Set(labels(ticks)).size, Math.round(count) + 1, 'no two labels are equal');
      for (const label of labels(ticks)) assert.ok(label.length <= 9, label);
    }),
    { numRuns: 2000 },
  );
});

/** Texts of an SVG that are numbers. */
const numbersIn = (svg: string): string[] =>
  [...svg.matchAll(/>([-\d.,e]+)<\/text>/g)].map(([, text]) => text!);

test('of the charts in files are these', async () => {
  const epochs = Array.from({ length: 7 }, (_, i) => ({
    epoch: i + 1,
    train: { loss: 3.912023005 / (1 + 0.137 * i), top1: 0.0317 * i },
    validation: { loss: 3.8 / (1 + 0.093 * i), top1: 0.0213 * i },
  }));
  assert.equal(numbersIn(await renderCurves('seven', epochs)), [
    ...['2.0', '2.5', '3.0', '3.5', '4.0'],
    ...['0', '5', '10', '15', '20'],
    ...['0', '2', '4', '6', '8'],
    ...['0', '2', '4', '6', '8'],
  ]);
  const bins = [{ low: 0.5, high: 1, samples: 1237, confidence: 0.8, accuracy: 0.7 }];
  assert.ok(numbersIn(await renderReliability(bins)).includes('1,500'));
});

test.run();
