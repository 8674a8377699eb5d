import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { readSealed } from '#lockstep/tensors/sealed.js';
import { hang } from '../support/needing.js';

/** A run that is killed again and again, at any moment from its start on, and goes on until it is done. */

const bin = (name: string) => fileURLToPath(new URL(`../../${name}.js`, import.meta.url));

export interface Life {
  /** Of the finished run. */
  readonly hash: string;
  /** In which of its times it was killed. */
  readonly killed: Readonly<Record<Moment, number>>;
}

type Moment = 'before the data' | 'packing' | 'training' | 'at the end' | 'reporting';

/**
 * @param root with `config.json`, whose data is there and whose cache is `packed`
 * @param number of the life, for its folder's name
 * @param kills that it has to bear
 * @param span ms that a whole run takes: a kill comes within 0.6 of it
 */
export async function live(root: string, number: number, kills: number, span = 0): Promise<Life> {
  const killed: Record<Moment, number> = {
    'before the data': 0,
    packing: 0,
    training: 0,
    'at the end': 0,
    reporting: 0,
  };
  // Every other life packs its data too.
  if (number % 2 === 0) rmSync(join(root, 'packed'), { recursive: true, force: true });
  const run = join(root, `run-${number}`);
  let attempt = 0;
  const args = () => {
    if (existsSync(join(run, 'config.json'))) return ['--resume', run];
    // It was killed before there was anything to go on with: the same command begins anew.
    return ['--config', 'config.json', '--out', run];
  };
  for (let kill = 0; kill < kills; attempt++) {
    const ended = await start(
      root,
      [...args(), '--threads', `${1 + (attempt % 3)}`],
      0.6 * span * Math.random(),
    );
    if (ended === 0) {
      // It was faster. Again, from nothing.
      rmSync(run, { recursive: true, force: true });
      continue;
    }
    assert.is(ended, 'SIGKILL', `exit code ${ended}`);
    kill++;
    killed[momentOf(root, run)]++;
    requireWhole(run);
  }
  assert.is(await start(root, [...args(), '--threads', '2']), 0);
  requireWhole(run);
  const { status, weightsSha256 } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
  assert.is(status, 'completed');
  if (kills > 0) {
    // Its report too: killed once, then whole.
    if ((await report(root, run, 0.6 * span * Math.random())) === 'SIGKILL') killed.reporting++;
    requireWhole(run);
    assert.is(await report(root, run), 0);
    requireWhole(run);
  }
  for (const folder of [run, join(root, 'packed')]) {
    const left = readdirSync(folder).filter((name) => /\.(tmp|draft)$/.test(name));
    assert.equal(left, [], `left in ${folder}`);
  }
  return { hash: weightsSha256, killed };
}

/** Starts a training, and kills it after `delay` ms, if it still runs. Its exit code, or the signal. */
function start(root: string, args: readonly string[], delay?: number): Promise<number | NodeJS.Signals> {
  return command(root, [bin('train'), ...args, '--checkpoint-every', '2', '--log-format', 'json'], delay);
}

/** The same of a run's report. */
const report = (root: string, run: string, delay?: number) =>
  command(root, [bin('lockstep'), 'report', run], delay);

function command(root: string, args: readonly string[], delay?: number): Promise<number | NodeJS.Signals> {
  const child = spawn(process.execPath, args, { cwd: root, timeout: hang });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdout.resume();
  const timer = delay === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), delay);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      assert.not.match(said, /error|warning/);
      resolve(code ?? signal!);
    });
  });
}

function momentOf(root: string, run: string): Moment {
  if (existsSync(join(run, 'model.safetensors'))) return 'at the end';
  if (existsSync(join(run, 'checkpoint.safetensors'))) return 'training';
  const packed = join(root, 'packed');
  return existsSync(packed) && readdirSync(packed).some((name) => name.endsWith('.draft'))
    ? 'packing'
    : 'before the data';
}

/** Every file that has its name is whole. */
function requireWhole(run: string): void {
  if (!existsSync(run)) return;
  for (const name of readdirSync(run)) {
    const path = join(run, name);
    if (name.endsWith('.safetensors')) readSealed(path);
    if (name === 'config.json' || name === 'summary.json') JSON.parse(readFileSync(path, 'utf8'));
    if (name === 'report.html') assert.match(readFileSync(path, 'utf8'), /<\/html>\s*$/);
    if (name === 'curves.svg') assert.match(readFileSync(path, 'utf8'), /<\/svg>\s*$/);
  }
}
