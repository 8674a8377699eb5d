import { workerData } from 'node:worker_threads';
import { loadCode } from '#lockstep/graph/custom-loading.js';
import type { Link } from '#lockstep/mpi/mpi.js';
import { MpiTransport } from '#lockstep/mpi/transport.js';
import { answering } from '#lockstep/platform/answer.js';
import { nodeFiles } from '#lockstep/platform/node-files.js';
import { importModule } from '#lockstep/platform/node-modules.js';
import { Recorder } from '#lockstep/profile/recorder.js';
import type { WorkerResult, WorkerSetup, WorkerTask } from '#lockstep/runtime/setup.js';
import { TracedWorker } from '#lockstep/runtime/traced-worker.js';
import { Worker } from '#lockstep/runtime/worker.js';

/** A thread of the training pool. It keeps the workers whose tasks it has run. */
const sent = workerData as WorkerSetup;
const workers = new Map<number, Worker>();

export default answering(async ({ worker: index, phase }: WorkerTask): Promise<WorkerResult> => {
  let worker = workers.get(index);
  if (worker === undefined) {
    worker = await workerOf(index);
    workers.set(index, worker);
  }
  return worker.run(phase);
});

async function workerOf(index: number): Promise<Worker> {
  const setup = { ...sent, code: await loadCode(sent.config, importModule) };
  const { trace, ranks, memory } = setup;
  const transport =
    index === 0 && ranks !== undefined
      ? await MpiTransport.open(ranks.transport as Link, memory.buffer)
      : undefined;
  if (trace === undefined) return new Worker(setup, index, nodeFiles, transport);
  return new TracedWorker(setup, index, nodeFiles, new Recorder(trace[index]!), transport);
}
