import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hang } from '../support/needing.js';

/** Runs a target in a process of its own, which may hang, crash or take all memory without harm. */

export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  /** One case alone, as a failure gave it. */
  readonly only?: string | undefined;
}

export interface Found {
  /** Cases that were tried. */
  readonly runs: number;
  readonly seconds: number;
  /** Largest resident memory of the process, bytes. */
  readonly peak: number;
  readonly failure?: Failure | undefined;
}

export interface Failure {
  readonly what: string;
  /** `v8.serialize` of the input, base64: `npm run fuzz -- TARGET --case FILE` tries it again. */
  readonly input: string;
}

/** Of one case, ms: some start a few processes, on a machine that many share. */
const longestCase = hang;
/** Of the process, MiB of JavaScript's heap; and bytes of it all. */
const heap = 512;
const mostResident = 1.5 * 2 ** 30;

/** What the process says after the last case. */
type Said = Pick<Found, 'runs' | 'peak' | 'failure'>;

export async function watch(job: Job): Promise<Found> {
  const root = mkdtempSync(join(tmpdir(), 'lockstep-fuzz-'));
  const begun = performance.now();
  try {
    // What a case may write to lies in here; what lies beside it must stay.
    mkdirSync(join(root, 'beside'));
    writeFileSync(join(root, 'beside', 'secret.txt'), 'not yours');
    mkdirSync(join(root, 'case'));
    const said = await childOf(job, root);
    return { ...said, seconds: (performance.now() - begun) / 1000 };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function childOf(job: Job, root: string): Promise<Said> {
  const entry = fileURLToPath(new URL('./child.js', import.meta.url));
  const current = join(root, 'current');
  writeFileSync(current, '');
  const child = spawn(process.execPath, [`--max-old-space-size=${heap}`, entry, JSON.stringify(job), root], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let words = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-4000);
    });
  }
  let said: Said | undefined;
  let killed: string | undefined;
  let last = '';
  let since = performance.now();
  child.on('message', (message) => {
    said = message as Said;
  });
  const timer = setInterval(() => {
    const now = numberOf(current);
    if (now !== last) [last, since] = [now, performance.now()];
    const bytes = residentOf(child.pid!);
    if (performance.now() - since > longestCase) killed = `no end after ${longestCase / 1000} s`;
    else if (bytes > mostResident) killed = `${Math.round(bytes / 2 ** 20)} MiB of memory`;
    if (killed !== undefined) child.kill('SIGKILL');
  }, 100);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (said !== undefined && killed === undefined) return resolve(said);
      const text = readFileSync(current, 'utf8');
      const what = killed ?? `the process ended (${code ?? signal}): ${words.trim()}`;
      const [number = '0', input = ''] = text.split('\n');
      resolve({ runs: Number(number), peak: 0, failure: { what, input } });
    });
  });
}

/** Which case is tried: the first line of what the child writes before it. */
const numberOf = (file: string) => readFileSync(file, 'latin1').split('\n', 1)[0]!;

/** 0 where it cannot be known: the heap's limit holds everywhere. */
function residentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}
