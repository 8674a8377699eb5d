import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { printTable, show, type Table } from '../table.js';
import { contestantsOf } from './contestants.js';
import { type Effort, measure, type Row } from './measure.js';
import { workloads } from './workloads.js';

/**
 * npm run bench:peers -- [options] [PATH]
 *
 * Measures whole epochs of lockstep, PyTorch, TensorFlow.js and jax-js, whichever are installed, alternately; prints a table for
 * each workload and writes the same as JSON to PATH.
 */

const usage = `npm run bench:peers -- [options] [PATH]
  PATH              where the figures go; default bench-peers.json
  --node FILE       a Node that runs lockstep, default this one; may be repeated. The last runs the JavaScript peers
  --threads N       of lockstep; default 2
  --python FILE     a Python that has torch; default python3
  --node-peers DIR  a folder with @tensorflow/tfjs, @tensorflow/tfjs-backend-wasm, @jax-js/jax; default this
  --rounds N        turns of each; default 7
  --only NAME       a workload; may be repeated
  --peer NAME       lockstep, PyTorch, TensorFlow.js or jax-js; may be repeated
  --quick           a tenth of the samples, 2 rounds: to see that it runs`;

const { values, positionals } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [process.execPath] },
    threads: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' },
    'node-peers': { type: 'string', default: '.' },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const thorough: Effort = { rounds: 7, turn: 0.5, longest: 5, patience: 240 };
const quick: Effort = { rounds: 2, turn: 0, longest: 0.3, patience: 10 };
const base = values.quick ? quick : thorough;
const effort = { ...base, rounds: positive('rounds', values.rounds ?? `${base.rounds}`) };
const path = positionals[0] ?? 'bench-peers.json';
const where = {
  nodes: values.node,
  threads: positive('threads', values.threads),
  python: values.python,
  nodePeers: values['node-peers'],
};
const chosen = choose();
const wanted = ({ peer }: { peer: string }) =>
  values.peer?.some((name) => name.toLowerCase() === peer.toLowerCase()) ?? true;

const machine = {
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  platform: `${process.platform} ${process.arch}`,
};
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.platform}`);

const results = [];
for (const workload of chosen) {
  const rows = await measure(workload, contestantsOf(workload, where).filter(wanted), effort);
  printTable(`${workload.title}: medians of ${effort.rounds} turns, alternately`, rows.map(line));
  const { name, title, training, config } = workload;
  results.push({ name, title, training, batchSize: config.training.batchSize, rows });
  // After each, so that what was measured stays if a later one is stopped.
  writeFileWhole(
    path,
    `${JSON.stringify({ machine, quick: values.quick, effort, workloads: results }, null, 2)}\n`,
  );
}
console.log(`\nThe figures are in ${path}.`);

function line(row: Row): Table[number] {
  const { imagesPerSecond: speed, range, ratio } = row;
  return {
    peer: row.peer,
    variant: row.variant,
    version: row.version ?? '-',
    'images/s': speed === undefined ? '-' : show(speed),
    'slowest to fastest': range === undefined ? '-' : `${show(range[0])} to ${show(range[1])}`,
    'of PyTorch': ratio === undefined ? '-' : `${ratio.toFixed(2)} x`,
    note: row.note ?? '',
  };
}

function choose() {
  const all = workloads(values.quick);
  const names = all.map(({ name }) => name);
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) fail(`--only ${unknown}: expected one of ${names.join(', ')}`);
  return all.filter(({ name }) => values.only?.includes(name) ?? true);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    fail(`--${option} ${text}: expected an integer of 1 or more`);
  return value;
}

function fail(message: string): never {
  console.error(`error: ${message}\n\n${usage}`);
  process.exit(2);
}
