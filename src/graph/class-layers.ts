import type { ResolvedLayer } from '../config/resolved.js';
import { wireLayers } from './wiring.js';

/** Layers that change no channel into another. */
const channelwise = new Set<ResolvedLayer['type']>([
  ...([
    'sigmoid',
    'silu',
    'relu',
    'tanh',
    'gelu',
    'hardSwish',
    'relu6',
    'leakyRelu',
    'elu',
    'prelu',
  ] as const),
  ...(['dropout', 'flatten', 'globalAveragePool', 'batchNorm', 'add', 'residual'] as const),
]);

/**
 * Names of the layers whose outputs are the logits, class by class: the last dense layer or convolution, those that are added to it, and
 * what lies behind them. The first dimension of their tensors is the class, where it is as long as there are classes.
 */
export function classLayers(layers: readonly ResolvedLayer[]): Set<string> {
  const wired = wireLayers(layers);
  const names = new Set<string>();
  const open = [wired.length - 1];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    const layer = wired[number];
    if (layer === undefined) continue;
    const { config, inputs } = layer;
    if (config.name !== undefined) names.add(config.name);
    if (channelwise.has(config.type)) open.push(...inputs);
  }
  return names;
}
