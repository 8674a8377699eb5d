import { availableParallelism } from 'node:os';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { loadConfig } from '../config/load.js';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';
import { openDataset } from '../data/open.js';
import { Engine } from '../engine/engine.js';
import { readWeights, setWeights } from '../engine/weights.js';
import { createRunDirectory, runPath } from '../run/directory.js';
import type { RunReporter } from '../run/log.js';
import { createReporter } from '../run/log.js';
import { TrainingRun } from '../run/training.js';
import { checkValues } from './cli.js';
import { reportFailure } from './failure.js';
import { findFaults } from './find-faults.js';

/** V8 runs out of address space between 512 and 768 (Node 20), and ends the process. */
const mostThreads = 512;

const options = {
  config: { type: 'string', demandOption: true, requiresArg: true, describe: 'Config file (JSON)' },
  threads: {
    type: 'number',
    requiresArg: true,
    describe: 'Worker threads; changes the speed, never the result',
    defaultDescription: "the machine's parallelism",
  },
  data: { type: 'string', requiresArg: true, describe: 'Dataset folder, in place of data.dir' },
  epochs: { type: 'number', requiresArg: true, describe: 'In place of training.epochs' },
  seed: { type: 'number', requiresArg: true, describe: 'In place of seed' },
  'batch-size': { type: 'number', requiresArg: true, describe: 'In place of training.batchSize' },
  set: {
    type: 'string',
    array: true,
    default: [] as string[],
    requiresArg: true,
    defaultDescription: 'none',
    describe: 'key.path=value: any key of the config; may be repeated',
  },
  out: { type: 'string', requiresArg: true, describe: 'Run directory', defaultDescription: 'runs/NAME-TIME' },
  init: { type: 'string', requiresArg: true, describe: 'Start from the weights in this safetensors file' },
  'skip-bad-images': {
    type: 'boolean',
    default: false,
    describe: 'Leave broken images out instead of stopping',
  },
  'log-format': {
    choices: ['auto', 'pretty', 'json'] as const,
    default: 'auto' as const,
    describe: 'Lines for people or for programs; auto: by whether it is a terminal',
  },
  quiet: { type: 'boolean', default: false, describe: 'Only errors' },
} as const;

type Arguments = InferredOptionTypes<typeof options>;

/** `lockstep train`, and, as the default command of its own program, `node dist/train.js`. */
export const trainCommand = (command: 'train' | '$0'): CommandModule<object, Arguments> => ({
  command,
  describe: 'Train a classifier as a config says',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .options(options)
      // Without a description each stays on one line.
      .example(
        [
          '--config configs/improved.json --threads 8',
          '--config configs/lenet5.json --data pictures',
          '--config configs/lenet5.json --epochs 5 --set optimizer.learningRate=0.01',
        ].map((example): [string, string] => [`$0${command === '$0' ? '' : ` ${command}`} ${example}`, '']),
      )
      .check((values) => {
        checkValues(options, values);
        const { threads } = values;
        if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads))
          return true;
        throw new Error(`--threads is ${threads}, but needs a whole number from 1 to ${mostThreads}`);
      }) as Argv<Arguments>,
  handler: async (args) => {
    const reporter = createReporter({ format: args['log-format'], quiet: args.quiet });
    try {
      await train(args, reporter);
    } catch (error) {
      reportFailure(error, reporter);
    } finally {
      reporter.close();
    }
  },
});

async function train(args: Arguments, reporter: RunReporter): Promise<void> {
  const config = configOf(args);
  const threads = args.threads ?? availableParallelism();
  const network = findFaults(config, args.out);
  const weights = args.init === undefined ? undefined : readWeights(args.init, network);
  const dataset = await openDataset(config.data, {
    threads: availableParallelism(),
    skipBadImages: args['skip-bad-images'],
    onProgress: (progress) => reporter.dataProgress(progress),
  });
  const engine = new Engine(config, dataset, threads);
  try {
    if (weights !== undefined) setWeights(engine, weights);
    const directory = createRunDirectory({ name: config.name, out: args.out });
    reporter.logTo(runPath(directory, 'log'));
    await new TrainingRun(config, dataset, engine, threads, directory, reporter).run();
  } finally {
    await engine.close();
  }
}

/** The config file with the options that change it. */
function configOf(args: Arguments): ResolvedConfig {
  const shorthand = {
    'data.dir': args.data === undefined ? undefined : JSON.stringify(args.data), // "12" is a folder's name, not a number
    'training.epochs': args.epochs,
    seed: args.seed,
    'training.batchSize': args['batch-size'],
  };
  const changes = Object.entries(shorthand).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  const config = resolveConfig(loadConfig(args.config, [...args.set, ...changes]), args.config);
  if (args.data === undefined) return config;
  const { generate: _, ...data } = config.data; // nothing is drawn into a folder of the user's
  return { ...config, data };
}
