import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { confusedPairs, matrixOf } from '#lockstep/views/report/matrix.js';

const matrix = suite('what the confusion matrix shows');

matrix('of many classes those with the most errors, in their order', () => {
  const classes = Array.from({ length: 120 }, (_, i) => ({ name: `c${i}`, samples: 10 }) as never);
  const confusion = [
    { label: 0, predicted: 0, samples: 99 },
    { label: 119, predicted: 7, samples: 3 },
    ...Array.from({ length: 100 }, (_, i) => ({ label: i + 10, predicted: i + 11, samples: 1 })),
  ];
  const { names, cells } = matrixOf({ classes, confusion });
  assert.is(names.length, 50);
  assert.ok(names.includes('c119') && names.includes('c7') && !names.includes('c0'));
  assert.equal(
    cells.find(({ samples }) => samples === 3),
    { row: 49, column: 0, samples: 3 },
  );
});

matrix('pairs are sorted by their samples, without the diagonal', () => {
  const cells = [
    { label: 0, predicted: 0, samples: 9 },
    { label: 0, predicted: 1, samples: 2 },
    { label: 1, predicted: 0, samples: 5 },
  ];
  assert.equal(confusedPairs(cells, 9), [cells[2], cells[1]]);
  assert.equal(confusedPairs(cells, 1), [cells[2]]);
});

matrix.run();
