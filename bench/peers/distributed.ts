import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { printTable, show } from '../table.js';
import { type Contestant, pythonEnvironment, source } from './contestants.js';
import { type Effort, measure, type Row } from './measure.js';
import { classes, shipped, type Workload } from './workloads.js';

/**
 * npm run bench:distributed -- [options] [PATH]
 *
 * Two ranks of one thread against one process of two threads, on one machine, in turns, and against PyTorch's DistributedDataParallel
 * with Gloo and an all-reduce by mpi4py, two processes of one thread. Prints a table for each network and batch, and writes JSON to PATH.
 */

const usage = `npm run bench:distributed -- [options] [PATH]
  PATH           where the figures go; default bench-distributed.json
  --mpirun FILE  a launcher, Open MPI's or MPICH's; default mpirun
  --python FILE  a Python that has torch, and mpi4py of the launcher's MPI; default python3
  --rounds N     turns of each; default 7
  --batch N      a batch; may be repeated; default 64, 256 and 1024
  --only NAME    lenet5 or improved
  --quick        few samples, 2 rounds: to see that it runs`;

const { values, positionals } = parseArgs({
  options: {
    mpirun: { type: 'string', default: 'mpirun' },
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string' },
    batch: { type: 'string', multiple: true, default: ['64', '256', '1024'] },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const thorough: Effort = { rounds: 7, turn: 0.5, longest: 60, patience: 240 };
const quick: Effort = { rounds: 2, turn: 0, longest: 60, patience: 240 };
const base = values.quick ? quick : thorough;
const effort = { ...base, rounds: Number(values.rounds ?? base.rounds) };
const path = positionals[0] ?? 'bench-distributed.json';
const perClass = values.quick ? 48 : 500;
const launcher = launcherOf(values.mpirun);
const contestants = contestantsHere();

const machine = {
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  mpi: launcher.name,
};
console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.mpi}`);

const results = [];
const folder = mkdtempSync(join(tmpdir(), 'lockstep-distributed-'));
try {
  for (const workload of workloadsIn(join(folder, 'shapes'))) {
    const rows = await measure(workload, contestants, effort);
    printTable(`${workload.title}: medians of ${effort.rounds} turns, alternately`, linesOf(rows));
    results.push({ name: workload.name, batchSize: workload.config.training.batchSize, rows });
    const text = JSON.stringify({ machine, quick: values.quick, effort, workloads: results }, null, 2);
    writeFileWhole(path, `${text}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\nThe figures are in ${path}.`);

/** The launcher with options for two ranks that no core is chosen for: they share out the machine's as the threads of one process do. */
function launcherOf(file: string) {
  const { stdout, error } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  if (error) fail(`--mpirun ${file}: ${error.message}; install Open MPI or MPICH`);
  const isOpenMpi = stdout.includes('Open MPI') || stdout.includes('OpenRTE');
  const version = /(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? 'of an unknown version';
  const name = `${isOpenMpi ? 'Open MPI' : 'MPICH'} ${version}`;
  const asRoot = isOpenMpi && process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  const options = isOpenMpi ? ['--bind-to', 'none', ...asRoot] : ['-bind-to', 'none'];
  return { name, command: [file, '-n', '2', ...options] };
}

function contestantsHere(): Contestant[] {
  const [mpirun, ...ranks] = launcher.command;
  const lockstep = (variant: string, options: Contestant['options']): Contestant => ({
    peer: 'lockstep',
    variant,
    command: {
      file: process.execPath,
      args: [fileURLToPath(new URL('./lockstep-command.js', import.meta.url))],
    },
    options,
  });
  const env = pythonEnvironment(1);
  const layouts = ['NCHW', 'NHWC'] as const;
  return [
    lockstep('1 process x 2 threads', { threads: 2 }),
    lockstep('2 ranks x 1 thread', { threads: 1, launcher: launcher.command }),
    ...layouts.map(
      (layout): Contestant => ({
        peer: 'PyTorch',
        variant: `DDP, Gloo, 2 x 1, ${layout}`,
        command: { file: values.python, args: [source('pytorch.py')], env },
        options: { threads: 1, layout, processes: 2 },
      }),
    ),
    ...layouts.map(
      (layout): Contestant => ({
        peer: 'PyTorch',
        variant: `mpi4py, 2 x 1, ${layout}`,
        command: { file: mpirun!, args: [...ranks, values.python, source('pytorch_mpi.py')], env },
        options: { threads: 1, layout },
      }),
    ),
  ];
}

function workloadsIn(pictures: string): Workload[] {
  const networks = [
    { name: 'lenet5', title: 'LeNet-5' },
    { name: 'improved', title: 'Improved' },
  ] as const;
  const data = [
    `data.dir=${pictures}`,
    `data.generate.trainPerClass=${perClass}`,
    'data.generate.validationPerClass=1',
    'data.generate.testPerClass=1',
  ];
  return values.batch.flatMap((batch) =>
    networks
      .filter(({ name }) => values.only === undefined || name === values.only)
      .map(({ name, title }) => ({
        name,
        title: `${title}, batch ${batch}`,
        config: shipped(name, Number(batch), ...data),
        training: true,
        samples: perClass * classes,
      })),
  );
}

function linesOf(rows: readonly Row[]) {
  const alone = rows[0]?.imagesPerSecond;
  return rows.map(({ peer, variant, imagesPerSecond: speed, range, ratio, note }) => ({
    peer,
    variant,
    'images/s': speed === undefined ? '-' : show(speed),
    'slowest to fastest': range === undefined ? '-' : `${show(range[0])} to ${show(range[1])}`,
    'of 1 process': speed === undefined || alone === undefined ? '-' : `${(speed / alone).toFixed(2)} x`,
    'of PyTorch': ratio === undefined ? '-' : `${ratio.toFixed(2)} x`,
    note: note ?? '',
  }));
}

function fail(message: string): never {
  console.error(`error: ${message}\n\n${usage}`);
  process.exit(2);
}
