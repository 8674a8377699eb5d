import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ResolvedConfig } from '../config/resolve.js';
import { numericsVersion } from '../engine/numerics.js';
import { ExitCode, UserError } from '../errors.js';
import { runPath } from '../run/directory.js';
import { openRun, type SavedRun } from '../run/saved-run.js';
import type { EndedRun } from './entry.js';

/** Runs that are there already. */

/** @throws UserError (exit code usage) where the directory holds no run, or one that has not ended */
export function openEnded(directory: string): EndedRun {
  const ended = endedOf(openRun(directory));
  if (ended !== undefined) return ended;
  throw new UserError(
    `${directory} holds a run that has not ended; it can be compared when it has`,
    ExitCode.usage,
  );
}

/** A place for a training of `out`, and the run in it where there is one that ended. */
export interface Place {
  readonly directory: string;
  readonly run: EndedRun | undefined;
}

/**
 * The run of exactly this config in `out/name`, `out/name-2`, ..., if one has ended, or else the first of these that is free. So runs
 * of other configs, interrupted ones and those that another process is at stay as they are.
 */
export function findPlace(out: string, name: string, config: ResolvedConfig): Place {
  for (let number = 1; ; number++) {
    const directory = join(out, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(directory)) return { directory, run: undefined };
    const run = existsSync(runPath(directory, 'config')) ? endedOf(openRun(directory)) : undefined;
    if (run !== undefined && isOf(run, config)) return { directory, run };
  }
}

/** Whether training `config` would give this run again. */
const isOf = (run: EndedRun, config: ResolvedConfig): boolean =>
  run.summary.numericsVersion === numericsVersion && isDeepStrictEqual(run.config, config);

function endedOf({ directory, config, epochs, summary }: SavedRun): EndedRun | undefined {
  if (summary?.status !== 'completed' && summary?.status !== 'failed') return undefined;
  return { directory, config, epochs, summary };
}
