import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStored } from '#lockstep/data/stored.js';
import { Classifier } from '#lockstep/inference/classifier.js';
import { type Tta, viewsOf } from '#lockstep/inference/views.js';
import { reframed } from '#lockstep/kernels/samples/reference.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { layersConfig, withDataset, withEngine } from '../support/engine-helpers.js';

const { kernels } = compileKernels();
const [channels, height, width] = [3, 6, 7];
const size = channels * height * width;
const classes = 5;
const samples = 6;
const pixels = Uint8Array.from({ length: samples * size }, (_, i) => hash(3, i));
const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
const layers = [
  { type: 'conv2d', outChannels: 4, kernelSize: 3 },
  { type: 'tanh' },
  { type: 'flatten' },
  { type: 'dense', outFeatures: classes },
];

const tta = suite('test-time augmentation');

/** Of each view, in its order: how far it is moved, whether it is mirrored, its weight. */
const expected: Readonly<
  Record<Tta, readonly (readonly [move: number, mirrored: boolean, weight: number])[]>
> = {
  none: [[0, false, 1]],
  flip: [
    [0, false, 1 / 2],
    [0, true, 1 / 2],
  ],
  shifts: [0, 1, -1].flatMap((move) =>
    [false, true].map((mirrored) => [move, mirrored, move === 0 ? 1 / 4 : 1 / 8] as const),
  ),
};

for (const name of ['none', 'flip', 'shifts'] as const) {
  tta(`${name}: logits are the weighted mean of those of each view by itself`, () =>
    withDataset({ values: pixels, labels }, [channels, height, width], classes, (dataset) =>
      withEngine(layersConfig(layers), dataset, 1, async (engine) => {
        const weights = engine.network.parameters.map((p) => engine.tensors.weight(p));
        const plain = new Classifier(engine.network, dataset, kernels);
        const own = new Classifier(engine.network, dataset, kernels, viewsOf(name, dataset));
        for (const each of [plain, own]) each.setWeights(weights);
        const stored = openStored(dataset, 'test');
        const fills = dataset.normalization.mean.map((mean) => Math.round(mean * 255));
        // Log-probabilities differ from logits by what all classes share.
        const relative = (probabilities: Float32Array) =>
          Array.from(probabilities, (p) => Math.log(p) - Math.log(probabilities[0]!));
        const sums = Array.from({ length: samples }, () => new Array<number>(classes).fill(0));
        for (const [move, mirrored, weight] of expected[name]) {
          for (let lane = 0; lane < samples; lane++) {
            const moved = { down: move, right: move, mirrored, inverted: false, reflects: false };
            const frame = { channels, height, width, ...moved };
            plain.sample(lane).set(reframed(stored.sample(lane), fills, frame));
          }
          plain.run();
          for (const [lane, probabilities] of plain.probabilities(samples).entries()) {
            for (const [k, value] of relative(probabilities).entries()) sums[lane]![k]! += weight * value;
          }
        }
        for (let lane = 0; lane < samples; lane++) own.sample(lane).set(stored.sample(lane));
        stored.close();
        // Twice: what a run leaves behind changes nothing.
        for (let time = 0; time < 2; time++) {
          own.run();
          for (const [lane, probabilities] of own.probabilities(samples).entries()) {
            for (const [k, value] of relative(probabilities).entries())
              assert.ok(
                Math.abs(value - sums[lane]![k]!) < 1e-5,
                `${lane}, ${k}: ${value}, ${sums[lane]![k]}`,
              );
          }
        }
      }),
    ),
  );
}

tta('is of images', () => {
  assert.throws(
    () => viewsOf('flip', { sampleType: 'float32', sampleShape: [192] }),
    /tta is flip \(--tta\), which is of images/,
  );
  assert.is(viewsOf('none', { sampleType: 'float32', sampleShape: [192] }).length, 1);
});

tta.run();
