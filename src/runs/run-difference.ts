import { existsSync } from 'node:fs';
import { type ConfigDifference, differences } from '../config/differences.js';
import { sampleShape } from '../data/features.js';
import { buildNetwork } from '../graph/network.js';
import { readSealed } from '../tensors/sealed.js';
import { type RunFile, runFiles, runPath } from './directory.js';
import type { SavedRun } from './saved-run.js';
import { readStepLosses } from './step-losses.js';
import { type TensorDifference, weightDifferences } from './weight-difference.js';
import { fitsTo } from './weights.js';

/** What differs between two runs. */
export interface RunDifference {
  /** Whether every file of weights that both have holds the same bits; null where there is none. */
  readonly sameWeights: boolean | null;
  readonly config: readonly ConfigDifference[];
  /** Data, versions, machine and threads, by their paths in `summary.json`. */
  readonly circumstances: readonly ConfigDifference[];
  /** The first step, from 1, whose loss is another; undefined where there is none in common. */
  readonly firstStep: { readonly epoch: number; readonly step: number } | undefined;
  /** Of each file of weights: the tensors that differ; null where a run lacks it. */
  readonly weights: readonly {
    readonly file: string;
    readonly tensors: readonly TensorDifference[] | null;
  }[];
}

const circumstances = [
  'status',
  'end',
  'datasetSha256',
  'datasetKey',
  'numericsVersion',
  'versions',
  'engine',
  'machine',
  'threads',
  'memory',
] as const;

const weightFiles = ['model', 'best', 'checkpoint'] as const satisfies readonly RunFile[];

/** @throws UserError where a file of weights is damaged */
export function differenceOf(a: SavedRun, b: SavedRun): RunDifference {
  const weights = weightFiles.map((file) => {
    if (![a, b].every(({ directory }) => existsSync(runPath(directory, file))))
      return { file: runFiles[file], tensors: null };
    const [first, second] = [a, b].map((run) => tensorsOf(run, file)) as [Tensors, Tensors];
    return { file: runFiles[file], tensors: weightDifferences(first, second) };
  });
  const compared = weights.flatMap(({ tensors }) => tensors ?? []);
  return {
    sameWeights: weights.every(({ tensors }) => tensors === null) ? null : compared.length === 0,
    config: differences(a.config, b.config),
    circumstances: differences(circumstancesOf(a), circumstancesOf(b)),
    firstStep: firstStepOf(a, b),
    weights,
  };
}

type Tensors = Parameters<typeof weightDifferences>[0];

/** @throws UserError where they are damaged, or not of the run's network */
function tensorsOf({ directory, config }: SavedRun, file: RunFile): Tensors {
  const path = runPath(directory, file);
  const network = buildNetwork(config.model.layers, sampleShape(config.data.features));
  return readSealed(path, { check: fitsTo(path, network), links: false }).tensors;
}

const circumstancesOf = ({ summary }: SavedRun) =>
  Object.fromEntries(circumstances.map((name) => [name, summary?.[name]]));

function firstStepOf(a: SavedRun, b: SavedRun): RunDifference['firstStep'] {
  const [first, second] = [readStepLosses(a.directory), readStepLosses(b.directory)];
  const both = Math.min(first.length, second.length);
  const at = first.subarray(0, both).findIndex((loss, i) => !Object.is(loss, second[i]));
  if (at < 0) return undefined;
  const samples = a.epochs[0]?.train.samples ?? 0;
  // Of a run without a whole epoch nobody knows how many steps it has.
  const steps = samples > 0 ? Math.ceil(samples / a.config.training.batchSize) : first.length;
  return { epoch: Math.floor(at / steps) + 1, step: (at % steps) + 1 };
}
