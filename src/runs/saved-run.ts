import { existsSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { pathText } from '../config/path.js';
import { resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { readWholeFile } from '../files/open-file.js';
import { isOfMachine, unreadable } from '../files/unreadable.js';
import { type RunFile, runPath } from './directory.js';
import { type EpochMetrics, epochMetrics } from './metrics.js';
import { type RunSummary, runSummary } from './summary.js';

/** A run as its directory holds it: finished, failed, still training or cut off. */
export interface SavedRun {
  readonly directory: string;
  readonly config: ResolvedConfig;
  /** The epochs done so far. */
  readonly epochs: readonly EpochMetrics[];
  /** undefined while the run has not ended, or where it was cut off. */
  readonly summary: RunSummary | undefined;
}

/** Of a file of a run, bytes: beyond it, no training has written it, and reading it could take all memory. */
const mostBytes = 2 ** 28;

/**
 * @param most bytes that metrics and summary may have each
 * @throws UserError (exit code usage) where the folder holds no run, or a file of it is damaged
 */
export function openRun(directory: string, most = mostBytes): SavedRun {
  const config = runPath(directory, 'config');
  if (!existsSync(config)) {
    const found = statSync(directory, { throwIfNoEntry: false });
    const why =
      found === undefined
        ? 'there is no such folder'
        : found.isDirectory()
          ? 'it has no config.json'
          : 'it is a file';
    throw new UserError(
      `${directory} is no run directory: ${why}; give one that a training has written, such as runs/NAME-TIME`,
      ExitCode.usage,
      { path: directory },
    );
  }
  return {
    directory,
    config: resolveConfig(loadConfig(config, [], { links: false }), config),
    epochs: readEpochs(directory, most),
    summary: readWhole(directory, 'summary', most, (text) => checked(runSummary, text)),
  };
}

/** The epochs that the run's `metrics.jsonl` holds; none where it is not there. */
export function readEpochs(directory: string, most = mostBytes): EpochMetrics[] {
  const parse = (text: string) =>
    text
      // A line that has no end yet is still being written, or was cut off.
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line, i) => requireEpoch(checked(epochMetrics, line), i + 1));
  return readWhole(directory, 'metrics', most, parse) ?? [];
}

function requireEpoch(metrics: EpochMetrics, epoch: number): EpochMetrics {
  if (metrics.epoch === epoch) return metrics;
  throw new Error(`line ${epoch} is of epoch ${metrics.epoch}`);
}

function checked<T>(schema: z.ZodType<T>, text: string): T {
  const result = schema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues as [z.core.$ZodIssue];
  throw new Error(
    `${pathText(path as (string | number)[])}: ${message}; no training of this version has written it`,
  );
}

/** What a file of the run says; undefined where it is not there. */
function readWhole<T>(
  directory: string,
  file: RunFile,
  most: number,
  parse: (text: string) => T,
): T | undefined {
  const path = runPath(directory, file);
  if (!existsSync(path)) return undefined;
  try {
    return parse(readWholeFile(path, most, { links: false }).toString());
  } catch (error) {
    if (isOfMachine(error)) throw unreadable(path, error);
    const advice =
      file === 'summary'
        ? '. Delete it: the run then counts as one that was cut off, and resuming the run (--resume) makes it again'
        : '';
    throw new UserError(`${path} cannot be read: ${(error as Error).message}${advice}`, ExitCode.usage, {
      cause: error,
      path,
    });
  }
}
