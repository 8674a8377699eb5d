import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { layOut } from '#lockstep/compile/placement.js';
import { compileProgram } from '#lockstep/compile/program.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import { Input } from '#lockstep/runtime/input.js';
import type { Phase } from '#lockstep/runtime/phase.js';
import { layersConfig, withDataset, withEngine } from '../support/engine-helpers.js';

const { kernels: compiled } = compileKernels();

const frames = suite('another frame');

frames('moves, mirrors and cuts images of any size', () => {
  const memory = createSharedMemory(65536 * 2);
  const kernels = instantiateKernels(compiled, memory);
  const bytes = new Uint8Array(memory.buffer);
  const [from, to, masks, fills] = [4096, 32768, 1024, 512];
  for (let i = 0; i < 28672; i++) bytes[from + i] = hash(1, i);
  bytes.set([7, 77, 177], fills);
  for (let trial = 0; trial < 200; trial++) {
    const draw = (what: number, end: number) => hash(trial, what) % end;
    const [height, width] = [1 + draw(0, 12), 1 + draw(1, 40)];
    const [down, right, mirrored] = [draw(2, 9) - 4, draw(3, 9) - 4, draw(4, 2)];
    const [top, left] = [draw(5, height) - 2, draw(6, width) - 2];
    const [bottom, end] = [top + draw(7, 5), left + draw(8, 5)];
    const guard = to + 3 * height * width + 15;
    bytes[guard] = 99;
    kernels.reframeBytes(
      from + 64,
      to,
      3,
      height,
      width,
      down,
      right,
      mirrored,
      top,
      bottom,
      left,
      end,
      masks,
      fills,
    );
    assert.is(bytes[guard], 99, 'no more than 15 bytes behind');
    for (let c = 0; c < 3; c++) {
      for (let r = 0; r < height; r++) {
        for (let x = 0; x < width; x++) {
          const row = r + down;
          const column = (mirrored ? width - 1 - x : x) + right;
          const outside = row < 0 || row >= height || column < 0 || column >= width;
          const hole = r >= top && r < bottom && x >= left && x < end;
          const wanted =
            outside || hole ? bytes[fills + c] : bytes[from + 64 + (c * height + row) * width + column];
          assert.is(bytes[to + (c * height + r) * width + x], wanted, `trial ${trial}: ${c}, ${r}, ${x}`);
        }
      }
    }
  }
});

const augment = suite('augmented samples');

const shape = [3, 6, 10];
const size = 180;
const samples = 24;
const classes = 5;
const pixels = Uint8Array.from({ length: samples * size }, (_, i) => hash(11, i));
const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
const normalization = { mean: [0.4, 0.5, 0.6], deviation: [0.25, 0.5, 0.2] };

/** What the network would see of each place of an epoch: values in bytes again, label, partner's label, share. */
function seen(augmentation: object, phase: Partial<Phase> = {}) {
  const config = layersConfig(
    [{ type: 'flatten' }, { type: 'dense', outFeatures: classes }],
    `training.augmentation=${JSON.stringify(augmentation)}`,
  );
  const network = buildNetwork(config.model.layers, shape);
  const format = { sampleType: 'uint8', sampleShape: shape, normalization } as const;
  const splits = { train: { samples }, validation: { samples }, test: { samples } };
  const plan = planMemory(network, { ...format, splits }, config, 1, sharedMemoryLimit(2 ** 32, 1, 2 ** 32));
  const memory = createSharedMemory(plan.bytes);
  for (const { samples: at, labels: labelsAt } of Object.values(plan.splits)) {
    new Uint8Array(memory.buffer).set(pixels, at);
    new Int32Array(memory.buffer).set(labels, labelsAt / 4);
  }
  const context = {
    training: true,
    seed: 1,
    epoch: 1,
    samples: new Int32Array(lanes),
    count: lanes,
    batchSamples: samples,
  };
  const input = new Input({ plan, format, config, memory }, 0, instantiateKernels(compiled, memory), context);
  const batchSize = 12;
  input.beginPhase({
    training: true,
    split: 'train',
    epoch: 1,
    samples,
    batchSize,
    firstStep: 0,
    endStep: 1,
    itemMicroBatches: 1,
    sampler: 'sequential',
    rateReduction: 1,
    verify: false,
    ...phase,
  });
  const { memory: own, microBatch } = plan.workers[0]!;
  const placement = layOut(network, compileProgram(network).training).at(own, microBatch);
  const bound = input.bind(placement);
  const floats = new Float32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const results: { sample: number; values: number[]; label: number; partner: number; share: number }[] = [];
  for (let batch = 0; batch < samples; batch += batchSize) {
    for (let first = 0; first < batchSize; first += lanes) {
      const count = Math.min(lanes, batchSize - first);
      input.run(bound, batch + first, count, batch);
      for (let lane = 0; lane < count; lane++) {
        results.push({
          sample: context.samples[lane]!,
          values: Array.from({ length: size }, (_, i) => {
            const c = Math.floor(i / 60);
            const value = floats[placement.input / 4 + i * lanes + lane]!;
            return (value * normalization.deviation[c]! + normalization.mean[c]!) * 255;
          }),
          label: ints[placement.targets.labels / 4 + lane]!,
          partner: ints[placement.targets.partners / 4 + lane]!,
          share: floats[placement.targets.shares / 4 + lane]!,
        });
      }
    }
  }
  return results;
}

