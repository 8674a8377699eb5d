import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { SampleFormat } from '#lockstep/data/dataset.js';
import { type ImageFeatures, sampleShape, sampleType } from '#lockstep/data/features.js';
import { toSample } from '#lockstep/data/images/sample.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { type Shape, sizeOf } from '#lockstep/graph/shape.js';
import { Classifier } from '#lockstep/inference/classifier.js';
import { lanes } from '#lockstep/kernels/kernels.js';
import { hash } from '#lockstep/numerics/random.js';
import type { ExportedModel } from '#lockstep/onnx/export.js';
import { compileKernels } from '#lockstep/platform/kernels.js';
import { channelsOf } from '#lockstep/runtime/sample-values.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';
import { layersConfig, noise, root } from './engine-helpers.js';
import { draw } from './random-networks.js';

/** Models with weights of noise, inputs for them, and what lockstep makes of these. */

/** Paths of the shipped configs, from `configs`. */
export const shippedConfigs = readdirSync(join(root, 'configs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .sort();

const classes = 50;
export const shippedConfig = (file: string): ResolvedConfig =>
  withClasses(completeConfig(loadConfig(join(root, 'configs', file))), classes);

/** One of each activation, with an option where it has one. */
export const allActivations: readonly object[] = [
  ...['relu', 'relu6', 'tanh', 'silu', 'sigmoid', 'gelu', 'hardSwish'].map((type) => ({ type })),
  { type: 'leakyRelu', slope: 0.3 },
  { type: 'elu', alpha: 0.7 },
  { type: 'prelu' },
  { type: 'prelu', slopes: 'channels' },
];

export interface Tried {
  readonly model: ExportedModel;
  /** Of 8 images, `[8, 3, height, width]`, bytes; undefined where the network's input is no image. */
  readonly pixels: Float32Array | undefined;
  /** What the network sees of them, `[8, ...input]`. */
  readonly normalized: Float32Array;
  /** Computes what lockstep makes of them, `[8, classes]`. */
  logits(): Float32Array;
}

/** The config's network on pictures of noise. */
export function tryConfig(config: ResolvedConfig): Tried {
  const features = config.data.features as ImageFeatures;
  const isPixels = features.type === 'pixels';
  const channels = isPixels ? [0.48, 0.45, 0.41] : [];
  const format: SampleFormat = {
    sampleType: sampleType(features),
    sampleShape: sampleShape(features),
    normalization: { mean: channels, deviation: channels.map((mean) => mean / 2) },
  };
  const size = 3 * features.height * features.width;
  const pictures = Array.from({ length: lanes }, (_, lane) => pictureOf(lane, size));
  const samples = pictures.map((picture) => toSample(picture, features));
  const seen = isPixels ? samples.map((bytes) => normalizedBytes(bytes, format)) : samples.map(floatsOf);
  const planar = pictures.map((picture) => toSample(picture, { ...features, type: 'pixels' } as never));
  return {
    ...modelOf(config, format, samples),
    pixels: joined(planar.map((bytes) => Float32Array.from(bytes))),
    normalized: joined(seen),
  };
}

/** Layers on noise of this shape. */
export function tryLayers(layers: readonly object[], shape: Shape): Tried {
  const format: SampleFormat = {
    sampleType: 'float32',
    sampleShape: shape,
    normalization: { mean: [], deviation: [] },
  };
  const samples = Array.from({ length: lanes }, (_, lane) => noise(100 + lane, sizeOf(shape)));
  return {
    ...modelOf(layersConfig(layers), format, samples.map(bytesOf)),
    pixels: undefined,
    normalized: joined(samples),
  };
}

export const tryDrawn = (seed: number): Tried => {
  const { layers, shape } = draw(seed, allActivations);
  return tryLayers(layers, shape);
};

function modelOf(config: ResolvedConfig, format: SampleFormat, samples: readonly Uint8Array[]) {
  const network = buildNetwork(config.model.layers, format.sampleShape);
  const weights = network.weights.map((weight, i) => {
    const fanIn = weight.kind === 'parameter' ? weight.fanIn : 1;
    return noise(i, weight.size).map((value) =>
      weight.name.endsWith('running_var')
        ? 0.6 + value ** 2
        : fanIn === 1
          ? 1 + value / 4
          : value / Math.sqrt(fanIn / 2),
    );
  });
  const names = Array.from({ length: network.classes }, (_, i) => `class ${i}`);
  const model: ExportedModel = { config, network, weights, classes: names, format, epoch: 3 };
  const logits = () => {
    const classifier = new Classifier(network, format, compileKernels().kernels);
    classifier.setWeights(weights);
    for (const [lane, sample] of samples.entries()) classifier.sample(lane).set(sample);
    classifier.run();
    return joined(classifier.logits(lanes));
  };
  return { model, logits };
}

/** A picture whose colours differ from others', `[height, width, 3]`. */
const pictureOf = (seed: number, size: number) =>
  Uint8Array.from(
    { length: size },
    (_, i) => (hash(seed, i) % 160) + 24 * (seed % 4) * (i % 3 === 0 ? 1 : 0),
  );

function normalizedBytes(bytes: Uint8Array, format: SampleFormat): Float32Array {
  const values = new Float32Array(bytes.length);
  for (const { offset, pixels, scale, shift } of channelsOf(format)) {
    for (let i = offset; i < offset + pixels; i++)
      values[i] = Math.fround(bytes[i]! * Math.fround(scale)) + Math.fround(shift);
  }
  return values;
}

const floatsOf = ({ buffer }: Uint8Array) => new Float32Array(buffer);

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
