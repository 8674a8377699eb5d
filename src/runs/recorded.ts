import { z } from 'zod';
import { parts } from './training-parts.js';

/** What a run's files say, checked as they are read: anyone may have written them. */

const count = z.int().min(0);
const fraction = z.number().min(0).max(1);

export const splitMetrics = z.strictObject({
  samples: count,
  loss: z.number(),
  top1: fraction,
  top5: fraction,
});

/** A line of `metrics.jsonl`. */
export const epochMetrics = z.strictObject({
  epoch: z.int().min(1),
  learningRate: z.number(),
  train: splitMetrics,
  validation: splitMetrics,
  seconds: z.number(),
  imagesPerSecond: z.number(),
});

/** `summary.json`; keys that a later version adds are let through. */
export const runSummary = z.looseObject({
  name: z.string(),
  status: z.enum(['completed', 'failed', 'stopped']),
  seed: z.number(),
  parameters: count,
  epochsRun: count,
  final: z.strictObject({ train: splitMetrics, validation: splitMetrics, test: splitMetrics }).nullable(),
  best: z.looseObject({ epoch: z.int().min(1), validation: splitMetrics, test: splitMetrics }).nullable(),
  weightsSha256: z.string().nullable(),
  datasetKey: z.string(),
  datasetSha256: z.string(),
  numericsVersion: z.union([z.number(), z.string()]),
  seconds: z.number(),
  imagesPerSecond: z.looseObject({ median: z.number().nullable(), epochs: z.array(z.number()) }),
  threads: z.int().min(1),
  parts: parts.optional(),
  memory: z.looseObject({ peakBytes: count, samplesResident: count }),
  engine: z.record(z.string(), z.unknown()),
  versions: z.looseObject({ lockstep: z.string(), node: z.string(), v8: z.string() }),
  machine: z.looseObject({ platform: z.string(), arch: z.string(), cpu: z.string(), cores: z.number() }),
  files: z.record(z.string(), z.string()),
});