const original = (sample: number) => [...pixels.subarray(sample * size, sample * size + size)];
const near = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) < 1e-3;
const at = (values: readonly number[], c: number, r: number, x: number) => values[(c * 6 + r) * 10 + x];
const map = (values: readonly number[], pick: (c: number, r: number, x: number) => number) =>
  values.map((_, i) => pick(Math.floor(i / 60), Math.floor(i / 10) % 6, i % 10));

augment('are left alone by an evaluation, and where nothing is asked for', () => {
  for (const { sample, values, label, share } of [
    ...seen({ flip: { probability: 1 }, brightness: { strength: 0.5 } }, { training: false }),
    ...seen({}),
  ]) {
    assert.ok(near(values, original(sample)), `sample ${sample}`);
    assert.equal([label, share], [sample % classes, 1]);
  }
});

augment('flip', () => {
  const mirror = (sample: number) => map(original(sample), (c, r, x) => at(original(sample), c, r, 9 - x)!);
  for (const { sample, values } of seen({ flip: { probability: 1 } }))
    assert.ok(near(values, mirror(sample)));
  const half = seen({ flip: {} });
  const flipped = half.filter(({ sample, values }) => near(values, mirror(sample))).length;
  assert.ok(flipped > 4 && flipped < 20, `${flipped} of 24`);
  assert.is(flipped + half.filter(({ sample, values }) => near(values, original(sample))).length, samples);
});

augment('crop: every shift comes up, and the border has the mean colour', () => {
  const shifts = new Set<string>();
  for (let epoch = 1; epoch <= 40; epoch++) {
    for (const { sample, values } of seen({ crop: { padding: 1 } }, { epoch })) {
      const fill = [102, 128, 153];
      const shift = [-1, 0, 1]
        .flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const))
        .find(([down, right]) =>
          near(
            values,
            map(values, (c, r, x) => {
              const inside = r + down >= 0 && r + down < 6 && x + right >= 0 && x + right < 10;
              return inside ? at(original(sample), c, r + down, x + right)! : fill[c]!;
            }),
          ),
        );
      assert.ok(shift !== undefined, `sample ${sample} of epoch ${epoch} is no shift`);
      shifts.add(String(shift));
    }
  }
  assert.is(shifts.size, 9);
});

augment('cutout: a square of the mean colour, the rest as it was', () => {
  for (const { sample, values } of seen({ cutout: { size: 3 } })) {
    const changed = values.flatMap((value, i) => (Math.abs(value - original(sample)[i]!) < 1e-3 ? [] : [i]));
    const rows = new Set(changed.map((i) => Math.floor(i / 10) % 6));
    const columns = new Set(changed.map((i) => i % 10));
    assert.ok(changed.length > 0 && rows.size <= 3 && columns.size <= 3, `sample ${sample}`);
  }
});

