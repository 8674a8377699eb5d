import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { partnerKey, partnerOf } from '#lockstep/runtime/augmentation/partner.js';
import { NeededSamples } from '#lockstep/runtime/needed-samples.js';
import type { Phase } from '#lockstep/runtime/phase.js';
import { layersConfig } from '../support/engine-helpers.js';

const test = suite('the samples that a rank needs');

const phase: Phase = {
  training: true,
  split: 'train',
  epoch: 3,
  samples: 150,
  batchSize: 60,
  firstStep: 0,
  endStep: 3,
  itemMicroBatches: 2,
  sampler: 'shuffled',
  rateReduction: 1,
  verify: false,
};

function neededBy(rank: number, ranks: number, mixes: boolean): number[] {
  const layers = [{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }];
  const changes = mixes ? ['training.augmentation={"mixup":{"alpha":1}}'] : [];
  const needed = new NeededSamples({ rank, ranks }, layersConfig(layers, ...changes));
  needed.beginPhase(phase);
  return Array.from({ length: phase.samples }, (_, position) => position).filter((at) => needed.has(at));
}

test('are all of a process that trains alone', () => {
  assert.is(neededBy(0, 1, true).length, 150);
});

test('are those of its items', () => {
  // Items of 16 samples: 4 of a mini-batch of 60, 2 of the last one of 30.
  const own = (of: number[]) => of.map((at) => [Math.floor(at / 60), Math.floor((at % 60) / 16)].join());
  assert.equal([...new Set(own(neededBy(0, 3, false)))], ['0,0', '0,1', '1,0', '1,1', '2,0']);
  assert.equal([...new Set(own(neededBy(1, 3, false)))], ['0,2', '1,2', '2,1']);
  assert.equal([...new Set(own(neededBy(2, 3, false)))], ['0,3', '1,3']);
  assert.is(
    [0, 1, 2].reduce((sum, rank) => sum + neededBy(rank, 3, false).length, 0),
    150,
  );
});

test('and those that these are mixed with', () => {
  const config = layersConfig([{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }]);
  for (const rank of [0, 1, 2]) {
    const own = neededBy(rank, 3, false);
    const partners = own.map((at) => {
      const batch = Math.floor(at / 60) * 60;
      return partnerOf(partnerKey(config.seed, 3), at, batch, Math.min(60, 150 - batch));
    });
    const expected = [...new Set([...own, ...partners])].sort((a, b) => a - b);
    assert.equal(neededBy(rank, 3, true), expected, `rank ${rank}`);
    assert.ok(expected.length < 150 && expected.length > own.length);
  }
});

test.run();
