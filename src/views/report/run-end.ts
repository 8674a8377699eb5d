import { existsSync } from 'node:fs';
import { readWholeFile } from '../../files/open-file.js';
import { runPath } from '../../runs/directory.js';
import { whyEnded } from '../../runs/ending.js';
import type { SavedRun } from '../../runs/saved-run.js';

/** Notes for the top of the report where the run did not come to its last epoch. */
export function endOf({ directory, config, epochs, summary }: SavedRun): string[] {
  if (summary?.status === 'completed') {
    const why = summary.end && whyEnded(summary.end, config);
    return why ? [`The run ${why}.`] : [];
  }
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

/** Of a log: some 100,000 epochs. */
const mostBytes = 2 ** 26;

/** The last error in the run's log. */
function lastError(directory: string): string | undefined {
  const path = runPath(directory, 'log');
  if (!existsSync(path)) return undefined;
  try {
    const line = readWholeFile(path, mostBytes, { links: false })
      .toString()
      .split('\n')
      .findLast((text) => text.includes('"event":"error"'));
    return line === undefined ? undefined : String((JSON.parse(line) as { msg?: unknown }).msg);
  } catch {
    // The log is cut off, or is not one: the page leaves the error out.
    return undefined;
  }
}
