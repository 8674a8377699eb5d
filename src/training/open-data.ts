import type { DataConfig } from '../config/schema.js';
import type { PackedDataset } from '../data/dataset.js';
import { openDataset } from '../data/open.js';
import type { Source } from '../data/source.js';
import { defaultThreads } from '../platform/threads.js';
import type { Reporter } from '../runs/reporter.js';

/** A config's dataset, packed on all cores where it is not yet; progress and warnings go to the reporter. As `openDataset`. */
export const openReported = (
  data: DataConfig,
  source: Source | undefined,
  reporter: Reporter,
): Promise<PackedDataset> =>
  openDataset(data, {
    threads: defaultThreads(),
    onProgress: (progress) => reporter.dataProgress(progress),
    source,
    onWarning: (message) => reporter.warning(message),
  });
