import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median } from '../timer.js';
import { readJob, say } from './serve.js';

/**
 * lockstep's program for distributed training: a turn is the command itself, alone or under mpirun, for some epochs over the whole
 * dataset. Its answer is their median, by the speed that the run's metrics tell; the first epoch warms up.
 */

const epochs = 4;
const train = fileURLToPath(new URL('../../train.js', import.meta.url));
const { config, options } = readJob();
const folder = mkdtempSync(join(tmpdir(), 'lockstep-command-'));
const configFile = join(folder, 'config.json');
writeFileSync(configFile, JSON.stringify(config));
let turns = 0;

/** A line of the run's metrics.jsonl, as far as it is read here. */
interface Metrics {
  readonly train: { readonly samples: number; readonly loss: number };
  readonly imagesPerSecond: number;
}

try {
  say({ kind: 'ready', version: `Node ${process.versions.node}` });
  for await (const _ of createInterface({ input: process.stdin })) {
    const measured = (await runCommand(join(folder, `run-${++turns}`))).slice(1);
    const { samples, loss } = measured.at(-1)!.train;
    say({ samples, loss, seconds: samples / median(measured.map((epoch) => epoch.imagesPerSecond)) });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function runCommand(out: string): Promise<Metrics[]> {
  const [file, ...before] = [...(options.launcher ?? []), process.execPath];
  const flags = ['--config', configFile, '--threads', `${options.threads}`, '--epochs', `${epochs}`];
  // A command that took no part would be measured alone otherwise.
  if (options.launcher !== undefined) flags.push('--distributed', 'mpi');
  const args = [...before, train, ...flags, '--out', out, '--quiet'];
  const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${errors.slice(-2000)}`);
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
  rmSync(out, { recursive: true });
  return lines.map((line) => JSON.parse(line) as Metrics);
}
