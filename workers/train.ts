import { workerData } from 'node:worker_threads';
import { answering } from '#lockstep/platform/answer.js';
import { nodeFiles } from '#lockstep/platform/node-files.js';
import { Recorder } from '#lockstep/profile/recorder.js';
import type { WorkerResult, WorkerSetup, WorkerTask } from '#lockstep/runtime/setup.js';
import { TracedWorker } from '#lockstep/runtime/traced-worker.js';
import { Worker } from '#lockstep/runtime/worker.js';

/** A thread of the training pool. It keeps a worker for each rank whose tasks it has run. */
const setup = workerData as WorkerSetup;
const workers = new Map<number, Worker>();

export default answering(({ rank, phase }: WorkerTask): WorkerResult => {
  let worker = workers.get(rank);
  if (worker === undefined) {
    worker = workerOf(rank);
    workers.set(rank, worker);
  }
  return worker.run(phase);
});

function workerOf(rank: number): Worker {
  const { trace } = setup;
  if (trace === undefined) return new Worker(setup, rank, nodeFiles);
  return new TracedWorker(setup, rank, nodeFiles, new Recorder(trace[rank]!));
}
