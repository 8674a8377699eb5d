import { parseArgs } from 'node:util';
import { Arena } from '#lockstep/compile/arena.js';
import { planAugmentation } from '#lockstep/compile/memory-plan.js';
import { augmentation as schema } from '#lockstep/config/schema-augmentation.js';
import { groupBytes, instantiateKernels, lanes } from '#lockstep/kernels/kernels.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { createSharedMemory } from '#lockstep/platform/memory.js';
import { Augmenter } from '#lockstep/runtime/augmentation/augmenter.js';
import { printTable, show, type Table } from './table.js';
import { time, warmUp } from './timer.js';

/**
 * npm run bench:augmentation -- [--quick]
 *
 * What each augmentation adds to bringing a training image into the network's input, one thread: us an image, and images/s with it.
 * Every image has it. The best of several calls, since the machine may be busy.
 */

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const milliseconds = values.quick ? 100 : 400;
/** Of images, pixels, and how many micro-batches a call takes, always the same ones. */
const sizes = [
  { side: 32, rounds: 8 },
  { side: 64, rounds: 2 },
  { side: 128, rounds: 1 },
];

const of = (augmentation: object) => augmentation;
const augmentations: Readonly<Record<string, object>> = {
  none: {},
  crop: of({ crop: { padding: 4 } }),
  flip: of({ flip: { probability: 1 } }),
  verticalFlip: of({ verticalFlip: { probability: 1 } }),
  resizedCrop: of({ resizedCrop: {} }),
  zoom: of({ zoom: { scale: [0.8, 1.2] } }),
  rotation: of({ rotation: { degrees: 15 } }),
  shear: of({ shear: { degrees: 15 } }),
  translation: of({ translation: { fraction: 0.1 } }),
  'all of these in one': of({
    crop: { padding: 4 },
    flip: {},
    verticalFlip: {},
    resizedCrop: {},
    zoom: { scale: [0.8, 1.2] },
    rotation: { degrees: 15 },
    shear: { degrees: 15 },
    translation: { fraction: 0.1 },
  }),
  trivialAugment: of({ trivialAugment: {} }),
  saturation: of({ saturation: { strength: 0.4 } }),
  hue: of({ hue: { strength: 0.1 } }),
  grayscale: of({ grayscale: { probability: 1 } }),
  cutout: of({ cutout: { size: 8 } }),
  erasing: of({ erasing: { probability: 1 } }),
  'brightness, contrast': of({ brightness: { strength: 0.4 }, contrast: { strength: 0.4 } }),
  cutmix: of({ cutmix: {} }),
  mixup: of({ mixup: { alpha: 0.4 } }),
};

/** Micro-batches of 8 images, brought into lanes; each has keys of its own. */
function microBatches(augmentation: object, side: number, rounds: number): () => void {
  const config = schema.parse(augmentation);
  const shape = [3, side, side];
  const [pixels, size] = [side * side, 3 * side * side];
  const margin = 64 + (config.crop?.padding ?? 0);
  const arena = new Arena();
  const plan = planAugmentation(shape, config, arena);
  const addresses = arena.take(2 * lanes * 4);
  const stored = arena.take(lanes * size + 2 * margin) + margin;
  const groups = arena.take(size * groupBytes);
  const memory = createSharedMemory(arena.size);
  const kernels = instantiateKernels(compileKernels().kernels, memory);
  const words = new Uint32Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer, stored, lanes * size);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i, 0x9e3779b1) >>> 24;
  const normalization = { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] };
  const format = { sampleType: 'uint8', sampleShape: shape, normalization } as const;
  const augmenter = new Augmenter(config, kernels, memory.buffer, plan, format, 1);
  augmenter.beginPhase(1);
  const { mixup, cutmix, brightness, contrast } = config;
  const jitters = [mixup, brightness, contrast].some((each) => each !== undefined);
  const run = (first: number) => {
    for (let lane = 0; lane < lanes; lane++) {
      const key = first + lane;
      words[addresses / 4 + lane] = augmenter.apply(lane, key, stored + lane * size);
      if (mixup === undefined && cutmix === undefined) continue;
      const partner = stored + ((lane + 1) % lanes) * size;
      words[addresses / 4 + lanes + lane] = augmenter.applyPartner(lane, key + 1, partner);
    }
    for (let c = 0; c < 3; c++) {
      const to = groups + c * pixels * groupBytes;
      if (!jitters) kernels.gatherBytes(addresses, c * pixels, pixels, 0.02, -2, to);
      for (let set = 0; jitters && set < (mixup === undefined ? 1 : 2); set++) {
        const jitter = plan.jitter + set * 3 * groupBytes;
        const from = addresses + set * lanes * 4;
        kernels.gatherJittered(from, c * pixels, pixels, 0.02, -2, jitter, set, to);
      }
    }
  };
  return () => {
    for (let round = 0; round < rounds; round++) run(round * lanes);
  };
}

const works = Object.fromEntries(
  Object.entries(augmentations).map(([name, config]) => [
    name,
    sizes.map(({ side, rounds }) => microBatches(config, side, rounds)),
  ]),
);
warmUp(Object.values(works).map(([small]) => small!));
const plain: number[] = [];
const rows: Table = Object.entries(works).map(([name, own]) => {
  const cells = own.map((work, i) => {
    const seconds = time(name, work, milliseconds).best / (lanes * sizes[i]!.rounds);
    plain[i] ??= seconds;
    return [
      `${sizes[i]!.side}: us more`,
      show(1e6 * (seconds - plain[i]!)),
      `${sizes[i]!.side}: images/s`,
      show(1 / seconds),
    ];
  });
  const [small, middle, large] = cells.map(([more, us, rate, images]) => ({
    [more!]: us!,
    [rate!]: images!,
  }));
  return { augmentation: name, ...small, ...middle, ...large };
});
printTable('Augmentation and gathering of an image, one thread, by the side of the image in pixels', rows);
