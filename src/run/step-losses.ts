import { appendFileSync, existsSync, statSync, truncateSync } from 'node:fs';
import { dataError } from '../data/faults.js';
import { readWholeFile } from '../files/open-file.js';
import { unwritable } from '../files/unwritable.js';
import { bytesOf } from '../tensors/safetensors.js';
import { runPath } from './directory.js';

/** A run's `step-losses.f64`: the loss of each step since the first, float64. */

const lossBytes = Float64Array.BYTES_PER_ELEMENT;

/** Adds the losses of steps that follow those in the file. */
export function appendStepLosses(directory: string, losses: Float64Array): void {
  const path = runPath(directory, 'stepLosses');
  try {
    appendFileSync(path, bytesOf(losses));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Leaves the losses of the first `steps` steps: a resumed run's file may hold some that its checkpoint does not, the last one cut off.
 * @throws UserError (exit code data) where it does not hold so many: those that follow would seem to be of other steps
 */
export function keepStepLosses(directory: string, steps: number): void {
  const path = runPath(directory, 'stepLosses');
  requireStepLosses(directory, readStepLosses(directory), steps);
  try {
    appendFileSync(path, '');
    if (statSync(path).size > steps * lossBytes) truncateSync(path, steps * lossBytes);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** @throws UserError (exit code data) where `losses`, the run's, are not those of `steps` steps at least */
export function requireStepLosses(directory: string, losses: Float64Array, steps: number): void {
  if (losses.length >= steps) return;
  throw dataError(
    `${runPath(directory, 'stepLosses')} holds the losses of ${losses.length} steps, and the run has done ${steps}; it has been changed since`,
  );
}

/**
 * Of each step that is in the file; none where there is no file. A last one that was cut off is left aside.
 * @throws UserError (exit code data) where it cannot be read
 */
export function readStepLosses(directory: string): Float64Array {
  const path = runPath(directory, 'stepLosses');
  if (!existsSync(path)) return new Float64Array(0);
  let bytes: Buffer;
  try {
    bytes = readWholeFile(path);
  } catch (error) {
    throw dataError(`${path} cannot be read: ${(error as Error).message}`);
  }
  const whole = bytes.length - (bytes.length % lossBytes);
  return new Float64Array(Uint8Array.from(bytes.subarray(0, whole)).buffer);
}
