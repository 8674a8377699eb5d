import { existsSync, readFileSync } from 'node:fs';
import { runPath } from '../run/directory.js';
import type { SavedRun } from '../run/saved-run.js';

/** How a run ended, where it is not as it should: notes for the report's top. */
export function endOf({ directory, config, epochs, summary }: SavedRun): string[] {
  if (summary?.status === 'completed') return [];
  const done = `${epochs.length} of ${config.training.epochs} epochs are done`;
  if (summary === undefined) {
    return [
      `The run has not ended, or was cut off: ${done}. There is no summary.json, and the test of its end is missing.`,
    ];
  }
  const reason = lastError(directory);
  return [
    `The run has ended as “${summary.status}”: ${done}.${reason === undefined ? '' : ` Its last error: ${reason}`}`,
  ];
}

/** The last error in the run's log. */
function lastError(directory: string): string | undefined {
  const path = runPath(directory, 'log');
  if (!existsSync(path)) return undefined;
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .findLast((text) => text.includes('"event":"error"'));
  if (line === undefined) return undefined;
  try {
    return String((JSON.parse(line) as { msg?: unknown }).msg);
  } catch {
    // Cut off in the middle.
    return undefined;
  }
}
