import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import type { CheckpointEvery } from '../runs/checkpoints.js';
import { TrainingControls } from '../runs/controls.js';
import { runsFolder } from '../runs/directory.js';
import { createReporter, type RunReporter } from '../runs/log.js';
import type { RunSummary } from '../runs/summary.js';
import type { Group } from '../runtime/group.js';
import { openResumed } from '../training/resume.js';
import { trainConfig } from '../training/train-config.js';
import { Dashboard } from '../views/dashboard/dashboard.js';
import { TensorBoard } from '../views/tensorboard/tensorboard.js';
import { checkThreads, configOf, configOptions, sharedBytesOf, threadsOf } from './config-options.js';
import { addressOptions, announce, checkPort } from './dashboard-options.js';
import { secondsIn } from './duration.js';
import { reportFailure } from './failure.js';
import { leadJob } from './follow.js';
import { checkRanks, onRanks, rankOptions } from './rank-options.js';
import { stopOnSignals } from './signals.js';

const options = {
  ...configOptions,
  config: { ...configOptions.config, demandOption: false },
  resume: {
    type: 'string',
    requiresArg: true,
    describe:
      'Go on with the run in this directory from its last checkpoint, to the bits of a run in one piece',
  },
  epochs: { type: 'number', requiresArg: true, describe: 'In place of training.epochs' },
  out: { type: 'string', requiresArg: true, describe: 'Run directory', defaultDescription: 'runs/NAME-TIME' },
  init: {
    type: 'string',
    requiresArg: true,
    describe: 'Start from the weights of this run, or in this safetensors file, as far as they fit',
  },
  'checkpoint-every': {
    type: 'string',
    requiresArg: true,
    describe: 'Checkpoints in mid-epoch too: a number of steps, such as 500, or a time, such as 10min',
    defaultDescription: 'each epoch',
  },
  'max-time': {
    type: 'string',
    requiresArg: true,
    describe:
      'End the training after this time, such as 90s, 20min or 1.5h: the step in progress is the last, and the run a finished one',
  },
  'log-format': {
    choices: ['auto', 'pretty', 'json'] as const,
    default: 'auto' as const,
    describe: 'Lines for people or for programs; auto: by whether it is a terminal',
  },
  dashboard: {
    type: 'boolean',
    default: false,
    describe: 'Serve a page that shows the training while it runs; its address is printed',
  },
  'dashboard-host': addressOptions.host,
  'dashboard-port': addressOptions.port,
  quiet: { type: 'boolean', default: false, describe: 'Only errors' },
  ...rankOptions,
  tensorboard: {
    type: 'boolean',
    default: false,
    describe: "Event files for TensorBoard, in the run directory's folder tensorboard",
  },
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
          '--resume runs/lenet5-2026-01-31T09-05-00Z',
        ].map((example): [string, string] => [`$0${command === '$0' ? '' : ` ${command}`} ${example}`, '']),
      )
      .check((values) => {
        checkThreads(values);
        sharedBytesOf(values);
        checkpointEveryOf(values['checkpoint-every']);
        maxSecondsOf(values['max-time']);
        if (values.resume !== undefined) refuseBesideResume(values);
        else if (values.config === undefined) throw new Error('Missing required argument: config');
        checkDashboard(values);
        checkRanks(values);
        return true;
      }) as Argv<Arguments>,
  handler: (args) => onRanks(args, (group) => lead(args, group)),
});

/** The process that trains alone, or rank 0 of several. */
async function lead(args: Arguments, group: Group | undefined): Promise<void> {
  const { 'dashboard-host': host, 'dashboard-port': port } = args;
  const dashboard = args.dashboard ? new Dashboard({ host, port, runs: runsFolder, live: true }) : undefined;
  const reporter = createReporter({
    format: args['log-format'],
    quiet: args.quiet,
    also: dashboard ? [dashboard.reporter] : [],
  });
  const controls = new TrainingControls();
  const stops = stopOnSignals(controls, reporter);
  try {
    const { status } = await train(args, reporter, controls, dashboard, group);
    // It may have come too late to stop anything.
    if (status === 'stopped') process.exitCode = stops.exitCode;
  } catch (error) {
    reportFailure(error, reporter);
  } finally {
    stops.release();
    reporter.close();
    await dashboard?.close();
  }
}

function checkDashboard(values: Pick<Arguments, 'dashboard' | 'dashboard-host' | 'dashboard-port'>): void {
  const { dashboard, 'dashboard-host': host, 'dashboard-port': port } = values;
  checkPort(port, 'dashboard-');
  const isDefault = host === addressOptions.host.default && port === addressOptions.port.default;
  if (!dashboard && !isDefault) throw new Error('--dashboard-host and --dashboard-port need --dashboard');
}

async function train(
  args: Arguments,
  reporter: RunReporter,
  controls: TrainingControls,
  dashboard: Dashboard | undefined,
  group: Group | undefined,
): Promise<RunSummary> {
  const { config, resume } = await leadJob(group, async () => {
    if (dashboard !== undefined) {
      dashboard.controls = controls;
      announce(await dashboard.open(), args['dashboard-host']);
    }
    const resume = args.resume === undefined ? undefined : openResumed(args.resume, args);
    return { config: resume?.config ?? configOf({ ...args, config: args.config! }), resume };
  });
  const { summary } = await trainConfig(config, {
    group,
    threads: threadsOf(args),
    sharedBytes: sharedBytesOf(args),
    checkpointEvery: checkpointEveryOf(args['checkpoint-every']),
    maxSeconds: maxSecondsOf(args['max-time']),
    out: args.out,
    resume,
    controls,
    callbacks: [
      ...(args.tensorboard ? [new TensorBoard((message) => reporter.warning(message))] : []),
      ...(dashboard ? [dashboard.callback] : []),
    ],
    reporter,
  });
  return summary;
}

/** Options that belong to the config of a new run. */
const ofNewRuns = ['config', 'source', 'seed', 'batch-size', 'init', 'out', 'skip-bad-images'] as const;

/** @throws Error with the reason, for yargs to show */
function refuseBesideResume(values: Arguments): void {
  const given = ofNewRuns.filter((name) => values[name] !== undefined).map((name) => `--${name}`);
  if (values.set.length > 0) given.push('--set');
  if (given.length === 0) return;
  throw new Error(`--resume goes on with the run's own config, so ${given.join(', ')} cannot be given`);
}

/** @throws Error with the reason, for yargs to show */
function checkpointEveryOf(text: string | undefined): CheckpointEvery {
  if (text === undefined) return {};
  const seconds = secondsIn(text);
  if (seconds !== undefined) return { seconds };
  const steps = Number(/^(\d+)(?: ?steps?)?$/.exec(text)?.[1]);
  if (steps > 0) return { steps };
  throw new Error(
    `--checkpoint-every is ${text}, but needs a number of steps, such as 500, or a time, such as 10min`,
  );
}

/** @throws Error with the reason, for yargs to show */
function maxSecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = secondsIn(text);
  if (seconds !== undefined) return seconds;
  throw new Error(`--max-time is ${text}, but needs a time such as 90s, 20min or 1.5h`);
}
