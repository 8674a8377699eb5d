import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describe } from '#lockstep/cli/evaluate-text.js';
import { scoresOf } from '#lockstep/evaluation/score.js';
import { hash } from '#lockstep/numerics/random.js';

/** The lines for a model that is right of every class but the first few, on 3 samples of each. */
function linesOf(classes: readonly string[], wrong: number): string[] {
  const labels = Int32Array.from({ length: 3 * classes.length }, (_, i) => i % classes.length);
  const predicted = labels.map((label) => (label < wrong ? classes.length - 1 : label));
  const scores = scoresOf({
    split: 'test',
    parts: [{ split: 'test', samples: labels.length }],
    classes,
    loss: 0.5,
    labels,
    predicted,
    confidence: Float32Array.from(labels, (_, i) => (hash(i) % 1000) / 1000),
    losses: new Float32Array(labels.length),
    classesBefore: labels.map((label, i) => (label === predicted[i] ? 0 : 5)),
  });
  const about = {
    run: 'runs/a',
    weights: 'best',
    epoch: 3,
    data: 'data/x',
    datasetKey: '',
    tta: 'none',
    mistakes: [],
  } as const;
  return describe({ ...about, ...scores }).split('\n');
}

const text = suite('an evaluation as text');

text('of 1000 classes shows the 20 worst, and says so', () => {
  const lines = linesOf(
    Array.from({ length: 1000 }, (_, label) => `kind ${label}`),
    7,
  );
  const first = lines.findIndex((line) => line.startsWith('label'));
  const rows = lines.slice(first + 1, lines.indexOf('', first));
  assert.is(rows.length, 21);
  assert.match(rows.at(-1)!, /^and 980 classes with a larger F1/);
  assert.equal(
    rows.slice(0, 8).map((row) => Number(row.trim().split(' ')[0])),
    [0, 1, 2, 3, 4, 5, 6, 999],
  );
  assert.match(rows[0]!, /kind 0 +3 +0 +- +0\.00% +0\.00%$/);
  assert.ok(lines.some((line) => /^kind 0 +kind 999 +3 +100\.00%$/.test(line)));
  assert.ok(lines.some((line) => /^macro precision +\d.* over 993 of 1,000 classes$/.test(line)));
  assert.ok(lines.every((line) => line.length <= 100));
});

text("a class's name does not steer the terminal, and a perfect model confuses nothing", () => {
  const lines = linesOf(['a\x1b[31m', 'b\nc', 'd'.repeat(300)], 0);
  assert.ok(lines.every((line) => !/\p{Cc}/u.test(line) && line.length <= 100));
  assert.ok(lines.some((line) => line.includes('b\\nc')));
  assert.not.ok(lines.some((line) => line.startsWith('most confused')));
});

text.run();
