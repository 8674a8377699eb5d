import { closeSync, existsSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { flushFolder, makeFolder } from '../files/folder.js';
import { isTemporary } from '../files/temporary.js';
import { unwritable } from '../files/unwritable.js';

/** What a run directory holds. */
export const runFiles = {
  /** The config, complete. */
  config: 'config.json',
  /** One line an epoch. */
  metrics: 'metrics.jsonl',
  /** The loss of each step, float64 little-endian: nats, summed over the batch. By it a repetition finds the first step that differs. */
  stepLosses: 'step-losses.f64',
  /** Weights, optimizer state and position: all that a resume needs. */
  checkpoint: 'checkpoint.safetensors',
  /** Weights of the epoch with the best validation, by `training.bestBy`. */
  best: 'best.safetensors',
  /** The final weights: of the last epoch, or the best where early stopping restores them. */
  model: 'model.safetensors',
  summary: 'summary.json',
  curvesSvg: 'curves.svg',
  curvesPng: 'curves.png',
  log: 'log.jsonl',
} as const;

export type RunFile = keyof typeof runFiles;

/** The path of one of a run's files. */
export const runPath = (directory: string, file: RunFile): string => join(directory, runFiles[file]);

/** Where runs go that name no directory. */
export const runsFolder = 'runs';

interface NewRun {
  /** Name of the run: its config's. */
  readonly name: string;
  /** The directory that `--out` asks for; by default `root/NAME-TIMESTAMP`. */
  readonly out?: string | undefined;
  /** Folder of the runs that have no `out`. */
  readonly root?: string;
  readonly now?: Date;
}

/**
 * Makes a directory that belongs to this run alone, and shows that it can be written. Returns its path.
 * @throws UserError: exit code usage when `out` holds something already, environment when it cannot be written.
 */
export function createRunDirectory({ name, out, root = runsFolder, now = new Date() }: NewRun): string {
  if (out !== undefined) {
    make(out);
    if (!take(out)) throw notEmpty(out);
    return out;
  }
  const stem = join(root, `${name}-${timestamp(now)}`);
  for (let number = 1; ; number += 1) {
    const directory = number === 1 ? stem : `${stem}-${number}`;
    if (make(directory) && take(directory)) return directory;
  }
}

/**
 * Only a look, before there is anything to write: the run claims the folder when its data is ready.
 * @throws UserError (exit code usage) where the folder holds anything but what `isUnbegun` describes
 */
export function requireFree(out: string): void {
  if (existsSync(out) && namesIn(out).length > 0 && !isUnbegun(out)) throw notEmpty(out);
}

/**
 * Whether the folder holds nothing but what a run leaves that ended before it had written its config: a log, a claim, files that were
 * never finished. The same command begins there anew.
 */
export function isUnbegun(out: string): boolean {
  if (!existsSync(out)) return false;
  const names = namesIn(out);
  return names.length > 0 && names.every((name) => name === runFiles.log || isTemporary(name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

const notEmpty = (out: string) =>
  new UserError(
    `${out} is not empty; give a folder that is empty or does not exist yet (out, --out)`,
    ExitCode.usage,
    { path: 'out' },
  );

/** `2025-01-31T09-05-00Z`: sorts by time, and has no colon, which Windows does not allow. */
export const timestamp = (now: Date) => `${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z`;

/** Whether the directory is new: of two runs that make the same one, mkdir tells only one so. */
function make(directory: string): boolean {
  makeFolder(dirname(directory));
  try {
    mkdirSync(directory);
    flushFolder(dirname(directory));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unwritable(directory, error);
  }
}

/** Takes an empty directory by making its log. Of two runs that try, one succeeds. */
function take(directory: string): boolean {
  try {
    if (namesIn(directory).length > 0) return false;
    closeSync(openSync(runPath(directory, 'log'), 'wx'));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unwritable(directory, error);
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
