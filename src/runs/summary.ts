import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';
import type { ResolvedConfig } from '../config/resolved.js';
import { writeFileWhole } from '../files/whole-file.js';
import { type RunFile, runFiles, runPath } from './directory.js';
import { type Ending, ending } from './ending.js';
import { type InitRecord, initRecord } from './initial-weights.js';
import { type AllSplits, allSplits, type EpochMetrics, splitMetrics } from './metrics.js';
import { parts, type TrainingPart } from './training-parts.js';

const count = z.int().min(0);
const status = z.enum(['completed', 'failed', 'stopped']);
export type RunStatus = z.infer<typeof status>;

/** `summary.json`, checked as it is read: anyone may have written it. Keys that a later version adds are let through. */
export const runSummary = z.looseObject({
  name: z.string(),
  status,
  seed: z.number(),
  parameters: count,
  epochsRun: count,
  /** null where the run has not completed; missing in summaries of earlier versions. */
  end: ending.nullable().optional(),
  final: allSplits.nullable(),
  best: z.looseObject({ epoch: z.int().min(1), validation: splitMetrics, test: splitMetrics }).nullable(),
  weightsSha256: z.string().nullable(),
  datasetKey: z.string(),
  datasetSha256: z.string(),
  /** What `training.init` gave; missing in summaries of earlier versions. */
  init: initRecord.nullable().optional(),
  numericsVersion: z.union([z.number(), z.string()]),
  seconds: z.number(),
  imagesPerSecond: z.looseObject({ median: z.number().nullable(), epochs: z.array(z.number()) }),
  threads: z.int().min(1),
  /** Missing in summaries of earlier versions. */
  parts: parts.optional(),
  memory: z.looseObject({ peakBytes: count, samplesResident: count }),
  engine: z.record(z.string(), z.unknown()),
  versions: z.looseObject({ lockstep: z.string(), node: z.string(), v8: z.string() }),
  machine: z.looseObject({ platform: z.string(), arch: z.string(), cpu: z.string(), cores: z.number() }),
  files: z.record(z.string(), z.string()),
});
export type RunSummary = Readonly<z.infer<typeof runSummary>>;

/** What the training command knows about a run at its end. */
export interface RunResult {
  readonly config: ResolvedConfig;
  readonly status: RunStatus;
  /** Number of the model's parameters. */
  readonly parameters: number;
  /** Of the last part, as kernels and memory are. */
  readonly threads: number;
  readonly parts: readonly TrainingPart[];
  /** The epochs run, from the first. */
  readonly epochs: readonly EpochMetrics[];
  /** null where the run has not completed. */
  readonly end: Ending | null;
  /** The final model on every split, each measured in one pass; null where the run ended before that. */
  readonly final: AllSplits | null;
  /** The epoch with the best validation, by `training.bestBy`. */
  readonly best: ({ readonly epoch: number } & Pick<AllSplits, 'validation' | 'test'>) | null;
  /** What ran the kernels: SIMD width, whether V8 joined vectors, the known-answer check. */
  readonly engine: Readonly<Record<string, unknown>>;
  /** At most resident of the process, and the samples that were held in memory from the start. */
  readonly memory: { readonly peakBytes: number; readonly samplesResident: number };
  readonly numericsVersion: number | string;
  /** `PackedDataset.key` */
  readonly datasetKey: string;
  /** `fingerprintOf` the dataset */
  readonly datasetSha256: string;
  /** What `training.init` gave; null where the initializers gave all. */
  readonly init: InitRecord | null;
  /** SHA-256 (hex) of the trained weights. */
  readonly weightsSha256: string | null;
  /** Which of the run's files were written. */
  readonly files: readonly RunFile[];
}

/** The content of a run's `summary.json`. */
export function summarize(result: RunResult): RunSummary {
  const { config, epochs } = result;
  const speeds = epochs.map((epoch) => epoch.imagesPerSecond);
  return {
    name: config.name,
    status: result.status,
    seed: config.seed,
    parameters: result.parameters,
    epochsRun: epochs.length,
    end: result.end,
    final: result.final,
    best: result.best,
    weightsSha256: result.weightsSha256,
    datasetKey: result.datasetKey,
    datasetSha256: result.datasetSha256,
    init: result.init,
    numericsVersion: result.numericsVersion,
    seconds: epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
    imagesPerSecond: { median: median(speeds), epochs: speeds },
    threads: result.threads,
    parts: [...result.parts],
    memory: result.memory,
    engine: { ...result.engine },
    versions: { lockstep: lockstepVersion(), node: process.versions.node, v8: process.versions.v8 },
    machine: {
      platform: process.platform,
      arch: process.arch as string,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
    },
    files: Object.fromEntries(result.files.map((file) => [file, runFiles[file]])),
  };
}

/** Writes the run's `summary.json`. */
export function writeSummary(directory: string, result: RunResult): RunSummary {
  const summary = summarize(result);
  writeFileWhole(runPath(directory, 'summary'), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

/** The version in lockstep's package.json. */
export function lockstepVersion(): string {
  const url = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(url, 'utf8')) as { version: string };
  return version;
}

/** null of an empty list. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
