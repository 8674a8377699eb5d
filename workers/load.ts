import { workerData } from 'node:worker_threads';
import { Loader, type LoaderSetup } from '#lockstep/engine/loader.js';
import type { Phase } from '#lockstep/engine/phase.js';

/** A thread that reads samples ahead, where the dataset is larger than the memory. */
const loader = new Loader(workerData as LoaderSetup);

export default function load(phase: Phase): string | undefined {
  return loader.run(phase);
}
