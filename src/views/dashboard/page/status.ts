import { type LiveState, type PageState, positionOf } from '../live-state.js';
import type { Connection } from './store.js';

export interface Status {
  readonly text: string;
  readonly tone: 'calm' | 'alarm';
}

/** The state in a sentence. It changes once per epoch, not with every step, since screen readers read it aloud. */
export function statusOf(state: PageState | undefined, connection: Connection): Status {
  const alarm = (text: string): Status => ({ text, tone: 'alarm' });
  const calm = (text: string): Status => ({ text, tone: 'calm' });
  const live = state?.live;
  if (live?.failed) return alarm('The training has failed; the message below says why.');
  if (live?.end) return calm('The run has ended. This page keeps what it shows, but its server has gone.');
  if (connection === 'ended') return calm('The training was stopped. This page keeps what it shows.');
  if (connection === 'lost') return alarm('The connection is lost. Trying again …');
  if (state === undefined) return calm('Connecting …');
  if (!live) return calm(`${state.runs.length} run${state.runs.length === 1 ? '' : 's'}`);
  return calm(trainingStatus(live));
}

function trainingStatus({ start, step, curves, controls }: LiveState): string {
  if (start === null) return 'Preparing the dataset';
  const done = curves.epoch.at(-1) ?? 0;
  const epoch = Math.min(start.epochs, Math.max(done + 1, step?.epoch ?? 1));
  const where = done === start.epochs ? 'after the last epoch' : `epoch ${epoch} of ${start.epochs}`;
  if (controls === 'paused') return `Paused, ${where}`;
  if (controls === 'stopping') return `Stopping and saving, ${where}`;
  return done === start.epochs ? 'Testing' : `Training, ${where}`;
}

/** Completed epochs, plus the fraction of the current one. */
export function epochsDone({ step, curves, end }: LiveState): number {
  if (end !== null) return end.end.epochs;
  return Math.max(curves.epoch.at(-1) ?? 0, step === null ? 0 : positionOf(step));
}

/** Estimated remaining time, seconds, from the last epochs or, in the first one, from its steps; undefined before the first step. */
export function secondsLeft(live: LiveState): number | undefined {
  const { start, step, curves, end } = live;
  if (start === null || end !== null) return undefined;
  const epochs = start.epochs - epochsDone(live);
  const last = curves.seconds.slice(-5);
  if (last.length > 0) return (epochs * last.reduce((sum, seconds) => sum + seconds, 0)) / last.length;
  if (step === null) return undefined;
  return (epochs * start.samples.train) / step.imagesPerSecond;
}
