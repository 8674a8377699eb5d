import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { readResult } from './support/result.js';

/**
 * run.js [--quick] [PATTERN]
 *
 * Runs every test file, or those whose path matches, as many at a time as there are cores, each in its own process. `--quick` leaves out
 * the rooms whose tests start commands and other processes, which take most of the time.
 */

const slow = /^(?:cli|examples|fuzz|kill|matrix|mpi|pages|platform|profile)\//;

/** A test file hangs after this, ms. */
const longest = 3_600_000;
const root = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' } },
  allowPositionals: true,
});
const pattern = new RegExp(positionals[0] ?? '');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && pattern.test(file))
  .filter((file) => values.quick !== true || !slow.test(file))
  .sort()
  .map((file) => join(root, file));
const totals = { passed: 0, failed: 0, skipped: 0 };
/** Of what was missing, how many tests needed it. */
const missing = new Map<string, number>();
const failed: string[] = [];

async function work(queue: Iterator<string>): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const began = performance.now();
    const { code, said } = await run(next.value);
    const result = readResult(code, stripVTControlCharacters(said));
    for (const key of ['passed', 'failed', 'skipped'] as const) totals[key] += result[key];
    for (const what of result.missing) missing.set(what, (missing.get(what) ?? 0) + 1);
    const name = relative(root, next.value);
    const isGood = result.failed === 0;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${isGood ? 'ok    ' : 'FAILED'}  ${seconds.padStart(5)} s  ${name}`);
    if (isGood) continue;
    failed.push(name);
    console.log(said);
  }
}

function run(file: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longest,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

const queue = files.values();
await Promise.all(Array.from({ length: availableParallelism() }, () => work(queue)));
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
const reasons = [...missing].map(([what, count]) => `${what} (${count})`);
if (reasons.length > 0) console.log(`\nskipped for want of: ${reasons.join(', ')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = failed.length === 0 && files.length > 0 ? 0 : 1;
