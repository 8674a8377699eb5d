import type { ConfigInput } from '../config/input.js';

/** The networks that are recommended, as a config writes them. */

type Layers = ConfigInput['model']['layers'];
type Layer = Layers[number];

const relu: Layer = { type: 'relu' };
const norm: Layer = { type: 'batchNorm' };
const head: Layers = [{ type: 'globalAveragePool' }, { type: 'dense', outFeatures: 'classes' }];

const conv = (outChannels: number, stride = 1): Layer => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 3,
  ...(stride > 1 && { stride }),
  padding: 1,
  bias: false,
});

/**
 * Three residual blocks, as in ResNet-8 of MLPerf Tiny (Banbury et al. 2021): with `width` 16 and `stride` 1 that network.
 * @param width channels of the first block; the others have twice and four times as many
 * @param stride of the first convolution
 * @param pool whether a max-pool halves what it gives, as in ResNets for photographs (He et al. 2016)
 */
export function residualNetwork(width: number, stride: number, pool = false): Layers {
  const block = (channels: number, step: number): Layers => [
    {
      type: 'residual',
      body: [conv(channels, step), norm, relu, conv(channels), norm],
      ...(step > 1 && {
        shortcut: [{ type: 'conv2d', outChannels: channels, kernelSize: 1, stride: step }],
      }),
    },
    relu,
  ];
  return [
    ...[conv(width, stride), norm, relu],
    ...(pool ? [{ type: 'maxPool' as const, window: 3, stride: 2, padding: 1 }] : []),
    ...[...block(width, 1), ...block(2 * width, 2), ...block(4 * width, 2)],
    ...head,
  ];
}
