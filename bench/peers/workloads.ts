import type { ConfigInput } from '#lockstep/config/input.js';
import { parseConfig } from '#lockstep/config/load.js';
import { resolveConfig } from '#lockstep/config/resolve.js';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { modelConfig } from '../models.js';

/** A network and what is done with it. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly config: ResolvedConfig;
  readonly training: boolean;
  /** Of an epoch; a slow peer's has fewer. */
  readonly samples: number;
}

export const classes = 50;

/** The labels are noise: with these no network diverges, and none learns to be sure, which would make its gradients vanish. */
const recipe = [
  'model.weightInit={"type":"heNormal"}',
  'model.biasInit={"type":"zeros"}',
  'loss.reduction=mean',
  'optimizer.learningRate=0.01',
  'optimizer.momentum=0.9',
];

export const shipped = (
  model: 'lenet5' | 'improved' | 'perceptron',
  batchSize: number,
  ...changes: string[]
) => modelConfig(model, ...recipe, `training.batchSize=${batchSize}`, ...changes);

/** A small VGG (Simonyan and Zisserman 2015): two convolutions of 3 x 3, a pool, twice over. 25 million multiply-adds an image. */
export function vgg(batchSize: number): ResolvedConfig {
  const conv = (outChannels: number) => ({ type: 'conv2d', outChannels, kernelSize: 3, padding: 1 }) as const;
  const relu = { type: 'relu' } as const;
  const pool = { type: 'maxPool', window: 2 } as const;
  const stage = (channels: number) => [conv(channels), relu, conv(channels), relu, pool];
  const config: ConfigInput = {
    name: 'vgg',
    data: { dir: 'none', features: { type: 'pixels', width: 32, height: 32 } },
    model: {
      layers: [
        ...stage(32),
        ...stage(64),
        { type: 'flatten' },
        { type: 'dense', outFeatures: 128 },
        relu,
        { type: 'dense', outFeatures: classes },
      ],
    },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'sgd', learningRate: 0.01 },
    training: { batchSize, epochs: 1 },
  };
  return resolveConfig(parseConfig(config, 'vgg', recipe));
}

/** @param quick a tenth of the samples */
export function workloads(quick: boolean): readonly Workload[] {
  const small = quick ? 2560 : 25_000;
  const large = quick ? 256 : 2048;
  const training = (name: string, title: string, config: ResolvedConfig, samples = small): Workload => ({
    name,
    title: `${title}, batch ${config.training.batchSize}, training`,
    config,
    training: true,
    samples,
  });
  const evaluation = (name: string, title: string, config: ResolvedConfig): Workload => ({
    name: `${name}-evaluation`,
    title: `${title}, evaluation`,
    config,
    training: false,
    samples: small,
  });
  return [
    training('lenet5', 'LeNet-5', shipped('lenet5', 64)),
    training('improved', 'Improved', shipped('improved', 64)),
    training('perceptron', 'Perceptron', shipped('perceptron', 64), 25_000),
    training('perceptron-512', 'Perceptron', shipped('perceptron', 512), 25_000),
    evaluation('lenet5', 'LeNet-5', shipped('lenet5', 64)),
    evaluation('improved', 'Improved', shipped('improved', 64)),
    training('vgg', 'Small VGG', vgg(64), large),
  ];
}
