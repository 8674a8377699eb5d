import { median } from '../timer.js';
import type { Contestant } from './contestants.js';
import type { Epoch } from './job.js';
import { Program } from './program.js';
import { classes, type Workload } from './workloads.js';

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** A turn is as many epochs as fit in this, at least one, s. */
  readonly turn: number;
  /** An epoch that would take longer has fewer samples; a peer that takes longer for one batch is measured by that batch, s. */
  readonly longest: number;
  /** Nothing is waited for longer; a first batch that takes half of it, with what is compiled for it, is the only one, s. */
  readonly patience: number;
}

/** A row of the results. */
export interface Row {
  readonly peer: Contestant['peer'];
  readonly variant: string;
  readonly version?: string;
  /** Median of the epochs, and the slowest and the fastest of them. */
  readonly imagesPerSecond?: number;
  readonly range?: readonly [number, number];
  /** To the best of PyTorch's medians. */
  readonly ratio?: number;
  /** Of those that count. */
  readonly epochs: readonly Epoch[];
  /** How it was measured, or why it was not. */
  readonly note?: string;
}

/** A contestant on the way. */
interface Entry {
  readonly contestant: Contestant;
  readonly program: Program;
  readonly samples: number;
  readonly epochs: Epoch[];
  version?: string;
  note?: string;
  /** It takes no turns: it cannot, or has been measured. */
  done: boolean;
}

/** Every contestant in turn (A B C A B C ...), so that a machine that slows down slows all of them. */
export async function measure(
  workload: Workload,
  contestants: readonly Contestant[],
  effort: Effort,
): Promise<Row[]> {
  const entries: Entry[] = [];
  const missing = new Set<Contestant['peer']>();
  try {
    for (const contestant of contestants) {
      if (missing.has(contestant.peer)) continue;
      const entry = await enter(contestant, workload, effort);
      if (entry.note?.startsWith(notInstalled)) missing.add(contestant.peer);
      entries.push(entry);
    }
    for (let round = 0; round < effort.rounds; round++) {
      for (const entry of entries) if (!entry.done) await attempt(entry, () => takeTurn(entry, effort));
    }
  } finally {
    await Promise.all(entries.map(({ program }) => program.close()));
  }
  return withRatios(entries.map(rowOf));
}

const notInstalled = 'not installed';

/** Start a program, and let it warm up with an epoch of the length that its turns will have. */
async function enter(contestant: Contestant, workload: Workload, effort: Effort): Promise<Entry> {
  const { config, training, samples } = workload;
  const job = { config, classes, training, samples, options: contestant.options };
  const { program, greeting } = await Program.start(contestant.command, job);
  const entry: Entry = { contestant, program, samples: 0, epochs: [], done: false };
  if (greeting.kind !== 'ready') {
    const verdict = greeting.kind === 'missing' ? notInstalled : 'unable';
    return { ...entry, note: `${verdict}: ${greeting.reason}`, done: true };
  }
  entry.version = greeting.version;
  if (greeting.note !== undefined) entry.note = greeting.note;
  const batch = config.training.batchSize;
  let whole = Math.floor(samples / batch) * batch;
  await attempt(entry, async () => {
    const first = await program.epoch(batch, effort.patience);
    const probe = first.seconds > effort.patience / 2 ? first : await program.epoch(batch, effort.patience);
    if (probe.samples === batch && probe.seconds > effort.longest) {
      entry.epochs.push(probe);
      entry.note = probe === first ? 'its first batch' : 'one batch';
      entry.done = true;
      return;
    }
    const fitting = Math.floor(((effort.longest / probe.seconds) * probe.samples) / batch) * batch;
    whole = Math.max(batch, Math.min(whole, fitting));
    await program.epoch(whole, effort.patience);
  });
  return { ...entry, samples: whole };
}

async function takeTurn({ program, samples, epochs }: Entry, { turn, patience }: Effort): Promise<void> {
  let spent = 0;
  do {
    const epoch = await program.epoch(samples, patience);
    if (!Number.isFinite(epoch.loss)) throw new Error(`its loss became ${epoch.loss}`);
    epochs.push(epoch);
    spent += epoch.seconds;
  } while (spent < turn);
}

/** A program that ends is out, and the row says why. */
async function attempt(entry: Entry, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    entry.note = `unable: ${(error as Error).message}`;
    entry.epochs.length = 0;
    entry.done = true;
  }
}

function rowOf({ contestant: { peer, variant }, version, epochs, note }: Entry): Row {
  const row: Row = {
    peer,
    variant,
    epochs,
    ...(version === undefined ? {} : { version }),
    ...(note === undefined ? {} : { note }),
  };
  if (epochs.length === 0) return row;
  const speeds = epochs.map(({ samples, seconds }) => samples / seconds);
  return {
    ...row,
    imagesPerSecond: median(speeds),
    range: [Math.min(...speeds), Math.max(...speeds)],
  };
}

function withRatios(rows: readonly Row[]): Row[] {
  const speeds = rows.filter(({ peer }) => peer === 'PyTorch').map((row) => row.imagesPerSecond ?? 0);
  const reference = Math.max(0, ...speeds);
  return rows.map((row) =>
    reference === 0 || row.imagesPerSecond === undefined
      ? row
      : { ...row, ratio: row.imagesPerSecond / reference },
  );
}
