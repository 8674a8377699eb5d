import { availableParallelism } from 'node:os';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { PackedDataset } from '../data/dataset.js';
import { openDataset } from '../data/open.js';
import { openStored } from '../data/stored.js';
import { ExitCode, UserError } from '../errors.js';
import { writeFileWhole } from '../files/whole-file.js';
import { nodePlatform } from '../platform/node.js';
import type { Reporter } from '../runs/reporter.js';
import { TerminalReporter } from '../runs/terminal.js';
import { augmentSamples, type IndexedSample } from '../runtime/augmentation/augment-samples.js';
import { drawSheet, interleaved } from '../views/pictures/sheet.js';
import { configOf, configOptions } from './config-options.js';
import { reportFailure } from './failure.js';
import { print } from './output.js';

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
      .example([['$0 data preview --config configs/tuned/improved.json', '']])
      .check((values) => {
        for (const name of ['samples', 'epochs'] as const) {
          const value = values[name];
          if (!Number.isInteger(value) || value < 1 || value > most)
            throw new Error(`--${name} is ${value}, but needs a whole number from 1 to ${most}`);
        }
        return true;
      }) as Argv<Arguments>,
  handler: async (args) => {
    const reporter = new TerminalReporter(process.stderr, process.stderr);
    try {
      await preview(args, reporter);
    } catch (error) {
      reportFailure(error, reporter);
    } finally {
      reporter.close();
    }
  },
};

async function preview(args: Arguments, reporter: Reporter): Promise<void> {
  const config = configOf({ ...args, epochs: undefined }); // --epochs is of the picture
  if (config.data.features.type !== 'pixels') {
    throw new UserError(
      `${args.config}: the network sees ${config.data.features.type}, and only images can be shown`,
      ExitCode.usage,
    );
  }
  const dataset = await openDataset(config.data, {
    threads: availableParallelism(),
    onProgress: (progress) => reporter.dataProgress(progress),
  });
  const { width, height } = config.data.features;
  const chosen = samplesOf(dataset, args.samples);
  const epochs = Array.from({ length: args.epochs }, (_, i) => i + 1);
  const augmented = augmentSamples(config, dataset, chosen, epochs, nodePlatform);
  const rows = chosen.map(({ label, bytes }, i) => ({
    name: dataset.classes[label]!,
    images: [bytes, ...augmented.map((epoch) => epoch[i]!)].map((image) => interleaved(image, width, height)),
  }));
  writeFileWhole(args.out, await drawSheet(rows, ['image', ...epochs.map((epoch) => `epoch ${epoch}`)]));
  const what = Object.keys(config.training.augmentation).join(', ') || 'no augmentation';
  print(`${args.out}: ${rows.length} images, ${epochs.length} epochs, seed ${config.seed}; ${what}`);
}

/** The first training image of each class, then the second, until there are `count`. */
function samplesOf(dataset: PackedDataset, count: number): (IndexedSample & { label: number })[] {
  const stored = openStored(dataset, 'train');
  try {
    const byClass = dataset.classes.map((): number[] => []);
    for (const [index, label] of stored.labels.entries()) {
      if (byClass[label]!.length < count) byClass[label]!.push(index);
    }
    const rounds = Array.from({ length: count }, (_, round) => byClass.flatMap((own) => own[round] ?? []));
    return rounds
      .flat()
      .slice(0, count)
      .map((index) => ({ index, label: stored.labels[index]!, bytes: stored.sample(index) }));
  } finally {
    stored.close();
  }
}
