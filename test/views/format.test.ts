import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bytesText,
  integer,
  learningRateText,
  levelText,
  nats,
  percent,
  points,
  pValue,
  share,
} from '#lockstep/views/format.js';

const test = suite('numbers as people see them');

test('each kind of number has its digits', () => {
  assert.equal([0, 0.0889, 0.99996, 1].map(percent), ['0.00%', '8.89%', '100.00%', '100.00%']);
  assert.equal([0.012, -0.003, 0, -0.00004].map(points), ['+1.20', '−0.30', '0.00', '0.00']);
  assert.equal([0.95, 0.999, 0.9].map(levelText), ['95%', '99.9%', '90%']);
  assert.equal([1, 0.067, 0.00002].map(pValue), ['1.0', '0.067', '< 0.0001']);
  assert.equal([3.877123, 0, 1.1e33].map(nats), ['3.8771', '0.0000', '1.1e+33']);
  assert.equal([65406.4, 0].map(integer), ['65,406', '0']);
  assert.equal([0.314, 1.5].map(share), ['31.4%', '150.0%']);
  assert.equal([0, 0.0271712, 0.03, 1.2345e-7, 12345678].map(learningRateText), [
    '0',
    '0.02717',
    '0.03000',
    '1.235e-7',
    '1.235e+7',
  ]);
  assert.equal([0, 999, 2_400_000, 1e15].map(bytesText), ['0 bytes', '999 bytes', '2.4 MB', '1000.0 TB']);
});

test('no other file makes a percentage', () => {
  const src = fileURLToPath(new URL('../../../src/', import.meta.url));
  const own = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.tsx?$/.test(path) && /toFixed\(\d?\)\}%/.test(readFileSync(`${src}/${path}`, 'utf8')),
  );
  // The last is a script of a page that is one file.
  assert.equal(own.sort(), ['views/format.ts', 'views/pages/browser/confusion-matrix.ts']);
});

test.run();
