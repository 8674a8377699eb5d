import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hang } from './needing.js';

/** `node dist/train.js` as a user runs it, in temporary folders, on a dataset of 48 pictures. */

const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
const lockstepEntry = fileURLToPath(new URL('../../lockstep.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node dist/train.js` in `folder`. */
export const train = (folder: string, ...args: readonly string[]): Promise<Ended> => run(entry, folder, args);

/** Runs `lockstep` in `folder`. */
export const lockstep = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  run(lockstepEntry, folder, args);

/** The same on a Node with flags, or in a shell after a command such as `ulimit -v 1000000`. */
export const lockstepUnder = (
  { flags = [], shell }: { readonly flags?: readonly string[]; readonly shell?: string },
  folder: string,
  ...args: readonly string[]
): Promise<Ended> =>
  shell === undefined
    ? run(lockstepEntry, folder, args, [process.execPath, ...flags])
    : run(lockstepEntry, folder, args, [
        'sh',
        '-c',
        `${shell} && exec "$0" "$@"`,
        process.execPath,
        ...flags,
      ]);

function run(
  entry: string,
  folder: string,
  args: readonly string[],
  [program, ...before]: readonly string[] = [process.execPath],
): Promise<Ended> {
  const child = spawn(program!, [...before, entry, ...args], {
    cwd: folder,
    timeout: hang,
    killSignal: 'SIGKILL',
  });
  const ended = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      ended[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...ended }));
  });
}

/** Runs the command in `folder` with a reader that leaves after the first line. */
export function trainForOneLine(folder: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: folder,
    timeout: hang,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.includes('\n')) child.stdout.destroy();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the config of `folder`, and asserts that the run succeeds. */
export async function trainWell(folder: string, ...args: readonly string[]): Promise<Ended> {
  const ended = await train(folder, '--config', 'config.json', ...args);
  assert.is(ended.code, 0, `exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
  assert.is(ended.stderr, '');
  return ended;
}

/** Runs the config of `folder`; returns what the user is told when the run ends with `code`, without a stack trace. */
export async function trainBadly(folder: string, code: number, ...args: readonly string[]): Promise<string> {
  const ended = await train(folder, '--log-format', 'pretty', ...args);
  assert.is(ended.code, code, `exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
  assert.match(ended.stderr, /^error: /);
  assert.not.match(ended.stderr, /^\s+at /m);
  return ended.stderr;
}

/** What a test of the command works with. */
export interface Workspace {
  readonly root: string;
  /** The dataset's folder. */
  readonly dataset: string;
  /** A new folder with this `config.json`. */
  folder(config?: object): string;
}

/** A suite whose tests share a workspace, removed at its end. */
export function commandSuite(name: string) {
  const test = suite<Workspace>(name);
  test.before(async (context) => {
    const root = mkdtempSync(join(tmpdir(), 'lockstep-command-'));
    const dataset = join(root, 'set');
    await putPictures(dataset);
    Object.assign(context, {
      root,
      dataset,
      folder(config = tinyConfig(dataset)) {
        const folder = mkdtempSync(join(root, 'folder-'));
        writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
        return folder;
      },
    });
  });
  test.after(({ root }) => rmSync(root, { recursive: true, force: true }));
  return test;
}

export const classes = 6;
export const samples = { train: 24, validation: 12, test: 12 };

/** Pictures of a class: 4 in train, 2 in val, 2 in test. */
const listOf = ['train', 'train', 'train', 'train', 'val', 'val', 'test', 'test'];

/** 8 PNG files of 16 x 16 in each of 6 classes, a hue each, `images/c0/0.png` first; and their lists. */
async function putPictures(dataset: string): Promise<void> {
  const lists: Record<string, string> = { train: '', val: '', test: '' };
  for (let label = 0; label < classes; label++) {
    mkdirSync(join(dataset, `images/c${label}`), { recursive: true });
    for (const [i, list] of listOf.entries()) {
      const path = `images/c${label}/${i}.png`;
      const level = (channel: number) => ((label + 1) & (1 << channel) ? 160 : 40) + 10 * i;
      const background = { r: level(0), g: level(1), b: level(2) };
      await sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toFile(join(dataset, path));
      lists[list] += `${path} ${label}\n`;
    }
  }
  for (const [list, lines] of Object.entries(lists)) writeFileSync(join(dataset, `${list}.txt`), lines);
}

/** As short as a config may be. */
export const tinyConfig = (dataset: string) => ({
  name: 'tiny',
  data: { dir: dataset, features: { type: 'pixels', width: 16, height: 16 } },
  model: {
    layers: [
      { type: 'conv2d', outChannels: 4, kernelSize: 3 },
      { type: 'relu' },
      { type: 'maxPool', window: 2 },
      { type: 'flatten' },
      { type: 'dense', outFeatures: classes },
    ],
  },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'sgd', learningRate: 0.05 },
  // 24 is no multiple of 7: the last batch is smaller.
  training: { batchSize: 7, epochs: 3 },
});

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A safetensors file of float32, by the format's description alone: https://huggingface.co/docs/safetensors */
export function readTensors(path: string): {
  tensors: Record<string, FloatTensor>;
  metadata: Record<string, string>;
} {
  const file = readFileSync(path);
  const begin = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(file.toString('utf8', 8, begin));
  const tensors: Record<string, FloatTensor> = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries<Record<string, never>>(entries)) {
    assert.is(dtype, 'F32');
    const [first, end] = data_offsets! as [number, number];
    const values = new Float32Array(Uint8Array.from(file.subarray(begin + first, begin + end)).buffer);
    tensors[name] = { shape: shape!, values };
  }
  return { tensors, metadata };
}

export const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** The values of JSON lines. */
export const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
