import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { sampleShape } from '#lockstep/data/features.js';
import { buildNetwork, type Parameter, type StateTensor } from '#lockstep/graph/network.js';
import { modelOfRun } from '#lockstep/inference/trained-model.js';
import { createReporter } from '#lockstep/runs/log.js';
import { appendMetrics } from '#lockstep/runs/metrics.js';
import { differenceOf } from '#lockstep/runs/run-difference.js';
import { openRun, type SavedRun } from '#lockstep/runs/saved-run.js';
import { appendStepLosses, keepStepLosses } from '#lockstep/runs/step-losses.js';
import { verifyRun } from '#lockstep/runs/verification.js';
import type { Engine } from '#lockstep/runtime/engine.js';
import { openResumed, readResumePoint } from '#lockstep/training/resume.js';
import { openEnded } from '#lockstep/views/compare/existing-runs.js';
import { RunsFolder } from '#lockstep/views/dashboard/runs-folder.js';
import { damagedBytes, damagedText } from '../mutations.js';
import { requireOutcome, target } from '../target.js';
import { putTiny, requireWell, start, tinyConfig, tinyImages, training } from '../tiny-run.js';
import { assembled, partsOf } from './safetensors.js';

/**
 * A finished run in whose folder files were replaced: by links, pipes, folders, files with holes, another run's, damaged ones. What reads
 * and goes on with runs says what is wrong or does it, and writes to no file but the run's own.
 */

type Files = Readonly<Record<string, Uint8Array>>;

const steps = 4;
const epochs = 3;
/** Made once: of two networks. */
let runs: Readonly<Record<'run' | 'other', Files>> = { run: {}, other: {} };

/** What a file may be replaced by. */
const makers = {
  nothing: () => {},
  empty: (path) => writeFileSync(path, ''),
  folder: (path) => mkdirSync(path),
  'link to a file beside': (path) => symlinkSync('../../beside/secret.txt', path),
  'link to no file': (path) => symlinkSync('../../beside/made', path),
  'link to a file of another run': (path, name) => symlinkSync(`../other/${name}`, path),
  'link to a folder': (path) => symlinkSync('..', path),
  'link to itself': (path, name) => symlinkSync(name, path),
  'link to a device': (path) => symlinkSync('/dev/zero', path),
  'link without end': (path) => symlinkSync('/proc/self/pagemap', path),
  'second name': (path) => linkSync('../beside/secret.txt', path),
  'second name of another run': (path, name) => linkSync(`other/${name}`, path),
  pipe: (path) => void execFileSync('mkfifo', [path]),
  'file of another run': (path, name) => writeFileSync(path, runs.other[name]!),
  'hole of 40 GB': (path) => hole(path, new Uint8Array(), 40e9),
  'hole of 200 MB': (path) => hole(path, new Uint8Array(), 200e6),
  'hole behind it': (path, name) => hole(path, runs.run[name]!, 40e9),
  'tensor of 6 GB': (path, name) => {
    const file = runs.run[name]!;
    if (!name.endsWith('.safetensors')) return hole(path, file, 6e9);
    const { header } = partsOf(Buffer.from(file));
    const [first] = Object.keys(header as object).filter((key) => key !== '__metadata__');
    const tensor = { dtype: 'F32', shape: [2, 75e7], data_offsets: [0, 6e9] };
    const head = assembled(JSON.stringify({ ...(header as object), [first!]: tensor }), new Uint8Array());
    hole(path, head, head.length + 6e9);
  },
} satisfies Record<string, (path: string, name: string) => void>;

type Change = { readonly name: string; readonly by: keyof typeof makers | Uint8Array };

function hole(path: string, bytes: Uint8Array, size: number): void {
  writeFileSync(path, bytes);
  truncateSync(path, size);
}

export const runFiles = target<readonly Change[]>({
  async cases() {
    const images = await tinyImages();
    const [flatten, dense] = tinyConfig.model.layers;
    const deep = [flatten, { ...dense, outFeatures: 3 }, { type: 'relu' }, dense];
    for (const [name, config] of [
      ['run', tinyConfig],
      ['other', { ...tinyConfig, model: { layers: deep } }],
    ] as const) {
      putTiny(images, config);
      requireWell(start([...training, '--out', name]));
    }
    runs = { run: filesOf('run'), other: filesOf('other') };
    const changes = Object.entries(runs.run).map(([name, bytes]) =>
      fc.record({
        name: fc.constant(name),
        by: fc.oneof(
          { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(makers) as (keyof typeof makers)[])) },
          {
            weight: 1,
            arbitrary: /json|svg/.test(name)
              ? fc.oneof(
                  damagedBytes(bytes),
                  damagedText(bytes).map((text) => new Uint8Array(Buffer.from(text))),
                )
              : damagedBytes(bytes),
          },
        ),
      }),
    );
    return fc.uniqueArray(fc.oneof(...changes), { minLength: 1, maxLength: 3, selector: ({ name }) => name });
  },
  async run(changes) {
    for (const [run, files] of Object.entries(runs)) {
      mkdirSync(run);
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(run, name), bytes);
    }
    // Windows has no such links and pipes.
    if (process.platform === 'win32' && changes.some(({ by }) => /link|name|pipe/.test(String(by)))) return;
    for (const { name, by } of changes) {
      const path = join('run', name);
      rmSync(path);
      if (typeof by === 'string') makers[by](path, name);
      else writeFileSync(path, by);
    }
    for (const use of uses) await requireOutcome(use);
    assert.equal(filesOf('other'), runs.other, 'another run was written to');
  },
  oneIn: 10,
});

/** What the commands do with a run, each until something is wrong. What writes comes last. */
const uses: readonly (() => unknown)[] = [
  () => modelOfRun(openRun('run'), 'best'),
  () => modelOfRun(openRun('run'), 'last'),
  () => differenceOf(openRun('run'), openRun('other')),
  () => differenceOf(openRun('run'), openRun('run')),
  () => openEnded('run'),
  () => {
    const folder = new RunsFolder('.');
    folder.look();
    for (const { id } of folder.entries) folder.curves(id);
  },
  () => {
    const run = openResumed('run', {});
    return verifyRun(run, idle(run), Math.min(epochs, run.config.training.epochs), () => {});
  },
  () => {
    const run = openResumed('run', { epochs: epochs + 1 });
    readResumePoint(run, networkOf(run));
    createReporter({ format: 'json', quiet: true }).logTo(join('run', 'log.jsonl'));
    keepStepLosses('run', epochs * steps);
    appendStepLosses('run', Float64Array.of(1));
    appendMetrics('run', { ...run.epochs[0]!, epoch: epochs + 1 });
  },
];

const networkOf = ({ config }: SavedRun) =>
  buildNetwork(config.model.layers, sampleShape(config.data.features));

/** An engine that has the run's network, and computes nothing. */
function idle(run: SavedRun): Engine {
  const network = networkOf(run);
  const values = ({ size }: Parameter | StateTensor) => new Float32Array(size);
  const pass = async () => ({ totals: { samples: 1, weight: 1, loss: 1, top1: 1, top5: 1 } });
  const parts = {
    network,
    steps,
    train: pass,
    evaluate: pass,
    tensors: {
      weight: values,
      modelWeight: values,
      slots: ['velocity'],
      slot: (_: string, p: Parameter) => values(p),
    },
  };
  return { ...parts, stepLosses: () => new Float64Array(steps) } as unknown as Engine;
}

function filesOf(run: string): Files {
  const entries = readdirSync(run, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(entries.map(({ name }) => [name, new Uint8Array(readFileSync(join(run, name)))]));
}
