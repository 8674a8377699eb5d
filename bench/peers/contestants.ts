import { fileURLToPath } from 'node:url';
import type { ProgramOptions } from './job.js';
import type { Command } from './program.js';
import type { Workload } from './workloads.js';

/** What is measured: a program and how it is run. A row of the table. */
export interface Contestant {
  readonly peer: 'lockstep' | 'PyTorch' | 'TensorFlow.js' | 'jax-js';
  readonly variant: string;
  readonly command: Command;
  readonly options: ProgramOptions;
}

/** Where things are, from the command line. */
export interface Installations {
  /** Paths of Node: lockstep runs on each, TensorFlow.js and jax-js on the last. */
  readonly nodes: readonly string[];
  readonly threads: number;
  readonly python: string;
  readonly nodePeers: string;
}

/** Programs in languages that are not compiled stay in the source folder. */
export const source = (name: string) =>
  fileURLToPath(new URL(`../../../bench/peers/programs/${name}`, import.meta.url));

export function contestantsOf(workload: Workload, where: Installations): Contestant[] {
  const layouts =
    workload.config.data.features.type === 'pixels' ? (['NCHW', 'NHWC'] as const) : (['NCHW'] as const);
  // In Node, which has no Web Workers, the JavaScript peers have one thread.
  return [
    ...where.nodes.map((node) => lockstep(node, where.threads)),
    ...layouts.flatMap((layout) => pytorch(where.python, layout, layouts.length > 1)),
    tensorflow('cpu', where),
    tensorflow('wasm', where),
    {
      peer: 'jax-js',
      variant: 'wasm, 1 thread',
      command: { file: where.nodes.at(-1)!, args: [source('jax.mjs')] },
      options: { nodePeers: where.nodePeers },
    },
  ];
}

const lockstep = (node: string, threads: number): Contestant => ({
  peer: 'lockstep',
  variant: threads === 1 ? '1 thread' : `${threads} threads`,
  command: { file: node, args: [fileURLToPath(new URL('./lockstep.js', import.meta.url))] },
  options: { threads },
});

function pytorch(python: string, layout: 'NCHW' | 'NHWC', named: boolean): Contestant[] {
  const ways = [
    { name: '1 thread', threads: 1, processes: 1 },
    { name: '2 threads', threads: 2, processes: 1 },
    { name: '2 processes', threads: 1, processes: 2 },
  ];
  return ways.map(({ name, threads, processes }) => ({
    peer: 'PyTorch',
    variant: named ? `${name}, ${layout}` : name,
    command: {
      file: python,
      args: [source('pytorch.py')],
      env: pythonEnvironment(threads),
    },
    options: { threads, layout, processes },
  }));
}

/** torch.set_num_threads does not reach a BLAS with threads of its own. */
export const pythonEnvironment = (threads: number): Readonly<Record<string, string>> => ({
  OMP_NUM_THREADS: `${threads}`,
  OPENBLAS_NUM_THREADS: `${threads}`,
  MKL_NUM_THREADS: `${threads}`,
  PYTHONDONTWRITEBYTECODE: '1',
});

const tensorflow = (backend: 'cpu' | 'wasm', where: Installations): Contestant => ({
  peer: 'TensorFlow.js',
  variant: `${backend}, 1 thread`,
  command: { file: where.nodes.at(-1)!, args: [source('tfjs.mjs')] },
  options: { backend, nodePeers: where.nodePeers },
});
