import type { ResolvedConfig } from '../../config/resolved.js';
import { sampleShape } from '../../data/features.js';
import { buildNetwork } from '../../graph/network.js';
import type { EpochMetrics } from '../../runs/metrics.js';
import type { RunSummary } from '../../runs/summary.js';

/** What is compared: a config with its seeds, or one run. */
export interface Candidate {
  /** Unique among the candidates. */
  readonly name: string;
  /** The config's file or the run's directory, as it was given. */
  readonly from: string;
  /** The first run's config; the others differ in their seed alone. */
  readonly config: ResolvedConfig;
  /** One per seed. */
  readonly runs: readonly EndedRun[];
}

/** A run that came to its end, or diverged. */
export interface EndedRun {
  readonly directory: string;
  readonly config: ResolvedConfig;
  readonly epochs: readonly EpochMetrics[];
  readonly summary: RunSummary;
}

/** A run with results. */
export interface CompletedRun extends EndedRun {
  readonly summary: RunSummary & {
    readonly final: NonNullable<RunSummary['final']>;
    readonly best: NonNullable<RunSummary['best']>;
  };
}

export const isCompleted = (run: EndedRun): run is CompletedRun =>
  run.summary.status === 'completed' && run.summary.final !== null && run.summary.best !== null;

export const completedOf = ({ runs }: Candidate): CompletedRun[] => runs.filter(isCompleted);

/** Multiply-adds of a sample's forward pass. */
export function multiplyAddsOf({ model, data }: ResolvedConfig): number {
  const { nodes: layers } = buildNetwork(model.layers, sampleShape(data.features));
  return layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
}

/** The names, a repeated one with a number: `improved`, `improved-2`. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}-${number}`;
    taken.add(unique);
    return unique;
  });
}
