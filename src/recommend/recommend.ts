import type { ConfigInput } from '../config/input.js';
import { counted } from '../data/faults.js';
import type { Inspection } from '../data/inspect/report.js';
import { integer } from '../views/format.js';
import { residualNetwork } from './networks.js';

/** From what an inspection found to a config whose network and recipe suit it. Each decision has a line that says the number it was made by. */

/** Sides of images, pixels: up to the first they are small, up to the second of middle size, beyond photographs. */
const smallSide = 40;
const middleSide = 80;
/** Images of a class, on average: below the first there are few, from the second on many. */
const fewImages = 50;
const manyImages = 500;
/** Largest class by smallest, above which classes are sampled evenly. */
const mostUneven = 5;
/** Epochs without a gain after which a training on few images ends. */
const patience = 25;

export interface Recommendation {
  readonly config: Pick<ConfigInput, 'model' | 'loss' | 'optimizer' | 'training'> & {
    readonly data: Pick<ConfigInput['data'], 'features' | 'skipBadImages'>;
  };
  /** What was decided, and why. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly about: string;
  readonly text: string;
}

/** What decides. */
export interface Facts {
  readonly classes: readonly string[];
  /** Training images that can be used. */
  readonly images: number;
  /** Images of all splits that cannot be used. */
  readonly broken: number;
  /** Of the median image. */
  readonly width: number;
  readonly height: number;
  /** Training images of the largest class by those of the smallest. */
  readonly imbalance: number;
  readonly isGray: boolean;
}

/** undefined where no training image can be used. */
export function factsOf({
  classes,
  splits,
  sizes,
  imbalance,
  pixels,
  broken,
}: Inspection): Facts | undefined {
  const { train } = pixels;
  if (sizes === null || train === null) return undefined;
  const same = ([first, ...others]: readonly number[]) => others.every((value) => value === first);
  return {
    classes: classes.map(({ name }) => name),
    images: splits.train.images - splits.train.broken,
    broken: broken.count,
    width: sizes.width.median,
    height: sizes.height.median,
    imbalance,
    isGray: same(train.mean) && same(train.deviation),
  };
}

export function recommend(facts: Facts): Recommendation {
  const { side, layers, network } = networkFor(facts);
  const amount = amountOf(facts);
  const { augmentation, reason: augmentationReason } = augmentationFor(facts, amount, side);
  const isUneven = facts.imbalance > mostUneven;
  const { batchSize, steps } = batchFor(facts);
  const { epochs } = amount;
  const learningRate = (0.05 * batchSize) / 64;
  const perClass = `${integer(facts.images / facts.classes.length)} images a class`;
  const reasons = [
    network,
    augmentationReason,
    {
      about: 'training',
      text: `${epochs} epochs for ${perClass} (${amount.range}); ${counted(steps, 'step')} of ${batchSize} an epoch, SGD at ${learningRate}, cosine`,
    },
    ...(amount.isFew
      ? [
          {
            about: 'stopping',
            text: `at the latest then, or after ${patience} epochs without a better validation loss`,
          },
        ]
      : []),
    ...(isUneven
      ? [
          {
            about: 'classes',
            text: `sampled evenly, the best epoch by the mean over classes: largest by smallest ${facts.imbalance.toFixed(1)} (above ${mostUneven})`,
          },
        ]
      : []),
    ...(facts.broken > 0
      ? [{ about: 'broken', text: `${integer(facts.broken)} images that cannot be read are left out` }]
      : []),
  ];
  const config: Recommendation['config'] = {
    data: {
      ...(facts.broken > 0 && { skipBadImages: true }),
      features: { type: 'pixels', width: side, height: side, normalize: 'channels' },
    },
    model: { layers },
    loss: { type: 'crossEntropy', labelSmoothing: 0.1 },
    optimizer: {
      type: 'sgd',
      learningRate,
      momentum: 0.9,
      nesterov: true,
      weightDecay: 0.0005,
      decayBiasesAndNorms: false,
      schedule: { type: 'cosine', warmupEpochs: 1 },
    },
    training: {
      batchSize,
      epochs,
      ...(isUneven && { sampler: 'balanced', bestBy: 'balancedTop1' }),
      ...(amount.isFew && { earlyStopping: { metric: 'loss', patience, restoreBest: true } }),
      augmentation,
    },
  };
  return { config, reasons };
}

function networkFor({ width, height }: Facts) {
  const side = Math.max(width, height);
  const found = `the median image is ${width} × ${height}`;
  const about = 'network';
  if (side <= smallSide) {
    const text = `ResNet-8 at 32 × 32: ${found} (up to ${smallSide})`;
    return { side: 32, layers: residualNetwork(16, 1), network: { about, text } };
  }
  if (side <= middleSide) {
    const text = `ResNet-8 twice as wide, stride 2 at first, at 64 × 64: ${found} (up to ${middleSide})`;
    return { side: 64, layers: residualNetwork(32, 2), network: { about, text } };
  }
  const text = `ResNet-8 twice as wide, stride 2 and a max-pool at first, at 96 × 96: ${found} (above ${middleSide})`;
  return { side: 96, layers: residualNetwork(32, 2, true), network: { about, text } };
}

interface Amount {
  readonly epochs: number;
  readonly range: string;
  readonly isFew: boolean;
}

function amountOf({ images, classes }: Facts): Amount {
  const perClass = images / classes.length;
  if (perClass < fewImages) return { epochs: 100, range: `fewer than ${fewImages}`, isFew: true };
  if (perClass < manyImages) return { epochs: 60, range: `${fewImages} to ${manyImages}`, isFew: false };
  return { epochs: 30, range: `${manyImages} or more`, isFew: false };
}

type Augmentation = NonNullable<ConfigInput['training']['augmentation']>;

function augmentationFor(
  { isGray, classes, images }: Facts,
  { isFew, range }: Amount,
  side: number,
): { augmentation: Augmentation; reason: Reason } {
  const areLetters = classes.every((name) => /^[\p{L}\p{N}]$/u.test(name));
  // A gray image of this size is a letter, a digit or an X-ray more often than a thing that has a mirror image.
  const hasMirror = !areLetters && !isGray;
  const flip = hasMirror ? { flip: {} } : {};
  const mirror = hasMirror
    ? 'mirror images count as the same class (if not, remove flip)'
    : `no mirror images, since ${areLetters ? 'the classes are letters or digits' : 'all images are gray, as letters or X-rays are'}`;
  const perClass = integer(images / classes.length);
  const strength = isFew ? 'strong' : 'usual';
  const text = `${strength} for ${perClass} images a class (${range}); ${mirror}`;
  const reason = { about: 'augmentation', text };
  if (!isFew) return { augmentation: { crop: { padding: side / 8 }, ...flip }, reason };
  const augmentation: Augmentation = {
    zoom: { scale: [0.85, 1.25] },
    rotation: { degrees: 10 },
    translation: { fraction: 0.1 },
    ...flip,
    ...(!isGray && { saturation: { strength: 0.3 } }),
    erasing: { probability: 0.25 },
    brightness: { strength: 0.2 },
    contrast: { strength: 0.2 },
  };
  return { augmentation, reason };
}

function batchFor({ images }: Facts): { batchSize: number; steps: number } {
  const batchSize = images >= 1000 ? 64 : images >= 200 ? 32 : 16;
  return { batchSize, steps: Math.ceil(images / batchSize) };
}