augment('brightness and contrast: one line for all values of an image, within their limits', () => {
  const inner = (value: number) => value > 40 && value < 180; // no value that is clamped
  for (const [augmentation, slope, fixed] of [
    [{ brightness: { strength: 0.3 } }, 0.3, 0],
    [{ contrast: { strength: 0.3 } }, 0.3, 127.5],
  ] as const) {
    const factors = seen(augmentation).map(({ sample, values }) => {
      const pairs = original(sample)
        .map((x, i) => [x - fixed, values[i]! - fixed] as const)
        .filter(([x]) => inner(x + fixed) && Math.abs(x) > 8);
      const factor = pairs[0]![1] / pairs[0]![0];
      assert.ok(
        pairs.every(([x, y]) => Math.abs(y - factor * x) < 0.05),
        `sample ${sample}`,
      );
      return factor;
    });
    assert.ok(
      factors.every((factor) => factor >= 1 - slope && factor < 1 + slope),
      String(factors),
    );
    assert.ok(Math.max(...factors) - Math.min(...factors) > slope, 'they differ');
  }
  for (const { values } of seen({ brightness: { strength: 1 }, contrast: { strength: 1 } }))
    assert.ok(
      values.every((value) => value > -1e-3 && value < 255.001),
      'clamped',
    );
});

augment('mixup: two images of the batch and their labels, in shares from Beta(alpha, alpha)', () => {
  const shares: number[] = [];
  for (let epoch = 1; epoch <= 20; epoch++) {
    for (const [place, { sample, values, label, partner, share }] of seen(
      { mixup: { alpha: 0.4 } },
      { epoch },
    ).entries()) {
      const batch = Math.floor(place / 12) * 12;
      const others = Array.from({ length: 12 }, (_, i) => batch + i).filter(
        (other) => other !== sample && other % classes === partner,
      );
      const mixed = (other: number) =>
        original(sample).map((x, i) => share * x + (1 - share) * original(other)[i]!);
      assert.is(label, sample % classes);
      assert.ok(
        others.some((other) => near(values, mixed(other))),
        `epoch ${epoch}, sample ${sample}`,
      );
      shares.push(share);
    }
  }
  const mean = shares.reduce((a, b) => a + b) / shares.length;
  const variance = shares.reduce((a, b) => a + (b - mean) ** 2, 0) / shares.length;
  assert.ok(Math.abs(mean - 0.5) < 0.05, `the shares' mean is ${mean}`);
  assert.ok(Math.abs(variance - 0.25 / 1.8) < 0.02, `their variance is ${variance}, not ${0.25 / 1.8}`);
});

const all = {
  crop: { padding: 2 },
  flip: {},
  cutout: { size: 3, probability: 0.5 },
  brightness: { strength: 0.2 },
  contrast: { strength: 0.2, probability: 0.5 },
};

augment('belong to (seed, epoch, sample): the order does not matter, the epoch does', () => {
  const bySample = (results: ReturnType<typeof seen>) =>
    results.toSorted((a, b) => a.sample - b.sample).map(({ values }) => values);
  assert.equal(bySample(seen(all, { sampler: 'shuffled' })), bySample(seen(all)));
  assert.not.equal(bySample(seen(all, { epoch: 2 })), bySample(seen(all)));
});

augment('give the same bits at any number of threads', () =>
  withDataset({ values: pixels, labels }, shape, classes, async (dataset) => {
    const config = layersConfig(
      [
        { type: 'conv2d', outChannels: 4, kernelSize: 3 },
        { type: 'relu' },
        { type: 'maxPool', window: 2 },
        { type: 'dropout', rate: 0.2 },
        { type: 'flatten' },
        { type: 'dense', outFeatures: classes },
      ],
      `training.augmentation=${JSON.stringify({ ...all, mixup: { alpha: 0.3 } })}`,
      'loss.labelSmoothing=0.1',
      'loss.classWeights=balanced',
      'training.sampler=balanced',
      'training.batchSize=19',
    );
    const hashes = new Set<string>();
    for (const threads of [1, 2, 3, 5, 8]) {
      await withEngine(config, dataset, threads, async (engine) => {
        for (let epoch = 1; epoch <= 3; epoch++) await engine.train(epoch);
        hashes.add(hashWeights(engine));
      });
    }
    assert.is(hashes.size, 1);
  }),
);

frames.run();
augment.run();
