import type { ResolvedConfig } from '../config/resolved.js';
import type { PackedDataset } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import type { KernelEngine } from '../kernels/compile.js';
import type { Engine, EngineOptions } from '../runtime/engine.js';
import type { SentPerStep } from '../runtime/sent.js';
import { analyze, type Profile } from './analyze.js';
import { measurePeak, type Peak } from './peak.js';
import { clearRecording, createRecording, type Recording, readRecording } from './recorder.js';

/** Time until V8 has optimized the JavaScript, ms. */
const warmUp = 500;
/** Number of measured epochs; the speed is their median. */
const repeats = 3;

export interface Measurement {
  readonly profile: Profile;
  readonly recordings: readonly Recording[];
  readonly network: Network;
  /** The engine that runs the kernels. */
  readonly kernels: KernelEngine;
  readonly peak: Peak;
  /** Speed without and with recording. */
  readonly imagesPerSecond: { readonly untraced: number; readonly traced: number };
  /** What rank 0 sends, where several ranks train together. */
  readonly messages?: MessagesPerStep | undefined;
}

export interface MessagesPerStep extends SentPerStep {
  readonly ranks: number;
  /** What each rank of any all-reduce of the gradients sends at least: 2 (P - 1) / P of their bytes (Patarasuk and Yuan 2009). */
  readonly leastBytes: number;
}

/**
 * Trains `steps` steps, at most an epoch, first without and then with recording of the threads.
 * @param make makes an engine; each is closed
 * @throws UserError (exit code training) where loss or gradient is not finite
 */
export async function measure(
  config: ResolvedConfig,
  dataset: PackedDataset,
  steps: number,
  make: (config: ResolvedConfig, samples: PackedDataset, trace?: EngineOptions['trace']) => Promise<Engine>,
): Promise<Measurement> {
  const samples = firstSamples(dataset, steps * config.training.batchSize);
  const plain = await make(config, samples);
  const buffers = Array.from({ length: plain.threads }, createRecording);
  const untraced = await speedOf(plain, () => {});
  const peak = measurePeak();
  const traced = await make(config, samples, buffers);
  const imagesPerSecond = { untraced, traced: await speedOf(traced, () => buffers.forEach(clearRecording)) };
  const recordings = buffers.map(readRecording);
  const { network, kernels } = traced;
  const profile = analyze(recordings, network);
  return { profile, recordings, network, kernels, peak, imagesPerSecond, messages: messagesOf(plain) };
}

function messagesOf({ group, network, sentPerStep }: Engine): MessagesPerStep | undefined {
  if (group === undefined) return undefined;
  const { ranks } = group.setup;
  const trained = network.parameters.reduce((sum, { isFrozen, size }) => sum + (isFrozen ? 0 : size), 0);
  return { ranks, ...sentPerStep, leastBytes: Math.round((2 * (ranks - 1) * trained * 4) / ranks) };
}

/** The first `most` training samples as a dataset: one epoch of it is measured. */
export function firstSamples(dataset: PackedDataset, most: number): PackedDataset {
  const { train, validation, test } = dataset.splits;
  const splits = {
    train: { ...train, samples: Math.min(train.samples, most) },
    validation: { ...validation, samples: 0 },
    test: { ...test, samples: 0 },
  };
  return { ...dataset, splits };
}

/**
 * Images/s of an epoch on a warm engine, which is closed afterwards.
 * @param begin is called before each epoch
 */
export async function speedOf(engine: Engine, begin: () => void): Promise<number> {
  try {
    const started = performance.now();
    const speeds: number[] = [];
    for (let epoch = 1; speeds.length < repeats; epoch++) {
      begin();
      const began = performance.now();
      const samples = await train(engine, epoch);
      if (began - started >= warmUp) speeds.push(samples / ((performance.now() - began) / 1000));
    }
    return speeds.sort((a, b) => a - b)[repeats >> 1]!;
  } finally {
    await engine.close();
  }
}

async function train(engine: Engine, epoch: number): Promise<number> {
  const { totals, failure } = await engine.train(epoch);
  if (failure === undefined) return totals.samples;
  throw new UserError(
    `the ${failure.what} is not finite in epoch ${epoch}, step ${failure.step}: the training has diverged. ` +
      'Try a smaller optimizer.learningRate or another initialization',
    ExitCode.training,
  );
}
