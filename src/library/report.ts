import { defaultThreads } from '../platform/threads.js';
import type { SavedRun } from '../runs/saved-run.js';
import { writeReport } from '../views/report/write-report.js';

/** As `Run.report`. */
export async function reportRun(run: SavedRun): Promise<string> {
  const { page } = await writeReport(run, {
    split: 'test',
    choice: 'best',
    threads: defaultThreads(),
    plots: false,
    data: undefined,
    out: undefined,
  });
  return page;
}
