import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { toPng } from '#lockstep/views/charts/render.js';
import { renderPanel } from '#lockstep/views/charts/run-curves.js';
import { singleLook } from '#lockstep/views/charts/theme.js';

/**
 * `npm run bench:soak -- MINUTES`: one long training, with all that could hold on to memory switched on, and what is resident of it
 * every 5 s. Linux only. Writes bench-soak.json, .svg and .png.
 */

const minutes = Number(process.argv[2] ?? 60);
const sampleEvery = 5000;
/** Flat from here on, s: until then code is compiled, and the first epoch and checkpoint are made. */
const warm = 60;

const entry = fileURLToPath(new URL('../train.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lockstep-soak-'));
const began = performance.now();
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
const samples: [minutes: number, mebibytes: number][] = [];
const timer = setInterval(() => {
  const bytes = residentOf(child);
  if (bytes !== undefined) samples.push([(performance.now() - began) / 60_000, bytes / 2 ** 20]);
}, sampleEvery);
setTimeout(() => child.kill('SIGINT'), minutes * 60_000);
const code = await new Promise((resolve) => child.on('close', resolve));
clearInterval(timer);

const epochs = readFileSync(join(folder, 'run/metrics.jsonl'), 'utf8').trimEnd().split('\n').length;
rmSync(folder, { recursive: true, force: true });
const steady = samples.filter(([at]) => at * 60 >= warm);
const half = steady.slice(steady.length >> 1);
const mean = (of: typeof samples) => of.reduce((sum, [, value]) => sum + value, 0) / of.length;
const result = {
  minutes,
  epochs,
  exitCode: code,
  mebibytes: {
    smallest: Math.min(...steady.map(([, value]) => value)),
    largest: Math.max(...steady.map(([, value]) => value)),
    firstHalf: mean(steady.slice(0, steady.length >> 1)),
    secondHalf: mean(half),
    slopePerHour: 60 * slopeOf(steady),
  },
  samples,
};
writeFileWhole('bench-soak.json', JSON.stringify(result));
const svg = await renderPanel({
  xAxis: 'minutes of training',
  yAxis: 'resident memory (MiB)',
  range: 'zero',
  curves: [{ name: 'resident', look: singleLook, points: samples }],
});
writeFileWhole('bench-soak.svg', svg);
writeFileWhole('bench-soak.png', await toPng(svg));
const { samples: _, ...figures } = result;
console.log(JSON.stringify(figures, null, 2));

function residentOf({ pid }: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}

/** Of the line of least squares: y a unit of x. */
function slopeOf(points: typeof samples): number {
  const x = points.reduce((sum, [at]) => sum + at, 0) / points.length;
  const y = mean(points);
  const over = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return over / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}
