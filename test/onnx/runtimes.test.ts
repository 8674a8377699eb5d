import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lanes } from '#lockstep/kernels/kernels.js';
import { exportOnnx } from '#lockstep/onnx/export.js';
import type { OnnxOptions } from '#lockstep/onnx/options.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';
import { relativeError, root } from '../support/engine-helpers.js';
import { hang, needing } from '../support/needing.js';
import {
  shippedConfig,
  shippedConfigs,
  type Tried,
  tryConfig,
  tryDrawn,
  tryLayers,
} from '../support/onnx-helpers.js';

/** Whether ONNX Runtime makes of an exported file what lockstep makes of its model. */

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

interface Case {
  readonly name: string;
  readonly tried: Tried;
  readonly options: OnnxOptions;
}

function* made(): Generator<Case> {
  for (const file of shippedConfigs) {
    const tried = tryConfig(shippedConfig(file));
    yield { name: file, tried, options: {} };
    yield { name: `${file}, folded, normalized`, tried, options: { fold: true, input: 'normalized' } };
  }
  for (let seed = 1; seed <= drawn; seed++) {
    const options = { input: 'normalized', fold: seed % 2 === 0 } as const;
    yield { name: `drawn ${seed}`, tried: tryDrawn(seed), options };
  }
  for (const [name, [shape, layers]] of Object.entries(odd)) {
    const ending = [{ type: 'flatten' }, { type: 'dense', outFeatures: 5 }];
    yield { name, tried: tryLayers([...layers, ...ending], shape), options: { input: 'normalized' } };
  }
}

let kept: readonly Case[] | undefined;
function cases(): readonly Case[] {
  kept ??= [...made()];
  return kept;
}

const inputOf = ({ tried, options }: Case) =>
  options.input === 'normalized' ? tried.normalized : tried.pixels!;

/** Asserts that all logits agree, and says how far the worst are apart. */
function compare(runtime: string, worst: readonly (readonly [name: string, error: number])[]): void {
  const [name, error] = worst.reduce((a, b) => (b[1] > a[1] ? b : a));
  console.log(`${runtime}: ${worst.length} networks, at most ${error.toExponential(1)} apart (${name})`);
  assert.equal(
    worst.filter(([, error]) => !(error <= closest)),
    [],
  );
}

const test = suite('an exported file');
const folder = mkdtempSync(join(tmpdir(), 'lockstep-onnx-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const modules = ['onnx', 'onnxruntime', 'numpy'];
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', `import ${modules.join()}`]).status === 0,
);
const floats = (file: string) => new Float32Array(new Uint8Array(readFileSync(join(folder, file))).buffer);

needing(
  test,
  `a Python with ${modules.join(', ')}`,
  python !== undefined,
)("is right by ONNX's checker, and gives our logits in ONNX Runtime, of many images and of one", () => {
  const all = cases();
  for (const [i, each] of all.entries()) {
    writeFileSync(join(folder, `${i}.onnx`), exportOnnx(each.tried.model, each.options).bytes);
    writeFileSync(join(folder, `${i}.input`), bytesOf(inputOf(each)));
  }
  const program = join(root, 'test/onnx/check.py');
  const checked = spawnSync(python!, [program, folder], { encoding: 'utf8', timeout: hang });
  assert.is(checked.status, 0, checked.stderr);
  const errors = all.flatMap(({ name, tried }, i): [string, number][] => {
    const logits = tried.logits();
    const first = logits.subarray(0, tried.model.network.classes);
    return [
      [name, relativeError(floats(`${i}.all`), logits)],
      [`${name}, one image`, relativeError(floats(`${i}.first`), first)],
    ];
  });
  compare(checked.stdout.trim(), errors);
});

type Tensor = { readonly data: Float32Array };
interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array): Promise<{ run(inputs: object): Promise<Record<string, Tensor>> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
}

/** Where Node finds it, or `NODE_PATH` says. */
function nodeRuntime(): Runtime | undefined {
  try {
    return createRequire(import.meta.url)('onnxruntime-node');
  } catch {
    return undefined;
  }
}
const runtime = nodeRuntime();

needing(
  test,
  'onnxruntime-node',
  runtime !== undefined,
)('gives our logits in ONNX Runtime for Node', async () => {
  const errors: [string, number][] = [];
  for (const each of cases()) {
    const { bytes, input, output } = exportOnnx(each.tried.model, each.options);
    const session = await runtime!.InferenceSession.create(bytes);
    const images = new runtime!.Tensor('float32', inputOf(each), [lanes, ...input.shape]);
    const given = await session.run({ [input.name]: images });
    errors.push([each.name, relativeError(given[output]!.data, each.tried.logits())]);
  }
  compare('onnxruntime-node', errors);
});

test.run();
