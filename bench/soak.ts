import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ResidentMemory } from './resident.js';

/**
 * `npm run bench:soak -- MINUTES`: one long training, with all that could hold on to memory switched on, and what is resident of it
 * every 5 s. Linux only. Writes bench-soak.json, .svg and .png.
 */

const minutes = Number(process.argv[2] ?? 60);
/** Flat from here on, s. */
const warm = 60;

const entry = fileURLToPath(new URL('../train.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lockstep-soak-'));
const child = spawn(
  process.execPath,
  [
    entry,
    ...['--config', 'configs/tuned/improved.json', '--epochs', '1000000', '--out', join(folder, 'run')],
    ...['--set', 'optimizer.schedule={"type":"constant"}', '--threads', process.argv[3] ?? '2'],
    ...['--dashboard', '--tensorboard', '--checkpoint-every', '30s', '--log-format', 'json'],
  ],
  { stdio: ['ignore', 'ignore', 'ignore'] },
);
const memory = new ResidentMemory(child.pid!);
setTimeout(() => child.kill('SIGINT'), minutes * 60_000);
const exitCode = await new Promise((resolve) => child.on('close', resolve));
memory.stop();

const epochs = readFileSync(join(folder, 'run/metrics.jsonl'), 'utf8').trimEnd().split('\n').length;
rmSync(folder, { recursive: true, force: true });
await memory.write('bench-soak', 'minutes of training', {
  minutes,
  epochs,
  exitCode,
  mebibytes: memory.figures(warm),
});
