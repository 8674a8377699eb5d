import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { memoryWith, sharedMemoryLimit } from '#lockstep/compile/memory-limit.js';
import { planMemory } from '#lockstep/compile/memory-plan.js';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { sampleShape, sampleType } from '#lockstep/data/features.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import type { RunSummary } from '#lockstep/runs/summary.js';
import { hang } from '../support/needing.js';

/** Trainings by the command itself, on any Node, whose weights must have the same bits whatever the way. */

export const models = ['perceptron', 'lenet5', 'improved', 'residual'] as const;
export type Model = (typeof models)[number];

/** The Node that a job runs on, and its flags. */
export interface Runtime {
  readonly name: string;
  readonly path: string;
  readonly flags: readonly string[];
}

export const thisNode: Runtime = { name: `Node ${process.versions.node}`, path: process.execPath, flags: [] };

/** How a training is run. None of it may change a bit. */
export interface Way {
  readonly name: string;
  readonly threads: number;
  /** Most samples stay in their file. */
  readonly streamed?: boolean;
  readonly options?: readonly string[];
  /** Killed this often at any moment, and resumed, each time with one thread more. */
  readonly kills?: number;
}

const entry = fileURLToPath(new URL('../../train.js', import.meta.url));
const configs = fileURLToPath(new URL('../../../configs', import.meta.url));

/** Images of each of 50 classes: 2,400 to train, in batches of 61 whose last one has 21, and neither fills its last micro-batch. */
const perClass = { trainPerClass: 48, validationPerClass: 1, testPerClass: 1 };
/** Where samples are streamed, so many fewer have a place: the ring takes 2,048, two batches of an evaluation. */
const withoutPlace = 300;

const conv = (outChannels: number, more: object = {}) => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 3,
  padding: 1,
  ...more,
});
const norm = { type: 'batchNorm' };
const relu = { type: 'relu' };
/** Batch norm in two branches and their sum: seven stages a step. */
const residual = [
  { ...conv(8), stride: 2 },
  norm,
  { ...relu, name: 'stem' },
  conv(8),
  { ...norm, name: 'body' },
  conv(8, { inputs: ['stem'], kernelSize: 1, padding: 0 }),
  { ...norm, name: 'shortcut' },
  { type: 'add', inputs: ['body', 'shortcut'] },
  relu,
  { type: 'averagePool', window: 4 },
  { type: 'flatten' },
  { type: 'dropout', rate: 0.2 },
  { type: 'dense', outFeatures: 'classes' },
];

/** Two epochs of a model; the improved one's with dropout, augmentation and momentum, the residual one's with Adam. */
const changes: Readonly<Record<Model, readonly string[]>> = {
  perceptron: [],
  lenet5: [],
  improved: [
    'model.layers.14={"type":"dropout","rate":0.3}',
    'training.augmentation={"rotation":{"degrees":9},"trivialAugment":{},"crop":{"padding":2},"flip":{},"hue":{"strength":0.1},"mixup":{"alpha":0.4},"cutmix":{}}',
    'optimizer.momentum=0.9',
    'optimizer.schedule={"type":"cosine","warmupEpochs":1}',
  ],
  residual: [
    'name=residual',
    `model.layers=${JSON.stringify(residual)}`,
    'training.augmentation={"flip":{},"mixup":{"alpha":0.4}}',
    'optimizer={"type":"adam","learningRate":0.002}',
  ],
};

/** A folder to train in, with a config for each model. Their dataset is drawn by the first one. */
export function prepare(root: string): void {
  for (const model of models) {
    const from = model === 'residual' ? 'improved' : model;
    const config = loadConfig(join(configs, `${from}.json`), [
      ...changes[model],
      'data.dir=shapes',
      'data.cache=packed',
      `data.generate=${JSON.stringify({ seed: 1, ...perClass })}`,
      'training.batchSize=61',
      'training.epochs=2',
      'training.sampler=shuffled',
    ]);
    writeFileSync(join(root, `${model}.json`), JSON.stringify(config));
  }
}

/** SHA-256 of the weights that a training ends with. */
export async function trainedHash(root: string, model: Model, way: Way, runtime = thisNode): Promise<string> {
  const out = join(mkdtempSync(join(root, `${model}-`)), 'run');
  const start = ['--config', `${model}.json`, '--out', out];
  const spawnWith = (threads: number) => {
    const memory = way.streamed ? ['--memory', streamingMemory(root, model, threads)] : [];
    const run = ['--threads', `${threads}`, ...memory, ...(way.options ?? []), '--quiet'];
    return spawnJob(root, runtime, [...resumeOr(start, out), ...run]);
  };
  const kills = way.kills ?? 0;
  for (let kill = 0; kill < kills; kill++) await killed(spawnWith(way.threads + kill), out);
  const last = spawnWith(way.threads + kills);
  const { code, said } = await ended(last);
  assert.is(code, 0, `${model}, ${way.name}, ${runtime.name}: exit code ${code}\n${said}`);
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as RunSummary;
  assert.is(summary.status, 'completed');
  if (way.streamed)
    assert.ok(summary.memory.samplesResident < 300, `${summary.memory.samplesResident} resident`);
  return summary.weightsSha256!;
}

const resumeOr = (start: readonly string[], out: string): readonly string[] =>
  existsSync(join(out, 'checkpoint.safetensors')) ? ['--resume', out] : start;

function spawnJob(root: string, { path, flags }: Runtime, args: readonly string[]): ChildProcess {
  return spawn(path, [...flags, entry, ...args], { cwd: root, timeout: hang });
}

function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

/** Kills a training at some moment after its first checkpoint. */
async function killed(child: ChildProcess, out: string): Promise<void> {
  const end = ended(child);
  while (child.exitCode === null && !existsSync(join(out, 'checkpoint.safetensors'))) await pause(2);
  await pause(30 * Math.random());
  child.kill('SIGKILL');
  await end;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** So little `--memory` that nearly all training samples stay in their file. */
function streamingMemory(root: string, model: Model, threads: number): string {
  const config = withClasses(completeConfig(loadConfig(join(root, `${model}.json`), [])), 50);
  const shape = sampleShape(config.data.features);
  const of = (samples: number) => ({ samples: 50 * samples });
  const splits = { train: of(perClass.trainPerClass), validation: of(1), test: of(1) };
  const format = { sampleType: sampleType(config.data.features), sampleShape: shape, splits };
  const network = buildNetwork(config.model.layers, shape);
  const bytes = shape.reduce((a, b) => a * b, format.sampleType === 'uint8' ? 1 : 4);
  const limit = sharedMemoryLimit(2 ** 32, threads, 2 ** 32);
  const shared = planMemory(network, format, config, threads, limit).bytes - withoutPlace * bytes;
  return `${(memoryWith(shared, threads) / 2 ** 20).toFixed(3)}MB`;
}
