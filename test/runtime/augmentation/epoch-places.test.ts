import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodePlatform } from '#lockstep/platform/node.js';
import { type SamplePair, sampleAugmenter } from '#lockstep/runtime/augmentation/augment-samples.js';
import { placesInEpoch } from '#lockstep/runtime/augmentation/epoch-places.js';
import { layersConfig } from '../../support/engine-helpers.js';
import { classes, original, samples, seen, shape } from './seen.js';

const places = suite('an image that is looked at, in an epoch');

/** Uneven: of most classes the balanced sampler takes each image several times. */
const labels = Int32Array.from({ length: samples }, (_, i) => Math.max(0, i - samples + classes));

const format = {
  sampleType: 'uint8',
  sampleShape: shape,
  normalization: { mean: [0.4, 0.5, 0.6], deviation: [0.25, 0.5, 0.2] },
} as const;

for (const [name, augmentation] of [
  ['nothing', {}],
  ['what moves and colours it', { crop: { padding: 2 }, flip: {}, trivialAugment: {}, erasing: {} }],
  ['brightness and contrast', { brightness: { strength: 0.5 }, contrast: { strength: 0.5 } }],
  ['mixup', { mixup: { alpha: 1 }, flip: {} }],
  ['cutmix', { cutmix: {}, crop: { padding: 1 } }],
  ['both mixtures', { mixup: { alpha: 0.5, probability: 0.8 }, cutmix: {}, brightness: { strength: 0.4 } }],
] as const) {
  for (const sampler of ['shuffled', 'sequential', 'balanced'] as const) {
    places(`is as the training's threads make it: ${name}, ${sampler}`, () => {
      const { training } = layersConfig(
        [{ type: 'flatten' }, { type: 'dense', outFeatures: classes }],
        `training.augmentation=${JSON.stringify(augmentation)}`,
        `training.sampler="${sampler}"`,
        'training.batchSize=12',
      );
      const config = { seed: 1, training };
      const augment = sampleAugmenter(config, format, nodePlatform);
      const all = Array.from({ length: samples }, (_, i) => i);
      const sampleOf = ({ index, key }: { index: number; key: number }) => ({
        key,
        bytes: Uint8Array.from(original(index)),
      });
      for (const epoch of [1, 2, 3]) {
        const inTraining = seen(augmentation, { epoch, sampler }, labels);
        const own = placesInEpoch(config, labels, classes, all, epoch);
        const found = own.flatMap((place) => {
          if (place === undefined) return [];
          const { partner } = place;
          const pair: SamplePair = { ...sampleOf(place), ...(partner && { partner: sampleOf(partner) }) };
          return [{ place, ...augment(epoch, pair) }];
        });
        for (const { place, bytes, share } of found) {
          const { partner } = place;
          const expected = inTraining.find(
            // The key alone may be another image's too, which is taken another time.
            ({ sample, label }) => sample === (place.key | 0) && label === labels[place.index],
          )!;
          assert.ok(Math.abs(share - expected.share) < 1e-6);
          if (partner !== undefined) assert.is(labels[partner.index], expected.partner);
          const apart = bytes.map((value, i) => Math.abs(value - expected.values[i]!));
          assert.ok(Math.max(...apart) < 0.502, `sample ${place.index}: ${Math.max(...apart)}`);
        }
        // The balanced sampler leaves some images out; the first time that it takes one, its key is its index.
        const taken = new Set(inTraining.map(({ sample }) => sample));
        assert.equal(
          found.map(({ place }) => place.index),
          all.filter((index) => taken.has(index)),
        );
        assert.ok(found.length > classes);
      }
    });
  }
}

places.run();
