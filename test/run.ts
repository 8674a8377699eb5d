import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** Runs every test file, or those whose path matches the argument, as many at a time as there are cores, each in its own process. */

const root = fileURLToPath(new URL('.', import.meta.url));
const pattern = new RegExp(process.argv[2] ?? '');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && pattern.test(file))
  .sort()
  .map((file) => join(root, file));
const totals = { passed: 0, skipped: 0, total: 0 };
const failed: string[] = [];

async function work(queue: Iterator<string>): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const began = performance.now();
    const { code, said } = await run(next.value);
    const plain = stripVTControlCharacters(said);
    const count = (what: string) => Number(new RegExp(`^ {2}${what}: +(\\d+)`, 'm').exec(plain)?.[1] ?? 0);
    totals.total += count('Total');
    totals.passed += count('Passed');
    totals.skipped += count('Skipped');
    const name = relative(root, next.value);
    const isGood = code === 0 && count('Total') > 0 && count('Total') === count('Passed') + count('Skipped');
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${isGood ? 'ok    ' : 'FAILED'}  ${seconds.padStart(5)} s  ${name}`);
    if (isGood) continue;
    failed.push(name);
    console.log(said);
  }
}

function run(file: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
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
console.log(`\n  Total:     ${totals.total}\n  Passed:    ${totals.passed}\n  Skipped:   ${totals.skipped}`);
if (failed.length > 0) console.log(`  failed:    ${failed.join(', ')}`);
process.exitCode = failed.length === 0 && files.length > 0 ? 0 : 1;
