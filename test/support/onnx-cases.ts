import * as assert from 'uvu/assert';
import { exportOnnx, type OnnxFile } from '#lockstep/onnx/export.js';
import type { OnnxOptions } from '#lockstep/onnx/options.js';
import { relativeError } from './engine-helpers.js';
import { shippedConfig, shippedConfigs, type Tried, tryConfig, tryDrawn, tryLayers } from './onnx-helpers.js';

/** Exported networks for the tests of runtimes: all shipped configs, drawn ones, and some odd shapes. */

/** Norm of the logits' difference over the norm of lockstep's. */
const closest = 1e-5;
const drawn = 50;

/** What the drawn networks do not have. */
const odd: Readonly<Record<string, readonly [shape: readonly number[], layers: readonly object[]]>> = {
  strides: [
    [3, 11, 10],
    [
      { type: 'conv2d', outChannels: 6, kernelSize: [3, 2], stride: [2, 3], padding: [2, 0] },
      { type: 'gelu' },
      { type: 'maxPool', window: [3, 2], stride: [2, 1], padding: [1, 1] },
    ],
  ],
  'even kernels at their size': [
    [4, 9, 9],
    [
      { type: 'conv2d', outChannels: 8, kernelSize: 4, padding: 'same', dilation: [2, 1], groups: 2 },
      { type: 'averagePool', window: 3, stride: 2, padding: 1 },
    ],
  ],
  'groups of channels': [
    [6, 5, 7],
    [
      { type: 'groupNorm', groups: 3, epsilon: 1e-3 },
      { type: 'prelu', slopes: 'channels' },
      { type: 'conv2d', outChannels: 8, kernelSize: 3 },
      { type: 'groupNorm', groups: 8 },
    ],
  ],
  'groups of values': [
    [12],
    [
      { type: 'dense', outFeatures: 12, bias: false },
      { type: 'groupNorm', groups: 4 },
      { type: 'prelu', slopes: 'channels' },
    ],
  ],
  blocks: [
    [3, 8, 8],
    [
      { type: 'conv2d', outChannels: 8, kernelSize: 3, padding: 1, name: 'logits' },
      {
        type: 'residual',
        body: [
          { type: 'conv2d', outChannels: 8, kernelSize: 3, padding: 1, bias: false },
          { type: 'batchNorm' },
          { type: 'hardSwish' },
          { type: 'residual', body: [{ type: 'batchNorm' }, { type: 'elu', alpha: 1.5 }] },
        ],
      },
      { type: 'zeroPad', top: 1, right: 2, bottom: 3, left: 4 },
      { type: 'globalAveragePool' },
    ],
  ],
};

export interface Case {
  readonly name: string;
  readonly tried: Tried;
  readonly options: OnnxOptions;
}

/** All shipped configs, as they are and with what `export` can change. */
export function* shippedCases(): Generator<Case> {
  for (const file of shippedConfigs) {
    const tried = tryConfig(shippedConfig(file));
    yield { name: file, tried, options: {} };
    yield { name: `${file}, folded, normalized`, tried, options: { fold: true, input: 'normalized' } };
  }
}

/** The first so many of the drawn networks. */
export function* someDrawn(count: number): Generator<Case> {
  for (let seed = 1; seed <= count; seed++) {
    const options = { input: 'normalized', fold: seed % 2 === 0 } as const;
    yield { name: `drawn ${seed}`, tried: tryDrawn(seed), options };
  }
}

function* made(): Generator<Case> {
  yield* shippedCases();
  yield* someDrawn(drawn);
  for (const [name, [shape, layers]] of Object.entries(odd)) {
    const ending = [{ type: 'flatten' }, { type: 'dense', outFeatures: 5 }];
    yield { name, tried: tryLayers([...layers, ...ending], shape), options: { input: 'normalized' } };
  }
}

let kept: readonly Case[] | undefined;
export function cases(): readonly Case[] {
  kept ??= [...made()];
  return kept;
}

export const inputOf = ({ tried, options }: Case): Float32Array =>
  options.input === 'normalized' ? tried.normalized : tried.pixels!;

export const exported = ({ tried, options }: Case): OnnxFile => exportOnnx(tried.model, options);

/** A network and how far its logits are from lockstep's. */
export type Distance = readonly [name: string, error: number];

/** Asserts that all logits agree, and says how far the worst are apart. */
export function compare(runtime: string, distances: readonly Distance[]): void {
  const [name, error] = distances.reduce((a, b) => (b[1] > a[1] ? b : a));
  console.log(`${runtime}: ${distances.length} networks, at most ${error.toExponential(1)} apart (${name})`);
  assert.equal(
    distances.filter(([, error]) => !(error <= closest)),
    [],
  );
}

export const distance = ({ name, tried }: Case, logits: ArrayLike<number>): Distance => [
  name,
  relativeError(logits, tried.logits()),
];
