import type { ConfigInput } from '../config/input.js';
import { parseConfig } from '../config/load.js';
import { completeConfig } from '../config/resolve.js';
import type { CompleteConfig } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { launchedRanks } from '../mpi/launcher.js';
import { defaultThreads } from '../platform/threads.js';
import type { Callback } from '../runs/callback.js';
import { TrainingControls } from '../runs/controls.js';
import { EarlyStopping } from '../runs/early-stopping.js';
import { createReporter } from '../runs/log.js';
import { type Reporter, reportToAll } from '../runs/reporter.js';
import { openResumed } from '../training/resume.js';
import { type TrainOptions, trainConfig } from '../training/train-config.js';
import { requireDataset, requireModel, requireOptions, runningOptions } from './check-options.js';
import type { Dataset } from './dataset.js';
import type { FitOptions, ResumeOptions, RunningOptions } from './fit-options.js';
import { Model } from './model.js';
import { adam } from './optimizers.js';
import { pathOf } from './path.js';
import { openRun, type Run } from './run.js';

/** As `fit`. */
export async function train(
  model: Model | ConfigInput,
  data: Dataset | undefined,
  options: FitOptions,
): Promise<Run> {
  requireModel(model);
  requireDataset(data);
  requireOptions('fit', options);
  return runTraining(configOf(model, data, options), options, {
    out: options.out === undefined ? undefined : pathOf(options.out, 'out', 'out'),
    classes: data?.classes,
  });
}

/** As `resume`. */
export async function goOn(directory: string | URL, options: ResumeOptions): Promise<Run> {
  requireOptions('resume', options);
  const run = openResumed(pathOf(directory, 'resume', 'directory'), options);
  return runTraining(run.config, options, { resume: run });
}

async function runTraining(
  config: CompleteConfig,
  options: RunningOptions,
  place: Pick<TrainOptions, 'out' | 'classes' | 'resume'>,
): Promise<Run> {
  requireOneProcess();
  const { signal, log = 'none', threads = defaultThreads(), onMessage } = options;
  const controls = new TrainingControls();
  const finish = () => controls.finish();
  const reporter = createReporter({ format: log, also: onMessage ? [tellingOf(onMessage)] : [] });
  signal?.addEventListener('abort', finish);
  try {
    const { directory } = await trainConfig(config, {
      ...place,
      threads,
      sharedBytes: undefined,
      checkpointEvery: options.checkpointEvery ?? {},
      maxSeconds: options.maxSeconds,
      signal,
      controls,
      callbacks: [...others(options.callbacks), ownCallback(options), beginning(signal)],
      reporter,
    });
    return await openRun(directory);
  } finally {
    signal?.removeEventListener('abort', finish);
    reporter.close();
  }
}

/** The config that the arguments come to, checked and complete. */
export function configOf(
  model: Model | ConfigInput,
  data: Dataset | undefined,
  { name, seed, optimizer, loss, out: _, ...rest }: FitOptions,
): CompleteConfig {
  const training = Object.fromEntries(Object.entries(rest).filter(([key]) => !runningOptions.has(key)));
  const [stopping, second] = rest.callbacks?.filter((callback) => callback instanceof EarlyStopping) ?? [];
  if (second !== undefined || (stopping !== undefined && rest.earlyStopping !== undefined))
    throw new UserError(
      'early stopping is asked for twice; a training has one: leave out a callback, or the option',
      ExitCode.usage,
      { path: 'callbacks' },
    );
  const isModel = model instanceof Model;
  const base = isModel
    ? {
        name: 'fit',
        model: model.toJSON(),
        loss: { type: 'crossEntropy' },
        optimizer: adam({ learningRate: 1e-3 }),
        training: { batchSize: 64 },
      }
    : model;
  const source = isModel ? 'the model with its options' : 'the config';
  const given = { ...(name !== undefined && { name }), ...(seed !== undefined && { seed }) };
  const whole = {
    ...base,
    ...given,
    data: dataOf('data' in base ? base.data : undefined, data),
    loss: loss ?? base.loss,
    optimizer: optimizer ?? base.optimizer,
    training: {
      ...base.training,
      ...training,
      ...(stopping && { earlyStopping: stopping.options }),
    },
  };
  return completeConfig(parseConfig(whole, source), source);
}

/** Early stopping is the config's, and the training's own. */
const others = (callbacks: RunningOptions['callbacks'] = []): Callback[] =>
  callbacks.filter((callback) => !(callback instanceof EarlyStopping));

/** @throws UserError where a launcher has started this program several times: each would train for itself */
function requireOneProcess(): void {
  const ranks = launchedRanks(process.env)?.size ?? 1;
  if (ranks === 1) return;
  throw new UserError(
    `this program was started as ${ranks} ranks, and fit trains in one process; several ranks train together by lockstep train`,
    ExitCode.usage,
  );
}

/** A dataset in the place of the config's own, which says what the network sees of an image unless the dataset does. */
function dataOf(own: ConfigInput['data'] | undefined, data: Dataset | undefined): unknown {
  if (data === undefined) {
    if (own !== undefined) return own;
    throw new UserError('fit needs a dataset beside a model, such as await imageFolder(...)', ExitCode.usage);
  }
  const features = data.config.features ?? own?.features ?? data.ownFeatures;
  if (features !== undefined) return { ...data.config, features };
  throw new UserError(
    `the dataset of ${data.config.dir} needs a size, such as imageFolder(dir, { size: 32 }): a model does not say what it sees of an image`,
    ExitCode.usage,
  );
}

/** Until the first step an aborted signal means that nothing was trained. It is the last callback: another's `start` may abort. */
const beginning = (signal: AbortSignal | undefined): Callback => ({
  start: () => signal?.throwIfAborted(),
});

const ownCallback = ({ onStep, onEpoch, onCheckpoint, onEnd }: RunningOptions): Callback => ({
  ...(onStep && { step: onStep }),
  ...(onEpoch && { epoch: onEpoch }),
  ...(onCheckpoint && { checkpoint: onCheckpoint }),
  ...(onEnd && { end: onEnd }),
});

function tellingOf(tell: NonNullable<RunningOptions['onMessage']>): Reporter {
  const silent = reportToAll([]);
  return {
    ...silent,
    note: (message) => tell('note', message),
    warning: (message) => tell('warning', message),
  };
}
