import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { withClasses } from '../../config/resolve.js';
import type { CompleteConfig, ResolvedConfig } from '../../config/resolved.js';
import { ExitCode, UserError } from '../../errors.js';
import { isClaimed } from '../../files/claim.js';
import { wireLayers } from '../../graph/wiring.js';
import { numericsVersion } from '../../numerics/version.js';
import { isUnbegun, runPath } from '../../runs/directory.js';
import { openRun, type SavedRun } from '../../runs/saved-run.js';
import { readSafetensorsHeader } from '../../tensors/safetensors.js';
import type { EndedRun } from './candidate.js';

/** Finding runs that exist already. */

/** @throws UserError (exit code usage) where the directory holds no run, or one that has not ended */
export function openEnded(directory: string): EndedRun {
  const ended = endedOf(openRun(directory));
  if (ended !== undefined) return ended;
  throw new UserError(
    `${directory} holds a run that has not ended; it can be compared when it has`,
    ExitCode.usage,
  );
}

/** A directory for one training in `out`. */
export interface Place {
  readonly directory: string;
  /** Its run, if that has ended. */
  readonly run: EndedRun | undefined;
  /** Its run, if that can be resumed. */
  readonly interrupted: SavedRun | undefined;
}

/**
 * The run of exactly this config (where its number of classes is open, of any number) in `out/name`, `out/name-2`, ..., if one has ended or
 * was interrupted; or else the first of these that is free. So runs of other configs and those that another process is at stay as they are.
 * @param epochs that the run may have, in place of the config's
 */
export async function findPlace(
  out: string,
  name: string,
  config: CompleteConfig,
  onWait: (note: string) => void,
  epochs: readonly number[] = [config.training.epochs],
): Promise<Place> {
  for (let number = 1; ; number++) {
    const directory = join(out, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(directory)) return { directory, run: undefined, interrupted: undefined };
    if (!existsSync(runPath(directory, 'config'))) {
      if (!isUnbegun(directory) || (await isClaimed(directory, { onWait }))) continue;
      return { directory, run: undefined, interrupted: undefined };
    }
    const saved = openRun(directory);
    if (!epochs.some((epochs) => isOf(saved.config, withEpochs(config, epochs)))) continue;
    const run = endedOf(saved);
    if (run?.summary.numericsVersion === numericsVersion) return { directory, run, interrupted: undefined };
    if (run === undefined && (await canGoOn(directory, onWait)))
      return { directory, run, interrupted: saved };
  }
}

export const withEpochs = (config: CompleteConfig, epochs: number): CompleteConfig => ({
  ...config,
  training: { ...config.training, epochs },
});

function isOf(saved: ResolvedConfig, config: CompleteConfig): boolean {
  const widths = wireLayers(saved.model.layers).flatMap(({ config }) =>
    config.type === 'dense' ? [config.outFeatures] : [],
  );
  return isDeepStrictEqual(saved, withClasses(config, widths.at(-1) ?? 0));
}

/** Whether there is a checkpoint of this version's arithmetic, and nobody else at work. */
async function canGoOn(directory: string, onWait: (note: string) => void): Promise<boolean> {
  if (await isClaimed(directory, { onWait })) return false;
  try {
    const { metadata } = readSafetensorsHeader(runPath(directory, 'checkpoint'), { links: false });
    return metadata['numericsVersion'] === String(numericsVersion);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function endedOf({ directory, config, epochs, summary }: SavedRun): EndedRun | undefined {
  if (summary?.status !== 'completed' && summary?.status !== 'failed') return undefined;
  return { directory, config, epochs, summary };
}
