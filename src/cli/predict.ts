import { once } from 'node:events';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { dataError } from '../data/faults.js';
import { areValues } from '../data/features.js';
import { ExitCode, UserError } from '../errors.js';
import { classifyImages } from '../inference/classify.js';
import { openAny } from '../inference/open-any.js';
import type { TrainedModel } from '../inference/trained-model.js';
import { ttaText } from '../inference/views.js';
import type { Reporter } from '../runs/reporter.js';
import { integer } from '../views/format.js';
import { checkCount, checkThreads, configOptions, threadsOf } from './config-options.js';
import { imagesOf, imagesOnLines } from './image-arguments.js';
import { predictionFormat, predictionFormats } from './predict-text.js';
import { reported } from './reported.js';
import { ttaOption, weightsOrNone } from './run-options.js';

const options = {
  top: { type: 'number', default: 5, requiresArg: true, describe: 'Likeliest classes of each image' },
  weights: weightsOrNone,
  tta: ttaOption,
  format: {
    choices: predictionFormats,
    describe: 'Lines for people, or for programs',
    defaultDescription: 'table on a terminal, else jsonl',
  },
  threads: configOptions.threads,
  'skip-bad-images': {
    type: 'boolean',
    default: false,
    describe: 'Give the reason in place of a broken image, and go on, instead of stopping',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly run: string; readonly images: string[] };

/** `lockstep predict`: what a trained model takes images for. */
export const predictCommand: CommandModule<object, Arguments> = {
  command: 'predict <run> [images..]',
  describe: 'Classify images by the model of a run or a file',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('run', {
        type: 'string',
        demandOption: true,
        describe: 'Run directory, or a model as .onnx or .safetensors file',
      })
      .positional('images', {
        type: 'string',
        array: true,
        default: [] as string[],
        defaultDescription: 'none',
        describe: 'Image files, folders, and patterns in quotes; or - alone: paths on stdin, one a line',
      })
      .options(options)
      .example([
        ['$0 predict runs/improved-... cat.jpg', ''],
        ['$0 predict model.onnx cat.jpg', ''],
        ["$0 predict runs/improved-... 'photos/**/*.jpg' --top 1 --format csv", ''],
        ['find /photos -name "*.png" | $0 predict runs/improved-... - --skip-bad-images', ''],
      ])
      .check((values) => {
        checkThreads(values);
        if (readsStdin() && values.images.length > 0)
          throw new Error('- reads all paths from stdin; give no other image beside it');
        if (!readsStdin() && values.images.length === 0)
          throw new Error('which images? Give files, folders, or - for paths on stdin');
        checkCount('top', values.top);
        return true;
      }) as unknown as Argv<Arguments>,
  handler: async (args) => {
    await reported((reporter) => predict(args, reporter));
    // Whoever writes there need not be waited for.
    if (readsStdin()) process.stdin.destroy();
  },
};

/** yargs drops a dash that stands among arguments. */
const readsStdin = () => process.argv.includes('-');

async function predict(args: Arguments, reporter: Reporter): Promise<void> {
  const { model } = await openAny(args.run, args.weights);
  requireImages(model);
  const top = Math.min(args.top, model.classes.length);
  const { header, lines } = predictionFormat(args.format ?? (process.stdout.isTTY ? 'table' : 'jsonl'), top);
  if (header !== undefined) await print(header);
  let all = 0;
  let bad = 0;
  const images = readsStdin() ? imagesOnLines(process.stdin) : imagesOf(args.images);
  if (args.tta !== 'none') reporter.note(`--tta ${args.tta}: ${ttaText[args.tta]}`);
  const how = { top, threads: threadsOf(args), tta: args.tta };
  for await (const classified of classifyImages(model, images, how)) {
    all++;
    if ('error' in classified) {
      bad++;
      if (!args['skip-bad-images']) {
        throw dataError(
          `${classified.image} cannot be used: ${classified.error}; --skip-bad-images goes on with the others`,
        );
      }
    }
    await print(lines(classified));
  }
  if (bad > 0) reporter.warning(`${integer(bad)} of ${integer(all)} images cannot be used`);
}

/** @throws UserError (exit code usage) where the network was trained on values */
function requireImages({ config, format }: TrainedModel): void {
  if (!areValues(config.data.features)) return;
  throw new UserError(
    `the network takes values, float32 [${format.sampleShape.join(', ')}], which no image file holds; a program gives them to its ` +
      'predictor, and evaluate takes a dataset of them',
    ExitCode.usage,
  );
}

/** A reader that is slow is waited for. The line is printable. */
async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
