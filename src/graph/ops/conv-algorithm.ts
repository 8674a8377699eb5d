import type { ConvAlgorithm, Convolution, Gradients } from './convolution.js';
import { depthwise } from './depthwise.js';
import { grouped } from './grouped.js';
import { indirectGemm } from './indirect-gemm.js';
import { winogradConvolution } from './winograd-convolution.js';

/**
 * How a convolution runs: by its shape alone, as the choice decides the bits.
 * @param gradients which of its gradients are wanted too
 */
export function chooseAlgorithm(conv: Convolution, gradients: Gradients): ConvAlgorithm {
  if (conv.groups === 1) return winogradConvolution(conv, gradients) ?? indirectGemm(conv, gradients);
  if (conv.groups === conv.channels) return depthwise(conv);
  return grouped(conv, (group) => chooseAlgorithm(group, gradients));
}
