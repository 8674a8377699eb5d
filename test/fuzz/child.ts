import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { requireOutcome, type Target } from './target.js';
import { targets } from './targets.js';
import type { Job } from './watch.js';

/** The process in which a target is tried: one case after the other, and what was found, to the process that watches. */

const [job, root] = [JSON.parse(process.argv[2]!) as Job, process.argv[3]!];
const folder = join(root, 'case');
let runs = 0;
/** A rejection that nobody waits for, of the case that is tried. */
let unhandled: unknown;
process.on('unhandledRejection', (reason) => {
  unhandled = reason ?? new Error('rejected with nothing');
});

process.chdir(folder);
const target = await targets[job.target as keyof typeof targets]();
const failure = job.only === undefined ? await tryMany(target) : await tryOne(target, job.only);
process.send!({ runs, peak: process.resourceUsage().maxRSS * 1024, failure }, () => process.exit());

async function tryMany(target: Target) {
  const cases = await target.cases();
  clear(); // of what it took to make them
  const property = fc.asyncProperty(cases, (input) => tryCase(target, input));
  const numRuns = Math.ceil(job.runs / (target.oneIn ?? 1));
  const result = await fc.check(property, { seed: job.seed, numRuns, endOnFailure: false });
  if (!result.failed) return undefined;
  const [input] = result.counterexample!;
  return { what: traceOf(result.errorInstance), input: textOf(input) };
}

async function tryOne(target: Target, input: string) {
  try {
    await tryCase(target, deserialize(Buffer.from(input, 'base64')));
    return undefined;
  } catch (error) {
    return { what: traceOf(error), input };
  }
}

async function tryCase(target: Target, input: unknown): Promise<void> {
  runs++;
  writeFileSync(join(root, 'current'), `${runs}\n${textOf(input)}`);
  const before = besides();
  try {
    await requireOutcome(() => target.run(input, folder));
    if (unhandled !== undefined) throw unhandled;
    assert.equal(besides(), before, 'something changed outside of the folder');
  } finally {
    unhandled = undefined;
    clear();
  }
}

function clear(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  process.chdir(folder);
}

/** What lies beside the folder of the case. */
function besides(): unknown {
  const of = (path: string) => readdirSync(path).map((name) => [name, statSync(join(path, name)).ino]);
  return [
    of(root).filter(([name]) => name !== 'case' && name !== 'current'),
    of(join(root, 'beside')),
    readFileSync(join(root, 'beside', 'secret.txt'), 'utf8'),
  ];
}

function textOf(input: unknown): string {
  return serialize(input).toString('base64');
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
