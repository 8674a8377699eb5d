import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { CompleteConfig } from '../config/resolved.js';
import type { AugmentationConfig } from '../config/schema.js';
import type { PackedDataset } from '../data/dataset.js';
import { openDataset } from '../data/open.js';
import { ExitCode, UserError } from '../errors.js';
import { writeFileWhole } from '../files/whole-file.js';
import { nodePlatform } from '../platform/node.js';
import { defaultThreads } from '../platform/threads.js';
import type { Reporter } from '../runs/reporter.js';
import { sampleAugmenter } from '../runtime/augmentation/augment-samples.js';
import { augmentedImages, firstOfEach, withTraining } from '../views/pictures/augmented.js';
import { drawSheet, interleaved } from '../views/pictures/sheet.js';
import { configOf, configOptions } from './config-options.js';
import { print } from './output.js';
import { reported } from './reported.js';

const { config, data, source, seed, set } = configOptions;
const most = 100;

const options = {
  config,
  data,
  source,
  seed,
  set,
  'skip-bad-images': configOptions['skip-bad-images'],
  samples: {
    type: 'number',
    default: 10,
    requiresArg: true,
    describe: 'Training images, of one class after the other',
  },
  epochs: { type: 'number', default: 8, requiresArg: true, describe: 'Epochs to show of each' },
  each: {
    type: 'boolean',
    default: false,
    describe: 'A row for each augmentation of the config, alone and of every image, in place of --samples',
  },
  out: {
    type: 'string',
    default: 'preview.png',
    requiresArg: true,
    describe: 'The picture; one that is there is replaced',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** `lockstep data preview`: what a training would see of some images. */
export const previewCommand: CommandModule<object, Arguments> = {
  command: 'preview',
  describe: 'Draw what augmentation makes of some training images',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .options(options)
      .example([
        ['$0 data preview --config configs/tuned/improved.json', ''],
        ['$0 data preview --config configs/tuned/improved.json --each --epochs 12', ''],
      ])
      .check((values) => {
        for (const name of ['samples', 'epochs'] as const) {
          const value = values[name];
          if (!Number.isInteger(value) || value < 1 || value > most)
            throw new Error(`--${name} is ${value}, but needs a whole number from 1 to ${most}`);
        }
        return true;
      }) as Argv<Arguments>,
  handler: (args) => reported((reporter) => preview(args, reporter)),
};

async function preview(args: Arguments, reporter: Reporter): Promise<void> {
  const config = configOf({ ...args, epochs: undefined }); // --epochs is of the picture
  if (config.data.features.type !== 'pixels') {
    throw new UserError(
      `${args.config}: the network sees ${config.data.features.type}, and only images can be shown`,
      ExitCode.usage,
    );
  }
  if (args.each && Object.keys(config.training.augmentation).length === 0) {
    throw new UserError(`${args.config}: has no training.augmentation to draw`, ExitCode.usage);
  }
  const dataset = await openDataset(config.data, {
    threads: defaultThreads(),
    onProgress: (progress) => reporter.dataProgress(progress),
  });
  const { width, height } = config.data.features;
  const epochs = Array.from({ length: args.epochs }, (_, i) => i + 1);
  const rows = args.each
    ? rowsOfEach(config, dataset, epochs)
    : rowsOfAll(config, dataset, epochs, args.samples);
  const sheet = rows.map(({ name, images }) => ({
    name,
    images: images.map((image) => interleaved(image, width, height)),
  }));
  writeFileWhole(args.out, await drawSheet(sheet, ['image', ...epochs.map((epoch) => `epoch ${epoch}`)]));
  const what = Object.keys(config.training.augmentation).join(', ') || 'no augmentation';
  const drawn = `${rows.length} ${args.each ? 'augmentations' : 'images'}`;
  print(`${args.out}: ${drawn}, ${epochs.length} epochs, seed ${config.seed}; ${what}`);
}

/** An image, and then what the epochs see of it, `[3, height, width]` each. */
interface PreviewRow {
  readonly name: string;
  readonly images: readonly Uint8Array[];
}

/** An image a row, with all that the config does. */
function rowsOfAll(
  config: CompleteConfig,
  dataset: PackedDataset,
  epochs: readonly number[],
  count: number,
): PreviewRow[] {
  const choose = (labels: Int32Array) => firstOfEach(labels, [...dataset.classes.keys()], count);
  return augmentedImages(config, dataset, choose, epochs).map(({ label, bytes, epochs }) => ({
    name: dataset.classes[label]!,
    // An epoch that does not take the image has a white place.
    images: [bytes, ...epochs.map((seen) => seen?.bytes ?? new Uint8Array(bytes.length).fill(255))],
  }));
}

/** An augmentation a row, each of an image of its own; the next one is what it is mixed with. */
function rowsOfEach(config: CompleteConfig, dataset: PackedDataset, epochs: readonly number[]): PreviewRow[] {
  const { augmentation } = config.training;
  const names = Object.keys(augmentation) as (keyof AugmentationConfig)[];
  const samples = withTraining(dataset, (stored) =>
    firstOfEach(stored.labels, [...dataset.classes.keys()], names.length + 1).map((index) => ({
      key: index,
      bytes: stored.sample(index),
    })),
  );
  return names.map((name, row) => {
    const [sample, partner] = [samples[row % samples.length]!, samples[(row + 1) % samples.length]!];
    const alone = { [name]: { ...augmentation[name], probability: 1 } };
    const training = { ...config.training, augmentation: alone };
    const augment = sampleAugmenter({ ...config, training }, dataset, nodePlatform);
    const seen = epochs.map((epoch) => augment(epoch, { ...sample, partner }).bytes);
    return { name, images: [sample.bytes, ...seen] };
  });
}
