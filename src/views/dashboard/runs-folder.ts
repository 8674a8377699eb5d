import { type Dirent, existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { seemsClaimed } from '../../files/claim.js';
import { runPath } from '../../runs/directory.js';
import { openRun, type SavedRun } from '../../runs/saved-run.js';
import { median } from '../../runs/summary.js';
import { trainLossExtras } from '../../runs/train-loss.js';
import { type Curves, curvesOf } from './curves.js';
import type { ListedRun } from './listed-run.js';

/** Largest number of runs shown: the last by name, since names end with the time. */
const mostRuns = 500;
/**
 * Largest file of a run that is read, bytes: about 20,000 epochs of metrics. Files are read between two parts of a training, which must
 * not wait long, nor lose memory to a large foreign file.
 */
const mostBytes = 2 ** 23;

interface Stamp {
  /** Times and sizes of the run's files. */
  readonly stamp: string;
  /** Time of the last change, ms since 1970. */
  readonly changed: number;
  /** Whether a training has claimed the run. */
  readonly running: boolean;
}

interface Known {
  readonly entry: ListedRun;
  /** The stamp when the run was read. It is read again only when its stamp differs. */
  readonly stamp: string;
}

/** The runs in a folder, finished or still being written. The page identifies a run only by a number. */
export class RunsFolder {
  readonly #folder: string;
  readonly #names: (() => string[]) | undefined;
  readonly #known = new Map<string, Known>();
  #ids = 0;
  #entries: readonly ListedRun[] = [];

  /** @param folder a folder of runs, or the directory of a single run */
  constructor(folder: string) {
    const isRun = existsSync(runPath(folder, 'config'));
    this.#folder = isRun ? dirname(resolve(folder)) : folder;
    if (isRun) this.#names = () => [basename(resolve(folder))];
  }

  /** The runs, as of the last `look`. */
  get entries(): readonly ListedRun[] {
    return this.#entries;
  }

  /**
   * Looks at the folder again. Returns whether anything has changed.
   * @param except the directory of a run to leave out
   * @param longest time, ms, after which no further run is read; the next look continues. At least one run is read.
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

  /** The curves of the run with this number; undefined if there is none, or it cannot be read. */
  curves(id: number): Curves | undefined {
    const entry = this.#entries.find((entry) => entry.id === id);
    if (entry === undefined) return undefined;
    try {
      return read(join(this.#folder, entry.folder)).curves;
    } catch {
      return undefined; // the next `look` reports the reason
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

/** Names of the folders in `folder` that hold a config, sorted. */
function runNames(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // the folder does not exist yet, or any more
  }
  return entries
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

/** undefined where the file does not exist or is not accessible. */
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
