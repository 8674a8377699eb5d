import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { targets } from './targets.js';
import { watch } from './watch.js';

/**
 * `npm run fuzz -- [TARGET ...] [--runs N] [--seed N]`: every target, with 10,000 cases each. A case that fails is written to
 * `fuzz-failures/`, and `npm run fuzz -- TARGET --case FILE` tries it alone.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    case: { type: 'string' },
  },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(targets);
const [seed, runs] = [Number(values.seed), Number(values.runs)];
const only = values.case === undefined ? undefined : readFileSync(values.case, 'utf8').trim();
console.log(`seed ${seed}`);
for (const target of chosen) {
  if (!(target in targets))
    throw new Error(`no target ${target}; there are ${Object.keys(targets).join(', ')}`);
  const found = await watch({ target, seed, runs, only });
  const about = `${found.runs} cases, ${found.seconds.toFixed(1)} s, ${Math.round(found.peak / 2 ** 20)} MiB`;
  console.log(`${target.padEnd(14)}${about}${found.failure === undefined ? '' : ': FAILED'}`);
  if (found.failure === undefined) continue;
  mkdirSync('fuzz-failures', { recursive: true });
  const file = join('fuzz-failures', `${target}-${seed}.case`);
  writeFileSync(file, `${found.failure.input}\n`);
  console.log(`${found.failure.what}\nagain: npm run fuzz -- ${target} --case ${file}`);
  process.exitCode = 1;
}
