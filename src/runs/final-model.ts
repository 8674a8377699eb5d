import { type SplitName, splitNames } from '../data/dataset.js';
import type { Engine } from '../runtime/engine.js';
import type { AllSplits, SplitMetrics } from './metrics.js';
import type { Best, Position } from './position.js';
import type { RunRecord } from './run-record.js';
import { hashWeights, readWeights, setModelWeights } from './weights.js';

/** What a training leaves: the run's weights, measured and saved. */
export interface FinalModel {
  readonly final: AllSplits;
  /** Of the weights that were best on validation. */
  readonly best: Best & Pick<AllSplits, 'test'>;
  /** Whether the final weights are the best ones. */
  readonly isBest: boolean;
  /** SHA-256 of the final weights, hex. */
  readonly weightsSha256: string;
}

/** Evaluates the engine's weights, which are those of `epoch`, on a split. @throws Divergence where the loss is not finite */
type Evaluate = (split: SplitName, epoch: number) => Promise<SplitMetrics>;

/**
 * Evaluates the final weights on every split and the best ones on the test, and saves both. The engine has the final ones afterwards.
 * @param position after at least one step
 * @param restoreBest takes the best weights as the final ones, where an epoch was validated
 * @throws Divergence
 */
export async function finalModel(
  engine: Engine,
  record: RunRecord,
  position: Position,
  restoreBest: boolean,
  evaluate: Evaluate,
): Promise<FinalModel> {
  const load = (file: 'best' | 'model') =>
    setModelWeights(engine, readWeights(record.path(file), engine.network, { links: false }));
  const { steps } = position.done;
  const last = { epoch: steps > 0 ? position.epoch + 1 : position.epoch, steps };
  const { best } = position;
  const restored = restoreBest && best !== undefined;
  if (restored) load('best');
  const final = await evaluateAll((split) => evaluate(split, position.epoch));
  record.saveModel('model', restored ? { epoch: best.epoch, steps: 0 } : last);
  const weightsSha256 = hashWeights(engine);
  const { validation, test } = final;
  if (best === undefined) {
    // It ended within its first epoch, of which it took a step at least: there are no other weights.
    record.saveModel('best', last);
    return { final, best: { epoch: last.epoch, validation, test }, isBest: true, weightsSha256 };
  }
  const isBest = restored || best.epoch === last.epoch;
  if (isBest) return { final, best: { ...best, test }, isBest, weightsSha256 };
  load('best');
  const ofBest = await evaluate('test', best.epoch);
  load('model');
  return { final, best: { ...best, test: ofBest }, isBest, weightsSha256 };
}

async function evaluateAll(evaluate: (split: SplitName) => Promise<SplitMetrics>): Promise<AllSplits> {
  const results: Partial<Record<SplitName, SplitMetrics>> = {};
  for (const split of splitNames) results[split] = await evaluate(split);
  return results as AllSplits;
}
