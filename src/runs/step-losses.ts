import { closeSync, constants, existsSync, ftruncateSync } from 'node:fs';
import { dataError } from '../data/faults.js';
import { openOwnFile, readWholeFile } from '../files/open-file.js';
import { unreadable } from '../files/unreadable.js';
import { unwritable } from '../files/unwritable.js';
import { appendToFile } from '../files/whole-file.js';
import { bytesOf } from '../tensors/safetensors.js';
import { runPath } from './directory.js';

/** A run's `step-losses.f64`: the loss of each step since the first, float64. */

const lossBytes = Float64Array.BYTES_PER_ELEMENT;
/** Of what is read at once: 2^27 steps, a week of 200 a second. */
const mostBytes = 2 ** 30;

/** Adds the losses of steps that follow those in the file; makes the file where there is none. */
export function appendStepLosses(directory: string, losses: Float64Array): void {
  appendToFile(runPath(directory, 'stepLosses'), bytesOf(losses));
}

/**
 * Leaves the losses of the first `steps` steps: a resumed run's file may hold some that its checkpoint does not, the last one cut off.
 * @throws UserError (exit code data) where it does not hold so many: those that follow would seem to be of other steps
 */
export function keepStepLosses(directory: string, steps: number): void {
  const path = runPath(directory, 'stepLosses');
  if (!existsSync(path)) {
    requireStepLosses(directory, 0, steps);
    return;
  }
  let file: number | undefined;
  try {
    const opened = openOwnFile(path, constants.O_RDWR);
    file = opened.file;
    requireStepLosses(directory, Math.floor(opened.size / lossBytes), steps);
    if (opened.size > steps * lossBytes) ftruncateSync(file, steps * lossBytes);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @throws UserError (exit code data) where the run's file holds the losses of fewer than `steps` steps */
export function requireStepLosses(directory: string, found: number, steps: number): void {
  if (found >= steps) return;
  throw dataError(
    `${runPath(directory, 'stepLosses')} holds the losses of ${found} steps, and the run has done ${steps}; it has been changed since`,
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
    bytes = readWholeFile(path, mostBytes, { links: false });
  } catch (error) {
    throw unreadable(path, error);
  }
  // Not copied: what is read as a whole begins at its buffer's begin.
  return new Float64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / lossBytes));
}
