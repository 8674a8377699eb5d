import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { models, prepare, trainedHash } from './jobs.js';
import { someWays } from './ways.js';

/** A part of `npm run test:matrix`. */
const matrix = suite<{ root: string }>('the same bits by the command, whatever the way');

matrix.before((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'lockstep-matrix-'));
  prepare(context.root);
});
matrix.after(({ root }) => rmSync(root, { recursive: true, force: true }));

for (const model of models) {
  matrix(model, async ({ root }) => {
    const [first, ...others] = someWays;
    const expected = await trainedHash(root, model, first!);
    for (const way of others) assert.is(await trainedHash(root, model, way), expected, way.name);
  });
}

matrix.run();
