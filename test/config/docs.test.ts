import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configMarkdown } from '#lockstep/config/markdown.js';

const test = suite('docs/config.md');

test('is up to date with the schema (`npm run docs` writes it)', () => {
  assert.is(readFileSync('docs/config.md', 'utf8'), configMarkdown());
  for (const key of ['`optimizer.learningRate`', '`training.batchSize`', 'outFeatures', 'labelSmoothing'])
    assert.ok(configMarkdown().includes(key), key);
});

test.run();
