import type { DataProgress } from '../../data/open.js';
import type { TrainingState } from '../../runs/controls.js';
import type { EpochReport, RunEnd, RunStart, StepProgress } from '../../runs/reporter.js';
import { addEpoch, type Curves, emptyCurves } from './curves.js';
import type { ListedRun } from './listed-run.js';
import { addStep, emptySteps, type StepLosses } from './step-losses.js';

/**
 * The state that a page shows, and the events that change it. A page gets the whole state when it connects, and then the same events as
 * the server's own state. Both use `apply`, so their states are equal. State and events are JSON.
 */

export interface PageState {
  /** The training in the server's process; null where only saved runs are shown. */
  readonly live: LiveState | null;
  runs: readonly ListedRun[];
}

export interface LiveState {
  data: DataProgress | null;
  start: RunStart | null;
  step: StepProgress | null;
  readonly steps: StepLosses;
  readonly curves: Curves;
  /** The best epoch; null before the first has ended. */
  best: { readonly epoch: number; readonly top1: number } | null;
  /** The last messages, oldest first. */
  messages: readonly Message[];
  /** The pictures that are classified after each epoch, `/pictures/0` first. */
  pictures: Pictures | null;
  predictions: Predictions | null;
  /** null if the training cannot be controlled. */
  controls: TrainingState | null;
  end: RunEnd | null;
  failed: boolean;
  /** No more events will come. */
  closed: boolean;
}

export interface Message {
  readonly kind: 'note' | 'warning' | 'error';
  readonly text: string;
}

export interface Pictures {
  /** Names in label order. */
  readonly classes: readonly string[];
  /** The label of each picture. */
  readonly labels: readonly number[];
  /** The file of each picture, below the dataset's folder. */
  readonly files: readonly string[];
}

export interface Predictions {
  readonly epoch: number;
  /** For each picture, the most probable class and its probability. */
  readonly labels: readonly number[];
  readonly confidences: readonly number[];
}

export type PageEvent =
  | { readonly type: 'data'; readonly progress: DataProgress }
  | { readonly type: 'start'; readonly start: RunStart }
  | { readonly type: 'step'; readonly step: StepProgress }
  | { readonly type: 'epoch'; readonly epoch: EpochReport }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'pictures'; readonly pictures: Pictures }
  | { readonly type: 'predictions'; readonly predictions: Predictions }
  | { readonly type: 'controls'; readonly state: TrainingState }
  | { readonly type: 'end'; readonly end: RunEnd }
  | { readonly type: 'closed' }
  | { readonly type: 'runs'; readonly runs: readonly ListedRun[] };

const mostMessages = 100;

export const emptyLive = (): LiveState => ({
  data: null,
  start: null,
  step: null,
  steps: emptySteps(),
  curves: emptyCurves(),
  best: null,
  messages: [],
  pictures: null,
  predictions: null,
  controls: null,
  end: null,
  failed: false,
  closed: false,
});

/** Applies an event to the state. */
export function apply(state: PageState, event: PageEvent): void {
  if (event.type === 'runs') state.runs = event.runs;
  else if (state.live !== null) applyLive(state.live, event);
}

function applyLive(live: LiveState, event: Exclude<PageEvent, { type: 'runs' }>): void {
  switch (event.type) {
    case 'data':
      live.data = event.progress;
      break;
    case 'start':
      live.start = event.start;
      break;
    case 'step':
      addStep(live.steps, positionOf(event.step), recentLoss(live.step, event.step));
      live.step = event.step;
      break;
    case 'epoch':
      addEpoch(live.curves, event.epoch);
      if (event.epoch.best) live.best = { epoch: event.epoch.epoch, top1: event.epoch.validation.top1 };
      break;
    case 'message':
      live.messages = [...live.messages, event.message].slice(-mostMessages);
      if (event.message.kind === 'error') live.failed = true;
      break;
    case 'pictures':
      live.pictures = event.pictures;
      break;
    case 'predictions':
      live.predictions = event.predictions;
      break;
    case 'controls':
      live.controls = event.state;
      break;
    case 'end':
      live.end = event.end;
      break;
    case 'closed':
      live.closed = true;
      break;
  }
}

/** Completed epochs, plus the fraction of the current one. */
export const positionOf = ({ epoch, step, steps }: StepProgress): number => epoch - 1 + step / steps;

/** The mean loss over the steps since the last report. A report's own loss is the mean over the epoch so far. */
function recentLoss(before: StepProgress | null, now: StepProgress): number {
  if (before?.epoch !== now.epoch || before.step >= now.step) return now.loss;
  return (now.loss * now.step - before.loss * before.step) / (now.step - before.step);
}
