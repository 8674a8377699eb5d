import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { sourceTypes } from '../config/schema.js';
import { splitNames } from '../data/dataset.js';
import { openSource } from '../data/sources/open.js';
import { ExitCode, UserError } from '../errors.js';
import { mapClasses } from '../evaluation/class-map.js';
import { evaluateModel } from '../evaluation/evaluate.js';
import { mistakesOf } from '../evaluation/mistakes.js';
import { scoreDefaults } from '../evaluation/score.js';
import { writeFileWhole } from '../files/whole-file.js';
import { openAny } from '../inference/open-any.js';
import type { Reporter } from '../runs/reporter.js';
import { dataOfRun } from '../runs/run-data.js';
import { openReported } from '../training/open-data.js';
import { toJson } from '../views/printable.js';
import { checkThreads, configOptions, threadsOf } from './config-options.js';
import { describe, type Evaluated } from './evaluate-text.js';
import { print, printJson } from './output.js';
import { reported } from './reported.js';
import { ttaOption, weightsOrNone } from './run-options.js';

const options = {
  split: {
    choices: [...splitNames, 'all'] as const,
    default: 'test' as const,
    describe: 'Which images; all: the three splits together',
  },
  weights: weightsOrNone,
  tta: ttaOption,
  data: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder of another dataset with the same classes',
    defaultDescription: "the run's own",
  },
  source: {
    choices: ['auto', ...sourceTypes] as const,
    describe: 'What the folder holds, as data.source',
    defaultDescription: "the run's own",
  },
  bins: {
    type: 'number',
    default: scoreDefaults.bins,
    requiresArg: true,
    describe: 'Equal bins of the confidence, of the calibration error',
  },
  level: {
    type: 'number',
    default: scoreDefaults.level,
    requiresArg: true,
    describe: 'Of the intervals: the fraction of resamples that they hold',
  },
  resamples: {
    type: 'number',
    default: scoreDefaults.resamples,
    requiresArg: true,
    describe: "The bootstrap's, of which the intervals are made",
  },
  seed: { type: 'number', default: scoreDefaults.seed, requiresArg: true, describe: 'Of the resamples' },
  threads: configOptions.threads,
  'skip-bad-images': configOptions['skip-bad-images'],
  json: { type: 'boolean', default: false, describe: 'Print JSON instead of tables' },
  out: { type: 'string', requiresArg: true, describe: 'Write the JSON to this file too' },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly run: string };

/** Mistakes that the JSON names, the most confident first. */
const mostMistakes = 100;

/** What a whole number may be. */
const ranges = { bins: [1, 10_000], resamples: [1, 10_000_000], seed: [0, 0xffffffff] } as const;

/** `lockstep evaluate`: how good a trained model is. */
export const evaluateCommand: CommandModule<object, Arguments> = {
  command: 'evaluate <run>',
  describe: 'Tell how good a model is: accuracy with intervals, classes, confusions, calibration',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('run', {
        type: 'string',
        demandOption: true,
        describe: 'Run directory, or a model as .onnx or .safetensors file',
      })
      .options(options)
      .example([
        ['$0 evaluate runs/improved-...', ''],
        ['$0 evaluate runs/improved-... --split validation --weights last --json', ''],
        ['$0 evaluate runs/improved-... --tta flip', ''],
        ['$0 evaluate model.onnx --data data/pets', ''],
        ['$0 evaluate runs/improved-... --data new-photos --split all --out scores.json', ''],
      ])
      .check((values) => {
        checkThreads(values);
        for (const [name, [low, high]] of Object.entries(ranges)) {
          const value = values[name as keyof typeof ranges];
          if (!Number.isInteger(value) || value < low || value > high)
            throw new Error(`--${name} is ${value}, but needs a whole number from ${low} to ${high}`);
        }
        if (values.level > 0 && values.level < 1) return true;
        throw new Error(`--level is ${values.level}, but needs a number between 0 and 1`);
      }) as unknown as Argv<Arguments>,
  handler: (args) => reported((reporter) => evaluate(args, reporter)),
};

async function evaluate(args: Arguments, reporter: Reporter): Promise<void> {
  const { model, run } = await openAny(args.run, args.weights);
  if (run === undefined && args.data === undefined)
    throw new UserError(
      `${args.run} is a model without a run: give the images with --data FOLDER`,
      ExitCode.usage,
    );
  const config = dataOfRun(run ?? model, { ...args, skipBadImages: args['skip-bad-images'] });
  const other =
    args.data === undefined
      ? undefined
      : await openSource(config, { whole: args.split === 'all', trainless: true });
  if (other !== undefined) {
    // Before anything is decoded.
    const { note } = mapClasses(model.classes, other.classes);
    for (const each of [...other.notes, ...(note === undefined ? [] : [note])]) reporter.note(each);
  }
  const dataset = await openReported(config, other, reporter);
  for (const { file, reason } of dataset.skipped) reporter.warning(`left out ${file}: ${reason}`);
  const trainedOn = run?.summary?.datasetKey;
  if (args.data === undefined && trainedOn !== undefined && trainedOn !== dataset.key) {
    reporter.warning(
      `${config.dir} is not as it was when the run was trained: an image, a label or sharp has changed`,
    );
  }
  const { scores, outcomes } = await evaluateModel(model, dataset, args.split, {
    bins: args.bins,
    level: args.level,
    resamples: args.resamples,
    seed: args.seed,
    threads: threadsOf(args),
    tta: args.tta,
    onProgress: (done, total) => reporter.dataProgress({ phase: 'evaluating', done, total }),
  });
  const evaluated: Evaluated = {
    run: args.run,
    weights: run === undefined ? null : (args.weights ?? 'best'),
    tta: args.tta,
    epoch: model.epoch ?? run?.epochs.length ?? null,
    data: config.dir,
    datasetKey: dataset.key,
    ...scores,
    mistakes: mistakesOf(outcomes, dataset, mostMistakes),
  };
  // First what always can be said: a file that cannot be written takes nothing with it.
  if (args.json) printJson(evaluated);
  else print(describe(evaluated));
  if (args.out !== undefined) writeFileWhole(args.out, `${toJson(evaluated, 2)}\n`);
}
