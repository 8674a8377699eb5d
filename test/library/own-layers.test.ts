import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CustomLossFactory, type CustomOperatorFactory, checkGradients } from '#lockstep/index.js';
import { hash } from '#lockstep/numerics/random.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import { layersConfig, root, withDataset, withEngine } from '../support/engine-helpers.js';

/** What docs/own-layers.md shows. */
const docs = readFileSync(join(root, 'docs/own-layers.md'), 'utf8');
const names = ['squeeze-excitation', 'focal-loss'] as const;
const compiled = (name: (typeof names)[number]) => join(root, `dist/examples/${name}.js`);
const factoryOf = async (name: (typeof names)[number]) => (await import(compiled(name))).default as unknown;

test('the guide shows its example files as they are', () => {
  for (const name of names)
    assert.ok(
      docs.includes(`\n\`\`\`ts\n${readFileSync(join(root, `docs/examples/${name}.ts`), 'utf8')}\`\`\`\n`),
      name,
    );
});

test('their gradients are right', async () => {
  const operator = (await factoryOf('squeeze-excitation')) as CustomOperatorFactory;
  const parameters = { squeeze: [4, 16], squeezeBias: [4], excite: [16, 4], exciteBias: [16] };
  const ofLayer = await checkGradients({ operator, input: [16, 5, 5], parameters, most: 50 });
  assert.ok(ofLayer.passed, ofLayer.message);
  const loss = (await factoryOf('focal-loss')) as CustomLossFactory<{ gamma?: number }>;
  for (const gamma of [1, 2.5]) {
    const ofLoss = await checkGradients({ loss, classes: 6, options: { gamma } });
    assert.ok(ofLoss.passed, ofLoss.message);
  }
});

test("the config's layer and the loss train to the same bits at 1, 2 and 3 threads, and learn", async () => {
  const [, json] = /```json\n(\{.*?\n\})\n```/s.exec(docs)!;
  const layers = [
    { type: 'conv2d', outChannels: 16, kernelSize: 3 },
    { ...JSON.parse(json!), module: compiled('squeeze-excitation') },
    { type: 'relu' },
    { type: 'globalAveragePool' },
    { type: 'dense', outFeatures: 3 },
  ];
  const loss = `loss={"type":"custom","module":"${compiled('focal-loss')}","options":{"gamma":1.5}}`;
  const config = layersConfig(layers, loss, 'training.batchSize=16', 'optimizer.learningRate=0.3');
  // Of each class another channel is bright.
  const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
  const values = Uint8Array.from({ length: 60 * 192 }, (_, i) => {
    const channel = Math.floor(i / 64) % 3;
    return (hash(1, i) % 100) + (channel === Math.floor(i / 192) % 3 ? 150 : 0);
  });
  const found: unknown[] = [];
  await withDataset({ values, labels }, [3, 8, 8], 3, async (dataset) => {
    for (const threads of [1, 2, 3])
      await withEngine(config, dataset, threads, async (engine) => {
        const first = (await engine.train(1)).totals.loss;
        for (const epoch of [2, 3, 4, 5, 6]) await engine.train(epoch);
        const { loss, top1 } = (await engine.evaluate('test')).totals;
        assert.ok(loss < first / 2, `${loss} of ${first}`);
        found.push([hashWeights(engine), loss, top1]);
      });
  });
  assert.equal(found[1], found[0]);
  assert.equal(found[2], found[0]);
});

test.run();
