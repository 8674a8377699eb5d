import { type Dirent, existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { seemsClaimed } from '../../files/claim.js';
import { runPath } from '../../runs/directory.js';
import { openRun, type SavedRun } from '../../runs/saved-run.js';
import { median } from '../../runs/summary.js';
import { trainLossExtras } from '../../runs/train-loss.js';
import { type Curves, curvesOf } from './curves.js';
import type { ListedRun } from './listed-run.js';

/** Runs that are shown at most, the last by name: names end in the time. */
const mostRuns = 500;
/**
 * Of a run's file, bytes: some 20,000 epochs of metrics. Files are read between two turns of a training, which neither waits for long
 * nor shares its memory with what anybody may have put there.
 */
const mostBytes = 2 ** 23;

interface Stamp {
  /** Times and sizes of the files that an entry is made from. */
  readonly stamp: string;
  /** When the last of them changed, ms since 1970. */
  readonly changed: number;
  /** Whether a training has claimed it. */
  readonly running: boolean;
}

interface Known {
  readonly entry: ListedRun;
  /** As it was read; only what has another one is read again. */
  readonly stamp: string;
}

/** The runs in a folder, finished ones and those that a training is writing. Each is known to the page by a number alone. */
export class RunsFolder {
  readonly #folder: string;
  readonly #names: (() => string[]) | undefined;
  readonly #known = new Map<string, Known>();
  #ids = 0;
  #entries: readonly ListedRun[] = [];

  /** @param folder of runs, or a run's own */
  constructor(folder: string) {
    const isRun = existsSync(runPath(folder, 'config'));
    this.#folder = isRun ? dirname(resolve(folder)) : folder;
    if (isRun) this.#names = () => [basename(resolve(folder))];
  }

  /** As of the last `look`. */
  get entries(): readonly ListedRun[] {
    return this.#entries;
  }

  /**
   * Looks again; true if anything has changed.
   * @param except the directory of a run that is left out
   * @param longest after so many ms no further run is read: the next looks go on. One is always read.
   */
  look(except?: string, longest = Number.POSITIVE_INFINITY): boolean {
    const until = performance.now() + longest;
    const all = (this.#names ?? (() => runNames(this.#folder)))();
    const names = all.filter(
      (name) => except === undefined || resolve(this.#folder, name) !== resolve(except),
    );
    let hasRead = false;
    const entries = names.flatMap((name) => {
      const stats = stampOf(join(this.#folder, name));
      const known = this.#known.get(name);
      if (known?.stamp === stats.stamp) return known.entry;
      if (hasRead && performance.now() > until) return known?.entry ?? [];
      hasRead = true;
      return this.#read(name, stats);
    });
    for (const name of this.#known.keys()) if (!names.includes(name)) this.#known.delete(name);
    const isSame =
      entries.length === this.#entries.length && entries.every((entry, i) => entry === this.#entries[i]);
    this.#entries = entries;
    return !isSame;
  }

  /** Curves of the run that `look` gave this number; undefined where there is none, or none that can be read. */
  curves(id: number): Curves | undefined {
    const entry = this.#entries.find((entry) => entry.id === id);
    if (entry === undefined) return undefined;
    try {
      return read(join(this.#folder, entry.folder)).curves;
    } catch {
      return undefined; // the next look says why
    }
  }

  #read(folder: string, { stamp, changed, running }: Stamp): ListedRun {
    const known = this.#known.get(folder)?.entry;
    const [id, version] = [known?.id ?? this.#ids++, (known?.version ?? 0) + 1];
    const entry = { id, folder, version, changed, ...contentOf(join(this.#folder, folder), running) };
    this.#known.set(folder, { entry, stamp });
    return entry;
  }
}

/** Folders in `folder` that hold a config, by name. */
function runNames(folder: string): string[] {
  let found: Dirent[];
  try {
    found = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there yet, or gone
  }
  return found
    .filter((entry) => entry.isDirectory() && existsSync(runPath(join(folder, entry.name), 'config')))
    .map(({ name }) => name)
    .sort()
    .slice(-mostRuns);
}

function stampOf(path: string): Stamp {
  const stats = (['config', 'metrics', 'summary'] as const).map((file) => statOf(runPath(path, file)));
  const running = seemsClaimed(path);
  return {
    running,
    stamp: [
      running,
      ...stats.map((stat) => (stat === undefined ? '-' : `${stat.mtimeMs}/${stat.size}`)),
    ].join(),
    changed: Math.max(0, ...stats.map((stat) => stat?.mtimeMs ?? 0)),
  };
}

/** undefined where there is no such file, or it may not be seen. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string): { run: SavedRun; curves: Curves } {
  const run = openRun(path, mostBytes);
  return { run, curves: curvesOf(run.epochs) };
}

function contentOf(path: string, running: boolean): Omit<ListedRun, 'id' | 'folder' | 'version' | 'changed'> {
  try {
    const { run, curves } = read(path);
    const { summary } = run;
    return {
      status: running ? 'running' : (summary?.status ?? 'cut off'),
      fault: null,
      name: run.config.name,
      epochs: curves.epoch.length,
      allEpochs: run.config.training.epochs,
      trainLossWith: trainLossExtras(run.config),
      bestTop1: largest(curves.validationTop1),
      testTop1: summary?.final?.test.top1 ?? null,
      seconds: curves.seconds.reduce((sum, seconds) => sum + seconds, 0),
      imagesPerSecond: summary?.imagesPerSecond.median ?? median(curves.imagesPerSecond),
    };
  } catch (error) {
    const none = {
      name: null,
      epochs: 0,
      allEpochs: 0,
      trainLossWith: [],
      bestTop1: null,
      testTop1: null,
      seconds: 0,
      imagesPerSecond: null,
    };
    return { status: 'damaged', fault: (error as Error).message, ...none };
  }
}

const largest = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
