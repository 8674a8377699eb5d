import { workerData } from 'node:worker_threads';
import { answering } from '#lockstep/platform/answer.js';
import { tracedWorker } from '#lockstep/profile/traced-worker.js';
import type { WorkerResult, WorkerSetup, WorkerTask } from '#lockstep/runtime/setup.js';
import type { Worker } from '#lockstep/runtime/worker.js';

/** A thread of the training pool while `lockstep profile` looks on: what `train.ts` does, and a record of it. */
const setup = workerData as WorkerSetup & Required<Pick<WorkerSetup, 'trace'>>;
const workers = new Map<number, Worker>();

export default answering(({ rank, phase }: WorkerTask): WorkerResult => {
  let worker = workers.get(rank);
  if (worker === undefined) {
    worker = tracedWorker(setup, rank, setup.trace[rank]!);
    workers.set(rank, worker);
  }
  return worker.run(phase);
});
