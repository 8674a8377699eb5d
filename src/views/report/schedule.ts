import type { Ending } from '../../runs/ending.js';
import type { SavedRun } from '../../runs/saved-run.js';
import { afterEpoch, type Plateau } from '../../runtime/plateau.js';
import { learningRateAt } from '../../runtime/schedule.js';

type Points = readonly (readonly [epoch: number, rate: number])[];

/** The learning rate of a run, step by step: x is where a step ends, in epochs. */
export interface ScheduleCourse {
  /** Of steps that were taken. */
  readonly done: Points;
  /** Of those that were to come; none where they depend on what validation gives. */
  readonly planned: Points;
  /** What the run recorded: of each epoch's last step. */
  readonly recorded: Points;
  /** Epochs after which `reduceOnPlateau` made it smaller, those alone that were followed by a step. */
  readonly reductions: readonly number[];
  /** Whole epochs that were taken, and steps of the next. */
  readonly end: Pick<Ending, 'epochs' | 'steps'>;
}

/** Points of a curve, about, and epochs of which each has some. */
const most = { points: 480, epochs: 600 };

/** @returns undefined before the first epoch has ended: until then the number of its steps is not recorded */
export function scheduleOf({ config, epochs, summary }: SavedRun): ScheduleCourse | undefined {
  const [first] = epochs;
  if (first === undefined) return undefined;
  const { optimizer, training } = config;
  const steps = Math.ceil(first.train.samples / training.batchSize);
  const all = Math.max(training.epochs, epochs.length);
  const end = summary?.end ?? { epochs: epochs.length, steps: 0 };
  const isOpen = optimizer.schedule.type === 'reduceOnPlateau';
  const { factors, reductions } = reductionsOf(optimizer, epochs);

  const done: (readonly [number, number])[] = [];
  const planned: (readonly [number, number])[] = [];
  for (const [epoch, step] of chosenSteps(all, steps, end)) {
    const isDone = epoch <= end.epochs || (epoch === end.epochs + 1 && step < end.steps);
    if (isOpen && !isDone) break;
    const rate = learningRateAt(config, epoch, step, steps, factors[epoch - 1]);
    (isDone ? done : planned).push([epoch - 1 + (step + 1) / steps, rate]);
  }
  return {
    done,
    planned: planned.length === 0 ? [] : [...done.slice(-1), ...planned],
    recorded: epochs.map(({ epoch, learningRate }) => [epoch, learningRate]),
    reductions: reductions.filter((epoch) => epoch < end.epochs || end.steps > 0),
    end,
  };
}

/** What plateaus have made of the rate in each epoch, and after which they made it smaller. */
function reductionsOf(optimizer: SavedRun['config']['optimizer'], epochs: SavedRun['epochs']) {
  const factors = [1];
  const reductions: number[] = [];
  let plateau: Plateau | undefined;
  for (const { epoch, validation } of epochs) {
    const before = plateau?.factor ?? 1;
    plateau = afterEpoch(optimizer, plateau, validation);
    factors.push(plateau?.factor ?? 1);
    if (plateau !== undefined && plateau.factor < before) reductions.push(epoch);
  }
  return { factors, reductions };
}

/** Epoch, from 1, and step, from 0: of each epoch (of very many some) as many as a chart can show, its first and its last, and the run's last one. */
function* chosenSteps(
  epochs: number,
  steps: number,
  end: { readonly epochs: number; readonly steps: number },
): Generator<readonly [epoch: number, step: number]> {
  const each = Math.ceil(epochs / most.epochs);
  const count = Math.min(steps, Math.max(2, Math.floor(most.points / epochs)));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const isEnd = epoch === end.epochs || epoch === end.epochs + 1;
    if (!isEnd && epoch < epochs && (epoch - 1) % each > 0) continue;
    const own = new Set(
      Array.from({ length: count }, (_, i) => Math.round((i * (steps - 1)) / Math.max(1, count - 1))),
    );
    if (epoch === end.epochs + 1 && end.steps > 0) own.add(end.steps - 1);
    for (const step of [...own].sort((a, b) => a - b)) yield [epoch, step];
  }
}
