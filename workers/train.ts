import { workerData } from 'node:worker_threads';
import { answering } from '#lockstep/platform/answer.js';
import { nodeFiles } from '#lockstep/platform/node-files.js';
import type { WorkerResult, WorkerSetup, WorkerTask } from '#lockstep/runtime/setup.js';
import { Worker } from '#lockstep/runtime/worker.js';

/** A thread of the training pool: it keeps the worker of each rank that it was ever handed. */
const setup = workerData as WorkerSetup;
const workers = new Map<number, Worker>();

export default answering(({ rank, phase }: WorkerTask): WorkerResult => {
  let worker = workers.get(rank);
  if (worker === undefined) {
    worker = new Worker(setup, rank, nodeFiles);
    workers.set(rank, worker);
  }
  return worker.run(phase);
});
